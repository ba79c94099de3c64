//! A database for one test.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use tokio_postgres::{NoTls, SimpleQueryMessage, SimpleQueryRow};

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

/// Runs a statement in the database at this URL, and returns the texts of the rows' values.
///
/// # Panics
/// If the database rejects it.
#[must_use]
pub fn query(url: &str, statement: &str) -> Vec<Vec<String>> {
    let (url, statement) = (url.to_owned(), statement.to_owned());
    // The caller may be in a runtime, so the connection has a thread of its own.
    let running = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime starts").block_on(rows(&url, &statement))
    });
    running.join().expect("it does not panic").expect("the database carries out the statement")
}

async fn rows(url: &str, statement: &str) -> Result<Vec<Vec<String>>, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let messages = client.simple_query(statement).await?;
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let texts =
        |row: &SimpleQueryRow| (0..row.len()).map(|at| row.get(at).unwrap_or_default().to_owned()).collect();
    Ok(rows.map(texts).collect())
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
