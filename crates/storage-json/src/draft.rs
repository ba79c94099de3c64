//! The next group while it is collected. Each unit is drafted when it arrives, on top of all units before it, even
//! if those are still being written. So once the disk is free, only the lines have to be written.

use std::sync::Arc;

use imbl::Vector;
use roster_domain::AuditRecord;
use roster_storage::{Conflict, UnitOfWork};

use crate::journal::StoredUnit;
use crate::state::{Index, KnownNames, State};

/// A unit of work with the JSON of its line.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) work: UnitOfWork,
    /// JSON.
    pub(crate) body: Vec<u8>,
}

impl Prepared {
    pub(crate) fn new(work: UnitOfWork) -> serde_json::Result<Self> {
        Ok(Self { body: StoredUnit::encode(&work)?, work })
    }
}

/// What a draft starts from.
#[derive(Debug, Default)]
pub(crate) struct Base {
    /// The state that readers see.
    pub(crate) state: State,
    /// The number of the next unit.
    pub(crate) next: u64,
}

/// The units that wait for the next sync.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The base, and the accepted changes of all units since.
    base: Base,
    units: Vec<Drafted>,
}

/// A unit, and whether it was accepted.
#[derive(Debug)]
pub(crate) struct Drafted {
    pub(crate) unit: Prepared,
    pub(crate) verdict: Result<(), Conflict>,
}

/// Units that are written to the disk together, and the resulting state.
#[derive(Debug)]
pub(crate) struct DraftedGroup {
    pub(crate) units: Vec<Drafted>,
    pub(crate) state: State,
}

impl Draft {
    pub(crate) const fn new(base: Base) -> Self {
        Self { base, units: Vec::new() }
    }

    /// Accepts the unit or records the guard that failed. Neither may be reported before the group is on disk, since
    /// the guard may have failed because of a unit that is not on disk yet.
    pub(crate) fn add(&mut self, unit: Prepared) {
        let verdict = self.base.take(&unit.work);
        self.units.push(Drafted { unit, verdict });
    }

    /// Takes the units so far; the next ones build on them.
    pub(crate) fn take(&mut self) -> DraftedGroup {
        DraftedGroup { units: std::mem::take(&mut self.units), state: self.base.state.clone() }
    }

    /// Drafts the waiting units again on `base`, because an earlier group failed. It takes as long as drafting all
    /// of them.
    pub(crate) fn rebase(&mut self, base: Base) {
        self.base = base;
        for Drafted { unit, verdict } in &mut self.units {
            *verdict = self.base.take(&unit.work);
        }
    }

    /// Uses another index for lists.
    pub(crate) fn use_index(&mut self, index: &Arc<Index>) {
        self.base.state.use_index(index);
    }

    /// Uses other tables of names.
    pub(crate) fn use_names(&mut self, names: &Arc<KnownNames>) {
        self.base.state.use_names(names);
    }

    /// Removes and returns the audit records numbered up to `through`, which are in a file now.
    pub(crate) fn remove_written(&mut self, through: u64) -> Vector<(u64, Arc<AuditRecord>)> {
        self.base.state.audit.remove_written(through)
    }
}

impl Base {
    fn take(&mut self, work: &UnitOfWork) -> Result<(), Conflict> {
        self.state.take(work)?;
        if let Some(record) = work.record() {
            self.state.audit.push(self.next, Arc::clone(record));
        }
        self.next += 1;
        Ok(())
    }
}
