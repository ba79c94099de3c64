//! The limits hold across all servers.

use crate::kit::{roster, servers, setup, value};
use roster_tests::{PASSWORD, Server, Setup, wait_for};

fn limited(setup: Setup) -> Setup {
    setup
        .set("limits.enabled", "true")
        .set("limits.free_failures", "4")
        .set("limits.first_delay", "5m")
        .set("limits.longest_delay", "5m")
}

/// How many of eight failed logins, in turns at both servers, are checked before they are rejected.
fn checked(one: &Server, other: &Server, login: &str) -> usize {
    let statuses = (0..8).map(|n| {
        let server = if n % 2 == 0 { one } else { other };
        server.try_log_in(login, "a wrong password").status()
    });
    statuses.filter(|status| *status == 401).count()
}

#[test]
fn failures_at_two_servers_are_limited_as_at_one() {
    let Some(setup) = setup() else { return };
    let (one, other) = servers(limited(setup));
    let _ = one.register_only("ada");
    assert_eq!(checked(&one, &other, "ada"), 4);
    for server in [&one, &other] {
        server.try_log_in("ada", PASSWORD).must_be_problem(429, "too_many_requests");
    }
    assert_eq!(checked(&one, &other, "nobody"), 4, "an unknown name is limited in the same way");
    assert_eq!(value(&one, "SELECT count(*) > 0 FROM shared_counts"), "t");
}

#[test]
fn the_right_password_at_one_server_resets_the_failures_at_another() {
    let Some(setup) = setup() else { return };
    let (one, other) = servers(limited(setup));
    let _ = one.register_only("ada");
    for _ in 0..3 {
        one.try_log_in("ada", "a wrong password").must_be(401);
    }
    let _ = other.log_in("ada", PASSWORD);
    assert_eq!(checked(&one, &other, "ada"), 4);
}

#[test]
fn unlocking_a_user_without_a_server_lifts_the_delay_at_every_server() {
    let Some(setup) = setup() else { return };
    let (one, other) = servers(limited(setup));
    let _ = one.register_only("ada");
    assert_eq!(checked(&one, &other, "ada"), 4);
    roster(&one, &["user", "unlock", "ada", "--offline"]);
    let _ = one.log_in("ada", PASSWORD);
    let _ = other.log_in("ada", PASSWORD);
}

#[test]
fn requests_and_failures_of_a_client_are_counted_together() {
    let Some(setup) = setup() else { return };
    let (one, other) = servers(limited(setup).set("limits.requests_by_ip", "6/1h"));
    let statuses = (0..4).flat_map(|n| {
        [&one, &other].map(|server| server.try_log_in(&format!("nobody{n}"), "a wrong password").status())
    });
    assert_eq!(statuses.filter(|status| *status == 429).count(), 2);
}

#[test]
fn with_counts_in_memory_each_server_counts_on_its_own() {
    let Some(setup) = setup() else { return };
    let (one, other) = servers(limited(setup).set("limits.shared", "memory"));
    let _ = one.register_only("ada");
    assert_eq!(checked(&one, &other, "ada"), 8);
}

#[test]
fn expired_counts_are_deleted() {
    let Some(setup) = setup() else { return };
    let server = limited(setup).set("limits.requests_by_ip", "600/1s").start();
    let mut server = server;
    server.try_log_in("nobody", "a wrong password").must_be(401);
    let expired = "UPDATE shared_counts SET expires_at = 1 RETURNING 1";
    assert!(!roster_test_postgres::query(&server.database_url(), expired).is_empty());
    // A server that begins to sweep does so at once.
    server.restart();
    wait_for("the counts to be deleted", || {
        (value(&server, "SELECT count(*) FROM shared_counts") == "0").then_some(())
    });
}
