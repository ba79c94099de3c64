//! The limits, tested through their interface.

mod lift;
mod reconfigured;

use super::attempt::Attempt;
use super::limiter::Limits;
use super::*;
use jiff::Timestamp;
use roster_domain::{ClientNetwork, Credential, EmailAddress, Login, PasswordHash, User, Username, fixtures};
use std::num::NonZeroU32;
use std::time::Duration;

const VICTIM: &str = "ada";
const HOME: &str = "192.0.2.7";

fn rate(burst: u32) -> Rate {
    Rate { burst: NonZeroU32::new(burst).unwrap(), per: Duration::from_hours(1) }
}

fn settings() -> LimitSettings {
    LimitSettings {
        failures_by_login: Some(rate(20)),
        failures_by_ip: Some(rate(40)),
        capacity: 1_000,
        ..LimitSettings::default()
    }
}

fn limits() -> Limits {
    Limits::new(Some(settings()))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn client(address: &str) -> ClientNetwork {
    ClientNetwork::from(Some(address.parse().unwrap()))
}

fn numbered(n: u32) -> ClientNetwork {
    ClientNetwork::V4(n.into())
}

fn user(name: &str) -> User {
    fixtures::user(7).with(|user| {
        user.username = Username::new(name).unwrap();
        user.email = EmailAddress::new(format!("{name}@example.com")).ok();
        let hash = PasswordHash::new(format!("$2b$04${}", "a".repeat(53))).unwrap();
        user.credential = Credential::Password(hash);
    })
}

/// Starts an attempt to log in as `login`, which belongs to `user` if there is one.
fn attempt<'a>(
    limits: &'a Limits,
    login: &str,
    user: Option<&User>,
    client: ClientNetwork,
    now: Timestamp,
) -> Result<Attempt<'a>, TooMany> {
    let login = Login::new(login);
    let check = CredentialCheck { subject: Subject::login(&login), user: user.map(|user| user.id), client };
    limits.admit(check, now).map_err(|reached| limits.count(reached))
}

fn fail(limits: &Limits, login: &str, client: ClientNetwork, now: Timestamp) -> Result<(), TooMany> {
    attempt(limits, login, None, client, now).map(|attempt| attempt.fail(now))
}

fn succeed(limits: &Limits, user: &User, client: ClientNetwork, now: Timestamp) -> Result<(), TooMany> {
    attempt(limits, user.username.as_str(), Some(user), client, now)
        .map(|attempt| attempt.succeed(user, client, now))
}

#[test]
fn all_spellings_of_a_name_share_its_attempts() {
    let limits = limits();
    for spelling in ["ada", "ADA", "Ada", "ａｄａ", "aDa"] {
        fail(&limits, spelling, client(HOME), at(0)).unwrap();
    }
    assert!(fail(&limits, "adA", client(HOME), at(0)).is_err());
}

#[test]
fn a_user_can_log_in_from_a_known_network_while_their_name_is_attacked() {
    let (limits, ada, home) = (limits(), user(VICTIM), client(HOME));
    succeed(&limits, &ada, home, at(0)).unwrap();
    for n in 0..20 {
        fail(&limits, VICTIM, numbered(n), at(1)).unwrap();
    }
    assert!(fail(&limits, VICTIM, numbered(99), at(1)).is_err(), "the name has reached its limit");
    assert!(succeed(&limits, &ada, numbered(98), at(1)).is_err(), "this network is not known");
    for _ in 0..100 {
        succeed(&limits, &ada, home, at(1)).unwrap();
    }
    let days = |days: i64| at(days * 86_400);
    for n in 0..20 {
        fail(&limits, VICTIM, numbered(1_000 + n), days(29)).unwrap();
    }
    succeed(&limits, &ada, home, days(29)).unwrap();
    for n in 0..20 {
        fail(&limits, VICTIM, numbered(2_000 + n), days(60)).unwrap();
    }
    assert!(succeed(&limits, &ada, home, days(60)).is_err(), "a network stays known for thirty days");
}

#[test]
fn failures_behind_a_shared_address_do_not_lock_out_users_known_there() {
    let (limits, ada, office) = (limits(), user(VICTIM), client(HOME));
    succeed(&limits, &ada, office, at(0)).unwrap();
    for n in 0..40 {
        fail(&limits, &format!("colleague{n}"), office, at(1)).unwrap();
    }
    assert!(fail(&limits, "another", office, at(1)).is_err());
    succeed(&limits, &ada, office, at(1)).unwrap();
}

#[test]
fn an_attackers_own_login_does_not_clear_an_address() {
    let (limits, mallory, client) = (limits(), user("mallory"), client("203.0.113.9"));
    let mut failures = 0;
    for n in 0..1_000 {
        failures += u32::from(fail(&limits, &format!("person{n}"), client, at(0)).is_ok());
        let _ = succeed(&limits, &mallory, client, at(0));
    }
    assert_eq!(failures, 40);
}

#[test]
fn known_and_unknown_names_are_limited_alike() {
    let (limits, ada) = (limits(), user(VICTIM));
    let rejections = |login: &str, user: Option<&User>, base: u32| {
        let try_from = |n: u32, now| {
            let attempt = attempt(&limits, login, user, numbered(base + n), now);
            attempt.map(|attempt| attempt.fail(now)).err()
        };
        let by_one = (0..8).map(|n| try_from(0, at(n)));
        let by_one: Vec<_> = by_one.collect();
        let by_many: Vec<_> = (1..40).map(|n| try_from(n, at(10))).collect();
        (by_one, by_many)
    };
    let known = rejections(VICTIM, Some(&ada), 0);
    let unknown = rejections("nobody", None, 1_000);
    assert!(known.0.iter().any(Option::is_some) && known.1.iter().any(Option::is_some));
    assert_eq!(known, unknown);
}

