//! The roles of the person in a record.

use crate::fields::field::Field;
use crate::fields::parser::{LockHint, RecordParser};
use crate::fields::values::{as_flag, as_text};
use crate::locks::account_state::is_disabled_word;
use crate::locks::words::STRONG_LOCK_WORDS;
use crate::naming::words;
use crate::report::note::Note;
use crate::report::refusal::Refusal;
use crate::roles::misspelt::misspelt_role;
use crate::roles::privileges::{
    PRIVILEGE_FIELDS, PRIVILEGE_FLAGS, PRIVILEGE_LISTS, is_privileged, suggests_privileges,
};
use crate::roles::spelling::normalized_role;
use roster_domain::{RoleName, RoleSet};
use serde_json::Value;

impl RecordParser<'_> {
    /// The roles by name; `user` if the record names none and has no empty list. Unknown roles are kept and grant
    /// nothing. Other privileges are reported, and granted only by a mapping.
    pub(crate) fn roles(&mut self) -> Result<RoleSet, Refusal> {
        let mut roles = Vec::new();
        let mut has_empty_list = false;
        for field in self.fields.take_each(&["role", "roles"]) {
            has_empty_list |= field.value.as_array().is_some_and(Vec::is_empty);
            self.read_roles(field, &mut roles);
        }
        self.read_privilege_lists(&mut roles);
        self.read_privilege_fields(&mut roles);
        self.read_privilege_flags(&mut roles);
        self.report_nested_privileges();
        if roles.is_empty() && !has_empty_list { Ok(RoleSet::ordinary()) } else { Ok(RoleSet::new(roles)?) }
    }

    fn read_roles(&mut self, field: Field, roles: &mut Vec<RoleName>) {
        let Some(names) = listed_names(&field.value) else {
            return self.keep(field, "no role granted");
        };
        for name in names {
            if let Some(role) = self.mapped_role(&name) {
                roles.push(role);
                continue;
            }
            // In Roster's own export a role never changes the status.
            if !self.is_export && is_disabled_word(&name) {
                self.lock_hints.push(LockHint::Role);
                self.notes.push(Note::Locked(format!("role {name}")));
            } else if !self.is_export {
                self.note_lock_in(&name);
            }
            match normalized_role(&name) {
                Some(role) => {
                    self.note_spelling(name, &role);
                    roles.push(role);
                }
                None => return self.keep(field, "invalid role names left out"),
            }
        }
    }

    fn note_spelling(&mut self, name: String, role: &RoleName) {
        let text = role.as_str().to_owned();
        if suggests_privileges(role) {
            self.notes.push(Note::PrivilegeNotGranted(name));
        } else if text != name {
            self.notes.push(Note::RoleNormalized { from: name, to: text });
        }
        if let Some(suggestion) = misspelt_role(role) {
            self.notes.push(Note::RoleMisspelt { role: role.as_str().to_owned(), suggestion });
        }
    }

    /// Notes that the name of a role or a group contains a lock word.
    fn note_lock_in(&mut self, name: &str) {
        if words(name).iter().any(|word| STRONG_LOCK_WORDS.contains(&&**word)) {
            self.lock_hints.push(LockHint::UnclearRole);
            self.notes.push(Note::NotUnderstood { field: name.to_owned(), instead: "treated as pending" });
        }
    }

    /// Reads groups and authorities, which stay among the attributes.
    fn read_privilege_lists(&mut self, roles: &mut Vec<RoleName>) {
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
    fn read_privilege_fields(&mut self, roles: &mut Vec<RoleName>) {
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
    fn read_privilege_flags(&mut self, roles: &mut Vec<RoleName>) {
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

    /// The role that a mapping gives for a name in the file.
    fn mapped_role(&mut self, name: &str) -> Option<RoleName> {
        let (index, role) = self.rules.options.mapping(name)?;
        self.matched_mappings.push(index);
        self.notes.push(Note::RoleMapped { from: name.to_owned(), to: role.as_str().to_owned() });
        if let Some(suggestion) = misspelt_role(role) {
            self.notes.push(Note::RoleMisspelt { role: role.as_str().to_owned(), suggestion });
        }
        Some(role.clone())
    }
}

/// The names in a comma-separated text, or in a list of texts or of objects with a `name`. A list that is too long
/// for a user is cut, but stays too long.
fn listed_names(value: &Value) -> Option<Vec<String>> {
    let names = match value {
        Value::Array(items) => {
            let items = items.iter().take(2 * RoleSet::MAX_LEN);
            let named = |item: &Value| {
                as_text(["name", "authority"].iter().find_map(|key| item.get(key)).unwrap_or(item))
            };
            items.map(named).collect::<Option<Vec<_>>>()?
        }
        value => as_text(value)?.split([',', ';']).map(|name| name.trim().to_owned()).collect(),
    };
    Some(names.into_iter().filter(|name| !name.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::parser::tests::{parse_with, parse_with_defaults};
    use crate::options::ImportOptions;
    use serde_json::json;

    fn names(parser: &mut RecordParser<'_>) -> Vec<String> {
        parser.roles().unwrap().iter().map(|role| role.as_str().to_owned()).collect()
    }

    fn read(record: &Value) -> (Vec<String>, Vec<String>) {
        parse_with_defaults(record, names)
    }

    fn read_mapped(mappings: &[&str], record: &Value) -> (Vec<String>, Vec<String>) {
        let role_mappings = mappings.iter().map(|mapping| mapping.parse().unwrap()).collect();
        parse_with(&ImportOptions { role_mappings, ..ImportOptions::default() }, record, names)
    }

    #[test]
    fn roles_are_read_from_every_format() {
        for (record, expected) in [
            (json!({}), vec!["user"]),
            (json!({"role": "moderator"}), vec!["moderator"]),
            (json!({"role": "admin"}), vec!["admin"]),
            (json!({"role": null, "is_admin": false}), vec!["user"]),
            (json!({"roles": ["a", "b"], "role": "c"}), vec!["a", "b", "c"]),
            (json!({"roles": "a, b"}), vec!["a", "b"]),
            (json!({"roles": [{"id": 1, "name": "a"}]}), vec!["a"]),
            (json!({"roles": []}), vec![]),
        ] {
            assert_eq!(
                read(&record),
                (expected.into_iter().map(str::to_owned).collect(), vec![]),
                "{record}"
            );
        }
    }

    #[test]
    fn other_privileges_are_reported_and_not_granted() {
        for record in [
            json!({"is_superuser": true}),
            json!({"isAdmin": true}),
            json!({"is_staff": 1}),
            json!({"superuser": "yes"}),
            json!({"groups": ["Domain Admins"]}),
            json!({"authorities": [{"authority": "ROLE_ADMIN"}]}),
            json!({"user_role": "Administrator"}),
            json!({"account_type": "admin"}),
            json!({"permissions": ["*"]}),
        ] {
            let (roles, notes) = read(&record);
            assert_eq!(roles, ["user"], "{record}");
            assert!(notes.len() == 1 && notes[0].contains("--map-role"), "{record}: {notes:?}");
        }
        let (roles, notes) = read(&json!({"roles": ["ROLE_ADMIN"]}));
        assert_eq!(roles, ["role_admin"], "a name that grants nothing");
        assert!(notes[0].contains("--map-role"), "{notes:?}");
    }

    #[test]
    fn nested_privileges_are_reported_and_not_granted() {
        for (record, name) in [
            (json!({"profile": {"is_admin": true}}), "profile.is_admin"),
            (json!({"app_metadata": {"roles": ["admin"]}}), "app_metadata.roles=admin"),
            (json!({"raw_app_meta_data": "{\"role\":\"admin\"}"}), "raw_app_meta_data.role=admin"),
            (json!({"customClaims": {"admin": true}}), "customClaims.admin"),
            (json!({"capabilities": {"administrator": true}}), "capabilities.administrator"),
            (json!({"wp_capabilities": "a:1:{s:13:\"administrator\";b:1;}"}), "administrator"),
            (
                json!({"clientRoles": {"realm-management": ["realm-admin"]}}),
                "clientRoles.realm-management=realm-admin",
            ),
            (json!({"usergroup": "Administrators"}), "Administrators"),
            (json!({"isGrafanaAdmin": true}), "isGrafanaAdmin"),
            (json!({"sudo": true}), "sudo"),
            (json!({"privileges": ["ALL"]}), "ALL"),
            (json!({"type": "admin"}), "admin"),
        ] {
            let (roles, notes) = read(&record);
            assert_eq!(roles, ["user"], "{record}");
            assert!(notes.len() == 1 && notes[0].contains(name), "{record}: {notes:?}");
        }
        let record =
            json!({"profile": {"is_admin": false, "role": "editor"}, "type": "person", "owner": false});
        assert_eq!(read(&record), (vec!["user".to_owned()], vec![]));
    }

    #[test]
    fn a_mapping_to_a_misspelt_role_is_reported() {
        let (roles, notes) = read_mapped(&["boss=adminn"], &json!({"roles": ["boss"]}));
        assert_eq!(roles, ["adminn"]);
        assert!(notes.iter().any(|note| note.contains("did you mean admin?")), "{notes:?}");
    }

    #[test]
    fn a_mapping_grants_its_role_for_a_role_a_group_and_a_flag() {
        for (mapping, record) in [
            ("is_superuser=admin", json!({"is_superuser": true})),
            ("ROLE_ADMIN=admin", json!({"roles": ["ROLE_ADMIN"]})),
            ("Domain Admins=admin", json!({"groups": ["Domain Admins"]})),
            ("ROLE_ADMIN=admin", json!({"authorities": [{"authority": "ROLE_ADMIN"}]})),
            ("Administrator=admin", json!({"user_role": "Administrator"})),
            ("vip=admin", json!({"vip": "t"})),
        ] {
            let (roles, notes) = read_mapped(&[mapping], &record);
            assert_eq!(roles, ["admin"], "{record}");
            assert!(notes.len() == 1 && notes[0].ends_with("mapped to role admin"), "{notes:?}");
        }
        assert_eq!(read_mapped(&["vip=admin"], &json!({"vip": false})).0, ["user"]);
        assert_eq!(read_mapped(&["vip=admin"], &json!({"vip": "perhaps"})).0, ["user"]);
    }

    #[test]
    fn each_group_without_a_mapping_is_reported() {
        let record = json!({"groups": ["Domain Admins", "Staff"]});
        let (roles, notes) = read_mapped(&["Domain Admins=admin"], &record);
        assert_eq!(roles, ["admin"]);
        assert!(notes[1].starts_with("Staff grants nothing here (--map-role \"Staff=ROLE\""), "{notes:?}");
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn a_normalized_role_name_is_reported() {
        let (roles, notes) = read(&json!({"roles": ["ADMIN", "Site Editor"]}));
        assert_eq!(roles, ["admin", "site-editor"]);
        assert_eq!(notes, ["role ADMIN taken as admin", "role Site Editor taken as site-editor"]);
    }

    #[test]
    fn a_misspelt_role_is_kept_and_reported() {
        let (roles, notes) = read(&json!({"roles": ["clerk", "admni"]}));
        assert_eq!(roles, ["admni", "clerk"]);
        assert_eq!(notes, ["role admni kept, but grants nothing: did you mean admin?"]);
    }

    #[test]
    fn an_invalid_role_name_is_reported_and_grants_nothing() {
        let (roles, notes) = read(&json!({"role": "管理员"}));
        assert_eq!(roles, ["user"]);
        assert_eq!(notes, ["role not understood: kept in attributes, invalid role names left out"]);
        assert_eq!(read(&json!({"role": {"admin": true}})).0, ["user"]);
    }
}
