//! The roles that a record names, and other power.

use super::account_state::{AccountState, account_state};
use super::fields::{Field, as_flag, as_text};
use super::note::Note;
use super::power::{POWER_FLAGS, POWER_LISTS, POWER_WORDS, is_power, speaks_of_power};
use super::reading::{Reading, ToldLock};
use super::refusal::Refusal;
use crate::misspelt_role;
use roster_domain::{RoleName, RoleSet};
use serde_json::Value;

impl Reading<'_> {
    /// The roles by name; `user` where nothing is said. Names that no role here has are kept. An empty list is said
    /// to be empty. Power in any other spelling is reported, and granted only by a mapping.
    pub(super) fn roles(&mut self) -> Result<RoleSet, Refusal> {
        let mut roles = Vec::new();
        let mut said = false;
        for field in self.fields.take_each(&["role", "roles"]) {
            said |= field.value.as_array().is_some_and(Vec::is_empty);
            self.named(field, &mut roles);
        }
        self.listed_power(&mut roles);
        self.worded_power(&mut roles);
        self.flagged_power(&mut roles);
        if roles.is_empty() && !said { Ok(RoleSet::ordinary()) } else { Ok(RoleSet::new(roles)?) }
    }

    fn named(&mut self, field: Field, roles: &mut Vec<RoleName>) {
        let Some(names) = listed(&field.value) else {
            return self.keep(field, "taken as no role");
        };
        for name in names {
            if let Some(role) = self.mapped(&name) {
                roles.push(role);
                continue;
            }
            // A role of Roster's own export stands beside the status.
            if !self.is_export
                && matches!(account_state(&name.as_str().into()), Some(AccountState::Shut { .. }))
            {
                self.locks.push(ToldLock::Role);
                self.notes.push(Note::Locked(format!("role {name}")));
            }
            match respelt(&name) {
                Some(role) => {
                    self.note_spelling(name, &role);
                    roles.push(role);
                }
                None => return self.keep(field, "what can be no role name left out"),
            }
        }
    }

    fn note_spelling(&mut self, name: String, role: &RoleName) {
        let text = role.as_str().to_owned();
        if speaks_of_power(role) {
            self.notes.push(Note::PowerNotGranted(name));
        } else if text != name {
            self.notes.push(Note::RoleRespelt { from: name, to: text });
        }
        if let Some(meant) = misspelt_role(role) {
            self.notes.push(Note::RoleMisspelt { role: role.as_str().to_owned(), meant });
        }
    }

    /// Groups and authorities: they stay among the attributes.
    fn listed_power(&mut self, roles: &mut Vec<RoleName>) {
        for field in self.fields.take_each(&POWER_LISTS) {
            let names = listed(&field.value).unwrap_or_default();
            if names.is_empty() && field.value.as_array().is_none_or(|items| !items.is_empty()) {
                self.notes.push(Note::PowerNotGranted(field.name.clone()));
            }
            for name in names {
                match self.mapped(&name) {
                    Some(role) => roles.push(role),
                    None => self.notes.push(Note::PowerNotGranted(name)),
                }
            }
            self.fields.give_back(field);
        }
    }

    /// Kinds of accounts and permissions that speak of power: they stay among the attributes.
    fn worded_power(&mut self, roles: &mut Vec<RoleName>) {
        for field in self.fields.take_each(&POWER_WORDS) {
            for name in listed(&field.value).unwrap_or_default() {
                if let Some(role) = self.mapped(&name) {
                    roles.push(role);
                } else if is_power(&name) {
                    self.notes.push(Note::PowerNotGranted(name));
                }
            }
            self.fields.give_back(field);
        }
    }

    /// Flags, those that are known to grant power and those that a mapping names: they stay among the attributes.
    fn flagged_power(&mut self, roles: &mut Vec<RoleName>) {
        let options = self.rules.options;
        let is_meant =
            |field: &Field| POWER_FLAGS.contains(&field.squashed()) || options.mapping(&field.name).is_some();
        for field in self.fields.take_where(is_meant) {
            let mapping = options.mapping(&field.name);
            self.mappings_met.extend(mapping.map(|(index, _)| index));
            let flag = as_flag(&field.value);
            match (flag, mapping) {
                (Some(false), _) => {}
                (Some(true), Some((_, role))) => {
                    self.notes
                        .push(Note::RoleMapped { from: field.name.clone(), to: role.as_str().to_owned() });
                    roles.push(role.clone());
                }
                (Some(true), None) => self.notes.push(Note::PowerNotGranted(field.name.clone())),
                (None, _) => {
                    self.keep(field, "taken as no");
                    continue;
                }
            }
            self.fields.give_back(field);
        }
    }

    /// The role that the operator gives for a name of the file.
    fn mapped(&mut self, name: &str) -> Option<RoleName> {
        let (index, role) = self.rules.options.mapping(name)?;
        self.mappings_met.push(index);
        self.notes.push(Note::RoleMapped { from: name.to_owned(), to: role.as_str().to_owned() });
        Some(role.clone())
    }
}

