//! Normalizes role names.

use roster_domain::RoleName;

/// The nearest valid role name: in lower case, with a hyphen for each invalid character.
pub(crate) fn normalized_role(name: &str) -> Option<RoleName> {
    let allowed = |char: char| char.is_ascii_alphanumeric() || "._:-".contains(char);
    let lower = name.trim().to_lowercase();
    let spelt: String = lower.chars().map(|char| if allowed(char) { char } else { '-' }).collect();
    RoleName::new(spelt).ok()
}
