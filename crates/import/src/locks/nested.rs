//! Locks inside objects, lists and texts that are JSON.

use crate::fields::field::Field;
use crate::fields::parser::RecordParser;
use crate::locks::account_state::{AccountState, DisabledCause, is_disabled_word};
use crate::locks::known_names::lock_meaning;
use crate::locks::meaning::LockMeaning;
use crate::locks::nested_fields::{NestedField, is_container, nested_fields};
use crate::locks::restrictions::Restrictions;
use crate::locks::value::{contains_lock_word, lock_state};
use crate::report::note::Note;
use roster_domain::PendingReason;
use serde_json::Value;

/// Whether a field of a record is a lock itself, rather than an object or a list with locks inside.
pub(crate) fn is_lock_field(field: &Field) -> bool {
    match lock_meaning(field) {
        Some((LockMeaning::StateOfSomething | LockMeaning::KindOfAccount | LockMeaning::Approval, _)) => {
            !is_container(&field.value)
        }
        meaning => meaning.is_some(),
    }
}

impl RecordParser<'_> {
    /// Applies the locks inside the remaining fields, which stay as they are.
    pub(crate) fn apply_nested_locks(&mut self, restrictions: &mut Restrictions) {
        let mut nested = Vec::new();
        for field in self.fields.iter() {
            // In an export only the status counts, whatever the attributes are called. Lock fields were applied before.
            if (self.is_export && field.is_called("attributes")) || is_lock_field(field) {
                continue;
            }
            nested.extend(nested_fields(field));
        }
        for NestedField { path, field } in nested {
            self.apply_nested_lock(path, &field, restrictions);
        }
    }

    fn apply_nested_lock(&mut self, path: String, field: &Field, restrictions: &mut Restrictions) {
        match nested_state(field, self.rules.now) {
            Some(AccountState::Active | AccountState::Unspecified) => {}
            Some(AccountState::Pending) => {
                restrictions.mark_unverified();
                self.notes.push(Note::Waiting(path));
            }
            Some(AccountState::Disabled { since, cause }) => {
                restrictions.disable(since);
                self.notes.push(match cause {
                    DisabledCause::Stated => Note::Locked(path),
                    DisabledCause::UntilLater => Note::LockedUntilLater(path),
                    DisabledCause::Expired => Note::Expired(path),
                });
            }
            None => {
                restrictions.add_reason(PendingReason::NotUnderstood);
                self.notes.push(Note::NotUnderstood { field: path, instead: "treated as pending" });
            }
        }
    }
}

/// The state that a nested field gives the account; `None` if it suggests a lock and is not understood. A status in
/// other words is not about the account.
fn nested_state(field: &Field, now: jiff::Timestamp) -> Option<AccountState> {
    let is_lock_word = |item: &Value| item.as_str().is_some_and(is_disabled_word);
    let Some((meaning, _)) = lock_meaning(field) else {
        let list = field.value.as_array();
        return list.is_none_or(|items| !items.iter().any(is_lock_word)).then_some(AccountState::Unspecified);
    };
    let state = lock_state(field, meaning, now);
    let free_text = match (&field.value, meaning) {
        (Value::String(text), LockMeaning::Active | LockMeaning::ActiveIfKnownWord) => {
            !contains_lock_word(text)
        }
        (_, LockMeaning::ExpiresAt) => true,
        _ => false,
    };
    if free_text { state.or(Some(AccountState::Unspecified)) } else { state }
}

#[cfg(test)]
mod tests {
    use crate::fields::parser::tests::parse_with_defaults;
    use crate::secrets::credential::ImportedCredential;
    use roster_domain::{PasswordHash, Status, StatusKind};
    use serde_json::{Value, json};

    fn read(record: &Value) -> (Status, Vec<String>) {
        let hash = PasswordHash::new("x").unwrap();
        parse_with_defaults(record, |parser| parser.status(None, &ImportedCredential::Hash(hash)))
    }

    fn are_locked_with_one_note(records: &[Value]) {
        for record in records {
            let (status, notes) = read(record);
            assert_ne!(status.kind(), StatusKind::Active, "{record}");
            assert_eq!(notes.len(), 1, "{record}: {notes:?}");
        }
    }

    #[test]
    fn a_negated_lock_that_is_false_locks_the_account() {
        are_locked_with_one_note(&[
            json!({"not_banned": false}),
            json!({"isNonLocked": false}),
            json!({"user_non_locked": false}),
            json!({"is_not_locked": "false"}),
            json!({"accountNotLocked": 0}),
            json!({"is_non_expired": false}),
            json!({"unlocked": false}),
            json!({"not_active": true}),
        ]);
    }

    #[test]
    fn a_lock_with_further_words_is_still_a_lock() {
        are_locked_with_one_note(&[
            json!({"locked_by_policy": true}),
            json!({"locked_due_to_failed_logins": true}),
            json!({"locked_after_failed_attempts": true}),
            json!({"locked_after_failed_attempts": 1}),
            json!({"last_banned_until": "2099-01-01"}),
            json!({"ban_timeout": "2099-01-01"}),
            json!({"ban_timeout": 4_070_908_800_u64}),
            json!({"blocked_access": true}),
            json!({"banned_always": true}),
            json!({"ban_details": "permanent: fraud"}),
            json!({"suspension_reasons": "fraud"}),
            json!({"locked_reasons": ["fraud"]}),
            json!({"suspended_privileges": true}),
            json!({"disabled_services": true}),
            json!({"profilelocked": true}),
            json!({"lockedreason": "fraud"}),
            json!({"blocked_users": true}),
        ]);
    }

