//! How a delay ends.

use super::*;

#[test]
fn only_the_correct_password_resets_the_delay() {
    let (limits, ada, home) = (limits(), user(VICTIM), client(HOME));
    for _ in 0..5 {
        fail(&limits, VICTIM, home, at(0)).unwrap();
    }
    assert_eq!(fail(&limits, VICTIM, home, at(0)).unwrap_err().retry_after, Duration::from_secs(1));
    fail(&limits, VICTIM, home, at(1)).unwrap();
    assert_eq!(fail(&limits, VICTIM, home, at(1)).unwrap_err().retry_after, Duration::from_secs(2));
    succeed(&limits, &ada, home, at(3)).unwrap();
    for _ in 0..5 {
        fail(&limits, VICTIM, home, at(3)).unwrap();
    }
}

#[test]
fn a_login_with_one_name_resets_the_delay_of_the_users_other_names() {
    let (limits, ada, home) = (limits(), user(VICTIM), client(HOME));
    for _ in 0..5 {
        fail(&limits, "ada@example.com", home, at(0)).unwrap();
    }
    succeed(&limits, &ada, home, at(0)).unwrap();
    fail(&limits, "ada@example.com", home, at(0)).unwrap();
}

#[test]
fn unlocking_clears_the_delays_of_all_names_of_one_user_only() {
    let (limits, ada, home) = (limits(), user(VICTIM), client(HOME));
    for name in ["ada@example.com", VICTIM, "bob"] {
        for n in 0..4 {
            for _ in 0..5 {
                let _ = fail(&limits, name, numbered(n), at(0));
            }
        }
    }
    assert!(fail(&limits, VICTIM, numbered(0), at(0)).is_err(), "the pair waits");
    assert!(fail(&limits, VICTIM, home, at(0)).is_err(), "the name has reached its limit");
    limits.unlock(&ada);
    for name in ["ada@example.com", VICTIM] {
        assert!(fail(&limits, name, numbered(0), at(0)).is_ok(), "{name}");
        assert!(fail(&limits, name, home, at(0)).is_ok(), "{name}");
    }
    assert!(fail(&limits, "bob", numbered(0), at(0)).is_err());
}
