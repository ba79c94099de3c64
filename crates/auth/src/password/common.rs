//! The most common passwords.

use std::sync::LazyLock;
use zeroize::Zeroizing;

/// One per line, in lower case, sorted by bytes; `common-passwords.LICENSE` names the source.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("common-passwords.txt").lines().collect());

/// Whether `password` is among the 20,000 most common ones, in any case.
pub(super) fn is_common(password: &str) -> bool {
    let lower = Zeroizing::new(password.to_lowercase());
    COMMON.binary_search(&lower.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(COMMON.is_sorted());
        assert!(COMMON.len() > 19_000);
    }

    #[test]
    fn common_passwords_are_found_in_any_case() {
        for password in ["password1", "PassWord1", "qwertyuiop", "12345678", "iloveyou"] {
            assert!(is_common(password), "{password}");
        }
        assert!(!is_common("Corr3ct-horse-battery"));
        assert!(!is_common(""));
    }
}
