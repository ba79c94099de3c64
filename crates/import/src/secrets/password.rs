//! Finds the password of a record.

use crate::fields::field::Field;
use crate::fields::parser::{LockHint, RecordParser};
use crate::fields::values::as_text;
use crate::options::{PasswordTexts, WeakHashes};
use crate::report::no_password::NoPassword;
use crate::report::note::Note;
use crate::secrets::credential::{ImportedCredential, UnusableReason};
use crate::secrets::markers::marker;
use crate::secrets::password_names::{HASH_NAMES, PASSWORD_NAMES};
use crate::secrets::placeholders::no_password;
use crate::secrets::secret_text;
use crate::secrets::token::is_token;
use crate::survey::NameKind;
use roster_auth::password::{Password, PepperScheme, StoredHash, UnsupportedHash};
use roster_domain::PasswordHash;
use serde_json::Value;

/// Whether the record has a password field.
pub(crate) fn has_password_field(parser: &RecordParser<'_>) -> bool {
    parser.fields.has_any(&HASH_NAMES) || parser.fields.has_any(&PASSWORD_NAMES)
}

fn is_password_field(field: &Field) -> bool {
    HASH_NAMES.iter().chain(&PASSWORD_NAMES).any(|name| field.is_called(name))
}

/// A field for each text in a list, as directories have several passwords.
fn each_value(field: Field) -> Vec<Field> {
    match field.value {
        Value::Array(values) if !values.is_empty() && values.iter().all(Value::is_string) => {
            values.into_iter().map(|value| Field::new(&field.name, value)).collect()
        }
        _ => vec![field],
    }
}

