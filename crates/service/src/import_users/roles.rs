//! The roles that a record names.

use super::fields::{Field, as_flag, as_text};
use super::note::Note;
use super::person::Reading;
use super::refusal::Refusal;
use crate::misspelt_role;
use roster_domain::{RoleName, RoleSet};
use serde_json::Value;

impl Reading {
    /// The roles by name, and `admin` where a flag says so; `user` where nothing is said. Names that no role
    /// here has are kept. An empty list is said to be empty.
    pub(super) fn roles(&mut self) -> Result<RoleSet, Refusal> {
        let mut roles = Vec::new();
        let mut said = false;
        for field in self.fields.take_each(&["role", "roles"]) {
            said |= field.value.as_array().is_some_and(Vec::is_empty);
            self.named(field, &mut roles);
        }
        for field in self.fields.take_each(&["isadmin"]) {
            match as_flag(&field.value) {
                Some(true) => roles.push(RoleName::admin()),
                Some(false) => {}
                None => self.keep(field, "taken as no"),
            }
        }
        if roles.is_empty() && !said { Ok(RoleSet::ordinary()) } else { Ok(RoleSet::new(roles)?) }
    }

    fn named(&mut self, field: Field, roles: &mut Vec<RoleName>) {
        let Some(names) = listed(&field.value) else {
            return self.keep(field, "taken as no role");
        };
        for name in names {
            match respelt(&name) {
                Some(role) => {
                    if role.as_str() != name {
                        self.notes.push(Note::RoleRespelt { from: name, to: role.as_str().to_owned() });
                    }
                    if let Some(meant) = misspelt_role(&role) {
                        let role = role.as_str().to_owned();
                        self.notes.push(Note::RoleMisspelt { role, meant });
                    }
                    roles.push(role);
                }
                None => return self.keep(field, "what can be no role name left out"),
            }
        }
    }
}

/// The names in a text with commas, or in a list of texts or of objects with a `name`. Of a list that is too
/// long for a user only so much is looked at as proves it.
fn listed(value: &Value) -> Option<Vec<String>> {
    let names = match value {
        Value::Array(items) => {
            let items = items.iter().take(2 * RoleSet::MAX_LEN);
            items.map(|item| as_text(item.get("name").unwrap_or(item))).collect::<Option<Vec<_>>>()?
        }
        value => as_text(value)?.split([',', ';']).map(|name| name.trim().to_owned()).collect(),
    };
    Some(names.into_iter().filter(|name| !name.is_empty()).collect())
}

/// The nearest role name: lower case, a hyphen for each character that may not be there.
fn respelt(name: &str) -> Option<RoleName> {
    let allowed = |char: char| char.is_ascii_alphanumeric() || "._:-".contains(char);
    let lower = name.trim().to_lowercase();
    let spelt: String = lower.chars().map(|char| if allowed(char) { char } else { '-' }).collect();
    RoleName::new(spelt).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_users::fields::Fields;
    use jiff::Timestamp;
    use serde_json::json;

    fn read(record: &Value) -> (Vec<String>, Vec<String>) {
        let fields = Fields::new(record.as_object().unwrap().clone());
        let mut reading = Reading { fields, notes: Vec::new(), now: Timestamp::UNIX_EPOCH };
        let roles = reading.roles().unwrap();
        let roles = roles.iter().map(|role| role.as_str().to_owned()).collect();
        (roles, reading.notes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn roles_are_read_from_every_form() {
        for (record, expected) in [
            (json!({}), vec!["user"]),
            (json!({"role": "moderator"}), vec!["moderator"]),
            (json!({"role": null, "is_admin": false}), vec!["user"]),
            (json!({"isAdmin": true}), vec!["admin"]),
            (json!({"role": "editor", "is_admin": 1}), vec!["admin", "editor"]),
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
