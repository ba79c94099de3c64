//! Whether a record says that somebody may log in.

use super::fields::{Field, as_flag};
use super::password::Secret;
use super::person::Reading;
use super::times;
use jiff::Timestamp;
use roster_domain::{PendingReasons, Status, StatusKind};
use serde_json::Value;

/// Fields that name the status, or say yes of an account that is active.
const ACTIVE_IF_YES: [&str; 7] =
    ["status", "accountstatus", "isactive", "active", "enabled", "isenabled", "accountenabled"];

/// Fields that say yes, or since when, of an account that is not.
const DISABLED_IF_YES: [&str; 18] = [
    "disabled",
    "isdisabled",
    "disabledat",
    "disabledsince",
    "deleted",
    "isdeleted",
    "deletedat",
    "suspended",
    "issuspended",
    "suspendedat",
    "banned",
    "isbanned",
    "bannedat",
    "blocked",
    "isblocked",
    "blockedat",
    "deactivated",
    "deactivatedat",
];

impl Reading {
    /// The most restrictive of what the record says in several places. What is not understood counts as
    /// pending: nobody gets in by it. So does an account that nothing could log in to; it is for an
    /// administrator to settle, and must not pass for one.
    pub(super) fn status(&mut self, updated_at: Option<Timestamp>, secret: &Secret) -> Status {
        let mut disabled = false;
        let mut pending = !secret.is_usable();
        let mut since = None;
        for field in self.fields.take_each(&ACTIVE_IF_YES) {
            match standing(&field.value) {
                Some(StatusKind::Active) => {}
                Some(StatusKind::Disabled) => disabled = true,
                Some(StatusKind::Pending) => pending = true,
                None => pending |= self.keep_as_pending(field),
            }
        }
        for field in self.fields.take_each(&DISABLED_IF_YES) {
            let time = times::understood(&field.value);
            match (as_flag(&field.value), time) {
                (Some(flag), _) => disabled |= flag,
                (None, Some(time)) => {
                    disabled = true;
                    since = Some(since.map_or(time, |earlier: Timestamp| earlier.min(time)));
                }
                (None, None) => pending |= self.keep_as_pending(field),
            }
        }
        if disabled {
            return Status::Disabled { since: since.or(updated_at).unwrap_or(self.now) };
        }
        if pending { Status::Pending { reasons: PendingReasons::UNKNOWN } } else { Status::Active }
    }

    fn keep_as_pending(&mut self, field: Field) -> bool {
        self.keep(field, "taken as pending");
        true
    }
}

/// What a word or a flag means for an account.
fn standing(value: &Value) -> Option<StatusKind> {
    if let Some(flag) = as_flag(value) {
        return Some(if flag { StatusKind::Active } else { StatusKind::Disabled });
    }
    match value.as_str()?.trim().to_lowercase().as_str() {
        "active" | "approved" | "enabled" | "verified" | "confirmed" | "ok" | "normal" => {
            Some(StatusKind::Active)
        }
        "pending" | "unverified" | "unconfirmed" | "invited" | "new" | "waiting" | "registered"
        | "provisioned" => Some(StatusKind::Pending),
        "disabled" | "suspended" | "banned" | "blocked" | "deleted" | "inactive" | "deactivated"
        | "locked" | "archived" | "closed" | "removed" | "rejected" | "revoked" | "expired" => {
            Some(StatusKind::Disabled)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_users::fields::Fields;
    use serde_json::json;

    fn read(record: &Value) -> (Status, Vec<String>) {
        let fields = Fields::new(record.as_object().unwrap().clone());
        let mut reading = Reading { fields, notes: Vec::new(), now: Timestamp::UNIX_EPOCH };
        let hash = roster_domain::PasswordHash::new("x").unwrap();
        let status = reading.status(None, &Secret::Hash(hash));
        (status, reading.notes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_spelling_of_active_pending_and_disabled_is_understood() {
        for (kind, records) in [
            (StatusKind::Active, vec![json!({}), json!({"status": "Approved"}), json!({"isActive": 1})]),
            (
                StatusKind::Active,
                vec![
                    json!({"deleted_at": null}),
                    json!({"deleted_at": "0000-00-00 00:00:00"}),
                    json!({"disabled": "no", "enabled": "yes"}),
                ],
            ),
            (StatusKind::Pending, vec![json!({"status": "unverified"}), json!({"status": "invited"})]),
            (StatusKind::Disabled, vec![json!({"is_active": "false"}), json!({"is_active": 0})]),
            (StatusKind::Disabled, vec![json!({"active": "no"}), json!({"status": "banned"})]),
            (StatusKind::Disabled, vec![json!({"deletedAt": "2024-01-01"}), json!({"is_banned": true})]),
            (StatusKind::Disabled, vec![json!({"status": "active", "disabled": true})]),
        ] {
            for record in records {
                assert_eq!(read(&record).0.kind(), kind, "{record}");
            }
        }
    }

    #[test]
    fn a_time_of_deletion_is_since_when() {
        let since = "2024-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(read(&json!({"deleted_at": 1_704_067_200})).0, Status::Disabled { since });
    }

    #[test]
    fn what_is_not_understood_lets_nobody_in() {
        for record in [json!({"status": "vip"}), json!({"is_active": []}), json!({"banned": "perhaps"})] {
            let (status, notes) = read(&record);
            assert_eq!(status.kind(), StatusKind::Pending, "{record}");
            assert!(notes[0].ends_with("not understood: kept in attributes, taken as pending"), "{notes:?}");
        }
    }
}
