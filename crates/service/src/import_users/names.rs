//! What a record calls a person.

use super::addresses::addresses;
use super::fields::{Field, as_text};
use super::note::Note;
use super::password;
use super::reading::Reading;
use super::refusal::Refusal;
use super::times;
use super::username::{ProposedUsername, UsernameOrigin, adapted};
use roster_domain::{EmailAddress, ExternalId, LoginAlias, UserId};

/// The names that must be unique.
pub(super) struct Names {
    /// The old id, if it stays the id.
    pub(super) kept_id: Option<UserId>,
    pub(super) external_id: Option<ExternalId>,
    pub(super) username: ProposedUsername,
    pub(super) login_alias: Option<LoginAlias>,
    pub(super) email: Option<EmailAddress>,
}

/// Names of fields that hold the username.
const USERNAME_NAMES: [&str; 4] = ["username", "login", "userlogin", "samaccountname"];

/// Names of fields that hold an email address.
const EMAIL_NAMES: [&str; 6] = ["email", "emailaddress", "mail", "primaryemail", "useremail", "emails"];

impl Reading<'_> {
    /// Reads the names of a record that stands under `key`, if it stands in a map.
    pub(super) fn names(&mut self, key: Option<&str>) -> Result<Names, Refusal> {
        let ids = self.ids();
        let email = self.email(key);
        let typed = self.typed_username(key, matches!(email, FoundEmail::Usable(_)));
        let (email, typed) = match (email, typed) {
            (FoundEmail::Unusable(_), None) => return Err(Refusal::Email),
            (FoundEmail::None, None) => return Err(Refusal::Nameless),
            (FoundEmail::Unusable(field), typed) => {
                self.keep(field, "left empty");
                (None, typed)
            }
            (FoundEmail::Usable(email), typed) => (Some(email), typed),
            (FoundEmail::None, typed) => (None, typed),
        };
        let username = self.username(typed.as_deref(), email.as_ref())?;
        // In another system's file it would be a name that nobody there ever checked.
        let kept = self.own_export.is_some().then(|| self.fields.take(&["loginalias"])).flatten();
        let kept = kept.as_ref().and_then(|field| as_text(&field.value));
        // What is no username as it stands would not be found by it.
        let alias = kept.or_else(|| typed.clone().filter(|_| username.origin == UsernameOrigin::Adapted));
        let names = NamesInFile { key, typed: typed.as_deref(), email: email.as_ref(), username: &username };
        let (kept_id, external_id) = self.settled_ids(ids, &names)?;
        let login_alias = alias.and_then(|alias| LoginAlias::new(alias).ok());
        Ok(Names { kept_id, external_id, username, login_alias, email })
    }

    fn username(
        &mut self,
        typed: Option<&str>,
        email: Option<&EmailAddress>,
    ) -> Result<ProposedUsername, Refusal> {
        match (typed, email) {
            (Some(typed), _) => Ok(adapted(typed, &mut self.notes)?),
            (None, Some(email)) => {
                self.notes.push(Note::UsernameFromEmail);
                let local = adapted(email.local_part(), &mut self.notes)?;
                Ok(ProposedUsername { origin: UsernameOrigin::FromEmail, ..local })
            }
            (None, None) => Err(Refusal::Nameless),
        }
    }

    /// The email address: the record's, else the key in a map by address.
    fn email(&mut self, key: Option<&str>) -> FoundEmail {
        let mentioned = self.fields.mention(&["email"]);
        if let Some(field) = self.fields.take(&EMAIL_NAMES) {
            let addresses = addresses(&field.value);
            let Some(email) = addresses.iter().find_map(|text| EmailAddress::new(text.trim()).ok()) else {
                return FoundEmail::Unusable(field);
            };
            if addresses.len() > 1 {
                self.notes.push(Note::FirstAddress(field.name.clone()));
                self.fields.give_back(field);
            }
            return FoundEmail::Usable(email);
        }
        let email = key.filter(|_| !mentioned).and_then(|key| EmailAddress::new(key).ok());
        let Some(email) = email else { return FoundEmail::None };
        self.notes.push(Note::EmailFromKey);
        FoundEmail::Usable(email)
    }

    /// The username as the old system has it: the record's, else the key in a map by username. An object with
    /// neither a name nor a password inside is no person, whatever its key.
    fn typed_username(&mut self, key: Option<&str>, has_email: bool) -> Option<String> {
        if let Some(name) = self.name_beside_a_time() {
            return Some(name);
        }
        let mentioned = self.fields.mention(&["username"]);
        if let Some(field) = self.fields.take(&USERNAME_NAMES) {
            if let Some(text) = as_text(&field.value) {
                return Some(text);
            }
            self.keep(field, "another name used");
        }
        let person = has_email || password::is_mentioned(self);
        let key = key.filter(|key| !mentioned && person && reads_like_a_name(key))?;
        self.notes.push(Note::UsernameFromKey);
        Some(key.to_owned())
    }

    /// Drupal's `login` is when somebody last logged in, a number of ten digits, and `name` is the username.
    fn name_beside_a_time(&mut self) -> Option<String> {
        let login = self.fields.value("login").and_then(as_text)?;
        let is_time = login.len() == 10 && login.bytes().all(|byte| byte.is_ascii_digit());
        if !is_time
            || self.fields.mention(&["username"])
            || self.fields.value("name").is_none_or(|name| !name.is_string())
        {
            return None;
        }
        let time = self.fields.take(&["login"])?;
        self.last_login = times::understood(&time.value);
        let name = self.fields.take(&["name"])?;
        as_text(&name.value)
    }
}

