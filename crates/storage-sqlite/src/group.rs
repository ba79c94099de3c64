//! A group of units in one transaction: for each, first the guards, then the changes and the audit record.

use std::sync::Arc;
use std::time::{Duration, Instant};

use roster_storage::{Change, CommitError, Conflict, UnitOfWork};
use rusqlite::Connection;
use thiserror::Error;

use crate::effects::Effects;
use crate::failure::Failure;
use crate::new_users::{Insertion, Insertions, NewUser};
use crate::{audit, changes, guards};

/// Whether the guards of a unit held.
pub(crate) type Verdict = Result<(), Conflict>;

/// A committed group.
pub(crate) struct Committed {
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) effects: Effects,
    /// The number of its last audit record.
    pub(crate) last_number: i64,
    /// How long the COMMIT took.
    pub(crate) commit_took: Duration,
}

/// Why nothing of a group was committed.
#[derive(Debug)]
pub(crate) enum GroupError {
    /// A unit, or the start of the transaction, failed.
    Unit(Failure),
    /// The end of the transaction failed.
    Commit(Failure),
}

/// The failure of a group, which each of its callers gets.
#[derive(Clone, Debug, Error)]
#[error(transparent)]
struct Shared(Arc<Failure>);

/// Commits the units. `last_number` is that of the last audit record so far.
///
/// # Errors
/// [`GroupError`]; the transaction was rolled back.
pub(crate) fn commit<'u>(
    connection: &Connection,
    units: impl IntoIterator<Item = &'u UnitOfWork>,
    last_number: i64,
) -> Result<Committed, GroupError> {
    let outcome = run(connection, units, last_number);
    if outcome.is_err() && !connection.is_autocommit() {
        // If even this fails, the next BEGIN reports it.
        let _ = execute(connection, "ROLLBACK");
    }
    outcome
}

fn run<'u>(
    connection: &Connection,
    units: impl IntoIterator<Item = &'u UnitOfWork>,
    last_number: i64,
) -> Result<Committed, GroupError> {
    execute(connection, "BEGIN IMMEDIATE").map_err(GroupError::Unit)?;
    let (verdicts, effects) = (Vec::new(), Effects::default());
    let mut group = Committed { verdicts, effects, last_number, commit_took: Duration::ZERO };
    let mut insertions = None;
    for unit in units {
        let verdict = take(connection, unit, &mut group, &mut insertions).map_err(GroupError::Unit)?;
        group.verdicts.push(verdict);
    }
    drop(insertions);
    let began = Instant::now();
    group.effects.search.write(connection).map_err(GroupError::Unit)?;
    execute(connection, "COMMIT").map_err(GroupError::Commit)?;
    Ok(Committed { commit_took: began.elapsed(), ..group })
}

/// Applies all of a unit if its guards hold, or nothing.
fn take<'c>(
    connection: &'c Connection,
    unit: &UnitOfWork,
    group: &mut Committed,
    insertions: &mut Option<Insertions<'c>>,
) -> Result<Verdict, Failure> {
    let verdict = if insert(connection, unit, group, insertions)? == Insertion::Made {
        Ok(())
    } else if let Some(broken) = guards::broken(connection, unit.guards())? {
        return Ok(Err(Conflict(broken.clone())));
    } else if may_conflict_later(unit.changes()) {
        within_savepoint(connection, unit, group)?
    } else {
        apply(connection, unit, group)?
    };
    if verdict.is_ok()
        && let Some(record) = unit.record()
    {
        group.last_number += 1;
        audit::insert(connection, group.last_number, record)?;
    }
    Ok(verdict)
}

/// Inserts the user of a unit that does nothing else. Whatever refuses that, the usual way then finds out.
fn insert<'c>(
    connection: &'c Connection,
    unit: &UnitOfWork,
    group: &mut Committed,
    insertions: &mut Option<Insertions<'c>>,
) -> Result<Insertion, Failure> {
    let Some(new) = NewUser::of(unit) else { return Ok(Insertion::Refused) };
    let insertions = match insertions {
        Some(prepared) => prepared,
        None => insertions.insert(Insertions::new(connection)?),
    };
    insertions.insert(new, &mut group.effects)
}

fn within_savepoint(
    connection: &Connection,
    unit: &UnitOfWork,
    group: &mut Committed,
) -> Result<Verdict, Failure> {
    let effects = group.effects.clone();
    execute(connection, "SAVEPOINT unit")?;
    let verdict = apply(connection, unit, group)?;
    if verdict.is_err() {
        execute(connection, "ROLLBACK TO unit")?;
        group.effects = effects;
    }
    execute(connection, "RELEASE unit")?;
    Ok(verdict)
}

fn apply(connection: &Connection, unit: &UnitOfWork, group: &mut Committed) -> Result<Verdict, Failure> {
    let mut held = unit.guards();
    for change in unit.changes() {
        if let Some(taken) = changes::apply(connection, change, held, &mut group.effects)? {
            return Ok(Err(Conflict(taken)));
        }
        // The next change finds another state.
        held = &[];
    }
    Ok(Ok(()))
}

/// Whether a change after the first may be refused, so that the first has to be undone. The first is checked before it
/// is made.
fn may_conflict_later(changes: &[Change]) -> bool {
    changes.iter().skip(1).any(|change| match change {
        Change::PutUser(_) | Change::PutServiceAccount(_) => true,
        Change::RemoveUser(_)
        | Change::PutSession(_)
        | Change::RemoveSession(_)
        | Change::RemoveSessionsOf { .. }
        | Change::RemoveServiceAccount(_) => false,
    })
}

/// Adds one to a number in the database, to find out whether it can be written.
pub(crate) fn probe(connection: &Connection) -> Result<(), Failure> {
    execute(connection, "UPDATE probe SET writes = writes + 1")
}

fn execute(connection: &Connection, sql: &str) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

impl GroupError {
    /// Whether each unit should be tried alone: one of several failed, and neither because of the disk nor of another
    /// program.
    pub(crate) fn is_of_one_unit(&self) -> bool {
        match self {
            Self::Unit(failure) => !failure.is_of_the_disk() && !failure.is_busy(),
            Self::Commit(_) => false,
        }
    }

    /// The error for each of this many callers.
    pub(crate) fn for_callers(self, count: usize) -> Vec<CommitError> {
        let (failure, is_unknown) = match self {
            Self::Unit(failure) => (failure, false),
            Self::Commit(failure) => {
                let is_unknown = failure.leaves_commit_unknown();
                (failure, is_unknown)
            }
        };
        tracing::error!(
            error = &failure as &dyn std::error::Error,
            units = count,
            "a group of commits failed"
        );
        let shared = Shared(Arc::new(failure));
        let error = |_| {
            let source = Box::new(shared.clone());
            if is_unknown { CommitError::OutcomeUnknown(source) } else { CommitError::Unavailable(source) }
        };
        (0..count).map(error).collect()
    }
}
