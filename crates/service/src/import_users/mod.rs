//! People from another system's file.

mod attributes;
mod claims;
mod cutter;
mod decision;
mod fields;
mod file;
mod names;
mod note;
mod own_export;
mod password;
mod person;
mod place;
mod refusal;
mod report;
mod roles;
mod roll;
mod status;
mod strict;
mod times;

pub use file::UnreadableFile;
pub use note::Note;
pub use place::Place;
pub use refusal::{Holder, Refusal};
pub use report::{ImportReport, RecordOutcome, RecordReport};

use crate::{Call, Error, Roster};
use claims::Claims;
use file::RawRecord;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use place::Shown;
use roster_domain::{Permission, policy};
use thiserror::Error as ThisError;

/// Whether an import writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportMode {
    /// It does.
    Write,
    /// It reports what it would do.
    DryRun,
}

/// How far an import is, in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many are decided, and if they came in, durable.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// Why an import ended early.
#[derive(Debug, ThisError)]
pub enum ImportError {
    /// No record could be read; nothing was written.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
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

/// How many people are on their way into the store at once, so that their commits share a sync.
const IN_FLIGHT: usize = 64;

impl Roster {
    /// Brings in the people of a file of another system, or of an export.
    ///
    /// `file` is JSON in UTF-8: a map by username, email or id; an array; either under `users`, also within
    /// `data`; or one object a line. Names of fields are read in any case, with `_`, `-` or neither. The old
    /// id, else the key in the map, else the username becomes the external id. Whoever has the same external
    /// id and username is left untouched; whoever has a name of somebody else, in the store or earlier in the
    /// file, is refused. Times without a zone are UTC. Fields that mean nothing here become attributes,
    /// except secrets. The report tells every change that a record went through.
    ///
    /// The caller needs `users:create`, and every permission that the roles in the file grant. The password
    /// policy is not applied: people keep what they have. Each person is a commit of their own, so that the
    /// import can be killed halfway, run again, and ends the same. The file, its names and the report are
    /// held in memory: a few times the file's size.
    ///
    /// # Errors
    /// [`ImportError`]. What is wrong with a single record is told in the report instead.
    pub async fn import_users(
        &self,
        call: &Call,
        file: &[u8],
        mode: ImportMode,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ImportReport, ImportError> {
        policy::hold(&call.principal, Permission::UsersCreate)?;
        let records = file::records(file)?;
        let total = records.len();
        let now = self.parts().clock.now();
        let mut claims = Claims::default();
        let mut report = ImportReport::new(mode == ImportMode::DryRun);
        for group in records.chunks(IN_FLIGHT) {
            let mut done = |record| {
                report.add(record);
                progress(Progress { done: report.total, total });
            };
            let outcome = self.import_group(call, group, mode, now, &mut claims, &mut done).await;
            if let Err(source) = outcome {
                return Err(ImportError::Stopped {
                    progress: Progress { done: report.total, total },
                    source,
                });
            }
        }
        Ok(report)
    }

    /// Decides about each record in order, then carries the decisions out side by side.
    async fn import_group(
        &self,
        call: &Call,
        group: &[RawRecord<'_>],
        mode: ImportMode,
        now: Timestamp,
        claims: &mut Claims,
        done: &mut (dyn FnMut(RecordReport) + Send),
    ) -> Result<(), Error> {
        let mut decisions = Vec::with_capacity(group.len());
        for record in group {
            decisions.push((record.place.clone(), self.decide(call, record, now, claims).await?));
        }
        let work = decisions.into_iter().map(|(place, decision)| async move {
            let outcome = self.carry_out(call, decision, mode).await?;
            Ok::<_, Error>(RecordReport { place, outcome })
        });
        let mut finished = stream::iter(work).buffered(IN_FLIGHT);
        while let Some(record) = finished.next().await {
            done(record?);
        }
        Ok(())
    }
}
