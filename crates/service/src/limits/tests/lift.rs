//! What ends a delay.

use super::*;

#[test]
fn only_the_right_password_ends_the_delay() {
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
fn a_right_password_under_one_name_ends_the_delay_under_the_others() {
    let (limits, ada, home) = (limits(), user(VICTIM), client(HOME));
    for _ in 0..5 {
        fail(&limits, "ada@example.com", home, at(0)).unwrap();
    }
    succeed(&limits, &ada, home, at(0)).unwrap();
    fail(&limits, "ada@example.com", home, at(0)).unwrap();
}

#[test]
fn lifting_ends_the_delays_at_every_name_of_a_person_from_everywhere_and_nobody_elses() {
    let (limits, ada, home) = (limits(), user(VICTIM), client(HOME));
    for name in ["ada@example.com", VICTIM, "bob"] {
        for n in 0..4 {
            for _ in 0..5 {
                let _ = fail(&limits, name, numbered(n), at(0));
            }
        }
    }
    assert!(fail(&limits, VICTIM, numbered(0), at(0)).is_err(), "the pair waits");
    assert!(fail(&limits, VICTIM, home, at(0)).is_err(), "the name has had its failures");
    limits.unlock(&ada);
    for name in ["ada@example.com", VICTIM] {
        assert!(fail(&limits, name, numbered(0), at(0)).is_ok(), "{name}");
        assert!(fail(&limits, name, home, at(0)).is_ok(), "{name}");
    }
    assert!(fail(&limits, "bob", numbered(0), at(0)).is_err());
}
