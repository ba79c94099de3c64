//! The read-only fields of a user.

use crate::FieldError;
use jiff::Timestamp;
use roster_domain::{PendingReasons, Principal, User, UserId, Version, policy};

/// Fields that cannot be changed. A request may contain them with their current value, so that clients can send back
/// what they have read.
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
    /// `pending_reasons`, as the caller sees them.
    pub pending_reasons: Option<Option<PendingReasons>>,
}

impl FixedFields {
    /// An error for each field that the request would change.
    pub(crate) fn errors(&self, principal: &Principal, user: &User) -> Vec<FieldError> {
        let reasons = policy::visible_pending_reasons(principal, user);
        read_only([
            ("id", self.id.is_none_or(|id| id == user.id)),
            ("created_at", self.created_at.is_none_or(|at| at == user.created_at)),
            ("updated_at", self.updated_at.is_none_or(|at| at == user.updated_at)),
            // An earlier time is accepted, so that a login after the read does not make the update fail.
            ("last_login_at", self.last_login_at.is_none_or(|at| at <= user.last_login_at)),
            ("version", self.version.is_none_or(|version| version == user.version)),
            ("pending_reasons", self.pending_reasons.is_none_or(|stated| stated == reasons)),
        ])
    }

    /// An error for each field in the request, for callers who may not see the current values.
    pub(crate) fn errors_unseen(&self, id: UserId) -> Vec<FieldError> {
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

/// An error for each field that is not acceptable.
fn read_only(fields: [(&str, bool); 6]) -> Vec<FieldError> {
    let changed = fields.into_iter().filter(|(_, acceptable)| !acceptable);
    changed.map(|(field, _)| FieldError::read_only(field)).collect()
}
