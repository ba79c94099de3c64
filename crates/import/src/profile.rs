//! Display name, times and the mark of a verified address.

use crate::fields::parser::RecordParser;
use crate::fields::times::{ParsedTime, parse_time};
use crate::fields::values::as_flag;
use jiff::Timestamp;
use roster_domain::{DisplayName, User};

/// The optional fields of a person that are imported as they are.
pub struct Profile {
    /// The name to show.
    pub display_name: Option<DisplayName>,
}

impl Profile {
    /// Gives `user` these fields.
    pub(crate) fn copy_to(&self, user: &mut User) {
        user.display_name.clone_from(&self.display_name);
    }
}

/// Fields with the time of creation.
pub(crate) const CREATED_NAMES: [&str; 7] =
    ["createdat", "created", "createdon", "datejoined", "joinedat", "userregistered", "registeredat"];

/// Fields with the time of the last change.
pub(crate) const UPDATED_NAMES: [&str; 4] = ["updatedat", "updated", "updatedon", "modifiedat"];

/// Fields with the time of the last login.
pub(crate) const LAST_LOGIN_NAMES: [&str; 5] =
    ["lastloginat", "lastlogin", "lastsigninat", "lastsignedinat", "lastloginon"];

/// Fields that say whether the address was verified; those with `email` in their name come first.
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

impl RecordParser<'_> {
    /// The time in the first of these fields; a value that is not a time is kept among the attributes.
    pub(crate) fn time(&mut self, names: &[&str], instead: &'static str) -> Option<Timestamp> {
        let field = self.fields.take(names)?;
        match parse_time(&field.value) {
            Some(ParsedTime::At(time)) => Some(time),
            Some(ParsedTime::Never) => None,
            Some(ParsedTime::Forever) | None => {
                self.keep(field, instead);
                None
            }
        }
    }

    /// The fields of the profile.
    pub(crate) fn profile(&mut self) -> Profile {
        Profile { display_name: self.display_name() }
    }

    /// The name to show. Without one it is joined from first and last name, which stay among the attributes.
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

    /// A time counts as yes, because some systems store when the address was verified. A zero is not a time.
    pub(crate) fn email_verified(&mut self) -> bool {
        let Some(field) = self.fields.take(&VERIFIED_NAMES) else { return false };
        let time = || parse_time(&field.value).map(|time| matches!(time, ParsedTime::At(_)));
        let verified = as_flag(&field.value).or_else(time);
        if verified.is_none() {
            self.keep(field, "treated as not verified");
        }
        verified.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::parser::tests::parse_with_defaults;
    use serde_json::{Value, json};

    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime only")]
    fn verified(record: &Value) -> bool {
        parse_with_defaults(record, |parser| parser.email_verified()).0
    }

    #[test]
    fn a_verified_address_is_recognised_in_every_spelling() {
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
    fn a_value_that_is_not_a_time_is_kept_and_reported_and_a_zero_is_dropped() {
        for value in [json!(2_460_370.88), json!(45_352.38), json!(-99_999_999_999_i64), json!("15/03/2022")]
        {
            let (time, notes) = parse_with_defaults(&json!({"created_at": value}), |parser| {
                parser.time(&CREATED_NAMES, "the time of import used")
            });
            assert_eq!(time, None);
            assert_eq!(notes, ["created_at not understood: kept in attributes, the time of import used"]);
        }
        let zero = json!({"created_at": "0001-01-01T00:00:00Z"});
        assert_eq!(parse_with_defaults(&zero, |parser| parser.time(&CREATED_NAMES, "x")), (None, vec![]));
    }
}
