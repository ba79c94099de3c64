//! One read replica.

use std::mem::{discriminant, replace};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::timeout;

use super::position::{Position, RequiredPosition};
use crate::connection::DatabaseUrl;
use crate::database::Database;

/// A read replica.
pub(super) struct Replica {
    url: DatabaseUrl,
    database: Database,
    state: Mutex<State>,
}

/// What is known of a replica.
enum State {
    /// It was not asked yet.
    New,
    /// It has replayed so much of the log of the store.
    At(Position),
    /// It does not answer.
    Silent,
    /// It is no replica, or one of something else.
    Unfit,
}

/// How long a replica may take to say how far it is.
const ANSWER: Duration = Duration::from_secs(1);

/// The code for a table that is not there.
const NO_TABLE: &str = "42P01";

impl Replica {
    pub(super) const fn new(url: DatabaseUrl, database: Database) -> Self {
        Self { url, database, state: Mutex::new(State::New) }
    }

    /// The connections to it.
    pub(super) const fn database(&self) -> &Database {
        &self.database
    }

    /// Whether it shows everything up to this position.
    pub(super) fn has(&self, required: &Position) -> bool {
        matches!(&*self.state.lock(), State::At(position) if position.has(required))
    }

    /// It has failed; it is not used until it answers again.
    pub(super) fn has_failed(&self) {
        self.note(State::Silent, "it does not answer a list");
    }

    /// Asks it how far it is. `last` is the last position of the primary.
    pub(super) async fn look(&self, required: &RequiredPosition, last: &Position) {
        match timeout(ANSWER, required.replayed(&self.database)).await {
            Ok(Ok(Some(position))) => match position.difference(last) {
                None => self.note(State::At(position), ""),
                Some(difference) => self.note(State::Unfit, difference),
            },
            Ok(Ok(None)) => self.note(State::Unfit, "it is not a replica"),
            Ok(Err(error)) if error.code() == Some(NO_TABLE) => self.note(State::Unfit, "it has no store"),
            Ok(Err(error)) if error.code().is_some() => self.note(State::Unfit, &error.to_string()),
            Ok(Err(error)) => self.note(State::Silent, &error.to_string()),
            Err(_) => self.note(State::Silent, "it does not answer"),
        }
    }

    fn note(&self, state: State, reason: &str) {
        let (is_used, now) = (matches!(state, State::At(_)), discriminant(&state));
        let before = replace(&mut *self.state.lock(), state);
        if discriminant(&before) == now {
            return;
        }
        if is_used {
            tracing::info!(url = %self.url, "lists are read from a read replica");
        } else {
            tracing::warn!(url = %self.url, reason, "a read replica is not used; lists are read elsewhere");
        }
    }
}
