//! How much is too much: limits by client, by name and by the pair of both.
//!
//! - Whoever fails is slowed down, never locked out: a **pair** of a name and a client waits longer after each
//!   further failure, and is answered at once that it has to.
//! - A **client** and a **name** may fail so often in so long. A pair that has succeeded lately is held to
//!   neither, so that nobody can lock a person out from elsewhere.
//! - A **client** may ask and register so often in so long, whatever comes of it.
//!
//! Whether a name belongs to anybody plays no part in it: a name is a digest of what was typed, in its
//! canonical spelling. Everything is decided before a password is hashed.
//!
//! All is in memory, in tables that have a capacity. A restart forgets the failures; from where people have
//! logged in is learnt again from their sessions.

mod attempt;
mod known;
mod limiter;
mod micros;
mod open_attempt;
mod pair;
mod rate;
mod refusal;
mod settings;
mod subject;
mod table;
mod tables;
#[cfg(test)]
mod tests;

pub use limiter::Limits;
pub use pair::Delay;
pub use rate::Rate;
pub use refusal::{LimitScope, TooMany};
pub use settings::LimitSettings;
pub(crate) use subject::{CredentialCheck, Subject};
