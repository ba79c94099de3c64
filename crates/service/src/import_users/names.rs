//! What a record calls a person.

use super::fields::{Field, as_text};
use super::note::Note;
use super::password::SECRET_NAMES;
use super::person::Reading;
use super::refusal::Refusal;
use roster_domain::{EmailAddress, ExternalId, LoginAlias, UserId, Username, UsernameFault};
use serde_json::Value;

/// The names that must be unique.
pub(super) struct Names {
    pub(super) external_id: ExternalId,
    pub(super) username: Username,
    pub(super) login_alias: Option<LoginAlias>,
    pub(super) email: Option<EmailAddress>,
}

impl Reading {
    /// Reads the names of a record that stands under `key`, if it stands in a map.
    pub(super) fn names(&mut self, key: Option<&str>) -> Result<Names, Refusal> {
        let id = self.id();
        let email = self.email(key)?;
        let typed = self.typed_username(key, email.is_some());
        let typed = match (typed, &email) {
            (Some(typed), _) => typed,
            (None, Some(email)) => {
                self.notes.push(Note::UsernameFromEmail);
                email.local_part().to_owned()
            }
            (None, None) => return Err(Refusal::Nameless),
        };
        let username = self.adapted(&typed)?;
        let external_id = match id.as_deref().or(key).filter(|id| !id.is_empty()) {
            Some(id) => ExternalId::new(id)?,
            None => ExternalId::new(typed.trim()).or_else(|_| ExternalId::new(username.as_str()))?,
        };
        let kept = self.fields.take(&["loginalias"]).as_ref().and_then(|field| as_text(&field.value));
        // What is no username as it stands would not be found by it.
        let alias = kept.or_else(|| Username::new(typed.as_str()).is_err().then(|| typed.clone()));
        Ok(Names {
            external_id,
            username,
            login_alias: alias.and_then(|alias| LoginAlias::new(alias).ok()),
            email,
        })
    }

    /// The old id. Beside an external id, an id that Roster gave out says nothing more.
    fn id(&mut self) -> Option<String> {
        if let Some(field) = self.fields.take(&["externalid"]) {
            let ours = |id: &Field| id.value.as_str().is_some_and(|id| id.parse::<UserId>().is_ok());
            if let Some(id) = self.fields.take(&["id"]).filter(|id| !ours(id)) {
                self.fields.give_back(id);
            }
            return self.id_text(field);
        }
        let field = self.fields.take(&["id", "userid", "uuid", "uid"])?;
        self.id_text(field)
    }

    fn id_text(&mut self, field: Field) -> Option<String> {
        let id = match &field.value {
            // As MongoDB exports it.
            Value::Object(object) if object.len() == 1 => object.get("$oid").and_then(as_text),
            value => as_text(value),
        };
        if id.is_none() {
            self.keep(field, "another id used");
        }
        id
    }

    /// The email address: the record's, else the key in a map by address.
    fn email(&mut self, key: Option<&str>) -> Result<Option<EmailAddress>, Refusal> {
        let mentioned = self.fields.mention(&["email"]);
        if let Some(field) = self.fields.take(&["email", "emailaddress", "mail"]) {
            let text = field.value.as_str().ok_or(Refusal::Email)?;
            return EmailAddress::new(text.trim()).map(Some).map_err(|_| Refusal::Email);
        }
        let email = key.filter(|_| !mentioned).and_then(|key| EmailAddress::new(key).ok());
        if email.is_some() {
            self.notes.push(Note::EmailFromKey);
        }
        Ok(email)
    }

    /// The username as the old system has it: the record's, else the key in a map by username. An object with
    /// neither a name nor a password inside is no person, whatever its key.
    fn typed_username(&mut self, key: Option<&str>, has_email: bool) -> Option<String> {
        let mentioned = self.fields.mention(&["username"]);
        if let Some(field) = self.fields.take(&["username", "login"]) {
            if let Some(text) = as_text(&field.value) {
                return Some(text);
            }
            self.keep(field, "another name used");
        }
        let person = has_email || self.fields.mention(&SECRET_NAMES);
        let key = key.filter(|key| !mentioned && person && reads_like_a_name(key))?;
        self.notes.push(Note::UsernameFromKey);
        Some(key.to_owned())
    }

    /// The nearest username: white space around it left out, each character that may not be there a dot.
    fn adapted(&mut self, typed: &str) -> Result<Username, UsernameFault> {
        let text = typed.trim();
        if text.len() < typed.len() {
            self.notes.push(Note::UsernameTrimmed);
        }
        let fault = match Username::new(text) {
            Ok(username) => return Ok(username),
            Err(fault) => fault,
        };
        let mut replaced = Vec::new();
        let dotted: String = text.chars().map(|char| or_dot(char, &mut replaced)).collect();
        let username = Username::new(dotted).map_err(|_| fault)?;
        self.notes.push(Note::UsernameReplaced(replaced));
        Ok(username)
    }
}

