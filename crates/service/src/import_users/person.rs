//! A record, understood.

use super::fields::as_flag;
use super::location::RecordLocation;
use super::names::Names;
use super::note::Note;
use super::numbers;
use super::reading::{Reading, Rules};
use super::refusal::Refusal;
use super::secret::Secret;
use super::source::RawRecord;
use super::times::{self, ParsedTime};
use jiff::Timestamp;
use roster_domain::{
    Attributes, AuthEpoch, Credential, DisplayName, RoleSet, Status, User, UserId, Username, Version,
};

const CREATED_NAMES: [&str; 7] =
    ["createdat", "created", "createdon", "datejoined", "joinedat", "userregistered", "registeredat"];
const UPDATED_NAMES: [&str; 4] = ["updatedat", "updated", "updatedon", "modifiedat"];
const LAST_LOGIN_NAMES: [&str; 5] =
    ["lastloginat", "lastlogin", "lastsigninat", "lastsignedinat", "lastloginon"];

/// Fields that say whether the address was verified, those that name it first.
const VERIFIED_NAMES: [&str; 19] = [
    "emailverified",
    "emailverifiedat",
    "isemailverified",
    "emailisverified",
    "verifiedemail",
    "emailconfirmed",
    "emailconfirmedat",
    "isemailconfirmed",
    "emailvalidated",
    "emailverifiedon",
    "useremailverified",
    "emailvalid",
    "confirmedat",
    "confirmed",
    "isconfirmed",
    "verified",
    "verifiedat",
    "isverified",
    "accountverified",
];

/// A record as a person of Roster's, not yet stored.
pub(super) struct Person {
    pub(super) names: Names,
    pub(super) email_verified: bool,
    pub(super) display_name: Option<DisplayName>,
    pub(super) status: Status,
    pub(super) roles: RoleSet,
    pub(super) attributes: Attributes,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) last_login_at: Option<Timestamp>,
    pub(super) secret: Secret,
    /// Whether the password is a temporary one.
    pub(super) must_change_password: bool,
}

/// A record that was understood.
pub(super) struct Understood {
    pub(super) person: Person,
    pub(super) notes: Vec<Note>,
    /// Which role mappings it has something for.
    pub(super) mappings_met: Vec<usize>,
}

/// The reading of a record that is parsed.
///
/// # Errors
/// If it is no JSON object.
pub(super) fn parsed<'a>(record: &RawRecord, rules: &'a Rules<'a>) -> Result<Reading<'a>, Refusal> {
    let snippet = record.body.as_ref().map_err(Clone::clone)?;
    let mut fields = snippet.fields()?;
    let bent = numbers::restore(&mut fields, &snippet.text);
    let mut reading = Reading::new(fields, rules);
    reading.notes.extend(bent.into_iter().map(Note::NumberAsText));
    Ok(reading)
}

impl Understood {
    /// Understands the fields of the record at `location`.
    ///
    /// # Errors
    /// If no person can be made of them.
    pub(super) fn read(mut reading: Reading<'_>, location: &RecordLocation) -> Result<Self, Refusal> {
        reading.take_export_mark()?;
        let names = reading.names(location.key())?;
        let display_name = reading.display_name();
        let roles = reading.roles()?;
        let created_at = reading.time(&CREATED_NAMES, "the time of import used");
        let updated_at = reading.time(&UPDATED_NAMES, "the time of creation used");
        let last_login_at = reading.time(&LAST_LOGIN_NAMES, "left empty").or(reading.last_login);
        let verified = reading.email_verified();
        let secret = reading.secret();
        let status = reading.status(updated_at, &secret);
        let attributes = reading.attributes()?;
        let created_at = created_at.unwrap_or(reading.rules.now);
        let person = Person {
            email_verified: names.email.is_some() && verified,
            names,
            display_name,
            status,
            roles,
            attributes,
            created_at,
            updated_at: updated_at.unwrap_or(created_at),
            last_login_at,
            secret,
            must_change_password: reading.own_export.is_some_and(|export| export.must_change_password),
        };
        Ok(Self { person, notes: reading.notes, mappings_met: reading.mappings_met })
    }
}

impl Person {
    /// Whether `user` has the username of this person, or one that an import may have made for them.
    pub(super) fn is(&self, user: &User) -> bool {
        let candidates = self.names.username.candidates(self.names.email.as_ref());
        candidates.iter().any(|username| username.key() == user.username.key())
    }

