//! The servers that tests get.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use roster_test_postgres::{Cluster, StopMode, database};

#[test]
fn each_test_gets_a_database_of_its_own() {
    let (Some(one), Some(other)) = (database(), database()) else { return };
    assert_ne!(one.url(), other.url());
}

#[test]
fn a_cluster_can_be_stopped_and_started_at_the_same_port() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let is_open = || TcpStream::connect(("127.0.0.1", cluster.port())).is_ok();
    assert!(is_open());
    cluster.stop(StopMode::Fast);
    assert!(!is_open());
    cluster.start();
    assert!(is_open());
}

/// Tells another process to hold a server.
const HOLD: &str = "ROSTER_TEST_HOLD_POSTGRES";

/// What the other process does. In this one it does nothing.
#[test]
fn another_process_holds_a_server() {
    #[expect(clippy::disallowed_methods, reason = "tests have no settings of their own")]
    if env::var_os(HOLD).is_none() {
        return;
    }
    let Some(cluster) = Cluster::builder().start() else { return };
    println!("\nport {}", cluster.port());
    thread::sleep(Duration::from_mins(1));
}

#[test]
fn a_server_ends_with_its_process_even_if_the_whole_group_is_killed() {
    let mut other = Command::new(env::current_exe().expect("this is a program"));
    other.args(["--exact", "another_process_holds_a_server", "--nocapture"]).env(HOLD, "1");
    let mut other = other.process_group(0).stdout(Stdio::piped()).spawn().expect("it starts");
    let lines = BufReader::new(other.stdout.take().expect("it is piped")).lines();
    let port = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("port ")?.parse::<u16>().ok());
    let group = rustix::process::Pid::from_child(&other);
    rustix::process::kill_process_group(group, rustix::process::Signal::TERM).expect("it runs");
    other.wait().expect("it is a child");
    let Some(port) = port else { return };
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(Instant::now() < deadline, "the server still runs");
        thread::sleep(Duration::from_millis(20));
    }
}
