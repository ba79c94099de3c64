//! The storage engine of the servers that tests start.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use roster_test_postgres::{Database, database};

thread_local! {
    /// The engine that the test on this thread is about.
    static ONLY: Cell<Option<Engine>> = const { Cell::new(None) };
}

/// A storage engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// users.json and its journal.
    Json,
    /// A SQLite database.
    Sqlite,
    /// A PostgreSQL database.
    Postgres,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 3] = [Self::Json, Self::Sqlite, Self::Postgres];

    /// The variable that names the engines of a test run, separated by commas. By default these are all.
    pub const VARIABLE: &'static str = "ROSTER_TEST_ENGINES";

    /// The name in the variable.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// Says that the calling test is about this engine: the servers that it starts use no other.
    pub fn only(self) {
        ONLY.set(Some(self));
    }

    /// The engines of this test run. Each test runs on the first of them, and the test `engines` runs the others.
    ///
    /// # Panics
    /// If the variable names something else.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the engines are chosen through a variable of the tests")]
    pub fn of_this_run() -> Vec<Self> {
        let Ok(names) = std::env::var(Self::VARIABLE) else { return Self::ALL.to_vec() };
        let find = |name: &str| Self::ALL.into_iter().find(|engine| engine.as_str() == name.trim());
        let engines = names.split(',').map(|name| find(name).unwrap_or_else(|| panic!("no engine {name:?}")));
        engines.collect()
    }

    /// The engine of the calling test.
    #[must_use]
    pub fn of_this_test() -> Self {
        let first = || Self::of_this_run().first().copied();
        ONLY.get().or_else(first).unwrap_or(Self::Json)
    }

    /// The name of the file of the users in the data folder; `None` if they are in a database server.
    #[must_use]
    pub const fn file(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("users.json"),
            Self::Sqlite => Some("roster.db"),
            Self::Postgres => None,
        }
    }

    /// The URL of a store in this data folder; `None` if it is the default.
    pub(crate) fn url(self, data: &Path) -> Option<String> {
        match self {
            Self::Json => None,
            Self::Sqlite => Some(format!("sqlite:{}", data.join("roster.db").display())),
            Self::Postgres => Some(database_of(data)),
        }
    }
}

/// The URL of the database that belongs to this data folder, in place of a file in it.
fn database_of(data: &Path) -> String {
    /// They are there until the process ends, since a data folder may be used again.
    static DATABASES: Mutex<Option<HashMap<PathBuf, Database>>> = Mutex::new(None);
    let mut databases = DATABASES.lock().unwrap_or_else(PoisonError::into_inner);
    let databases = databases.get_or_insert_default();
    let create = || database().expect("the tests run on PostgreSQL, so there is a server");
    databases.entry(data.to_owned()).or_insert_with(create).url()
}
