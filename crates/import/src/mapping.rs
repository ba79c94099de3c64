//! What the operator says about the fields of the file: which column is which field, and what a value means.

use crate::fields::values::as_text;
use crate::naming::normalized;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The fields that a column can be mapped to.
const FIELDS: [&str; 17] = [
    "username",
    "email",
    "id",
    "external_id",
    "password",
    "password_hash",
    "salt",
    "display_name",
    "first_name",
    "last_name",
    "role",
    "status",
    "email_verified",
    "created_at",
    "updated_at",
    "last_login_at",
    "expires_at",
];

/// A field, and the column of the file that holds it. Written `FIELD=COLUMN`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldMapping {
    field: String,
    column: String,
}

/// A value of a field, and what it means. Written `FIELD:VALUE=MEANING`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueMapping {
    field: String,
    value: String,
    meaning: String,
}

/// Why a text is no mapping.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MappingError {
    /// There is no `=`, or nothing on a side of it.
    #[error("expected FIELD=COLUMN, such as username=user_code")]
    Field,
    /// The field is none that an import reads.
    #[error("{0} is no field: expected one of {known}", known = FIELDS.join(", "))]
    UnknownField(String),
    /// A part is missing.
    #[error("expected FIELD:VALUE=MEANING, such as status:2=disabled")]
    Value,
}

impl FromStr for FieldMapping {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (field, column) = text.split_once('=').ok_or(MappingError::Field)?;
        let (field, column) = (field.trim(), column.trim());
        if column.is_empty() {
            return Err(MappingError::Field);
        }
        let known = FIELDS.into_iter().find(|known| normalized(known) == normalized(field));
        let field = known.ok_or_else(|| MappingError::UnknownField(field.to_owned()))?;
        Ok(Self { field: field.to_owned(), column: column.to_owned() })
    }
}

impl FromStr for ValueMapping {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once(':').and_then(|(field, rest)| Some((field, rest.rsplit_once('=')?)));
        let (field, (value, meaning)) = parts.ok_or(MappingError::Value)?;
        let [field, value, meaning] = [field, value, meaning].map(|part| part.trim().to_owned());
        if normalized(&field).is_empty() || value.is_empty() || meaning.is_empty() {
            return Err(MappingError::Value);
        }
        Ok(Self { field, value, meaning })
    }
}

impl fmt::Display for FieldMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.field, self.column)
    }
}

impl fmt::Display for ValueMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}={}", self.field, self.value, self.meaning)
    }
}

/// Applies the mappings to a record. Returns the indexes of the field mappings whose columns it has.
pub(crate) fn apply(
    record: &mut Map<String, Value>,
    fields: &[FieldMapping],
    values: &[ValueMapping],
) -> Vec<usize> {
    // A value may be named by the field of the file or by the one that it is mapped to.
    replace_values(record, values);
    let mut matched = Vec::new();
    for (index, mapping) in fields.iter().enumerate() {
        if let Some(value) = take(record, &mapping.column) {
            matched.push(index);
            make_room(record, &mapping.field);
            record.insert(mapping.field.clone(), value);
        }
    }
    replace_values(record, values);
    matched
}

fn replace_values(record: &mut Map<String, Value>, mappings: &[ValueMapping]) {
    for mapping in mappings {
        let field = normalized(&mapping.field);
        for (_, value) in record.iter_mut().filter(|(name, _)| normalized(name) == field) {
            if as_text(value).is_some_and(|text| text.trim() == mapping.value)
                || is_flag(value, &mapping.value)
            {
                *value = mapping.meaning.as_str().into();
            }
        }
    }
}

fn is_flag(value: &Value, text: &str) -> bool {
    value.as_bool().is_some_and(|flag| text == if flag { "true" } else { "false" })
}

/// Takes a column: by its name, by another spelling of it, or by the names that lead to it, with dots between them.
fn take(record: &mut Map<String, Value>, column: &str) -> Option<Value> {
    if let Some(value) = record.remove(column) {
        return Some(value);
    }
    let wanted = normalized(column);
    if let Some(name) = record.keys().find(|name| normalized(name) == wanted).cloned() {
        return record.remove(&name);
    }
    let (outer, inner) = column.split_once('.')?;
    take(record.get_mut(outer)?.as_object_mut()?, inner)
}

/// Renames the fields that would be read as this one, so that they stay as attributes.
fn make_room(record: &mut Map<String, Value>, field: &str) {
    let field = normalized(field);
    let same: Vec<String> = record.keys().filter(|name| normalized(name) == field).cloned().collect();
    for name in same {
        if let Some(value) = record.remove(&name) {
            record.insert(format!("unmapped_{name}"), value);
        }
    }
}

/// A field mapping whose column no record has.
pub(crate) fn unmatched<'a>(fields: &'a [FieldMapping], matched: &[bool]) -> Option<&'a FieldMapping> {
    let mut mappings = fields.iter().zip(matched);
    mappings.find(|(_, matched)| !**matched).map(|(mapping, _)| mapping)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applied(fields: &[&str], values: &[&str], record: Value) -> (Value, Vec<usize>) {
        let fields: Vec<FieldMapping> = fields.iter().map(|text| text.parse().unwrap()).collect();
        let values: Vec<ValueMapping> = values.iter().map(|text| text.parse().unwrap()).collect();
        let Value::Object(mut record) = record else { panic!("no object") };
        let matched = apply(&mut record, &fields, &values);
        (Value::Object(record), matched)
    }

    #[test]
    fn a_column_becomes_the_field_and_displaces_another() {
        let record = json!({"User Code": "ann", "username": "x", "contact": {"mail": "a@b.c", "fax": 1}});
        let (record, matched) =
            applied(&["username=user_code", "email=contact.mail", "id=missing"], &[], record);
        assert_eq!(
            record,
            json!({"username": "ann", "unmapped_username": "x", "email": "a@b.c", "contact": {"fax": 1}})
        );
        assert_eq!(matched, [0, 1]);
    }

    #[test]
    fn a_value_gets_its_meaning_under_either_name() {
        let values = ["user_state:2=disabled", "status:3=pending", "status:true=active"];
        for (value, meaning) in [(json!(2), "disabled"), (json!("3"), "pending"), (json!(true), "active")] {
            let (record, _) = applied(&["status=user_state"], &values, json!({"user_state": value}));
            assert_eq!(record, json!({"status": meaning}));
        }
        let (other, _) = applied(&[], &values, json!({"user_state": 22}));
        assert_eq!(other, json!({"user_state": 22}));
    }

    #[test]
    fn a_mapping_that_is_incomplete_or_unknown_is_refused() {
        for text in ["username", "username=", "nickname=x", "=x"] {
            assert!(text.parse::<FieldMapping>().is_err(), "{text}");
        }
        for text in ["status", "status:2", "status:=x", ":2=x", "status:2="] {
            assert!(text.parse::<ValueMapping>().is_err(), "{text}");
        }
        let error = "usrname=x".parse::<FieldMapping>().unwrap_err().to_string();
        assert!(error.starts_with("usrname is no field: expected one of username,"), "{error}");
    }
}
