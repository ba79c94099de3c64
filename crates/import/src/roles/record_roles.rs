//! The roles of the person in a record.

use crate::fields::field::Field;
use crate::fields::parser::{LockHint, RecordParser};
use crate::locks::account_state::is_disabled_word;
use crate::report::note::Note;
use crate::report::refusal::Refusal;
use crate::roles::misspelt::misspelt_role;
use crate::roles::named_roles::listed_names;
use crate::roles::privileges::suggests_privileges;
use crate::roles::spelling::normalized_role;
use roster_domain::{Permissions, RoleName, RoleSet};

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
        let roles = match &self.rules.options.default_role {
            Some(role) if roles.is_empty() => RoleSet::new(vec![role.clone()])?,
            None if roles.is_empty() && !has_empty_list => RoleSet::ordinary(),
            _ => RoleSet::new(roles)?,
        };
        self.report_privileged(&roles);
        Ok(roles)
    }

    /// Reports the roles that grant something, unless a note about a mapping does.
    fn report_privileged(&mut self, roles: &RoleSet) {
        for role in roles.iter().filter(|role| role.permissions() != Permissions::NONE) {
            let is_mapped = |note: &Note| matches!(note, Note::RoleMapped { to, .. } if to == role.as_str());
            if !self.notes.iter().any(is_mapped) {
                self.notes.push(Note::RoleGranted(role.as_str().to_owned()));
            }
        }
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::parser::tests::{parse_with, parse_with_defaults};
    use crate::options::ImportOptions;
    use serde_json::{Value, json};

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
    fn a_role_that_grants_something_is_reported() {
        let granted = (vec!["admin".to_owned()], vec!["role admin granted".to_owned()]);
        assert_eq!(read(&json!({"role": "admin"})), granted);
        let default_role = Some(RoleName::new("admin").unwrap());
        let options = ImportOptions { default_role, ..ImportOptions::default() };
        assert_eq!(parse_with(&options, &json!({}), names), granted);
        let (_, notes) = read(&json!({"roles": ["admin", "editor", "users:export-hashes"], "role": "admin"}));
        assert_eq!(notes, ["role admin granted", "role users:export-hashes granted"]);
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
        assert_eq!(
            notes,
            ["role ADMIN taken as admin", "role Site Editor taken as site-editor", "role admin granted"]
        );
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
