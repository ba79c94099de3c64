//! The names of the person in a record.

use crate::fields::field::Field;
use crate::fields::parser::RecordParser;
use crate::fields::times::as_time;
use crate::fields::values::as_text;
use crate::names::addresses::addresses;
use crate::names::ids::RecordNames;
use crate::names::username::{ProposedUsername, UsernameOrigin, adapt};
use crate::report::note::Note;
use crate::report::refusal::Refusal;
use crate::secrets::password::has_password_field;
use roster_domain::{EmailAddress, ExternalId, LoginAlias, UserId};

/// The names of a person, which nobody else may have.
pub struct Names {
    /// The old id, if it stays the id.
    pub kept_id: Option<UserId>,
    /// The id in another system.
    pub external_id: Option<ExternalId>,
    /// The username to use if it is free.
    pub username: ProposedUsername,
    /// The original spelling of a changed username. It logs in too.
    pub login_alias: Option<LoginAlias>,
    /// The email address.
    pub email: Option<EmailAddress>,
}

/// Fields that hold the username.
const USERNAME_NAMES: [&str; 4] = ["username", "login", "userlogin", "samaccountname"];

/// Fields that hold an email address.
const EMAIL_NAMES: [&str; 6] = ["email", "emailaddress", "mail", "primaryemail", "useremail", "emails"];

/// Whether fields with this normalized name hold an email address.
pub(crate) fn is_email_name(name: &str) -> bool {
    EMAIL_NAMES.contains(&name)
}

impl RecordParser<'_> {
    /// Takes the names of a record. `key` is its key, if it is in a map.
    pub(crate) fn names(&mut self, key: Option<&str>) -> Result<Names, Refusal> {
        let ids = self.ids();
        let email = self.email(key);
        let raw = self.raw_username(key, matches!(email, FoundEmail::Usable(_)));
        let (email, raw) = match (email, raw) {
            (FoundEmail::Invalid(_), None) => return Err(Refusal::Email),
            (FoundEmail::None, None) => return Err(Refusal::NoName),
            (FoundEmail::Invalid(field), raw) => {
                self.keep(field, "left empty");
                (None, raw)
            }
            (FoundEmail::Usable(email), raw) => (Some(email), raw),
            (FoundEmail::None, raw) => (None, raw),
        };
        let username = self.username(raw.as_deref(), email.as_ref())?;
        // Only an export can say it: another system has not checked that the alias belongs to the person.
        let kept = self.own_export.is_some().then(|| self.fields.take(&["loginalias"])).flatten();
        let kept = kept.as_ref().and_then(|field| as_text(&field.value));
        // A valid username is found by its normalized form, so only a changed one needs an alias.
        let alias = kept.or_else(|| raw.clone().filter(|_| username.origin == UsernameOrigin::Adapted));
        let names = RecordNames { key, raw: raw.as_deref(), email: email.as_ref(), username: &username };
        let (kept_id, external_id) = self.resolve_ids(ids, &names)?;
        let login_alias = alias.and_then(|alias| self.login_alias(alias));
        Ok(Names { kept_id, external_id, username, login_alias, email })
    }

    fn login_alias(&mut self, text: String) -> Option<LoginAlias> {
        let checked = LoginAlias::new(text);
        checked.map_err(|error| self.notes.push(Note::AliasInvalid(error))).ok()
    }

    fn username(
        &mut self,
        raw: Option<&str>,
        email: Option<&EmailAddress>,
    ) -> Result<ProposedUsername, Refusal> {
        match (raw, email) {
            (Some(raw), _) => Ok(adapt(raw, &mut self.notes)?),
            (None, Some(email)) => {
                self.notes.push(Note::UsernameFromEmail);
                let local = adapt(email.local_part(), &mut self.notes)?;
                Ok(ProposedUsername { origin: UsernameOrigin::FromEmail, ..local })
            }
            (None, None) => Err(Refusal::NoName),
        }
    }

    /// The email address in the record, else the key of a map by address.
    fn email(&mut self, key: Option<&str>) -> FoundEmail {
        let has_field = self.fields.has_any(&["email"]);
        if let Some(field) = self.fields.take(&EMAIL_NAMES) {
            let addresses = addresses(&field.value);
            let Some(email) = addresses.iter().find_map(|text| EmailAddress::new(text.trim()).ok()) else {
                return FoundEmail::Invalid(field);
            };
            if addresses.len() > 1 {
                self.notes.push(Note::FirstAddressUsed(field.name.clone()));
                self.fields.put_back(field);
            }
            return FoundEmail::Usable(email);
        }
        let email = key.filter(|_| !has_field).and_then(|key| EmailAddress::new(key).ok());
        let Some(email) = email else { return FoundEmail::None };
        self.notes.push(Note::EmailFromKey);
        FoundEmail::Usable(email)
    }

    /// The username in the record, else the key of a map by username. The key counts only if the object has an email
    /// address or a password; otherwise it is not a person.
    fn raw_username(&mut self, key: Option<&str>, has_email: bool) -> Option<String> {
        if let Some(name) = self.drupal_username() {
            return Some(name);
        }
        let has_field = self.fields.has_any(&["username"]);
        if let Some(field) = self.fields.take(&USERNAME_NAMES) {
            if let Some(text) = as_text(&field.value) {
                return Some(text);
            }
            self.keep(field, "another name used");
        }
        let is_person = has_email || has_password_field(self);
        let key = key.filter(|key| !has_field && is_person && looks_like_username(key))?;
        self.notes.push(Note::UsernameFromKey);
        Some(key.to_owned())
    }

    /// Drupal's `login` is the time of the last login, a number of ten digits, and `name` is the username.
    fn drupal_username(&mut self) -> Option<String> {
        let login = self.fields.value("login").and_then(as_text)?;
        let is_time = login.len() == 10 && login.bytes().all(|byte| byte.is_ascii_digit());
        if !is_time
            || self.fields.has_any(&["username"])
            || self.fields.value("name").is_none_or(|name| !name.is_string())
        {
            return None;
        }
        let time = self.fields.take(&["login"])?;
        self.last_login = as_time(&time.value);
        let name = self.fields.take(&["name"])?;
        as_text(&name.value)
    }
}

