//! Servers on databases of their own.

use roster_test_postgres::Cluster;
use roster_tests::{Engine, Server, Setup};

/// The settings of a server on these databases. The engine of the test run is not used.
pub(crate) fn setup_on(databases: &[&Cluster]) -> Setup {
    let hosts: Vec<_> = databases.iter().map(|database| format!("127.0.0.1:{}", database.port())).collect();
    let url = format!("postgres://postgres@{}/postgres?target_session_attrs=read-write", hosts.join(","));
    Setup::new().engine(Engine::Json).set("storage.url", &url)
}

/// Whether the server says that it can serve.
pub(crate) fn is_ready(server: &Server) -> bool {
    server.get("/health/ready").send().status() == 200
}
