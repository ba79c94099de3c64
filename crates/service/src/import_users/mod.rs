//! Imports users from another system's file. [`roster_import`] reads the file. This module compares each record with the
//! store and creates the user.

mod alone;
mod carry_out;
mod claims;
mod decide;
mod decision;
mod explain;
mod known_users;
mod mode;

pub(crate) use alone::Alone;
pub use mode::ImportMode;

use crate::{Call, Error, Roster};
use claims::Claims;
use decide::parsed;
use futures_util::future::join;
use roster_auth::password::CostCap;
use roster_domain::{Permission, policy};
use roster_import::{
    ImportFile, ImportOptions, ImportReader, ImportSource, ImportSummary, Message, NameHasher, ReadError,
    ReadRecord, RecordReport, RecordSink, SinkClosed, UnreadableFile,
};
use std::collections::HashSet;
use std::io;
use thiserror::Error as ThisError;
use tokio::sync::mpsc;

/// The progress of an import, in records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The records processed so far. Users imported from them are durable.
    pub done: usize,
    /// All records in the file.
    pub total: usize,
}

/// Receives the outcome of each record, in the order of the file.
///
/// Every `FnMut(&RecordReport, Progress)` implements it.
pub trait ImportObserver: Send {
    /// Called after each record. If it was imported, the user is durable.
    fn decided(&mut self, record: &RecordReport, progress: Progress);
}

impl<F: FnMut(&RecordReport, Progress) + Send> ImportObserver for F {
    fn decided(&mut self, record: &RecordReport, progress: Progress) {
        self(record, progress);
    }
}

/// Why an import ended early.
#[derive(Debug, ThisError)]
pub enum ImportError {
    /// No record could be read, and nothing was written. Only [`UnreadableFile::Changed`] can occur later.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// Reading the file failed. Run the import again to continue; it recognises the users it has created.
    #[error("the file cannot be read to the end")]
    Io(#[from] io::Error),
    /// The caller may not import; nothing was written.
    #[error(transparent)]
    Denied(#[from] policy::Denied),
    /// The store failed. Run the import again to continue; it recognises the users it has created.
    #[error("the import stopped after {} of {} records; run it again to continue", .progress.done, .progress.total)]
    Stopped {
        /// The progress when it stopped.
        progress: Progress,
        /// What stopped it.
        #[source]
        source: Error,
    },
}

impl From<ReadError> for ImportError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unreadable(error) => error.into(),
            ReadError::Io(error) => error.into(),
        }
    }
}

/// How many messages the reader may send ahead. They become one batch: the slower the store, the larger it is.
const AHEAD: usize = 32;

/// Sends the reader's messages to the task that compares them with the store.
#[derive(Clone)]
struct MessageSender(mpsc::Sender<Message>);