fn or_dot(char: char, replaced: &mut Vec<char>) -> char {
    if Username::new(char).is_ok() {
        return char;
    }
    if !replaced.contains(&char) {
        replaced.push(char);
    }
    '.'
}

/// Whether the key of a record that tells no username is one itself, rather than an id such as `17`,
/// `usr_1000`, a UUID or a digest.
fn reads_like_a_name(key: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = key.rsplit_once(['_', '-', ':']).is_some_and(|(_, number)| digits(number))
        || key.len() < 2
        || digits(&key[key.chars().next().map_or(0, char::len_utf8)..]);
    let hex = key.len() >= 16 && key.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    !numbered && !hex && Username::new(key).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_users::fields::Fields;
    use jiff::Timestamp;
    use serde_json::json;

    fn read(key: Option<&str>, record: &Value) -> (Result<Names, Refusal>, Vec<String>) {
        let fields = Fields::new(record.as_object().unwrap().clone());
        let mut reading = Reading { fields, notes: Vec::new(), now: Timestamp::UNIX_EPOCH };
        let names = reading.names(key);
        (names, reading.notes.iter().map(ToString::to_string).collect())
    }

    /// External id, username, old spelling, email, notes.
    fn told(
        key: Option<&str>,
        record: &Value,
    ) -> (String, String, Option<String>, Option<String>, Vec<String>) {
        let (names, notes) = read(key, record);
        let names = names.unwrap_or_else(|refusal| panic!("{refusal}"));
        let alias = names.login_alias.map(|alias| alias.as_str().to_owned());
        let email = names.email.map(|email| email.as_str().to_owned());
        (names.external_id.as_str().to_owned(), names.username.as_str().to_owned(), alias, email, notes)
    }

    #[test]
    fn the_old_id_comes_before_the_key_and_the_key_before_the_username() {
        let id = |key, record: Value| told(key, &record).0;
        assert_eq!(id(Some("k"), json!({"username": "bob", "id": 7})), "7");
        assert_eq!(id(Some("k"), json!({"username": "bob", "id": ""})), "k");
        assert_eq!(id(None, json!({"username": "b ob"})), "b ob");
        assert_eq!(id(None, json!({"userName": "bob", "_id": {"$oid": "65f0"}})), "65f0");
        assert_eq!(id(None, json!({"username": "bob", "id": 7, "external_id": "ldap-9"})), "ldap-9");
    }

    #[test]
    fn a_key_may_be_the_username_or_the_address() {
        let record = json!({"email": "ada.lovelace@example.com"});
        assert_eq!(told(Some("ada"), &record).1, "ada");
        for id in ["17", "usr_1000", "u1", "0190c7a4-95c5-7f2e-9a63-5d1f0f3b9a11", "65f0c0ffee65f0c0ffee65f0"]
        {
            assert_eq!(told(Some(id), &record).1, "ada.lovelace", "{id}");
        }
        let (id, username, _, email, notes) = told(Some("Ada@Example.com"), &json!({"password_hash": "x"}));
        assert_eq!((&*id, &*username, email.as_deref()), ("Ada@Example.com", "Ada", Some("Ada@Example.com")));
        assert_eq!(notes, ["email taken from the key", "username made from the email"]);
    }

    #[test]
    fn characters_that_may_not_be_there_become_dots_and_the_old_spelling_is_kept() {
        let (_, username, alias, _, notes) = told(None, &json!({"username": " ann / o@x\u{7} "}));
        assert_eq!((&*username, alias.as_deref()), ("ann./.o.x.", Some(" ann / o@x\u{7} ")));
        assert_eq!(
            notes,
            ["white space around the username left out", "space, \"@\", U+0007 replaced in the username"]
        );
        assert_eq!(told(None, &json!({"username": "tomás"})).2, None);
    }

    #[test]
    fn a_record_without_any_name_is_refused() {
        let refusal = |key, record: Value| read(key, &record).0.err().map(|refusal| refusal.to_string());
        let nameless = Some("neither username nor email".to_owned());
        assert_eq!(refusal(None, json!({})), nameless);
        assert_eq!(refusal(Some("meta"), json!({"generated": "today"})), nameless);
        assert_eq!(refusal(Some("9"), json!({"username": "", "email": null})), nameless);
        assert_eq!(
            refusal(None, json!({"username": "a", "email": 3})),
            Some("email is not an address".to_owned())
        );
        assert!(refusal(None, json!({"username": "x".repeat(65)})).unwrap().contains("at most 64"));
        assert!(
            refusal(None, json!({"username": "a", "id": "x".repeat(256)})).unwrap().contains("at most 255")
        );
    }
}