/// The names in a text with commas, or in a list of texts or of objects with a `name`. Of a list that is too
/// long for a user only so much is looked at as proves it.
fn listed(value: &Value) -> Option<Vec<String>> {
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

/// The nearest role name: lower case, a hyphen for each character that may not be there.
pub(super) fn respelt(name: &str) -> Option<RoleName> {
    let allowed = |char: char| char.is_ascii_alphanumeric() || "._:-".contains(char);
    let lower = name.trim().to_lowercase();
    let spelt: String = lower.chars().map(|char| if allowed(char) { char } else { '-' }).collect();
    RoleName::new(spelt).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_users::options::ImportOptions;
    use crate::import_users::reading::tests::{reading, reading_with};
    use serde_json::json;

    fn names(reading: &mut Reading<'_>) -> Vec<String> {
        reading.roles().unwrap().iter().map(|role| role.as_str().to_owned()).collect()
    }

    fn read(record: &Value) -> (Vec<String>, Vec<String>) {
        reading(record, names)
    }

    fn read_mapped(mappings: &[&str], record: &Value) -> (Vec<String>, Vec<String>) {
        let role_mappings = mappings.iter().map(|mapping| mapping.parse().unwrap()).collect();
        reading_with(&ImportOptions { role_mappings, ..ImportOptions::default() }, record, names)
    }

    #[test]
    fn roles_are_read_from_every_form() {
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
    fn power_in_another_spelling_is_told_and_not_granted() {
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
    fn a_mapping_grants_what_it_says_for_a_role_a_group_and_a_flag() {
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
            assert!(notes.len() == 1 && notes[0].ends_with("taken as role admin"), "{notes:?}");
        }
        assert_eq!(read_mapped(&["vip=admin"], &json!({"vip": false})).0, ["user"]);
        assert_eq!(read_mapped(&["vip=admin"], &json!({"vip": "perhaps"})).0, ["user"]);
    }

    #[test]
    fn each_group_is_named_that_a_mapping_would_grant_a_role_for() {
        let record = json!({"groups": ["Domain Admins", "Staff"]});
        let (roles, notes) = read_mapped(&["Domain Admins=admin"], &record);
        assert_eq!(roles, ["admin"]);
        assert!(notes[1].starts_with("Staff grants nothing here (--map-role \"Staff=ROLE\""), "{notes:?}");
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn another_spelling_is_told() {
        let (roles, notes) = read(&json!({"roles": ["ADMIN", "Site Editor"]}));
        assert_eq!(roles, ["admin", "site-editor"]);
        assert_eq!(notes, ["role ADMIN taken as admin", "role Site Editor taken as site-editor"]);
    }

    #[test]
    fn a_misspelt_role_is_kept_and_told() {
        let (roles, notes) = read(&json!({"roles": ["clerk", "admni"]}));
        assert_eq!(roles, ["admni", "clerk"]);
        assert_eq!(notes, ["role admni kept, and grants nothing: did you mean admin?"]);
    }

    #[test]
    fn what_can_be_no_role_name_is_told_and_grants_nothing() {
        let (roles, notes) = read(&json!({"role": "管理员"}));
        assert_eq!(roles, ["user"]);
        assert_eq!(notes, ["role not understood: kept in attributes, what can be no role name left out"]);
        assert_eq!(read(&json!({"role": {"admin": true}})).0, ["user"]);
    }
}
