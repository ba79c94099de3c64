//! Rate limits by client, by name, and by the pair of both.
//!
//! - Failures slow a client down, but never lock a user out: the delay of a **pair** of name and client grows with each
//!   failure. An attempt during the delay is rejected at once.
//! - Failures of a **client** and failures for a **name** are rate-limited. These two limits do not apply in a network
//!   that the user has logged in from recently, so that nobody can lock a user out from elsewhere.
//! - Requests and registrations of a **client** are rate-limited, whatever their outcome.
//!
//! The limits treat existing and unknown names alike: they see only a digest of the name's canonical spelling. They
//! apply before a password is hashed.
//!
//! Everything is in memory, in tables of a fixed capacity. A restart clears the failures; known networks are restored
//! from the users' sessions.

mod attempt;
mod known;
mod limit_reached;
mod limiter;
mod micros;
mod open_attempt;
mod pair;
mod rate;
mod settings;
mod subject;
mod table;
mod tables;
#[cfg(test)]
mod tests;

pub use limit_reached::{LimitScope, TooMany};
pub use limiter::Limits;
pub use pair::Delay;
pub use rate::Rate;
pub use settings::LimitSettings;
pub(crate) use subject::{CredentialCheck, Subject};
