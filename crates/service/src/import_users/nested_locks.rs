//! Locks that a record tells inside of its objects, its lists of words and its texts that are JSON.

use super::account_state::{AccountState, Shutting, account_state};
use super::fields::{Field, is_blank, squashed, words};
use super::lock::{self, LockSense};
use super::lock_value::{holds_lock_word, word};
use super::note::Note;
use super::object_names::{CONTAINERS, PERMISSIONS};
use super::reading::Reading;
use super::status::Verdict;
use serde_json::{Map, Value};

/// How many objects deep a lock is looked for.
const MAX_DEPTH: u8 = 4;

/// Longer paths are no names that somebody chose; each value inside would copy them.
const MAX_PATH: usize = 1024;

/// A value inside a record.
struct Inner {
    /// Where it is, for the report.
    path: String,
    /// Its name as a lock would have it, with the names of the objects around it that are not the account's own.
    field: Field,
}

impl Reading<'_> {
    /// Weighs what stands inside other fields. All of it stays where it is.
    pub(super) fn weigh_nested(&mut self, verdict: &mut Verdict) {
        let mut inner = Vec::new();
        for field in self.fields.iter() {
            // Roster chose the status beside the attributes of its exports; a field with a lock's name is weighed already.
            if (self.is_export && field.is_called("attributes")) || lock::sense(field).is_some() {
                continue;
            }
            collect(&field.name, &field.name, &field.value, MAX_DEPTH, &mut inner);
        }
        for Inner { path, field } in inner {
            self.weigh_inner(path, &field, verdict);
        }
    }

    fn weigh_inner(&mut self, path: String, field: &Field, verdict: &mut Verdict) {
        match said(field, self.rules.now) {
            Some(AccountState::Open | AccountState::Silent) => {}
            Some(AccountState::Pending) => verdict.waits = true,
            Some(AccountState::Shut { since, why }) => {
                verdict.shut(since);
                self.notes.push(match why {
                    Shutting::Said => Note::Locked(path),
                    Shutting::Ahead => Note::LockedUntilLater(path),
                    Shutting::Passed => Note::Ended(path),
                });
            }
            None => {
                verdict.not_understood();
                self.notes.push(Note::NotUnderstood { field: path, instead: "taken as pending" });
            }
        }
    }
}

/// What a value inside says; `None` if it speaks of a lock and is not understood. A status that is some other text is
/// somebody's own.
fn said(field: &Field, now: jiff::Timestamp) -> Option<AccountState> {
    let words_of_a_lock =
        |item: &Value| item.is_string() && matches!(account_state(item), Some(AccountState::Shut { .. }));
    let Some((sense, _)) = lock::sense(field) else {
        let list = field.value.as_array();
        return list.is_none_or(|items| !items.iter().any(words_of_a_lock)).then_some(AccountState::Silent);
    };
    let said = word(field, sense, now);
    let free_text = match (&field.value, sense) {
        (Value::String(text), LockSense::Open | LockSense::OpenIfAWord) => !holds_lock_word(text),
        (_, LockSense::Ends) => true,
        _ => false,
    };
    if free_text { said.or(Some(AccountState::Silent)) } else { said }
}

fn collect(path: &str, name: &str, value: &Value, left: u8, found: &mut Vec<Inner>) {
    let Some(left) = left.checked_sub(1) else { return };
    match value {
        Value::Object(object) => collect_object(path, name, object, left, found),
        Value::String(text) if text.trim_start().starts_with('{') => {
            if let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) {
                collect_object(path, name, &object, left, found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_string) => {
            found.push(Inner { path: path.to_owned(), field: Field::new(name, value.clone()) });
        }
        Value::Array(items) => collect_items(path, name, items, left, found),
        _ => {}
    }
}

/// The objects of a list: names with their values, or what the account itself has.
fn collect_items(path: &str, name: &str, items: &[Value], left: u8, found: &mut Vec<Inner>) {
    for (index, object) in
        items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_object()?)))
    {
        if let Some((key, value)) = pair(object) {
            let pair = Map::from_iter([(key.to_owned(), value.clone())]);
            collect_object(path, name, &pair, left, found);
        } else if belongs_to_the_account(&words(name)) {
            collect_object(&format!("{path}[{index}]"), name, object, left, found);
        }
    }
}

