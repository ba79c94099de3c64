//! Passwords inside objects, and hashes whose salt is in another field.

use crate::fields::field::Field;
use crate::fields::parser::RecordParser;
use crate::report::note::Note;
use crate::secrets::composed;

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

    /// A hash with the salt in the field `salt`, if it is one of Payload or of Firebase; another text as it is.
    pub(crate) fn with_salt(&self, text: String) -> String {
        let Some(salt) = self.fields.text("salt") else { return text };
        let firebase = || self.rules.firebase?.hash(text.trim(), salt).ok();
        composed::payload(text.trim(), salt).or_else(firebase).unwrap_or(text)
    }
}
