//! Statements that prepare a server for a test.

use std::thread;

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// Runs statements, one after the other.
pub(crate) fn run_all(url: String, statements: Vec<String>) {
    // The caller may be in a runtime, so the connection has a thread of its own.
    let running = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime starts").block_on(run(&url, &statements))
    });
    running.join().expect("it does not panic").expect("the test server carries out the statements");
}

async fn run(url: &str, statements: &[String]) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    for statement in statements {
        client.batch_execute(statement).await?;
    }
    drop(client);
    connection.await.expect("it does not panic")
}

/// A connection of a test that is not asynchronous, which may leave a transaction open.
#[derive(Debug)]
pub struct Session {
    client: Client,
    runtime: Runtime,
}

impl Session {
    /// Connects.
    #[must_use]
    pub fn open(url: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let client = runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(url, NoTls).await.expect("the test server answers");
            tokio::spawn(connection);
            client
        });
        Self { client, runtime }
    }

    /// Runs statements.
    pub fn run(&self, statements: &str) {
        let running = self.runtime.block_on(self.client.batch_execute(statements));
        running.expect("the test server carries out the statements");
    }

    /// The first value of the first row, as text.
    #[must_use]
    pub fn value(&self, query: &str) -> String {
        let messages =
            self.runtime.block_on(self.client.simple_query(query)).expect("the test server answers");
        let value = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        value.expect("there is a row")
    }
}
