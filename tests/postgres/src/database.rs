//! A database for one test.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::server::Server;

/// An empty database, removed when it is dropped.
#[derive(Debug)]
pub struct Database {
    server: &'static Server,
    name: String,
}

/// A new database on the shared server; `None` if there is no server, and the test is to be skipped.
#[must_use]
pub fn database() -> Option<Database> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = Server::shared()?;
    let name = format!("roster_test_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    // template0 is never connected to, so databases can be made at the same time.
    server.administer(vec![removal(&name), format!("CREATE DATABASE {name} TEMPLATE template0")]);
    Some(Database { server, name })
}

impl Database {
    /// Where it is, with the user and what else is needed to connect.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.server.administer(vec![removal(&self.name)]);
        }
    }
}

fn removal(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}
