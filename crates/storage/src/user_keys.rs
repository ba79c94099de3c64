//! Keys to look up several users by.

use roster_domain::{ExternalId, Login, UserId};

/// Ids and names to look up users by, all at once. Each may appear several times, and may belong to nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserKeys {
    /// Ids.
    pub ids: Vec<UserId>,
    /// What users log in with.
    pub logins: Vec<Login>,
    /// Ids in another system.
    pub external_ids: Vec<ExternalId>,
}

impl UserKeys {
    /// Whether nothing is to be looked up.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.logins.is_empty() && self.external_ids.is_empty()
    }
}
