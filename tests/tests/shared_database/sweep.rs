//! One server does the periodic work.

use crate::kit::{setup, value};
use roster_tests::{PASSWORD, Server, wait_for};

/// The number of connections that hold the lock of the periodic work.
fn holders(server: &Server) -> String {
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted \
        AND (classid::bigint << 32) + objid::bigint = 7239417101366";
    value(server, locks)
}

/// The number of connections that have asked for the lock last. The one that has got it asks something else from then on.
fn rivals(server: &Server) -> String {
    let asking = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND query LIKE 'SELECT pg_try_advisory_lock(7239417101366)%'";
    value(server, asking)
}

#[test]
fn one_server_deletes_expired_sessions_and_another_takes_over_when_it_is_killed() {
    let Some(setup) = setup() else { return };
    let mut one = setup.set("session.idle_timeout", "1s").start();
    wait_for("the first server to take the work", || {
        ((holders(&one), rivals(&one)) == ("1".to_owned(), "0".to_owned())).then_some(())
    });
    let other = one.replica().start();
    wait_for("the other server to ask for the work in vain", || (rivals(&one) == "1").then_some(()));
    let _ = other.register("ada");
    let _ = other.log_in("ada", PASSWORD);
    // The first server has swept at its start, and does so again in a minute.
    one.kill();
    let killed = std::time::Instant::now();
    wait_for("the other server to take over", || (holders(&other) == "1").then_some(()));
    wait_for("the other server to sweep", || {
        (value(&other, "SELECT count(*) FROM sessions") == "0").then_some(())
    });
    assert!(killed.elapsed() < std::time::Duration::from_secs(30), "{:?}", killed.elapsed());
}
