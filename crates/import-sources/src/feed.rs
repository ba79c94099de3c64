//! The rows as lines of JSON, read on a thread of its own while somebody reads the lines.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::database::Query;
use crate::error::SourceError;
use crate::line::LineWriter;
use crate::location::DatabaseLocation;
use crate::plan::{Plan, Selection};
use crate::sql::{statement, tables};

/// The chunks that may wait. A database is read no faster than its rows are used.
const WAITING: usize = 4;

/// The size of a chunk, about.
const CHUNK: usize = 64 * 1024;

/// The people in a database, as NDJSON: one object for each row. Dropping it ends the reading.
pub struct SourceReader {
    parts: Receiver<Part>,
    chunk: Vec<u8>,
    position: usize,
    notes: Vec<String>,
}

enum Part {
    /// The rows follow. With what the operator should know.
    Opened(Vec<String>),
    Chunk(Vec<u8>),
    Failed(SourceError),
}

impl SourceReader {
    /// Opens a database, and begins to read what is selected. It blocks, also on the network. Nothing is read if a column may not
    /// be read whose name `says_locked`: that it may say who is locked out.
    ///
    /// # Errors
    /// [`SourceError`] if it cannot be opened, or has no such table. What fails later is an error of a read.
    pub fn open(
        location: DatabaseLocation,
        selection: Selection,
        says_locked: fn(&str) -> bool,
    ) -> Result<Self, SourceError> {
        let (sender, parts) = sync_channel(WAITING);
        let read = move || {
            if let Err(error) = send_rows(&location, &selection, says_locked, &sender) {
                // The reader may be gone.
                let _ = sender.send(Part::Failed(error));
            }
        };
        let started = thread::Builder::new().name("source".to_owned()).spawn(read);
        started.map_err(|error| SourceError::Database(format!("cannot start a thread: {error}")))?;
        match parts.recv() {
            Ok(Part::Opened(notes)) => Ok(Self { parts, chunk: Vec::new(), position: 0, notes }),
            Ok(Part::Failed(error)) => Err(error),
            Ok(Part::Chunk(_)) | Err(_) => Err(SourceError::Cancelled),
        }
    }

    /// What the operator should know about the selection.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.chunk.len() {
            match self.parts.recv() {
                Ok(Part::Chunk(chunk)) => (self.chunk, self.position) = (chunk, 0),
                Ok(Part::Opened(_)) => {}
                Ok(Part::Failed(error)) => return Err(io::Error::other(error)),
                Err(_) => return Ok(0),
            }
        }
        let length = buffer.len().min(self.chunk.len() - self.position);
        buffer[..length].copy_from_slice(&self.chunk[self.position..self.position + length]);
        self.position += length;
        Ok(length)
    }
}

fn send_rows(
    location: &DatabaseLocation,
    selection: &Selection,
    says_locked: fn(&str) -> bool,
    parts: &SyncSender<Part>,
) -> Result<(), SourceError> {
    let mut database = location.open()?;
    let catalog = database.catalog()?;
    let plan = Plan::new(&catalog, selection, says_locked)?;
    for table in tables(&plan, database.dialect()) {
        if database.hides_columns(&table)? {
            return Err(SourceError::ColumnsHidden(table));
        }
    }
    let mut lines = line_writer(&plan, selection)?;
    let send = |part| parts.send(part).map_err(|_| SourceError::Cancelled);
    send(Part::Opened(plan.notes.clone()))?;
    let names: Vec<String> = lines.names().map(str::to_owned).collect();
    let query = Query {
        statement: &statement(&plan, database.dialect()),
        names: &names,
        json: &plan.json(),
        key: plan.key(),
    };
    database.read(&query, &mut |cells| {
        lines.write(cells);
        if lines.len() < CHUNK { Ok(()) } else { send(Part::Chunk(lines.take())) }
    })?;
    if lines.count() == 0 {
        return Err(SourceError::NoRows(plan.table.full_name()));
    }
    send(Part::Chunk(lines.take()))
}

fn line_writer(plan: &Plan<'_>, selection: &Selection) -> Result<LineWriter, SourceError> {
    let only = selection.only.iter().map(|(field, value)| Ok((plan.field(field)?, value.clone())));
    Ok(LineWriter::new(plan.fields(), plan.key(), only.collect::<Result<_, SourceError>>()?))
}
