//! Imports users from another system's file. [`roster_import`] reads the file. This module compares each record with the
//! store and creates the user.

mod alone;
mod carry_out;
mod claims;
mod decide;
mod decision;
mod error;
mod explain;
mod file_report;
mod known_users;
mod ledger;
mod mode;
mod observer;

pub(crate) use alone::Alone;
pub use error::ImportError;
pub(crate) use error::ImportFailure;
pub use file_report::FileReport;
pub(crate) use ledger::{ImportLedger, RecordFate};
pub use mode::ImportMode;
pub use observer::{ImportObserver, Progress};

use crate::{Call, Error, Roster};
use carry_out::Batch;
use claims::Claims;
use decide::parsed;
use futures_util::future::{Either, join, select};
use ledger::ObservedLedger;
use roster_auth::password::CostCap;
use roster_domain::{Permission, policy};
use roster_import::{
    ImportFile, ImportOptions, ImportReader, ImportSource, ImportSummary, Message, NameHasher, ReadRecord,
    RecordSink, SinkClosed,
};
use std::collections::HashSet;
use std::io;
use std::pin::pin;
use tokio::sync::mpsc;

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
    /// The caller needs `users:import`, and every permission that the roles in the file grant. The password policy does
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
        policy::require(&call.principal, Permission::UsersImport)?;
        let mut ledger = ObservedLedger::new(observer, ImportSummary::new(mode == ImportMode::DryRun));
        let read = self.run_import(call, files, options, mode, &mut ledger).await;
        let read = match read {
            Err(ImportFailure::Stopped(source)) => {
                return Err(ImportError::Stopped { progress: ledger.progress(), source });
            }
            Err(ImportFailure::Early(error)) => return Err(error),
            Ok(read) => read,
        };
        let FileReport { unmatched_role_mappings, unread_lists } = read;
        let mut summary = ledger.summary;
        (summary.unread_lists, summary.unmatched_role_mappings) = (unread_lists, unmatched_role_mappings);
        Ok(summary)
    }

    /// Imports files, and tells `ledger` what becomes of their records.
    ///
    /// # Errors
    /// [`ImportFailure`].
    pub(crate) async fn run_import(
        &self,
        call: &Call,
        files: Vec<ImportFile>,
        options: &ImportOptions,
        mode: ImportMode,
        ledger: &mut dyn ImportLedger,
    ) -> Result<FileReport, ImportFailure> {
        let hasher = NameHasher::new(self.random());
        let cost_cap = CostCap::new(self.parts().hash_pool.cost());
        let reader = ImportReader::new(options.clone(), self.parts().clock.now(), hasher, cost_cap)
            .with_peppers(self.parts().hash_pool.peppers().clone())
            .with_max_records(ledger.max_records());
        let (sender, messages) = mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking(move || reader.run(files, &MessageSender(sender)));
        let run = Run { roster: self, call, options, mode, hasher };
        let read = run.decide_all(messages, ledger).await.map_err(ImportFailure::Stopped)?;
        reading.await.map_err(io::Error::other).map_err(ImportError::from)?.map_err(ImportError::from)?;
        Ok(read)
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
        ledger: &mut dyn ImportLedger,
    ) -> Result<FileReport, Error> {
        let mut matched = HashSet::new();
        let first = match select(pin!(messages.recv()), ledger.stopped()).await {
            Either::Left((first, _)) => first,
            Either::Right((stopped, _)) => return Err(stopped),
        };
        // If there is no survey, the file cannot be read, and the reader returns the error.
        let Some(Message::Surveyed(survey, unread_lists)) = first else {
            return Ok(FileReport::default());
        };
        ledger.begin(survey.records()).await?;
        let mut claims = Claims::new(self.hasher, survey);
        self.decide_batches(&mut messages, &mut claims, &mut matched, ledger).await?;
        let mappings = self.options.role_mappings.iter().enumerate();
        let unmatched = mappings.filter(|(index, _)| !matched.contains(index));
        let unmatched_role_mappings = unmatched.map(|(_, mapping)| mapping.to_string()).collect();
        Ok(FileReport { unmatched_role_mappings, unread_lists })
    }

    /// Decides about one batch of records and prepares it while the one before it is carried out.
    async fn decide_batches(
        &self,
        messages: &mut mpsc::Receiver<Message>,
        claims: &mut Claims,
        matched: &mut HashSet<usize>,
        ledger: &mut dyn ImportLedger,
    ) -> Result<(), Error> {
        let mut batch = Batch::empty(0);
        loop {
            let first = batch.end();
            let carrying_out = self.roster.carry_out(self.call, batch, ledger);
            let deciding = async {
                let records = next_records(messages).await;
                matched.extend(parsed(&records).flat_map(|record| &record.matched_mappings));
                let decided = self.roster.decide(self.call, records, claims).await?;
                Ok::<_, Error>(self.roster.prepare(self.call, first, decided, self.mode))
            };
            let (carried_out, next) = join(carrying_out, deciding).await;
            carried_out?;
            batch = next?;
            if batch.is_empty() {
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
