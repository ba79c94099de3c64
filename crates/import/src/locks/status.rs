//! The status of the account in a record.

use crate::fields::field::Field;
use crate::fields::parser::{LockHint, RecordParser};
use crate::fields::values::as_text;
use crate::locks::account_state::{AccountState, DisabledCause, account_state, means_never};
use crate::locks::known_names::lock_meaning;
use crate::locks::meaning::{LockMeaning, Spelling};
use crate::locks::nested::is_lock_field;
use crate::locks::past::PastLocks;
use crate::locks::restrictions::Restrictions;
use crate::locks::value::{lock_state, looks_like_region};
use crate::report::note::Note;
use crate::secrets::credential::ImportedCredential;
use jiff::Timestamp;
use roster_domain::{PendingReason, Status};
use serde_json::Value;

impl RecordParser<'_> {
    /// The strictest status that any part of the record asks for. A lock field that is not understood makes the account
    /// pending, and so does a missing password; an administrator decides about both.
    pub(crate) fn status(
        &mut self,
        updated_at: Option<Timestamp>,
        credential: &ImportedCredential,
    ) -> Status {
        let mut restrictions = Restrictions::default();
        if !credential.is_usable() {
            restrictions.add_reason(PendingReason::NoPassword);
        }
        if credential.was_locked() || self.lock_hints.contains(&LockHint::Password) {
            restrictions.add_reason(PendingReason::LockedBefore);
        }
        let fields = self.fields.take_with_zero_dates_where(is_lock_field);
        let past = PastLocks::of(&fields, self.rules.now);
        for field in fields {
            match lock_meaning(&field) {
                Some((LockMeaning::Locked, _)) if past.include(&field) => self.fields.put_back(field),
                Some((meaning, spelling)) => {
                    self.apply_lock_field(field, meaning, spelling, &mut restrictions);
                }
                None => {}
            }
        }
        self.apply_nested_locks(&mut restrictions);
        if self.lock_hints.contains(&LockHint::Role) {
            restrictions.disable(None);
        }
        if self.lock_hints.contains(&LockHint::UnclearRole) {
            restrictions.add_reason(PendingReason::NotUnderstood);
        }
        let exported = self.own_export.as_ref().and_then(|export| export.reasons);
        restrictions.into_status(exported, updated_at, self.rules.now)
    }

    fn apply_lock_field(
        &mut self,
        field: Field,
        meaning: LockMeaning,
        spelling: Spelling,
        restrictions: &mut Restrictions,
    ) {
        if self.is_state_of_address(&field, meaning) {
            return self.fields.put_back(field);
        }
        let Some(state) = self.field_state(&field, meaning) else {
            restrictions.add_reason(PendingReason::NotUnderstood);
            return self.keep(field, "treated as pending");
        };
        let exported = self.own_export.as_ref().and_then(|export| export.reasons);
        match state {
            AccountState::Active if meaning == LockMeaning::ExpiresAt && !means_never(&field.value) => {
                self.notes.push(Note::ExpiresLater(field.name.clone()));
                self.fields.put_back(field);
            }
            AccountState::Active => {}
            AccountState::Unspecified => self.fields.put_back(field),
            AccountState::Pending => {
                restrictions.mark_unverified();
                self.notes.extend(restrictions.pending_note(field.name.clone(), exported));
            }
            AccountState::Disabled { since, cause } => {
                restrictions.disable(since);
                match cause {
                    DisabledCause::UntilLater => self.notes.push(Note::LockedUntilLater(field.name.clone())),
                    DisabledCause::Expired => self.notes.push(Note::Expired(field.name.clone())),
                    DisabledCause::Stated if spelling == Spelling::Standard => return,
                    DisabledCause::Stated => self.notes.push(Note::Locked(field.name.clone())),
                }
                if cause != DisabledCause::Stated {
                    self.fields.put_back(field);
                }
            }
        }
    }

    /// The state that a field gives the account; `None` if it is not understood.
    fn field_state(&self, field: &Field, meaning: LockMeaning) -> Option<AccountState> {
        if field.is_called("userstatus") {
            return self.user_status(&field.value);
        }
        lock_state(field, meaning, self.rules.now)
    }

    /// `WordPress` has a `user_status` that is always 0. From other systems a number is not understood.
    fn user_status(&self, value: &Value) -> Option<AccountState> {
        let number = as_text(value).and_then(|text| text.trim().parse::<i64>().ok());
        let wordpress =
            self.fields.has_any(&["userlogin", "usernicename", "userregistered"]) || self.is_wordpress;
        match number {
            Some(0) if wordpress => Some(AccountState::Active),
            Some(_) => None,
            None => account_state(value),
        }
    }

    /// Whether the field is a part of an address rather than the state of the account.
    fn is_state_of_address(&self, field: &Field, meaning: LockMeaning) -> bool {
        meaning == LockMeaning::ActiveIfKnownWord
            && account_state(&field.value).is_none()
            && looks_like_region(&field.value)
            && self.has_address()
    }

    fn has_address(&self) -> bool {
        self.fields.has_any(&[
            "city",
            "zip",
            "zipcode",
            "postalcode",
            "country",
            "street",
            "address",
            "region",
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::parser::tests::parse_with_defaults;
    use roster_domain::StatusKind;
    use serde_json::json;

    fn read(record: &Value) -> (Status, Vec<String>) {
        let hash = roster_domain::PasswordHash::new("x").unwrap();
        parse_with_defaults(record, |parser| parser.status(None, &ImportedCredential::Hash(hash)))
    }

    fn reasons(record: &Value) -> Vec<PendingReason> {
        match read(record).0 {
            Status::Pending { reasons } => reasons.iter().collect(),
            status => panic!("{record}: {status:?}"),
        }
    }

    #[test]
    fn every_spelling_of_a_status_is_understood() {
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
            (StatusKind::Disabled, vec![json!({"is_active": "false"}), json!({"is_active": 0})]),
            (StatusKind::Disabled, vec![json!({"active": "no"}), json!({"status": "banned"})]),
            (StatusKind::Disabled, vec![json!({"deletedAt": "2024-01-01"}), json!({"is_banned": true})]),
            (StatusKind::Disabled, vec![json!({"status": "active", "disabled": true})]),
        ] {
            for record in records {
                let (status, notes) = read(&record);
                assert_eq!((status.kind(), notes), (kind, vec![]), "{record}");
            }
        }
    }

    #[test]
    fn a_lock_in_another_spelling_is_applied_and_its_field_reported() {
        for (field, value) in [
            ("locked", json!(true)),
            ("locked_at", json!("2024-03-01T09:15:22Z")),
            ("locked_until", json!("2099-01-01T00:00:00Z")),
            ("banned_until", json!("infinity")),
            ("lockoutEnd", json!("2099-01-01T00:00:00+00:00")),
            ("accountNonLocked", json!(false)),
            ("accountNonExpired", json!("false")),
            ("inactive", json!(1)),
            ("archived", json!("t")),
            ("activated", json!(0)),
            ("approved", json!(false)),
            ("activated", json!("0000-00-00 00:00:00")),
            ("approved", json!("0001-01-01T00:00:00Z")),
            ("state", json!("suspended")),
            ("user_status", json!("ARCHIVED")),
            ("UserStatus", json!("COMPROMISED")),
            ("expires_at", json!("2020-01-01")),
            ("valid_until", json!(1_577_836_800)),
            ("discarded_at", json!("2020-01-01")),
            ("deleted_on", json!("2020-01-01")),
            ("removed_at", json!("2020-01-01")),
            ("block", json!(1)),
            ("ban", json!("yes")),
            ("userAccountControl", json!(514)),
            ("userAccountControl", json!("66050")),
            ("nsAccountLock", json!("TRUE")),
            ("pwdAccountLockedTime", json!("000001010000Z")),
        ] {
            let (status, notes) = read(&json!({field: value}));
            assert_eq!(status.kind(), StatusKind::Disabled, "{field}: {value}");
            assert!(notes.len() == 1 && notes[0].starts_with(field), "{field}: {notes:?}");
        }
    }

    #[test]
    fn an_ended_or_empty_lock_is_ignored() {
        for record in [
            json!({"banned_until": "2020-01-01T00:00:00Z"}),
            json!({"locked": false}),
            json!({"locked_at": null}),
            json!({"lockoutEnd": "2020-01-01", "lockoutEnabled": true}),
            json!({"expires_at": 0}),
            json!({"accountExpires": "9223372036854775807"}),
            json!({"userAccountControl": 512}),
            json!({"deleted_at": "0001-01-01T00:00:00Z"}),
            json!({"archived_at": "-infinity"}),
            json!({"user_login": "ann", "user_status": 0}),
            json!({"state": "CA", "city": "Fresno"}),
            json!({"blocked_users": [4, 7]}),
            json!({"blocked_by": []}),
            json!({"lock_version": 3}),
            json!({"activated": "2020-01-01 10:00:00"}),
            json!({"locked_until": "0000-00-00 00:00:00", "pwdAccountLockedTime": "0000-00-00"}),
        ] {
            assert_eq!(read(&record), (Status::Active, vec![]), "{record}");
        }
    }

    #[test]
    fn an_expiry_in_the_future_is_kept_and_reported() {
        let (status, notes) = read(&json!({"expires_at": "2099-01-01T00:00:00Z"}));
        assert_eq!(status, Status::Active);
        assert!(notes[0].starts_with("expires_at is in the future"), "{notes:?}");
    }

    #[test]
    fn a_deleted_account_is_disabled_from_its_deletion_time() {
        let since = "2024-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(read(&json!({"deleted_at": 1_704_067_200})).0, Status::Disabled { since });
    }

    #[test]
    fn a_lock_that_is_not_understood_makes_the_account_pending() {
        for record in [
            json!({"status": "vip"}),
            json!({"status": "2020-01-01"}),
            json!({"approved": "2099-01-01"}),
            json!({"is_active": []}),
            json!({"banned": "perhaps"}),
            json!({"blocked": 2}),
            json!({"locked_until": "soon"}),
            json!({"expires_at": "next year"}),
            json!({"ban_reason": "spam"}),
            json!({"comments_disabled": true}),
            json!({"user_status": 3}),
            json!({"state": "CA"}),
            json!({"userAccountControl": "many"}),
        ] {
            let (_, notes) = read(&record);
            assert_eq!(reasons(&record), [PendingReason::NotUnderstood], "{record}");
            assert!(
                notes[0].ends_with("not understood: kept in attributes, treated as pending"),
                "{notes:?}"
            );
        }
    }

    #[test]
    fn each_reason_of_a_pending_account_is_given() {
        assert_eq!(reasons(&json!({"status": "invited"})), [PendingReason::Unverified]);
        let both = json!({"status": "invited", "locked": "perhaps"});
        assert_eq!(reasons(&both), [PendingReason::NotUnderstood, PendingReason::Unverified]);
        let without =
            parse_with_defaults(&json!({}), |parser| parser.status(None, &ImportedCredential::None)).0;
        assert_eq!(without, Status::Pending { reasons: PendingReason::NoPassword.into() });
    }
}
