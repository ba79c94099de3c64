//! The privileges that the old system gave the person. They grant roles only by a mapping.

use crate::fields::field::Field;
use crate::fields::parser::{LockHint, RecordParser};
use crate::fields::values::as_flag;
use crate::locks::account_state::is_disabled_word;
use crate::report::note::Note;
use crate::roles::named_roles::listed_names;
use crate::roles::privileges::{PRIVILEGE_FIELDS, PRIVILEGE_FLAGS, PRIVILEGE_LISTS, is_privileged};
use roster_domain::RoleName;

impl RecordParser<'_> {
    /// Reads groups and authorities, which stay among the attributes.
    pub(crate) fn read_privilege_lists(&mut self, roles: &mut Vec<RoleName>) {
        for field in self.fields.take_each(PRIVILEGE_LISTS) {
            let names = listed_names(&field.value).unwrap_or_default();
            if names.is_empty() && field.value.as_array().is_none_or(|items| !items.is_empty()) {
                self.notes.push(Note::PrivilegeNotGranted(field.name.clone()));
            }
            for name in names {
                match self.mapped_role(&name) {
                    Some(role) => roles.push(role),
                    None if is_disabled_word(&name) => {
                        self.lock_hints.push(LockHint::Role);
                        self.notes.push(Note::Locked(format!("group {name}")));
                    }
                    None => {
                        self.note_lock_in(&name);
                        self.notes.push(Note::PrivilegeNotGranted(name));
                    }
                }
            }
            self.fields.put_back(field);
        }
    }

    /// Reads account types and permissions, which stay among the attributes.
    pub(crate) fn read_privilege_fields(&mut self, roles: &mut Vec<RoleName>) {
        for field in self.fields.take_each(PRIVILEGE_FIELDS) {
            for name in listed_names(&field.value).unwrap_or_default() {
                if let Some(role) = self.mapped_role(&name) {
                    roles.push(role);
                } else if is_privileged(&name) {
                    self.notes.push(Note::PrivilegeNotGranted(name));
                }
            }
            self.fields.put_back(field);
        }
    }

    /// Reads flags that are known to grant privileges or named by a mapping. They stay among the attributes.
    pub(crate) fn read_privilege_flags(&mut self, roles: &mut Vec<RoleName>) {
        let options = self.rules.options;
        let matches = |field: &Field| {
            PRIVILEGE_FLAGS.contains(&field.normalized()) || options.mapping(&field.name).is_some()
        };
        for field in self.fields.take_where(matches) {
            let mapping = options.mapping(&field.name);
            self.matched_mappings.extend(mapping.map(|(index, _)| index));
            let flag = as_flag(&field.value);
            match (flag, mapping) {
                (Some(false), _) => {}
                (Some(true), Some((_, role))) => {
                    self.notes
                        .push(Note::RoleMapped { from: field.name.clone(), to: role.as_str().to_owned() });
                    roles.push(role.clone());
                }
                (Some(true), None) => self.notes.push(Note::PrivilegeNotGranted(field.name.clone())),
                (None, _) => {
                    self.keep(field, "treated as false");
                    continue;
                }
            }
            self.fields.put_back(field);
        }
    }
}
