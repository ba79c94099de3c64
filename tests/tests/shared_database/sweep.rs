//! One server does the periodic work.

use crate::kit::{setup, value};
use roster_tests::{PASSWORD, Server, wait_for};

/// The number of connections that hold the lock of the periodic work.
fn holders(server: &Server) -> String {
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted \
        AND (classid::bigint << 32) + objid::bigint = 7239417101366";
    value(server, locks)
}

#[test]
fn one_server_deletes_expired_sessions_and_another_takes_over_when_it_is_killed() {
    let Some(setup) = setup() else { return };
    let mut one = setup.set("session.idle_timeout", "1s").start();
    wait_for("the first server to take the work", || (holders(&one) == "1").then_some(()));
    let other = one.replica().start();
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
