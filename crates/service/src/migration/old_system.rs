//! The port to the system that the users come from.

use roster_auth::password::Password;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// The system that the users come from, which can verify their passwords.
pub trait OldSystem: Send + Sync {
    /// Asks once whether this is the password of the person with this login name, both exactly as they were typed. Blocks
    /// for [`Migration::timeout`] at most.
    ///
    /// # Errors
    /// [`NoAnswer`] for everything that is not an answer.
    fn verify(&self, login: &str, password: &Password) -> Result<OldSystemAnswer, NoAnswer>;
}

/// What the old system said.
#[derive(Clone, PartialEq, Eq)]
pub enum OldSystemAnswer {
    /// The password is right.
    Valid {
        /// The person as a JSON object, in any form that an import reads.
        user: String,
    },
    /// The password is wrong, or nobody has this login name.
    Invalid,
}

/// The old system did not answer, or its answer cannot be used.
#[derive(Debug, Error)]
#[error("the old system did not answer")]
pub struct NoAnswer(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// How people are migrated.
#[derive(Clone)]
pub struct Migration {
    /// Whom to ask.
    pub old_system: Arc<dyn OldSystem>,
    /// How long an answer may take. Every failed login takes this much longer.
    pub timeout: Duration,
}
