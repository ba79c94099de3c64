//! A connection that reads, with limits.

use std::ops::Deref;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::failure::Failure;
use crate::read_limit::ReadLimit;
use crate::rows::execute;

/// A connection that reads, with limits on its statements.
pub(crate) struct Reader {
    connection: Connection,
    limit: ReadLimit,
    is_in_transaction: bool,
}

impl Reader {
    /// A reader without limits so far.
    pub(crate) fn new(mut connection: Connection) -> rusqlite::Result<Self> {
        let limit = ReadLimit::install(&mut connection)?;
        Ok(Self { connection, limit, is_in_transaction: false })
    }

    /// The limits, which apply to every statement of the connection.
    pub(crate) fn limit(&self) -> ReadLimit {
        self.limit.clone()
    }

    /// Reads until `patience` has passed since `asked`, in a transaction that stays open for more reads.
    ///
    /// # Errors
    /// [`Failure::Slow`] if that is too short, and those of `read`.
    pub(crate) fn within<T>(
        &mut self,
        asked: Instant,
        patience: Duration,
        read: impl FnOnce(&Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let deadline = asked + patience;
        if Instant::now() >= deadline {
            return Err(Failure::Slow(patience));
        }
        self.begin_transaction()?;
        self.limit.set_steps(None);
        self.limit.set_deadline(Some(deadline));
        let outcome = read(self);
        self.limit.set_deadline(None);
        match outcome {
            Err(failure) if failure.is_interruption() => Err(Failure::Slow(patience)),
            outcome => outcome,
        }
    }

    fn begin_transaction(&mut self) -> Result<(), Failure> {
        if !self.is_in_transaction {
            execute(&self.connection, "BEGIN", &[])?;
            self.is_in_transaction = true;
        }
        Ok(())
    }

    /// Ends the transaction, so that the next read sees the newest state.
    pub(crate) fn end_transaction(&mut self) {
        if std::mem::take(&mut self.is_in_transaction) {
            // If this fails, the next BEGIN reports it.
            let _ = execute(&self.connection, "ROLLBACK", &[]);
        }
    }
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}
