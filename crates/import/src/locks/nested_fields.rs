//! Finds the fields inside the objects, the lists and the JSON texts of a record.

use crate::fields::field::Field;
use crate::fields::pair::pair;
use crate::fields::values::is_blank;
use crate::locks::object_names::{CONTAINERS, PERMISSIONS};
use crate::naming::words;
use serde_json::{Map, Value};

/// How deeply nested a lock may be.
const MAX_DEPTH: u8 = 32;

/// Longer paths are skipped, because each value inside would copy them.
const MAX_PATH: usize = 1024;

/// A value inside an object or a list.
pub(crate) struct NestedField {
    /// Its path, for the report.
    pub(crate) path: String,
    /// The field, named as a top-level field would be. Its name includes the names of the surrounding objects, except
    /// those that describe the account itself.
    pub(crate) field: Field,
}

/// The fields inside a field of the record.
pub(crate) fn nested_fields(field: &Field) -> Vec<NestedField> {
    let mut found = Vec::new();
    collect(&field.name, &field.name, &field.value, MAX_DEPTH, &mut found);
    found
}

fn collect(path: &str, name: &str, value: &Value, depth_left: u8, found: &mut Vec<NestedField>) {
    let Some(depth_left) = depth_left.checked_sub(1) else { return };
    match value {
        Value::Object(object) => collect_object(path, name, object, depth_left, found),
        Value::String(text) if is_json(value) => {
            if let Ok(inner) = serde_json::from_str::<Value>(text) {
                collect(path, name, &inner, depth_left, found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_string) => {
            found.push(NestedField { path: path.to_owned(), field: Field::new(name, value.clone()) });
        }
        Value::Array(items) => collect_items(path, name, items, depth_left, found),
        _ => {}
    }
}

/// Collects the objects of a list: pairs of name and value, or objects that describe the account itself.
fn collect_items(path: &str, name: &str, items: &[Value], depth_left: u8, found: &mut Vec<NestedField>) {
    for (index, object) in
        items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_object()?)))
    {
        if let Some((key, value)) = pair(object) {
            let pair = Map::from_iter([(key.to_owned(), value.clone())]);
            collect_object(path, name, &pair, depth_left, found);
        } else if belongs_to_the_account(&words(name)) {
            collect_object(&format!("{path}[{index}]"), name, object, depth_left, found);
        }
    }
}

fn belongs_to_the_account(words: &[String]) -> bool {
    words.iter().all(|word| CONTAINERS.contains(&&**word))
}

fn collect_object(
    path: &str,
    name: &str,
    object: &Map<String, Value>,
    depth_left: u8,
    found: &mut Vec<NestedField>,
) {
    // SCIM names its extensions by URN.
    let name_words = if name.starts_with("urn:") { Vec::new() } else { words(name) };
    if path.len() > MAX_PATH || name_words.iter().any(|word| PERMISSIONS.contains(&&**word)) {
        return;
    }
    let own = belongs_to_the_account(&name_words);
    for (key, value) in object.iter().filter(|(_, value)| !is_blank(value)) {
        let path = format!("{path}.{key}");
        let name = if own { key.clone() } else { format!("{name}_{key}") };
        if is_container(value) {
            collect(&path, &name, value, depth_left, found);
        } else {
            found.push(NestedField { path, field: Field::new(&name, value.clone()) });
        }
    }
}

fn is_json(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_start().starts_with(['{', '[']))
}

/// Whether a value has fields inside.
pub(crate) fn is_container(value: &Value) -> bool {
    value.is_object() || value.is_array() || is_json(value)
}
