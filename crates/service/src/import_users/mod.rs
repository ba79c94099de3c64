//! People from another system's file.

mod account_state;
mod addresses;
mod attributes;
mod carry_out;
mod claims;
mod cursor;
mod decision;
mod encoding;
mod fields;
mod ids;
mod location;
mod lock;
mod lock_value;
mod lock_words;
mod names;
mod nested_locks;
mod no_password;
mod note;
mod numbers;
mod object_names;
mod options;
mod own_export;
mod password;
mod password_names;
mod person;
mod power;
mod ranges;
mod reader;
mod reading;
mod refusal;
mod report;
mod roles;
mod scan;
mod secret;
mod secret_name;
mod secret_text;
mod shape;
mod short_tokens;
mod source;
mod splitter;
mod status;
mod strict;
mod survey;
mod times;
mod unread_lists;
mod unreadable;
mod username;

pub use location::RecordLocation;
pub use no_password::NoPassword;
pub use note::Note;
pub use options::{ImportOptions, OldIds, PasswordTexts, RoleMapping, RoleMappingError};
pub use ranges::RecordRanges;
pub use refusal::{Holder, Refusal};
pub use report::{ImportSummary, RecordOutcome, RecordReport};
pub use source::ImportSource;
pub use unread_lists::UnreadList;
pub use unreadable::{ForeignFormat, UnreadableFile};

use crate::{Call, Error, Roster};
use claims::Claims;
use decision::Decision;
use futures_util::{StreamExt, stream};
use location::Escaped;
use reader::{GROUP, ImportReader, Message, ReadRecord};
use roster_domain::{Permission, policy};
use serde::{Deserialize, Serialize};
use source::ReadError;
use std::collections::HashSet;
use std::io;
use survey::NameHasher;
use thiserror::Error as ThisError;
use tokio::sync::mpsc;

/// Whether an import writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// It does.
    Write,
    /// It reports what it would do.
    DryRun,
}

/// How far an import is, in records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many are decided, and if they came in, durable.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// Hears what becomes of each record, in the order of the file.
///
/// Any `FnMut(&RecordReport, Progress)` is one.
pub trait ImportObserver: Send {
    /// A record is decided, and if its person came in, durable.
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
    /// No record could be read; nothing was written. Only [`UnreadableFile::Changed`] may come later.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// The system did not give the file's bytes. Run again, the import recognises those who are in and goes on.
    #[error("the file cannot be read to its end")]
    Io(#[from] io::Error),
    /// The caller may not import; nothing was written.
    #[error(transparent)]
    Denied(#[from] policy::Denied),
    /// It had to stop. Run again, it recognises those who are in and goes on.
    #[error("the import stopped after {} of {} records; run it again to go on", .progress.done, .progress.total)]
    Stopped {
        /// How far it had come.
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

/// How many messages of the reader wait to be decided.
const AHEAD: usize = 2;

impl Roster {
    /// Brings in the people of a file of another system, or of an export.
    ///
    /// `source` is JSON in UTF-8: a map by username, email or id; an array; either under `users`, also within
    /// `data`; or one object a line. Names of fields are read in any case, with `_`, `-` or neither. The old
    /// id, else the key in the map, else the username becomes the external id; a UUID may stay the id
    /// ([`ImportOptions::ids`]). Whoever has the same id and username is left untouched; whoever has a name of somebody
    /// else, in the store or earlier in the file, is refused. Times without a zone are UTC. Fields that mean nothing
    /// here become attributes, except secrets. Each change to a record is reported.
    ///
    /// A person whom the old system had shut out does not come in active, and neither does one about whom it said
    /// something that is not understood. A text is a password only by [`PasswordTexts::Accept`], and power other than
    /// the roles `admin` and `user` is granted only by a [`RoleMapping`].
    ///
    /// The caller needs `users:create`, and every permission that the roles in the file grant. The password
    /// policy is not applied: people keep what they have. Each person is a commit of their own, so that the
    /// import can be killed halfway, run again, and ends the same. The file is read from the start several times, on a
    /// thread where that may block; beyond a few megabytes at most 100 bytes a record are held in memory.
    ///
    /// # Errors
    /// [`ImportError`]. What is wrong with a single record is reported instead.
    pub async fn import_users(
        &self,
        call: &Call,
        source: impl ImportSource,
        options: &ImportOptions,
        mode: ImportMode,
        observer: &mut dyn ImportObserver,
    ) -> Result<ImportSummary, ImportError> {
        policy::require(&call.principal, Permission::UsersCreate)?;
        let hasher = NameHasher::new(self.random());
        let reader = ImportReader { options: options.clone(), now: self.parts().clock.now(), hasher };
        let (sender, messages) = mpsc::channel(AHEAD);
        let source = Box::new(source);
        let reading = tokio::task::spawn_blocking(move || reader.run(source, &sender));
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
        let mut met = HashSet::new();
        // Without a survey the file could not be read: the reader says why.
        let Some(Message::Surveyed(survey, unread)) = messages.recv().await else { return Ok(summary) };
        summary.unread_lists = unread;
        let total = survey.records();
        let mut claims = Claims::new(self.hasher, survey);
        while let Some(message) = messages.recv().await {
            let Message::Records(group) = message else { continue };
            let mut done = |record: RecordReport| {
                summary.add(&record);
                observer.decided(&record, Progress { done: summary.total, total });
            };
            let outcome = self.import_group(group, &mut claims, &mut met, &mut done).await;
            if let Err(source) = outcome {
                return Err(ImportError::Stopped {
                    progress: Progress { done: summary.total, total },
                    source,
                });
            }
        }
        let unmatched =
            self.options.role_mappings.iter().enumerate().filter(|(index, _)| !met.contains(index));
        summary.unmatched_role_mappings = unmatched.map(|(_, mapping)| mapping.to_string()).collect();
        Ok(summary)
    }

    /// Decides about each record in order, then carries the decisions out side by side.
    async fn import_group(
        &self,
        group: Vec<ReadRecord>,
        claims: &mut Claims,
        met: &mut HashSet<usize>,
        done: &mut (dyn FnMut(RecordReport) + Send),
    ) -> Result<(), Error> {
        let mut decisions = Vec::with_capacity(group.len());
        for record in group {
            let decision = match record.outcome {
                Err(refusal) => Decision::Refuse(refusal),
                Ok(understood) => {
                    met.extend(understood.mappings_met.iter().copied());
                    self.roster.decide(self.call, *understood, &record.location, claims).await?
                }
            };
            decisions.push((record.location, decision));
        }
        let work = decisions.into_iter().map(|(location, decision)| async move {
            let outcome = self.roster.carry_out(self.call, decision, self.mode).await?;
            Ok::<_, Error>(RecordReport { location, outcome })
        });
        // Commits that are under way together share a sync.
        let mut finished = stream::iter(work).buffered(GROUP);
        while let Some(record) = finished.next().await {
            done(record?);
        }
        Ok(())
    }
}
