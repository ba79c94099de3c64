//! What nobody can change of a user.

use crate::FieldError;
use jiff::Timestamp;
use roster_domain::{PendingReasons, Principal, User, UserId, Version, policy};

/// Fields that nobody can change. They are accepted with their present value, so that what was read can be
/// sent back.
#[derive(Clone, Debug, Default)]
pub struct FixedFields {
    /// `id`
    pub id: Option<UserId>,
    /// `created_at`
    pub created_at: Option<Timestamp>,
    /// `updated_at`
    pub updated_at: Option<Timestamp>,
    /// `last_login_at`
    pub last_login_at: Option<Option<Timestamp>>,
    /// `version`
    pub version: Option<Version>,
    /// `pending_reasons`, as they are shown to the caller.
    pub pending_reasons: Option<Option<PendingReasons>>,
}

impl FixedFields {
    /// The fields that would be changed.
    pub(crate) fn faults(&self, principal: &Principal, user: &User) -> Vec<FieldError> {
        let reasons = policy::visible_pending_reasons(principal, user);
        read_only([
            ("id", self.id.is_none_or(|id| id == user.id)),
            ("created_at", self.created_at.is_none_or(|at| at == user.created_at)),
            ("updated_at", self.updated_at.is_none_or(|at| at == user.updated_at)),
            // A login since it was read spoils no edit.
            ("last_login_at", self.last_login_at.is_none_or(|at| at <= user.last_login_at)),
            ("version", self.version.is_none_or(|version| version == user.version)),
            ("pending_reasons", self.pending_reasons.is_none_or(|stated| stated == reasons)),
        ])
    }

    /// The fields that are mentioned, of a user whose present values are not to be looked at.
    pub(crate) fn faults_unseen(&self, id: UserId) -> Vec<FieldError> {
        read_only([
            ("id", self.id.is_none_or(|stated| stated == id)),
            ("created_at", self.created_at.is_none()),
            ("updated_at", self.updated_at.is_none()),
            ("last_login_at", self.last_login_at.is_none()),
            ("version", self.version.is_none()),
            ("pending_reasons", self.pending_reasons.is_none()),
        ])
    }
}

/// A fault for each field that is not as it may be.
fn read_only(fields: [(&str, bool); 6]) -> Vec<FieldError> {
    let faulty = fields.into_iter().filter(|(_, acceptable)| !acceptable);
    faulty.map(|(field, _)| FieldError::read_only(field)).collect()
}
