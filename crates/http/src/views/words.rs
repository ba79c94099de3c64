//! Words of stored records as JSON. Their schemas accept words that a newer server has written.
use crate::openapi::schema::schema;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_domain::{Action, Field, GrantedPermissions, Outcome, Permission, UnknownWord, Vocabulary, Word};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// A word.
pub(crate) struct ShownWord<'a, T>(pub(crate) &'a Word<T>);

/// The names of fields.
pub(crate) struct FieldNames<'a>(pub(crate) &'a [Word<Field>]);

/// The permissions of a service account or an API key.
pub(crate) struct PermissionNames<'a>(pub(crate) &'a GrantedPermissions);

impl<T: Vocabulary> Serialize for ShownWord<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for FieldNames<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for PermissionNames<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.names())
    }
}

impl Schema for ShownWord<'_, Action> {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&described("What was done", &Action::ALL, "user_updated"))
    }
}

impl Schema for ShownWord<'_, Outcome> {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&described("The outcome", &Outcome::ALL, "success"))
    }
}

impl Schema for FieldNames<'_> {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&json!({ "type": "array", "items": word(), "example": ["roles"] }))
    }
}

impl Schema for PermissionNames<'_> {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&json!({ "type": "array", "items": word(), "example": [Permission::UsersRead.as_str()] }))
    }
}

fn word() -> Value {
    json!({ "type": "string", "pattern": UnknownWord::PATTERN })
}

/// A word that is described with those that this version knows.
fn described<T: Vocabulary>(what: &str, known: &[T], example: &str) -> Value {
    let known: Vec<_> = known.iter().map(|known| format!("`{}`", known.word())).collect();
    let mut word = word();
    word["description"] =
        format!("{what}: {}. A newer server may have written another word.", known.join(", ")).into();
    word["example"] = example.into();
    word
}
