//! The storage engine of the servers that tests start.

use std::cell::Cell;
use std::path::Path;

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
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 2] = [Self::Json, Self::Sqlite];

    /// The variable that names the engine of a test run.
    pub const VARIABLE: &'static str = "ROSTER_TEST_ENGINE";

    /// The name in the variable.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Sqlite => "sqlite",
        }
    }

    /// Says that the calling test is about this engine: the servers that it starts use no other.
    pub fn only(self) {
        ONLY.set(Some(self));
    }

    /// The engine of this test, or else of this test run; the embedded one if the variable is not set.
    ///
    /// # Panics
    /// If the variable names no engine.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the engine is chosen through a variable of the tests")]
    pub fn of_this_run() -> Self {
        if let Some(only) = ONLY.get() {
            return only;
        }
        let Ok(name) = std::env::var(Self::VARIABLE) else { return Self::Json };
        let found = Self::ALL.into_iter().find(|engine| engine.as_str() == name);
        found.unwrap_or_else(|| panic!("{} is json or sqlite, not {name:?}", Self::VARIABLE))
    }

    /// The URL of a store in this data folder; `None` if it is the default.
    pub(crate) fn url(self, data: &Path) -> Option<String> {
        match self {
            Self::Json => None,
            Self::Sqlite => Some(format!("sqlite:{}", data.join("roster.db").display())),
        }
    }
}
