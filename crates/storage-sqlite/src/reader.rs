//! A connection that reads, with limits.

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::failure::Failure;
use crate::read_limit::ReadLimit;

/// A connection that reads, with limits on its statements.
pub(crate) struct Reader {
    connection: Connection,
    limit: ReadLimit,
}

impl Reader {
    /// A reader without limits so far.
    pub(crate) fn new(mut connection: Connection) -> rusqlite::Result<Self> {
        let limit = ReadLimit::install(&mut connection)?;
        Ok(Self { connection, limit })
    }

    /// The limits, which apply to every statement of the connection.
    pub(crate) fn limit(&self) -> ReadLimit {
        self.limit.clone()
    }

    /// Reads until `patience` has passed since `asked`.
    ///
    /// # Errors
    /// [`Failure::Slow`] if that is too short, and those of `read`.
    pub(crate) fn within<T>(
        &mut self,
        asked: Instant,
        patience: Duration,
        read: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let deadline = asked + patience;
        if Instant::now() >= deadline {
            return Err(Failure::Slow(patience));
        }
        self.limit.set_steps(None);
        self.limit.set_deadline(Some(deadline));
        let outcome = read(self);
        self.limit.set_deadline(None);
        match outcome {
            Err(failure) if failure.is_interruption() => Err(Failure::Slow(patience)),
            outcome => outcome,
        }
    }
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
