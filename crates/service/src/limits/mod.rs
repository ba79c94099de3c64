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
//! The counts are in memory, in tables of a fixed capacity, and a restart clears the failures. Servers that share a store
//! may share them in it. Known networks are always in memory, and are restored from the users' sessions.

mod attempt;
mod digests;
mod known;
mod limit_reached;
mod limiter;
mod micros;
mod open_attempt;
mod pair;
mod rate;
mod rate_limits;
mod settings;
mod shared;
mod shared_attempt;
mod subject;
mod table;
mod tables;
#[cfg(test)]
mod tests;

pub use limit_reached::{LimitScope, TooMany};
pub use pair::Delay;
pub use rate::Rate;
pub(crate) use rate_limits::AdmittedAttempt;
pub use rate_limits::RateLimits;
pub use settings::LimitSettings;
pub(crate) use subject::{CredentialCheck, Subject};