/// A name and its value as an object of two fields: `{"name": "locked", "value": true}`, `{"meta_key": …, "meta_value": …}`.
fn pair(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    const NAMES: [&str; 6] = ["name", "key", "metakey", "field", "attribute", "property"];
    const VALUES: [&str; 4] = ["value", "values", "metavalue", "val"];
    let of = |names: &[&str]| object.iter().find(|(name, _)| names.contains(&&*squashed(name)));
    let (_, name) = of(&NAMES)?;
    let (_, value) = of(&VALUES)?;
    Some((name.as_str()?, value))
}

fn belongs_to_the_account(words: &[String]) -> bool {
    words.iter().all(|word| CONTAINERS.contains(&&**word))
}

fn collect_object(path: &str, name: &str, object: &Map<String, Value>, left: u8, found: &mut Vec<Inner>) {
    let of = words(name);
    if path.len() > MAX_PATH || of.iter().any(|word| PERMISSIONS.contains(&&**word)) {
        return;
    }
    let own = belongs_to_the_account(&of);
    for (key, value) in object.iter().filter(|(_, value)| !is_blank(value)) {
        let path = format!("{path}.{key}");
        let name = if own { key.clone() } else { format!("{name}_{key}") };
        if value.is_object() || value.is_array() || is_json(value) {
            collect(&path, &name, value, left, found);
        } else {
            found.push(Inner { path, field: Field::new(&name, value.clone()) });
        }
    }
}

fn is_json(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_start().starts_with('{'))
}

#[cfg(test)]
mod tests {
    use crate::import_users::reading::tests::reading;
    use crate::import_users::secret::Secret;
    use roster_domain::{PasswordHash, Status, StatusKind};
    use serde_json::{Value, json};

    fn read(record: &Value) -> (Status, Vec<String>) {
        let hash = PasswordHash::new("x").unwrap();
        reading(record, |reading| reading.status(None, &Secret::Hash(hash)))
    }

    fn stays_out_with_a_note(records: &[Value]) {
        for record in records {
            let (status, notes) = read(record);
            assert_ne!(status.kind(), StatusKind::Active, "{record}");
            assert_eq!(notes.len(), 1, "{record}: {notes:?}");
        }
    }

    #[test]
    fn a_lock_that_is_denied_and_not_true_shuts_out() {
        stays_out_with_a_note(&[
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
    fn a_further_word_beside_a_lock_excuses_nothing() {
        stays_out_with_a_note(&[
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
    fn a_lock_inside_other_fields_shuts_out() {
        stays_out_with_a_note(&[
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
        assert!(notes[0].starts_with("account.banned says that the account was shut"), "{notes:?}");
    }

    #[test]
    fn a_role_that_is_the_word_of_a_lock_shuts_out() {
        for record in [json!({"role": "banned"}), json!({"roles": ["Suspended"]})] {
            let hash = PasswordHash::new("x").unwrap();
            let (status, notes) = reading(&record, |reading| {
                reading.roles().unwrap();
                reading.status(None, &Secret::Hash(hash))
            });
            assert_eq!(status.kind(), StatusKind::Disabled, "{record}");
            assert!(notes[0].starts_with("role "), "{notes:?}");
        }
    }

    #[test]
    fn a_state_is_one_of_a_country_only_if_it_looks_like_one() {
        stays_out_with_a_note(&[
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
    fn whether_an_account_is_open_is_known_under_longer_names() {
        stays_out_with_a_note(&[
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
    fn more_words_of_a_lock_are_known() {
        stays_out_with_a_note(&[
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
    fn whoever_was_not_shut_out_comes_in() {
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
