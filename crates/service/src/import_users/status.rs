//! Whether a record says that somebody may log in.

use super::account_state::{AccountState, Shutting, account_state, says_never};
use super::fields::{Field, as_text};
use super::lock::{self, LockSense, Spelling};
use super::lock_value::{self, may_be_a_region};
use super::note::Note;
use super::reading::{Reading, ToldLock};
use super::secret::Secret;
use jiff::Timestamp;
use roster_domain::{PendingReason, PendingReasons, Status};
use serde_json::Value;

/// What the fields read so far say together: the most restrictive of them counts.
pub(super) struct Verdict {
    disabled: bool,
    since: Option<Timestamp>,
    /// Whether a word says that the account waits.
    pub(super) waits: bool,
    reasons: Vec<PendingReason>,
}

impl Verdict {
    /// A field says that the account is shut.
    pub(super) fn shut(&mut self, since: Option<Timestamp>) {
        self.disabled = true;
        self.since = self.since.into_iter().chain(since).min();
    }

    /// A field that speaks of a lock is not understood.
    pub(super) fn not_understood(&mut self) {
        self.reasons.push(PendingReason::NotUnderstood);
    }
}

impl Reading<'_> {
    /// The most restrictive of what the record says in several places. A field that speaks of a lock and is not
    /// understood makes the account pending: it lets nobody in. So does the lack of a password; an administrator
    /// settles it.
    pub(super) fn status(&mut self, updated_at: Option<Timestamp>, secret: &Secret) -> Status {
        let mut verdict = Verdict { disabled: false, since: None, waits: false, reasons: Vec::new() };
        if !secret.is_usable() {
            verdict.reasons.push(PendingReason::NoPassword);
        }
        if secret.was_locked() || self.locks.contains(&ToldLock::Password) {
            verdict.reasons.push(PendingReason::LockedBefore);
        }
        let message = self.own_export.as_ref().and_then(|export| export.reasons);
        for field in self.fields.take_even_zeros_where(|field| lock::sense(field).is_some()) {
            if let Some((sense, spelling)) = lock::sense(&field) {
                self.weigh(field, sense, spelling, &mut verdict);
            }
        }
        self.weigh_nested(&mut verdict);
        if self.locks.contains(&ToldLock::Role) {
            verdict.shut(None);
        }
        if verdict.disabled {
            let since = verdict.since.or(updated_at).unwrap_or(self.rules.now);
            return Status::Disabled { since: since.min(self.rules.now) };
        }
        if verdict.waits && message.is_none() {
            verdict.reasons.push(PendingReason::Unverified);
        }
        // Whether there is a password is seen here.
        let message = message.into_iter().flat_map(PendingReasons::iter);
        verdict.reasons.extend(message.filter(|reason| *reason != PendingReason::NoPassword));
        PendingReasons::new(verdict.reasons).map_or(Status::Active, |reasons| Status::Pending { reasons })
    }

    fn weigh(&mut self, field: Field, sense: LockSense, spelling: Spelling, verdict: &mut Verdict) {
        // A state of a country.
        if sense == LockSense::OpenIfAWord
            && account_state(&field.value).is_none()
            && may_be_a_region(&field.value)
            && self.has_an_address()
        {
            return self.fields.give_back(field);
        }
        let Some(word) = self.word(&field, sense) else {
            verdict.not_understood();
            return self.keep(field, "taken as pending");
        };
        match word {
            AccountState::Open if sense == LockSense::Ends && !says_never(&field.value) => {
                self.notes.push(Note::EndsLater(field.name.clone()));
                self.fields.give_back(field);
            }
            AccountState::Open => {}
            AccountState::Silent => self.fields.give_back(field),
            AccountState::Pending => verdict.waits = true,
            AccountState::Shut { since, why } => {
                verdict.shut(since);
                match why {
                    Shutting::Ahead => self.notes.push(Note::LockedUntilLater(field.name.clone())),
                    Shutting::Passed => self.notes.push(Note::Ended(field.name.clone())),
                    Shutting::Said if spelling == Spelling::Plain => return,
                    Shutting::Said => self.notes.push(Note::Locked(field.name.clone())),
                }
                if why != Shutting::Said {
                    self.fields.give_back(field);
                }
            }
        }
    }

    /// What the field says; `None` if it is not understood.
    fn word(&self, field: &Field, sense: LockSense) -> Option<AccountState> {
        if field.is_called("userstatus") {
            return self.user_status(&field.value);
        }
        lock_value::word(field, sense, self.rules.now)
    }

    /// `WordPress` has a `user_status` that is always 0; of other systems a number is not understood.
    fn user_status(&self, value: &Value) -> Option<AccountState> {
        let number = as_text(value).and_then(|text| text.trim().parse::<i64>().ok());
        let wordpress =
            self.fields.mention(&["userlogin", "usernicename", "userregistered"]) || self.wordpress;
        match number {
            Some(0) if wordpress => Some(AccountState::Open),
            Some(_) => None,
            None => account_state(value),
        }
    }

    fn has_an_address(&self) -> bool {
        self.fields.mention(&[
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
    use crate::import_users::reading::tests::reading;
    use roster_domain::StatusKind;
    use serde_json::json;

    fn read(record: &Value) -> (Status, Vec<String>) {
        let hash = roster_domain::PasswordHash::new("x").unwrap();
        reading(record, |reading| reading.status(None, &Secret::Hash(hash)))
    }

    fn reasons(record: &Value) -> Vec<PendingReason> {
        match read(record).0 {
            Status::Pending { reasons } => reasons.iter().collect(),
            status => panic!("{record}: {status:?}"),
        }
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
                let (status, notes) = read(&record);
                assert_eq!((status.kind(), notes), (kind, vec![]), "{record}");
            }
        }
    }

    #[test]
    fn whoever_was_shut_out_in_another_spelling_stays_out_and_the_field_is_named() {
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
    fn a_lock_that_is_over_or_says_nothing_shuts_nobody_out() {
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
    fn an_end_that_lies_ahead_is_kept_and_told() {
        let (status, notes) = read(&json!({"expires_at": "2099-01-01T00:00:00Z"}));
        assert_eq!(status, Status::Active);
        assert!(notes[0].starts_with("expires_at lies ahead"), "{notes:?}");
    }

    #[test]
    fn a_time_of_deletion_is_since_when() {
        let since = "2024-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(read(&json!({"deleted_at": 1_704_067_200})).0, Status::Disabled { since });
    }

    #[test]
    fn what_is_not_understood_lets_nobody_in() {
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
            assert!(notes[0].ends_with("not understood: kept in attributes, taken as pending"), "{notes:?}");
        }
    }

    #[test]
    fn each_reason_to_wait_is_told_apart() {
        assert_eq!(reasons(&json!({"status": "invited"})), [PendingReason::Unverified]);
        let both = json!({"status": "invited", "locked": "perhaps"});
        assert_eq!(reasons(&both), [PendingReason::NotUnderstood, PendingReason::Unverified]);
        let without = reading(&json!({}), |reading| reading.status(None, &Secret::None)).0;
        assert_eq!(without, Status::Pending { reasons: PendingReason::NoPassword.into() });
    }
}
