//! Commits drafted groups: it writes one line for each accepted unit, syncs all lines once, and then publishes the
//! new state.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use arc_swap::ArcSwap;
use roster_storage::CommitError;

use crate::disk::Disk;
use crate::draft::{Base, Drafted, DraftedGroup, Prepared};
use crate::journal::{AppendError, Group, Journal, Sealed};
use crate::metrics::Counters;
use crate::reply_batch::Outcome;
use crate::state::{Index, KnownNames, State};

/// Written and removed again, to check whether there is room.
const PROBE: &str = "roster.probe";
const PROBE_BYTES: [u8; 4096] = [0; 4096];

/// The input of the projections: the state, and the segments that led to it.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) state: Arc<State>,
    pub(crate) sealed: Sealed,
}

/// The result of a group.
#[derive(Debug)]
pub(crate) struct Committed {
    /// For each unit, in order.
    pub(crate) outcomes: Vec<Outcome>,
    /// The units, in the same order.
    pub(crate) units: Vec<Prepared>,
    /// The base for drafting again if the group failed. Everything drafted on it is void.
    pub(crate) rebase: Option<Base>,
    /// The state that readers saw before. Dropping it takes longer than replying, so the replies come first.
    pub(crate) superseded: Option<Arc<State>>,
}

/// Writes the journal and publishes states.
pub(crate) struct Committer {
    disk: Arc<dyn Disk>,
    journal: Journal,
    published: Arc<ArcSwap<State>>,
    counters: Arc<Counters>,
}

impl Committer {
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        journal: Journal,
        published: Arc<ArcSwap<State>>,
        counters: Arc<Counters>,
    ) -> Self {
        counters.journal_bytes.set(journal.len());
        Self { disk, journal, published, counters }
    }

    /// The base of the next draft, if no other draft is being committed.
    pub(crate) fn base(&self) -> Base {
        Base { state: State::clone(&self.published.load()), next: self.journal.next() }
    }

    /// Commits a group that was drafted on the previous one.
    pub(crate) fn commit(&mut self, drafted: DraftedGroup) -> Committed {
        let DraftedGroup { units, state } = drafted;
        let mut group = self.journal.group(units.iter().map(|drafted| drafted.unit.body.len()));
        for Drafted { unit, verdict } in &units {
            if verdict.is_ok() {
                group.add(&unit.body);
            }
        }
        let failure = self.write(&group).err().map(|error| self.outcomes_after(&Arc::new(error), &units));
        let superseded = failure.is_none().then(|| self.published.swap(Arc::new(state)));
        let rebase = failure.is_some().then(|| self.base());
        let (units, verdicts): (_, Vec<_>) = units
            .into_iter()
            .map(|Drafted { unit, verdict }| (unit, verdict.map_err(CommitError::from)))
            .unzip();
        let outcomes = failure.unwrap_or(verdicts);
        self.count(&outcomes);
        Committed { outcomes, units, rebase, superseded }
    }

    /// Ends the current segment, so that projections can include all units.
    pub(crate) fn seal(&mut self) -> Checkpoint {
        Checkpoint { state: self.published.load_full(), sealed: self.journal.seal() }
    }

    /// Forgets segments whose numbers are at most `through`. Their files are gone, and their records are in the
    /// audit log.
    pub(crate) fn remove_through(&mut self, through: u64) {
        self.journal.remove_through(through);
        let mut state = State::clone(&self.published.load());
        state.audit.remove_written(through);
        self.published.store(Arc::new(state));
        self.counters.journal_bytes.set(self.journal.len());
    }

    /// Publishes the same state with another index for lists.
    pub(crate) fn use_index(&self, index: &Arc<Index>) {
        let mut state = State::clone(&self.published.load());
        state.use_index(index);
        self.published.store(Arc::new(state));
    }

    /// Publishes the same state with other tables of names.
    pub(crate) fn use_names(&self, names: &Arc<KnownNames>) {
        let mut state = State::clone(&self.published.load());
        state.use_names(names);
        self.published.store(Arc::new(state));
    }

    /// Checks whether the disk accepts a write.
    pub(crate) fn probe(&self) -> std::io::Result<()> {
        let mut file = self.disk.create(PROBE)?;
        let written = file.write_all(&PROBE_BYTES).and_then(|()| file.sync());
        self.disk.remove(PROBE)?;
        written
    }

    fn write(&mut self, group: &Group) -> Result<(), AppendError> {
        if group.is_empty() {
            return Ok(());
        }
        self.counters.syncs.add(1);
        self.journal.append(group)?;
        self.counters.bytes_written.add(group.len() as u64);
        self.counters.journal_bytes.set(self.journal.len());
        Ok(())
    }

    /// The whole group failed, so units rejected because of another unit in it are undecided too.
    fn outcomes_after(&self, error: &Arc<AppendError>, units: &[Drafted]) -> Vec<Outcome> {
        tracing::error!(error = &**error as &dyn Error, units = units.len(), "a group of commits failed");
        let published = self.published.load();
        let outcome = |Drafted { unit, verdict }: &Drafted| {
            let source = || Box::new(Arc::clone(error));
            match (verdict, &**error) {
                (Ok(()), AppendError::Unknown(_)) => Err(CommitError::OutcomeUnknown(source())),
                (Ok(()), AppendError::NotWritten(_)) => Err(CommitError::Unavailable(source())),
                (Err(_), _) => match State::clone(&published).take(&unit.work) {
                    Err(conflict) => Err(conflict.into()),
                    Ok(()) => Err(CommitError::Unavailable(source())),
                },
            }
        };
        units.iter().map(outcome).collect()
    }

    fn count(&self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            let counter = match outcome {
                Ok(()) => &self.counters.commits,
                Err(CommitError::Conflict(_)) => &self.counters.conflicts,
                Err(
                    CommitError::Unavailable(_) | CommitError::Damaged(_) | CommitError::OutcomeUnknown(_),
                ) => &self.counters.failures,
            };
            counter.add(1);
        }
    }
}