    #[test]
    fn a_nested_lock_locks_the_account() {
        are_locked_with_one_note(&[
            json!({"profile": {"locked": true}}),
            json!({"app_metadata": {"blocked": true}}),
            json!({"account": {"banned": true}}),
            json!({"account": {"status": "suspended"}}),
            json!({"user": {"disabled": true}}),
            json!({"metadata": {"status": "disabled"}}),
            json!({"metadata": {"status": "banned by admin"}}),
            json!({"flags": ["banned"]}),
            json!({"profile": {"flags": ["vip", "banned"]}}),
            json!({"profile": {"account": {"locked_at": "2024-01-01"}}}),
            json!({"forum": {"banned": true}}),
            json!({"raw_app_meta_data": "{\"banned\":true}"}),
            json!({"attributes": {"locked": ["true"]}}),
            json!({"nsAccountLock": ["TRUE"]}),
            json!({"account": {"active": false}}),
            json!({"account": {"activated": "0000-00-00 00:00:00"}}),
            json!({"properties": [{"name": "theme", "value": 1}, {"name": "locked", "value": true}]}),
            json!({"usermeta": [{"meta_key": "ban", "meta_value": "1"}]}),
            json!({"account": [{"id": 1, "status": "suspended"}]}),
        ]);
        let (status, notes) = read(&json!({"account": {"banned": true, "status": "suspended"}}));
        assert_eq!((status.kind(), notes.len()), (StatusKind::Disabled, 2));
        assert!(notes[0].starts_with("account.banned says that the account is locked"), "{notes:?}");
    }

    #[test]
    fn a_role_with_the_name_of_a_lock_locks_the_account() {
        for record in [json!({"role": "banned"}), json!({"roles": ["Suspended"]})] {
            let hash = PasswordHash::new("x").unwrap();
            let (status, notes) = parse_with_defaults(&record, |parser| {
                parser.roles().unwrap();
                parser.status(None, &ImportedCredential::Hash(hash))
            });
            assert_eq!(status.kind(), StatusKind::Disabled, "{record}");
            assert!(notes[0].starts_with("role "), "{notes:?}");
        }
    }

    #[test]
    fn a_state_is_part_of_an_address_only_if_it_looks_like_one() {
        are_locked_with_one_note(&[
            json!({"state": "suspended_fraud", "city": "Fresno"}),
            json!({"state": "Suspended fraud", "city": "Fresno"}),
            json!({"state": 3, "country": "US"}),
            json!({"state": "3", "country": "US"}),
            json!({"state": "banned by admin", "address": "1 Main St"}),
        ]);
        for state in ["CA", "nsw", "New South Wales", "Île-de-France"] {
            let record = json!({"state": state, "city": "Fresno"});
            assert_eq!(read(&record), (Status::Active, vec![]), "{record}");
        }
    }

    #[test]
    fn an_inactive_account_is_recognised_under_longer_names() {
        are_locked_with_one_note(&[
            json!({"user_active": 0}),
            json!({"account_active": false}),
            json!({"isAccountActive": false}),
            json!({"is_account_enabled": false}),
            json!({"login_enabled": false}),
            json!({"loginenabled": false}),
            json!({"can_login": false}),
            json!({"canLogIn": false}),
            json!({"allow_login": "no"}),
            json!({"member_status": "banned"}),
            json!({"user_account_status": "banned"}),
            json!({"login_status": "blocked"}),
            json!({"lifecycle_state": "deactivated"}),
            json!({"is_approved_by_admin": false}),
        ]);
    }

    #[test]
    fn less_common_locks_are_recognised() {
        are_locked_with_one_note(&[
            json!({"is_delete": 1}),
            json!({"delete_flag": 1}),
            json!({"del_flag": "1"}),
            json!({"deactivate": true}),
            json!({"deactivation_date": "2024-01-01"}),
            json!({"is_trashed": true}),
            json!({"cancelled": true}),
            json!({"restricted": true}),
            json!({"forbidden": true}),
            json!({"nologin": true}),
            json!({"oblockoutTime": "20240301091522Z"}),
            json!({"krbPrincipalExpiration": "20200101000000Z"}),
            json!({"nsRoleDN": "cn=nsManagedDisabledRole,dc=example,dc=com"}),
            json!({"nsRoleDN": ["cn=staff,dc=example", "cn=nsManagedDisabledRole,dc=example,dc=com"]}),
        ]);
    }

    #[test]
    fn an_account_without_a_lock_is_active() {
        for record in [
            json!({"lockoutEnabled": true}),
            json!({"blocked_users": [4, 7]}),
            json!({"lock_version": 3}),
            json!({"failed_lock_attempts": 4}),
            json!({"last_lockout_date": "2020-01-01T00:00:00Z"}),
            json!({"comments_disabled": false}),
            json!({"suspension_reasons": []}),
            json!({"not_banned": true}),
            json!({"account": {"banned": false, "status": "active"}}),
            json!({"profile": {"status": "feeling good", "state": "CA"}}),
            json!({"settings": {"notifications": {"enabled": false}, "mfa": {"status": "off"}}}),
            json!({"permissions": {"delete": true}}),
            json!({"address": {"state": "CA"}}),
            json!({"properties": [{"name": "locked", "value": false}, {"name": "deleted_at", "value": null}]}),
            json!({"orders": [{"cancelled": true}], "subscriptions": [{"status": "expired"}]}),
            json!({"mfa_enabled": false, "tags": ["vip", "beta"]}),
            json!({"activated_at": "2020-01-01", "last_active": "2020-01-01"}),
            json!({"nsRoleDN": "cn=staff,dc=example,dc=com"}),
            json!({"shadowExpire": -1}),
        ] {
            assert_eq!(read(&record), (Status::Active, vec![]), "{record}");
        }
    }
}
