//! Passwords inside objects, and hashes whose salt is in another field.

use crate::fields::field::Field;
use crate::fields::parser::RecordParser;
use crate::report::note::Note;
use crate::secrets::composed;

/// Fields that hold the salt of a hash.
const SALT_NAMES: [&str; 5] = ["salt", "passwordsalt", "pwsalt", "hashsalt", "passsalt"];

impl RecordParser<'_> {
    /// The passwords inside Keycloak's `credentials` and Meteor's `services`.
    pub(crate) fn nested_passwords(&mut self) -> Vec<Field> {
        let mut found = Vec::new();
        if let Some(hash) = self.fields.value("credentials").and_then(composed::keycloak) {
            for field in self.fields.take_each(&["credentials"]) {
                if composed::has_other_credentials(&field.value) {
                    self.notes.push(Note::Dropped(format!("{} other than the password", field.name)));
                }
            }
            found.push(Field::new("credentials", hash.into()));
        }
        if let Some(hash) = self.fields.value("services").and_then(composed::meteor) {
            for mut field in self.fields.take_each(&["services"]) {
                if let Some(services) = field.value.as_object_mut() {
                    services.remove("password");
                }
                self.fields.put_back(field);
            }
            found.push(Field::new("services.password.bcrypt", hash.into()));
        }
        found
    }

    /// A hash with the salt in another field, if it is a digest of the form that the options name, or one of Payload or of
    /// Firebase; another text as it is.
    pub(crate) fn with_salt(&self, text: String) -> String {
        let salt = SALT_NAMES.iter().find_map(|name| self.fields.text(name));
        let salted = self.rules.options.salted.as_ref();
        if let Some(hash) = salted.and_then(|form| form.hash(text.trim(), salt.unwrap_or_default())) {
            return hash;
        }
        let Some(salt) = salt else { return text };
        let firebase = || self.rules.firebase?.hash(text.trim(), salt).ok();
        composed::payload(text.trim(), salt).or_else(firebase).unwrap_or(text)
    }
}
