//! Suggestions for misspelt role names.

use roster_domain::RoleName;

/// How similar two names must be, from 0 to 1. The limit is high, because other systems have roles of their own.
const MIN_SIMILARITY: f64 = 0.6;

/// The built-in role that a similar role name was probably meant to be. It is a suggestion only: any name is a valid
/// role, and other services may use it.
#[must_use]
pub fn misspelt_role(role: &RoleName) -> Option<&'static str> {
    let similarity = |known: &str| strsim::normalized_damerau_levenshtein(role.as_str(), known);
    [RoleName::ADMIN, RoleName::USER]
        .into_iter()
        .map(|known| (similarity(known), known))
        .filter(|(similarity, known)| *similarity > MIN_SIMILARITY && role.as_str() != *known)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggestion(name: &str) -> Option<&'static str> {
        misspelt_role(&RoleName::new(name).unwrap())
    }

    #[test]
    fn a_typo_gets_a_suggestion() {
        for typo in ["admni", "admins", "amdin", "adminn"] {
            assert_eq!(suggestion(typo), Some("admin"), "{typo}");
        }
        assert_eq!((suggestion("users"), suggestion("usr")), (Some("user"), Some("user")));
    }

    #[test]
    fn a_plausible_other_role_gets_no_suggestion() {
        for role in ["admin", "user", "clerk", "editor", "superuser", "buyer", "moderator", "a"] {
            assert_eq!(suggestion(role), None, "{role}");
        }
    }
}
