//! Names of roles that were most likely meant to be others.

use roster_domain::RoleName;

/// How alike two names must be, from 0 to 1. Other systems have roles of their own, so it takes more than a likeness.
const ALIKE: f64 = 0.6;

/// The role that grants something and was most likely meant by this one, which grants nothing. Any name may be a role's:
/// it means something to other services.
#[must_use]
pub fn misspelt_role(role: &RoleName) -> Option<&'static str> {
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(role.as_str(), known);
    [RoleName::ADMIN, RoleName::USER]
        .into_iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, known)| *likeness > ALIKE && role.as_str() != *known)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(name: &str) -> Option<&'static str> {
        misspelt_role(&RoleName::new(name).unwrap())
    }

    #[test]
    fn a_slip_of_the_fingers_is_understood() {
        for slip in ["admni", "admins", "amdin", "adminn"] {
            assert_eq!(meant(slip), Some("admin"), "{slip}");
        }
        assert_eq!((meant("users"), meant("usr")), (Some("user"), Some("user")));
    }

    #[test]
    fn a_role_that_somebody_else_may_well_have_is_no_slip() {
        for role in ["admin", "user", "clerk", "editor", "superuser", "buyer", "moderator", "a"] {
            assert_eq!(meant(role), None, "{role}");
        }
    }
}
