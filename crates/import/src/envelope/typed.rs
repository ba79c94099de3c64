//! Records that name their type, because the file has other objects too: Django's `dumpdata` and Strapi's export.

use crate::file::snippet::Snippet;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The parts of a typed record that tell what it is.
#[derive(Deserialize)]
struct TypedRecord<'a> {
    model: Option<String>,
    #[serde(borrow)]
    fields: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(rename = "type")]
    kind: Option<String>,
    data: Option<&'a RawValue>,
}

/// Whether a record names its type.
pub(crate) fn is_typed(record: &Snippet) -> bool {
    type_of(record).is_some()
}

/// The type of a record that is not about a person.
pub(crate) fn other_type(record: &Snippet) -> Option<String> {
    type_of(record).filter(|(_, is_person)| !is_person).map(|(name, _)| name)
}

/// The type of a record, and whether it is one of people.
fn type_of(record: &Snippet) -> Option<(String, bool)> {
    let record: TypedRecord = serde_json::from_str(&record.text).ok()?;
    if let (Some(model), Some(fields)) = (record.model, record.fields) {
        // Every model that is based on Django's `AbstractBaseUser` has a password and a last login.
        let has_any = |names: &[&str]| names.iter().any(|name| fields.contains_key(*name));
        let is_person = has_any(&["password"]) && has_any(&["last_login", "username", "email"]);
        return Some((model, is_person));
    }
    let kind = record.kind.filter(|kind| kind.contains("::"))?;
    record.data?;
    let is_person = matches!(kind.as_str(), "plugin::users-permissions.user" | "admin::user");
    Some((kind, is_person))
}

/// The fields of a record that names its type, with its id among them.
pub(crate) fn unwrap(record: &mut Map<String, Value>) {
    let (id, inner) = if record.get("model").is_some_and(Value::is_string) {
        ("pk", "fields")
    } else if record.get("type").and_then(Value::as_str).is_some_and(|kind| kind.contains("::")) {
        ("id", "data")
    } else {
        return;
    };
    if !record.get(inner).is_some_and(Value::is_object) || record.len() > 4 {
        return;
    }
    let id = record.remove(id);
    if let Some(Value::Object(mut fields)) = record.remove(inner) {
        if let Some(id) = id {
            fields.entry("id").or_insert(id);
        }
        *record = fields;
    }
}