/// The result of looking for an email address.
enum FoundEmail {
    Usable(EmailAddress),
    /// A field that has no valid address.
    Invalid(Field),
    None,
}

/// Whether the key of a record without a username can be the username, and is not an id such as `17`, `usr_1000`, a
/// UUID or a digest.
fn looks_like_username(key: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = key.rsplit_once(['_', '-', ':']).is_some_and(|(_, number)| digits(number))
        || key.len() < 2
        || digits(&key[key.chars().next().map_or(0, char::len_utf8)..]);
    let hex = key.len() >= 16 && key.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    !numbered && !hex && roster_domain::Username::new(key).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::parser::tests::parse_with;
    use crate::options::{ImportOptions, OldIds};
    use serde_json::{Value, json};

    fn read(key: Option<&str>, record: &Value) -> (Result<Names, Refusal>, Vec<String>) {
        parse_with(&ImportOptions::default(), record, |parser| parser.names(key))
    }

    /// External id, username, original spelling, email address, notes.
    fn describe(
        key: Option<&str>,
        record: &Value,
    ) -> (String, String, Option<String>, Option<String>, Vec<String>) {
        let (names, notes) = read(key, record);
        let names = names.unwrap_or_else(|refusal| panic!("{refusal}"));
        let alias = names.login_alias.map(|alias| alias.as_str().to_owned());
        let email = names.email.map(|email| email.as_str().to_owned());
        let id = names.external_id.map(|id| id.as_str().to_owned()).unwrap_or_default();
        (id, names.username.base.as_str().to_owned(), alias, email, notes)
    }

    #[test]
    fn the_external_id_is_the_old_id_then_the_key_then_the_username() {
        let id = |key, record: Value| describe(key, &record).0;
        assert_eq!(id(Some("k"), json!({"username": "bob", "id": 7})), "7");
        assert_eq!(id(Some("k"), json!({"username": "bob", "id": ""})), "k");
        assert_eq!(id(None, json!({"username": "b ob"})), "b ob");
        assert_eq!(id(None, json!({"userName": "bob", "_id": {"$oid": "65f0"}})), "65f0");
        assert_eq!(id(None, json!({"username": "bob", "id": 7, "external_id": "ldap-9"})), "ldap-9");
        assert_eq!(id(None, json!({"email": "info@a.example"})), "info@a.example");
    }

    #[test]
    fn both_of_two_ids_are_kept() {
        let record =
            json!({"id": "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11", "username": "kit", "external_id": "crm-77"});
        let (second, notes) = parse_with(&ImportOptions::default(), &record, |parser| {
            let names = parser.names(None).unwrap();
            assert_eq!(names.kept_id, None);
            parser.old_id_attribute.clone()
        });
        assert_eq!(second.as_deref(), Some("8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11"));
        assert_eq!(
            notes,
            ["id kept in the attribute imported_id, because the record also has an external id"]
        );
        let options = ImportOptions { ids: OldIds::KeepUuids, ..ImportOptions::default() };
        let names = parse_with(&options, &record, |parser| parser.names(None)).0.unwrap();
        assert_eq!(names.kept_id.unwrap().to_string(), "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11");
        assert_eq!(names.external_id.unwrap().as_str(), "crm-77");
    }

    #[test]
    fn only_a_uuid_is_kept_as_the_id() {
        let options = ImportOptions { ids: OldIds::KeepUuids, ..ImportOptions::default() };
        for id in [
            json!(7),
            json!("00000000-0000-0000-0000-000000000000"),
            json!("8281cec358f54d0e9a515a1f3b0c7d11"),
        ] {
            let record = json!({"id": id, "username": "kit"});
            let names = parse_with(&options, &record, |parser| parser.names(None)).0.unwrap();
            assert_eq!(names.kept_id, None, "{id}");
        }
    }

    #[test]
    fn a_key_may_be_the_username_or_the_address() {
        let record = json!({"email": "ada.lovelace@example.com"});
        assert_eq!(describe(Some("ada"), &record).1, "ada");
        for id in ["17", "usr_1000", "u1", "0190c7a4-95c5-7f2e-9a63-5d1f0f3b9a11", "65f0c0ffee65f0c0ffee65f0"]
        {
            assert_eq!(describe(Some(id), &record).1, "ada.lovelace", "{id}");
        }
        let (id, username, _, email, notes) =
            describe(Some("Ada@Example.com"), &json!({"password_hash": "x"}));
        assert_eq!((&*id, &*username, email.as_deref()), ("Ada@Example.com", "Ada", Some("Ada@Example.com")));
        assert_eq!(notes, ["the key became the email address", "username made from the email"]);
    }

    #[test]
    fn an_address_is_found_in_every_format() {
        for record in [
            json!({"emails": ["a@b.example"]}),
            json!({"mail": ["a@b.example"]}),
            json!({"primaryEmail": "a@b.example"}),
            json!({"user_email": "a@b.example"}),
            json!({"emails": [{"address": "a@b.example", "verified": true}]}),
            json!({"emails": [{"value": "z@b.example"}, {"value": "a@b.example", "primary": true}]}),
        ] {
            assert_eq!(describe(None, &record).3.as_deref(), Some("a@b.example"), "{record}");
        }
    }

    #[test]
    fn an_invalid_email_next_to_a_username_is_reported() {
        let (_, username, _, email, notes) = describe(None, &json!({"username": "bea", "email": "N/A"}));
        assert_eq!((&*username, email), ("bea", None));
        assert_eq!(notes, ["email not understood: kept in attributes, left empty"]);
    }

    #[test]
    fn a_login_of_ten_digits_next_to_a_name_is_a_time() {
        let record = json!({"name": "drew", "login": "1709284599", "mail": "drew@example.com"});
        assert_eq!(describe(None, &record).1, "drew");
        assert_eq!(describe(None, &json!({"login": "1709284599"})).1, "1709284599");
    }

    #[test]
    fn invalid_characters_become_dots_and_the_original_spelling_is_kept() {
        let (_, username, alias, _, notes) = describe(None, &json!({"username": " ann / o@x\u{7} "}));
        assert_eq!((&*username, alias.as_deref()), ("ann./.o.x.", Some(" ann / o@x\u{7} ")));
        assert_eq!(
            notes,
            ["white space around the username removed", "space, \"@\", U+0007 replaced in the username"]
        );
        assert_eq!(describe(None, &json!({"username": "tomás"})).2, None);
    }

    #[test]
    fn a_record_without_a_name_is_refused() {
        let refusal = |key, record: Value| read(key, &record).0.err().map(|refusal| refusal.to_string());
        let nameless = Some("neither username nor email".to_owned());
        assert_eq!(refusal(None, json!({})), nameless);
        assert_eq!(refusal(Some("meta"), json!({"generated": "today"})), nameless);
        assert_eq!(refusal(Some("9"), json!({"username": "", "email": null})), nameless);
        assert_eq!(refusal(None, json!({"email": 3})), Some("email is not a valid address".to_owned()));
        assert!(refusal(None, json!({"username": "x".repeat(65)})).unwrap().contains("at most 64"));
        assert!(
            refusal(None, json!({"username": "a", "id": "x".repeat(256)})).unwrap().contains("at most 255")
        );
    }
}
