//! Commits units of work in groups: each one's guards are checked against the state so far, one line is
//! written for each that passes, all lines are synced once, and then the new state is published.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use arc_swap::ArcSwap;
use roster_storage::{CommitError, UnitOfWork};

use crate::disk::Disk;
use crate::journal::{AppendError, Group, Journal, Sealed, StoredUnit};
use crate::metrics::Counters;
use crate::state::State;

/// Written and removed again, to see whether there is room.
const PROBE: &str = "roster.probe";
const PROBE_BYTES: [u8; 4096] = [0; 4096];

/// A unit of work with the JSON of its line.
#[derive(Debug)]
pub(crate) struct Prepared {
    work: UnitOfWork,
    body: Vec<u8>,
}

impl Prepared {
    pub(crate) fn new(work: UnitOfWork) -> serde_json::Result<Self> {
        Ok(Self { body: StoredUnit::encode(&work)?, work })
    }

    /// Bytes.
    pub(crate) const fn len(&self) -> usize {
        self.body.len()
    }
}

/// All that projections need: the state, and the segments that led to it.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) state: Arc<State>,
    pub(crate) sealed: Sealed,
}

/// The one who writes the journal and publishes states.
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

    /// Commits a group of units, in order, and answers each.
    pub(crate) fn commit(&mut self, units: &[Prepared]) -> Vec<Result<(), CommitError>> {
        let mut draft = State::clone(&self.published.load());
        let mut group = self.journal.group();
        let answers: Vec<_> = units
            .iter()
            .map(|unit| {
                draft.take(&unit.work)?;
                let number = group.add(&unit.body);
                if let Some(record) = unit.work.record() {
                    draft.audit.push(number, Arc::clone(record));
                }
                Ok(())
            })
            .collect();
        let answers = match self.write(&group) {
            Ok(()) => {
                self.published.store(Arc::new(draft));
                answers
            }
            Err(error) => self.answers_after(&Arc::new(error), &answers, units),
        };
        self.count(&answers);
        answers
    }

    /// Ends the current segment, so that projections can take in all there is.
    pub(crate) fn seal(&mut self) -> Checkpoint {
        Checkpoint { state: self.published.load_full(), sealed: self.journal.seal() }
    }

    /// Forgets segments whose numbers all are at most `through`; their files are gone, and their records are
    /// in the audit log.
    pub(crate) fn let_go(&mut self, through: u64) {
        self.journal.let_go(through);
        let mut state = State::clone(&self.published.load());
        state.audit.file(through);
        self.published.store(Arc::new(state));
        self.counters.journal_bytes.set(self.journal.len());
    }

    /// Tries whether the disk takes a write.
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

    /// Nothing of the group counts, so what was refused because of another unit in it is open again.
    fn answers_after(
        &self,
        error: &Arc<AppendError>,
        answers: &[Result<(), CommitError>],
        units: &[Prepared],
    ) -> Vec<Result<(), CommitError>> {
        tracing::error!(error = &**error as &dyn Error, units = units.len(), "a group of commits failed");
        let published = self.published.load();
        let answer = |(answer, unit): (&Result<(), CommitError>, &Prepared)| {
            let source = || Box::new(Arc::clone(error));
            match (answer, &**error) {
                (Ok(()), AppendError::Unknown(_)) => Err(CommitError::OutcomeUnknown(source())),
                (Ok(()), AppendError::Refused(_)) => Err(CommitError::Unavailable(source())),
                (Err(_), _) => match State::clone(&published).take(&unit.work) {
                    Err(conflict) => Err(conflict.into()),
                    Ok(()) => Err(CommitError::Unavailable(source())),
                },
            }
        };
        answers.iter().zip(units).map(answer).collect()
    }

    fn count(&self, answers: &[Result<(), CommitError>]) {
        for answer in answers {
            let counter = match answer {
                Ok(()) => &self.counters.commits,
                Err(CommitError::Conflict(_)) => &self.counters.conflicts,
                Err(CommitError::Unavailable(_) | CommitError::OutcomeUnknown(_)) => &self.counters.failures,
            };
            counter.add(1);
        }
    }
}