    /// What a second import recognises the person by.
    pub(super) fn recognised_by(&self) -> String {
        let external = self.names.external_id.as_ref().map(|id| id.as_str().to_owned());
        external.or_else(|| self.names.kept_id.map(|id| id.to_string())).unwrap_or_default()
    }

    /// The person as a user.
    pub(super) fn to_user(&self, id: UserId, username: Username, credential: Credential) -> User {
        User {
            id,
            username,
            email: self.names.email.clone(),
            email_verified: self.email_verified,
            display_name: self.display_name.clone(),
            status: self.status,
            roles: self.roles.clone(),
            attributes: self.attributes.clone(),
            external_id: self.names.external_id.clone(),
            login_alias: self.names.login_alias.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            last_login_at: self.last_login_at,
            version: Version::FIRST,
            auth_epoch: AuthEpoch::FIRST,
            credential,
            must_change_password: self.must_change_password,
        }
    }
}

impl Reading<'_> {
    fn time(&mut self, names: &[&str], instead: &'static str) -> Option<Timestamp> {
        let field = self.fields.take(names)?;
        match times::moment(&field.value) {
            Some(ParsedTime::At(time)) => Some(time),
            Some(ParsedTime::Never) => None,
            Some(ParsedTime::Forever) | None => {
                self.keep(field, instead);
                None
            }
        }
    }

    /// The name to show; from its parts, which stay among the attributes, if there is no whole one.
    fn display_name(&mut self) -> Option<DisplayName> {
        let Some(field) = self.fields.take(&["displayname", "fullname", "name"]) else {
            let parts = [self.fields.text("firstname"), self.fields.text("lastname")];
            return DisplayName::new(
                parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
            )
            .ok();
        };
        let name = field.value.as_str().and_then(|text| DisplayName::new(text).ok());
        if name.is_none() {
            self.keep(field, "left empty");
        }
        name
    }

    /// A time counts as yes: some systems keep when the address was verified. A zero is no time.
    fn email_verified(&mut self) -> bool {
        let Some(field) = self.fields.take(&VERIFIED_NAMES) else { return false };
        let time = || times::moment(&field.value).map(|moment| matches!(moment, ParsedTime::At(_)));
        let verified = as_flag(&field.value).or_else(time);
        if verified.is_none() {
            self.keep(field, "taken as not verified");
        }
        verified.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_users::reading::tests::reading;
    use serde_json::{Value, json};

    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime only")]
    fn verified(record: &Value) -> bool {
        reading(record, |reading| reading.email_verified()).0
    }

    #[test]
    fn a_verified_address_is_known_in_every_spelling() {
        for record in [
            json!({"email_verified": true}),
            json!({"email_confirmed_at": "2024-03-01T09:15:22Z"}),
            json!({"emailConfirmed": 1}),
            json!({"confirmed_at": "2024-03-01 09:15:22"}),
            json!({"verified": "t"}),
            json!({"is_verified": true}),
            json!({"isEmailVerified": "yes"}),
            json!({"verified_email": true}),
        ] {
            assert!(verified(&record), "{record}");
        }
        for record in [
            json!({}),
            json!({"email_verified": false}),
            json!({"email_verified_at": "0001-01-01T00:00:00Z"}),
            json!({"email_verified_at": 0}),
            json!({"email_verified": 2}),
            json!({"email_verified": "perhaps"}),
            json!({"verified": true, "email_verified": false}),
        ] {
            assert!(!verified(&record), "{record}");
        }
    }

    #[test]
    fn a_time_that_is_none_is_told_and_kept_and_a_zero_is_left_out() {
        for value in [json!(2_460_370.88), json!(45_352.38), json!(-99_999_999_999_i64), json!("15/03/2022")]
        {
            let (time, notes) = reading(&json!({"created_at": value}), |reading| {
                reading.time(&CREATED_NAMES, "the time of import used")
            });
            assert_eq!(time, None);
            assert_eq!(notes, ["created_at not understood: kept in attributes, the time of import used"]);
        }
        let zero = json!({"created_at": "0001-01-01T00:00:00Z"});
        assert_eq!(reading(&zero, |reading| reading.time(&CREATED_NAMES, "x")), (None, vec![]));
    }
}
