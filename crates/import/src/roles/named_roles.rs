//! What the name of a role or a group means.

use crate::fields::parser::{LockHint, RecordParser};
use crate::fields::values::as_text;
use crate::locks::words::STRONG_LOCK_WORDS;
use crate::naming::words;
use crate::report::note::Note;
use crate::roles::misspelt::misspelt_role;
use roster_domain::{RoleName, RoleSet};
use serde_json::Value;

impl RecordParser<'_> {
    /// The role that a mapping gives for a name in the file.
    pub(crate) fn mapped_role(&mut self, name: &str) -> Option<RoleName> {
        let (index, role) = self.rules.options.mapping(name)?;
        self.matched_mappings.push(index);
        self.notes.push(Note::RoleMapped { from: name.to_owned(), to: role.as_str().to_owned() });
        if let Some(suggestion) = misspelt_role(role) {
            self.notes.push(Note::RoleMisspelt { role: role.as_str().to_owned(), suggestion });
        }
        Some(role.clone())
    }

    /// Notes that the name of a role or a group contains a lock word.
    pub(crate) fn note_lock_in(&mut self, name: &str) {
        if words(name).iter().any(|word| STRONG_LOCK_WORDS.contains(&&**word)) {
            self.lock_hints.push(LockHint::UnclearRole);
            self.notes.push(Note::NotUnderstood { field: name.to_owned(), instead: "treated as pending" });
        }
    }
}

/// The names in a comma-separated text, or in a list of texts or of objects with a `name`. A list that is too long
/// for a user is cut, but stays too long.
pub(crate) fn listed_names(value: &Value) -> Option<Vec<String>> {
    let names = match value {
        Value::Array(items) => {
            let items = items.iter().take(2 * RoleSet::MAX_LEN);
            let named = |item: &Value| {
                as_text(["name", "authority"].iter().find_map(|key| item.get(key)).unwrap_or(item))
            };
            items.map(named).collect::<Option<Vec<_>>>()?
        }
        // PostgreSQL writes an array as `{a,"b c"}`.
        value => as_text(value)?
            .trim_matches(['{', '}'])
            .split([',', ';'])
            .map(|name| name.trim().trim_matches('"').to_owned())
            .collect(),
    };
    Some(names.into_iter().filter(|name| !name.is_empty()).collect())
}