impl RecordParser<'_> {
    /// The best credential of the record. The other password fields are dropped and noted.
    pub(crate) fn credential(&mut self) -> ImportedCredential {
        let pepper = self.pepper_scheme();
        let mut best = (String::new(), ImportedCredential::None);
        let mut others = Vec::new();
        let mut markers = Vec::new();
        let mut fields: Vec<Field> =
            self.fields.take_where(is_password_field).into_iter().flat_map(each_value).collect();
        fields.extend(self.nested_passwords());
        for field in fields {
            let credential = match self.read_credential(&field) {
                ImportedCredential::Hash(hash) => self.with_pepper(hash, pepper),
                credential => credential,
            };
            if credential.is_marker() {
                markers.push((field.name.clone(), credential.was_locked()));
            }
            let rejected = if credential.rank() > best.1.rank() {
                std::mem::replace(&mut best, (field.name, credential)).0
            } else {
                field.name
            };
            others.push(rejected);
        }
        markers.extend(self.fields.iter().filter_map(marker));
        self.notes.extend(others.into_iter().filter(|name| !name.is_empty()).map(Note::Dropped));
        // A marker such as "!" in the only password field says just that there is no password.
        markers.retain(|(name, is_lock)| *name != best.0 && (*is_lock || best.1.is_usable()));
        self.lock_hints.extend(markers.iter().map(|_| LockHint::Password));
        self.notes.extend(markers.into_iter().map(|(name, _)| Note::PasswordLocked(name)));
        self.note_credential(&best.1);
        best.1
    }

    fn note_credential(&mut self, credential: &ImportedCredential) {
        match credential {
            ImportedCredential::Hash(_) => {}
            ImportedCredential::PlainText(_) => self.notes.push(Note::PlainTextHashed),
            ImportedCredential::Unusable(UnusableReason::Hash(reason)) => {
                self.notes.push(Note::HashNotCarriedOver(reason.clone()));
            }
            ImportedCredential::Unusable(UnusableReason::Text) => self.notes.push(Note::PlainTextRefused),
            ImportedCredential::Unusable(UnusableReason::NoPassword(reason)) => {
                self.notes.push(Note::NotAPassword(*reason));
            }
            ImportedCredential::None => self.notes.push(Note::NoPassword),
        }
    }

    fn read_credential(&mut self, field: &Field) -> ImportedCredential {
        let unusable = |reason: &str| ImportedCredential::Unusable(UnusableReason::Hash(reason.to_owned()));
        let Some(text) = as_text(&field.value) else { return unusable("not a text") };
        let text = self.with_salt(text);
        let unwrapped = secret_text::unwrapped(text.trim());
        let reason = match StoredHash::parse_with(unwrapped, self.rules.peppers) {
            Ok(stored) => return self.hash(unwrapped, &stored),
            Err(reason) => reason,
        };
        if let Some(reason) = no_password(text.trim()) {
            return ImportedCredential::Unusable(UnusableReason::NoPassword(reason));
        }
        let is_foreign = secret_text::is_foreign_hash;
        let is_hash = HASH_NAMES.iter().any(|name| field.is_called(name));
        if is_hash || reason != UnsupportedHash::Unknown || is_foreign(text.trim()) || is_foreign(unwrapped) {
            return unusable(&reason.to_string());
        }
        match secret_text::bytes_literal(text.trim()) {
            Some(escaped) if escaped.contains('\\') => unusable(&reason.to_string()),
            Some(inner) => self.plain_text(inner.to_owned()),
            None => self.plain_text(text),
        }
    }

    /// A hash that can be verified, unless it is too weak or takes too long.
    fn hash(&self, text: &str, stored: &StoredHash) -> ImportedCredential {
        let unusable = |reason: String| ImportedCredential::Unusable(UnusableReason::Hash(reason));
        let scheme = stored.scheme();
        if scheme.is_weak() && self.rules.options.weak_hashes == WeakHashes::Refuse {
            return unusable(format!("{scheme}, a weak hash (--allow-weak-hashes accepts it)"));
        }
        if let Err(too_slow) = self.rules.cost_cap.check(stored) {
            return unusable(too_slow.to_string());
        }
        PasswordHash::new(text).map_or_else(|error| unusable(error.to_string()), ImportedCredential::Hash)
    }

    fn plain_text(&mut self, text: String) -> ImportedCredential {
        if self.rules.options.texts == PasswordTexts::Refuse {
            return ImportedCredential::Unusable(UnusableReason::Text);
        }
        if self.rules.is_shared(&text) {
            return ImportedCredential::Unusable(UnusableReason::NoPassword(NoPassword::Shared));
        }
        self.text_hash = Some(self.rules.hasher.hash(NameKind::PasswordText, &text));
        let password = Password::new(text);
        if password.is_oversized() {
            let reason = format!("plain text of more than {} bytes", Password::MAX_BYTES);
            return ImportedCredential::Unusable(UnusableReason::Hash(reason));
        }
        ImportedCredential::PlainText(password)
    }

    /// What went into the hash together with the password. A column tells Flask-Security; the options tell Devise.
    fn pepper_scheme(&mut self) -> Option<PepperScheme> {
        let is_from_flask_security = self.is_from_flask_security();
        let options = || self.rules.options.peppers.first().map(|id| id.scheme());
        let found = if is_from_flask_security { Some(PepperScheme::FlaskSecurity) } else { options() };
        found.filter(|_| self.own_export.is_none())
    }

    /// Marks a hash that has a pepper.
    fn with_pepper(&self, hash: PasswordHash, scheme: Option<PepperScheme>) -> ImportedCredential {
        let Some(scheme) = scheme.filter(|scheme| scheme.is_in(hash.as_str())) else {
            return ImportedCredential::Hash(hash);
        };
        let unusable = |reason: String| ImportedCredential::Unusable(UnusableReason::Hash(reason));
        let Some(pepper) = self.rules.peppers.of(scheme) else { return unusable(FLASK_SECURITY.to_owned()) };
        let marked = PasswordHash::new(pepper.mark(hash.as_str()));
        marked.map_or_else(|error| unusable(error.to_string()), ImportedCredential::Hash)
    }

    /// Flask-Security hashes an HMAC of the password under a salt from its settings. This column gives it away.
    fn is_from_flask_security(&mut self) -> bool {
        let is_from_flask_security = self.fields.has_any(&["fsuniquifier"]);
        let dropped = self.fields.take(&["fsuniquifier"]).map(|field| Note::Dropped(field.name));
        self.notes.extend(dropped);
        is_from_flask_security
    }
}

/// Why a hash from Flask-Security cannot be verified.
const FLASK_SECURITY: &str = "Flask-Security made it with SECURITY_PASSWORD_SALT: set migration.flask_security_salt to \
                              it and restart the server before the import";

/// Whether a value is recognisably a secret: a hash, a token or a key.
pub(crate) fn looks_secret(value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    is_token(text) || secret_text::is_any_hash(text)
}

#[cfg(test)]
mod tests;