/// What a record has for an email address.
enum FoundEmail {
    Usable(EmailAddress),
    /// Something that is none.
    Unusable(Field),
    None,
}

/// The names of a record beside its ids.
pub(super) struct NamesInFile<'a> {
    pub(super) key: Option<&'a str>,
    pub(super) typed: Option<&'a str>,
    pub(super) email: Option<&'a EmailAddress>,
    pub(super) username: &'a ProposedUsername,
}

/// The ids that a record has.
pub(super) struct Ids {
    /// What yet another system calls the person.
    pub(super) external: Option<String>,
    /// What the old system calls them, and in which field.
    pub(super) own: Option<(String, String)>,
}

/// Whether the key of a record that tells no username is one itself, rather than an id such as `17`,
/// `usr_1000`, a UUID or a digest.
fn reads_like_a_name(key: &str) -> bool {
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
    use crate::import_users::options::{ImportOptions, OldIds};
    use crate::import_users::reading::tests::reading_with;
    use serde_json::{Value, json};

    fn read(key: Option<&str>, record: &Value) -> (Result<Names, Refusal>, Vec<String>) {
        reading_with(&ImportOptions::default(), record, |reading| reading.names(key))
    }

    /// External id, username, old spelling, email, notes.
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
    fn the_old_id_comes_before_the_key_and_the_key_before_the_username() {
        let id = |key, record: Value| describe(key, &record).0;
        assert_eq!(id(Some("k"), json!({"username": "bob", "id": 7})), "7");
        assert_eq!(id(Some("k"), json!({"username": "bob", "id": ""})), "k");
        assert_eq!(id(None, json!({"username": "b ob"})), "b ob");
        assert_eq!(id(None, json!({"userName": "bob", "_id": {"$oid": "65f0"}})), "65f0");
        assert_eq!(id(None, json!({"username": "bob", "id": 7, "external_id": "ldap-9"})), "ldap-9");
        assert_eq!(id(None, json!({"email": "info@a.example"})), "info@a.example");
    }

    #[test]
    fn of_two_ids_none_is_lost() {
        let record =
            json!({"id": "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11", "username": "kit", "external_id": "crm-77"});
        let (second, notes) = reading_with(&ImportOptions::default(), &record, |reading| {
            let names = reading.names(None).unwrap();
            assert_eq!(names.kept_id, None);
            reading.second_id.clone()
        });
        assert_eq!(second.as_deref(), Some("8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11"));
        assert_eq!(notes, ["id kept in the attribute imported_id, beside the external id"]);
        let options = ImportOptions { ids: OldIds::KeepUuids, ..ImportOptions::default() };
        let names = reading_with(&options, &record, |reading| reading.names(None)).0.unwrap();
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
            let names = reading_with(&options, &record, |reading| reading.names(None)).0.unwrap();
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
        assert_eq!(notes, ["email taken from the key", "username made from the email"]);
    }

    #[test]
    fn an_address_is_found_in_every_form() {
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
    fn an_unusable_email_beside_a_username_is_told() {
        let (_, username, _, email, notes) = describe(None, &json!({"username": "bea", "email": "N/A"}));
        assert_eq!((&*username, email), ("bea", None));
        assert_eq!(notes, ["email not understood: kept in attributes, left empty"]);
    }

    #[test]
    fn a_login_of_ten_digits_beside_a_name_is_a_time() {
        let record = json!({"name": "drew", "login": "1709284599", "mail": "drew@example.com"});
        assert_eq!(describe(None, &record).1, "drew");
        assert_eq!(describe(None, &json!({"login": "1709284599"})).1, "1709284599");
    }

    #[test]
    fn characters_that_may_not_be_there_become_dots_and_the_old_spelling_is_kept() {
        let (_, username, alias, _, notes) = describe(None, &json!({"username": " ann / o@x\u{7} "}));
        assert_eq!((&*username, alias.as_deref()), ("ann./.o.x.", Some(" ann / o@x\u{7} ")));
        assert_eq!(
            notes,
            ["white space around the username left out", "space, \"@\", U+0007 replaced in the username"]
        );
        assert_eq!(describe(None, &json!({"username": "tomás"})).2, None);
    }

    #[test]
    fn a_record_without_any_name_is_refused() {
        let refusal = |key, record: Value| read(key, &record).0.err().map(|refusal| refusal.to_string());
        let nameless = Some("neither username nor email".to_owned());
        assert_eq!(refusal(None, json!({})), nameless);
        assert_eq!(refusal(Some("meta"), json!({"generated": "today"})), nameless);
        assert_eq!(refusal(Some("9"), json!({"username": "", "email": null})), nameless);
        assert_eq!(refusal(None, json!({"email": 3})), Some("email is not an address".to_owned()));
        assert!(refusal(None, json!({"username": "x".repeat(65)})).unwrap().contains("at most 64"));
        assert!(
            refusal(None, json!({"username": "a", "id": "x".repeat(256)})).unwrap().contains("at most 255")
        );
    }
}