impl RecordSink for MessageSender {
    fn send(&self, message: Message) -> Result<(), SinkClosed> {
        self.0.blocking_send(message).map_err(|_| SinkClosed)
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl Roster {
    /// Imports users from another system's file, or from an export of Roster.
    ///
    /// `source` is a file in UTF-8 of any [`FileFormat`](roster_import::FileFormat), also compressed with gzip or
    /// Zstandard. Field names match in any case, with `_`, `-` or neither. The old id becomes the
    /// external id; if there is none, the key in the map does, or else the username. A UUID can stay the id
    /// ([`ImportOptions::ids`]). A user with the same id and username is left unchanged. A record is refused if another
    /// user in the store or an earlier record has one of its names. Times without a zone are UTC. Unknown fields become
    /// attributes, except secrets. Every change to a record is reported.
    ///
    /// A person who was locked out of the old system is not imported as active, and neither is one whose lock field is not
    /// understood. Plain text is taken as a password only with [`PasswordTexts::Accept`](roster_import::PasswordTexts). Only
    /// the roles `admin` and `user` grant anything; other privileges need a [`RoleMapping`](roster_import::RoleMapping).
    ///
    /// The caller needs `users:create`, and every permission that the roles in the file grant. The password policy does
    /// not apply, because people keep their passwords. Each user is a separate commit, so an import that is killed and run
    /// again has the same result. The file is read several times from the start, on a thread that may block. The import
    /// uses a few megabytes of memory, plus at most 100 bytes per record.
    ///
    /// # Errors
    /// [`ImportError`]. A problem with a single record is reported instead.
    pub async fn import_users(
        &self,
        call: &Call,
        source: impl ImportSource,
        options: &ImportOptions,
        mode: ImportMode,
        observer: &mut dyn ImportObserver,
    ) -> Result<ImportSummary, ImportError> {
        let file = ImportFile { name: None, source: Box::new(source) };
        self.import_files(call, vec![file], options, mode, observer).await
    }

    /// Imports several files as one: no two records in them may have the same names. Like [`Self::import_users`] otherwise.
    ///
    /// # Errors
    /// [`ImportError`]. A problem with a single record is reported instead.
    pub async fn import_files(
        &self,
        call: &Call,
        files: Vec<ImportFile>,
        options: &ImportOptions,
        mode: ImportMode,
        observer: &mut dyn ImportObserver,
    ) -> Result<ImportSummary, ImportError> {
        policy::require(&call.principal, Permission::UsersCreate)?;
        let hasher = NameHasher::new(self.random());
        let cost_cap = CostCap::new(self.parts().hash_pool.cost());
        let reader = ImportReader::new(options.clone(), self.parts().clock.now(), hasher, cost_cap)
            .with_peppers(self.parts().hash_pool.peppers().clone());
        let (sender, messages) = mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking(move || reader.run(files, &MessageSender(sender)));
        let run = Run { roster: self, call, options, mode, hasher };
        let summary = run.decide_all(messages, observer).await?;
        reading.await.map_err(io::Error::other)??;
        Ok(summary)
    }
}

/// One import.
struct Run<'a> {
    roster: &'a Roster,
    call: &'a Call,
    options: &'a ImportOptions,
    mode: ImportMode,
    hasher: NameHasher,
}

impl Run<'_> {
    async fn decide_all(
        &self,
        mut messages: mpsc::Receiver<Message>,
        observer: &mut dyn ImportObserver,
    ) -> Result<ImportSummary, ImportError> {
        let mut summary = ImportSummary::new(self.mode == ImportMode::DryRun);
        let mut matched = HashSet::new();
        // If there is no survey, the file cannot be read, and the reader returns the error.
        let Some(Message::Surveyed(survey, unread)) = messages.recv().await else { return Ok(summary) };
        summary.unread_lists = unread;
        let total = survey.records();
        let mut claims = Claims::new(self.hasher, survey);
        let mut done = |record: RecordReport| {
            summary.add(&record);
            observer.decided(&record, Progress { done: summary.total, total });
        };
        let outcome = self.decide_batches(&mut messages, &mut claims, &mut matched, &mut done).await;
        if let Err(source) = outcome {
            return Err(ImportError::Stopped { progress: Progress { done: summary.total, total }, source });
        }
        let mappings = self.options.role_mappings.iter().enumerate();
        let unmatched = mappings.filter(|(index, _)| !matched.contains(index));
        summary.unmatched_role_mappings = unmatched.map(|(_, mapping)| mapping.to_string()).collect();
        Ok(summary)
    }

    /// Decides about one batch of records while the one before it is carried out.
    async fn decide_batches(
        &self,
        messages: &mut mpsc::Receiver<Message>,
        claims: &mut Claims,
        matched: &mut HashSet<usize>,
        done: &mut (dyn FnMut(RecordReport) + Send),
    ) -> Result<(), Error> {
        let mut decided = Vec::new();
        loop {
            let carrying_out = self.roster.carry_out(self.call, decided, self.mode, done);
            let deciding = async {
                let records = next_records(messages).await;
                matched.extend(parsed(&records).flat_map(|record| &record.matched_mappings));
                self.roster.decide(self.call, records, claims).await
            };
            let (carried_out, next) = join(carrying_out, deciding).await;
            carried_out?;
            decided = next?;
            if decided.is_empty() {
                return Ok(());
            }
        }
    }
}

/// What the reader has sent so far, at most [`AHEAD`] messages. Waits for the first; empty at the end.
async fn next_records(messages: &mut mpsc::Receiver<Message>) -> Vec<ReadRecord> {
    let mut received = Vec::new();
    messages.recv_many(&mut received, AHEAD).await;
    let records = received.into_iter().filter_map(|message| match message {
        Message::Records(records) => Some(records),
        Message::Surveyed(..) => None,
    });
    records.flatten().collect()
}