#[test]
fn ipv6_addresses_in_one_64_prefix_are_one_client() {
    let limits = limits();
    for n in 0..5 {
        fail(&limits, VICTIM, client(&format!("2001:db8:0:7::{n}")), at(0)).unwrap();
    }
    assert!(fail(&limits, VICTIM, client("2001:db8:0:7:ffff::1"), at(0)).is_err());
    assert!(fail(&limits, VICTIM, client("2001:db8:0:8::1"), at(0)).is_ok());
}

#[test]
fn concurrent_attempts_do_not_bypass_the_limits() {
    let limits = limits();
    let in_flight: Vec<_> =
        (0..1_000).filter_map(|_| attempt(&limits, VICTIM, None, client(HOME), at(0)).ok()).collect();
    assert_eq!(in_flight.len(), 16);
    drop(in_flight);
    assert_eq!(fail(&limits, VICTIM, client(HOME), at(0)).unwrap_err().retry_after, Duration::from_mins(5));
}

#[test]
fn withdrawn_attempts_do_not_count_and_leave_no_entries() {
    let limits = limits();
    for _ in 0..1_000 {
        attempt(&limits, VICTIM, None, client(HOME), at(0)).unwrap().withdraw();
    }
    limits.sweep(at(1));
    assert_eq!(limits.entries(), 0);
}

#[test]
fn a_withdrawn_attempt_does_not_end_a_delay() {
    let (limits, home) = (limits(), client(HOME));
    for _ in 0..5 {
        fail(&limits, VICTIM, home, at(0)).unwrap();
    }
    attempt(&limits, VICTIM, None, home, at(1)).unwrap().withdraw();
    fail(&limits, VICTIM, home, at(1)).unwrap();
    assert_eq!(fail(&limits, VICTIM, home, at(1)).unwrap_err().retry_after, Duration::from_secs(2));
}

#[test]
fn attempts_from_100_000_addresses_keep_memory_bounded_and_clear_no_delay() {
    let (limits, ada, home, blocked) = (limits(), user(VICTIM), client(HOME), client("203.0.113.9"));
    succeed(&limits, &ada, home, at(0)).unwrap();
    for n in 0..12 {
        let _ = fail(&limits, VICTIM, blocked, at(n * n));
    }
    for _ in 0..20 {
        let _ = fail(&limits, VICTIM, numbered(7), at(150));
    }
    assert!(fail(&limits, VICTIM, blocked, at(150)).is_err());
    for n in 0..100_000 {
        limits.admit_registration(numbered(n), at(151)).unwrap();
        let (name, client) = (format!("person{n}"), numbered(n));
        let check = CredentialCheck { subject: Subject::Login(&name), user: None, client };
        limits.admit(check, at(151)).unwrap().fail(at(151));
    }
    assert!(limits.entries() <= 6 * 1_000, "{}", limits.entries());
    assert!(fail(&limits, VICTIM, blocked, at(152)).is_err(), "the delay is not evicted");
    assert!(succeed(&limits, &ada, home, at(152)).is_ok(), "the known network is not evicted");
}

#[test]
fn a_login_leaves_only_the_entry_of_the_known_network() {
    let (limits, ada) = (limits(), user(VICTIM));
    for n in 0..100 {
        succeed(&limits, &ada, client(HOME), at(n)).unwrap();
    }
    limits.sweep(at(100));
    assert_eq!(limits.entries(), 1);
    limits.sweep(at(31 * 86_400));
    assert_eq!(limits.entries(), 0);
}

#[test]
fn failed_logins_do_not_use_up_the_attempts_to_confirm_a_password() {
    let (limits, ada) = (limits(), user(VICTIM));
    for n in 0..100 {
        let _ = fail(&limits, VICTIM, numbered(n), at(0));
    }
    let confirm = |now| {
        let check = CredentialCheck {
            subject: Subject::Confirmation(ada.id),
            user: Some(ada.id),
            client: client(HOME),
        };
        limits.admit(check, now).map(|attempt| attempt.fail(now))
    };
    for _ in 0..5 {
        confirm(at(0)).unwrap();
    }
    assert!(confirm(at(0)).is_err(), "confirmations are limited too");
}

#[test]
fn each_rejection_is_counted_under_its_limit() {
    let strict =
        LimitSettings { requests_by_ip: Some(rate(1)), registrations_by_ip: Some(rate(1)), ..settings() };
    let limits = Limits::new(Some(strict));
    limits.admit_request(client(HOME), at(0)).unwrap();
    let reached = limits.admit_request(client(HOME), at(1)).unwrap_err();
    assert_eq!((reached.limit, reached.retry_after), (1, Duration::from_secs(3_599)));
    limits.admit_registration(numbered(1), at(0)).unwrap();
    assert!(limits.admit_registration(numbered(1), at(3_599)).is_err());
    for n in 0..30 {
        let _ = fail(&limits, VICTIM, numbered(n / 6), at(0));
    }
    let counted = LimitScope::ALL.map(|scope| limits.limited(scope));
    assert!(counted[..3] == [2, 0, 0] && counted[3] > 0 && counted[4] > 0, "{counted:?}");
}
