//! Limits that are reconfigured while counts exist.

use super::*;

#[test]
fn a_raised_limit_keeps_the_count_of_the_lower_one() {
    let limits = limits();
    for n in 0..20 {
        fail(&limits, VICTIM, numbered(n), at(0)).unwrap();
    }
    assert!(fail(&limits, VICTIM, numbered(20), at(0)).is_err());
    let raised = LimitSettings { failures_by_login: Some(rate(30)), ..settings() };
    limits.reconfigure(Some(raised), at(0));
    let more = (30..60).filter(|n| fail(&limits, VICTIM, numbered(*n), at(0)).is_ok()).count();
    assert_eq!(more, 10);
}

#[test]
fn a_delay_survives_a_change_of_settings() {
    let (limits, home) = (limits(), client(HOME));
    for _ in 0..5 {
        fail(&limits, VICTIM, home, at(0)).unwrap();
    }
    limits.reconfigure(Some(LimitSettings { capacity: 2_000, ..settings() }), at(0));
    assert_eq!(fail(&limits, VICTIM, home, at(0)).unwrap_err().retry_after, Duration::from_secs(1));
}

#[test]
fn known_networks_stay_known() {
    let (limits, ada, home) = (limits(), user(VICTIM), client(HOME));
    succeed(&limits, &ada, home, at(0)).unwrap();
    limits.reconfigure(Some(LimitSettings { failures_by_login: Some(rate(1)), ..settings() }), at(1));
    fail(&limits, VICTIM, numbered(1), at(1)).unwrap();
    assert!(succeed(&limits, &ada, numbered(2), at(1)).is_err());
    succeed(&limits, &ada, home, at(1)).unwrap();
}

#[test]
fn limits_can_be_switched_off_and_on_during_an_attempt() {
    let (limits, home) = (limits(), client(HOME));
    let before = attempt(&limits, VICTIM, None, home, at(0)).unwrap();
    limits.reconfigure(None, at(0));
    let meanwhile = attempt(&limits, VICTIM, None, home, at(0)).unwrap();
    for _ in 0..100 {
        fail(&limits, VICTIM, home, at(0)).unwrap();
    }
    limits.reconfigure(Some(settings()), at(0));
    before.withdraw();
    meanwhile.fail(at(0));
    limits.sweep(at(1));
    assert_eq!(limits.entries(), 0, "no attempt is left in flight");
}

#[test]
fn limits_can_be_switched_on_later() {
    let limits = Limits::new(None);
    limits.reconfigure(Some(settings()), at(0));
    for _ in 0..5 {
        fail(&limits, VICTIM, client(HOME), at(0)).unwrap();
    }
    assert!(fail(&limits, VICTIM, client(HOME), at(0)).is_err());
    for n in 0..10 {
        limits.admit_request(numbered(n), at(0)).unwrap();
    }
    assert!(limits.entries() > 10, "there is room for more than one");
}

#[test]
fn without_settings_nothing_is_limited_or_recorded() {
    let limits = Limits::new(None);
    for _ in 0..1_000 {
        limits.admit_registration(client(HOME), at(0)).unwrap();
        fail(&limits, VICTIM, client(HOME), at(0)).unwrap();
    }
    assert_eq!(limits.entries(), 0);
}
