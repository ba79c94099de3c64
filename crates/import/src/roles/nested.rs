//! Privileges inside objects, lists and texts that are JSON.

use crate::fields::parser::RecordParser;
use crate::fields::values::as_flag;
use crate::naming::normalized;
use crate::report::note::Note;
use crate::roles::privileges::{PRIVILEGE_FIELDS, PRIVILEGE_FLAGS, PRIVILEGE_LISTS, is_privileged};
use serde_json::Value;

/// How deeply nested a privilege may be.
const MAX_DEPTH: u8 = 16;

/// At most this many privileges are reported for a record.
const MAX_NOTES: usize = 10;

/// Whether the surrounding values are names of roles.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Roles,
    Other,
}

impl RecordParser<'_> {
    /// Reports the privileges inside the remaining fields, which grant nothing.
    pub(crate) fn report_nested_privileges(&mut self) {
        if self.is_export {
            return;
        }
        let mut found = Vec::new();
        for field in self.fields.iter() {
            // The names in these lists were read before.
            let is_read = field.value.is_array() && PRIVILEGE_LISTS.contains(&field.normalized());
            if is_read {
                continue;
            }
            if field.value.is_object() || field.value.is_array() || is_json(&field.value) {
                collect(&field.name, &field.name, &field.value, (Names::Other, MAX_DEPTH), &mut found);
            }
        }
        found.truncate(MAX_NOTES);
        self.notes.extend(found.into_iter().map(Note::NestedPrivilege));
    }
}

fn collect(
    path: &str,
    name: &str,
    value: &Value,
    (around, depth_left): (Names, u8),
    found: &mut Vec<String>,
) {
    let Some(depth_left) = depth_left.checked_sub(1).filter(|_| found.len() <= MAX_NOTES) else { return };
    let name = normalized(name);
    let lists = |lists: &[&str]| lists.contains(&&*name);
    let is_list = ["role", "roles"].contains(&&*name) || lists(PRIVILEGE_LISTS) || lists(PRIVILEGE_FIELDS);
    let names = if is_list || name.ends_with("roles") { Names::Roles } else { around };
    let is_flag = lists(PRIVILEGE_FLAGS) || (names == Names::Roles && is_privileged(&name));
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                collect(&format!("{path}.{key}"), key, inner, (names, depth_left), found);
            }
        }
        // The top level reads lists of names itself.
        Value::Array(items) => {
            for item in items.iter().filter(|item| path.contains('.') || item.is_object()) {
                collect(path, "", item, (names, depth_left), found);
            }
        }
        Value::String(text) if is_json(value) => {
            if let Ok(inner) = serde_json::from_str::<Value>(text) {
                collect(path, &name, &inner, (names, depth_left), found);
            }
        }
        Value::String(text) if names == Names::Roles && is_privileged(text) => {
            found.push(format!("{path}={text}"));
        }
        flag if is_flag && as_flag(flag) == Some(true) => found.push(path.to_owned()),
        _ => {}
    }
}

fn is_json(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_start().starts_with(['{', '[']))
}
