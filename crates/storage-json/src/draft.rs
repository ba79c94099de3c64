//! The next group while it gathers. Each unit is taken in as it comes, upon all that came before, though that may
//! still be on its way to the disk: so nothing but the line is left to write once the disk is free.

use std::sync::Arc;

use imbl::Vector;
use roster_domain::AuditRecord;
use roster_storage::{Conflict, UnitOfWork};

use crate::journal::StoredUnit;
use crate::state::State;

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

/// What a draft is made upon.
#[derive(Debug, Default)]
pub(crate) struct Base {
    /// What readers see.
    pub(crate) state: State,
    /// The number of the next unit.
    pub(crate) next: u64,
}

/// The units that wait for the next sync.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The base, and what of all units since was taken in.
    base: Base,
    units: Vec<Drafted>,
}

/// A unit, and whether it was taken in.
#[derive(Debug)]
pub(crate) struct Drafted {
    pub(crate) unit: Prepared,
    pub(crate) verdict: Result<(), Conflict>,
}

/// Units that go to the disk together, and the state that they lead to.
#[derive(Debug)]
pub(crate) struct DraftedGroup {
    pub(crate) units: Vec<Drafted>,
    pub(crate) state: State,
}

impl Draft {
    pub(crate) const fn new(base: Base) -> Self {
        Self { base, units: Vec::new() }
    }

    /// Takes the unit in, or notes what stands against it. Neither may be told to anyone before the group is on
    /// disk: what stands against it may be a unit that has yet to get there.
    pub(crate) fn add(&mut self, unit: Prepared) {
        let verdict = self.base.take(&unit.work);
        self.units.push(Drafted { unit, verdict });
    }

    /// The units so far; the next ones follow on them.
    pub(crate) fn take(&mut self) -> DraftedGroup {
        DraftedGroup { units: std::mem::take(&mut self.units), state: self.base.state.clone() }
    }

    /// Begins anew upon `base`, with the units that wait, because a group before them came to nothing. Takes as long
    /// as to draft them all.
    pub(crate) fn rebase(&mut self, base: Base) {
        self.base = base;
        for Drafted { unit, verdict } in &mut self.units {
            *verdict = self.base.take(&unit.work);
        }
    }

    /// Every audit record numbered up to `through` is in a file now. Gives back those that were kept until then.
    pub(crate) fn file(&mut self, through: u64) -> Vector<(u64, Arc<AuditRecord>)> {
        self.base.state.audit.file(through)
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
