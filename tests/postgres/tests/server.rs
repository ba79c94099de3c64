//! The servers that tests get.

use std::net::TcpStream;

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
