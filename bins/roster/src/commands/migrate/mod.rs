//! `roster migrate`

mod view;

use roster_config::Settings;
use roster_storage_sql::SchemaStatus;

use crate::acting::ActingAsOwner;
use crate::cli::{ConnectionMode, Migrate, MigrateView};
use crate::command_outcome::CommandOutcome;
use crate::commands::held::retry_while_held;
use crate::commands::take_over::take_over;
use crate::engine::{Engine, engine};
use crate::runtime::runtime;
use crate::{logs, terminal};

/// Shows or makes the migrations of the database.
///
/// # Errors
/// If the database cannot be read or migrated.
pub(crate) fn run(
    settings: &Settings,
    mode: ConnectionMode,
    args: Migrate,
) -> anyhow::Result<CommandOutcome> {
    let _log = logs::init_for_command(settings)?;
    let engine = engine(settings);
    let _acting = ActingAsOwner::of(engine.folder())?;
    match args {
        Migrate::Status(view) => status(&*engine, view),
        Migrate::Up(view) => up(&*engine, settings, mode, view),
        Migrate::Plan(view) => plan(&*engine, view),
    }
}

fn status(engine: &dyn Engine, view: MigrateView) -> anyhow::Result<CommandOutcome> {
    let status = engine.schema()?;
    let place = engine.location();
    print(match &status {
        None if view.json => view::no_schema_json()?,
        None => view::no_schema(&place),
        Some(status) if view.json => view::status_json(status)?,
        Some(status) => view::status(&place, status),
    })?;
    let is_ready = status.is_none_or(|status| status.pending.is_empty() && status.newer.is_none());
    Ok(if is_ready { CommandOutcome::Done } else { CommandOutcome::Refused })
}

fn plan(engine: &dyn Engine, view: MigrateView) -> anyhow::Result<CommandOutcome> {
    let status = engine.schema()?;
    let pending = status.as_ref().map(SchemaStatus::plan).transpose()?;
    if pending.is_none() {
        terminal::note(view::no_schema(&engine.location()).trim_end());
    }
    let pending = pending.unwrap_or_default();
    print(if view.json { view::plan_json(pending)? } else { view::plan(pending) })?;
    Ok(CommandOutcome::Done)
}

/// A database that lacks nothing is not opened, so that this does not disturb a server that has it open.
fn up(
    engine: &dyn Engine,
    settings: &Settings,
    mode: ConnectionMode,
    view: MigrateView,
) -> anyhow::Result<CommandOutcome> {
    let status = engine.schema()?;
    let outcome = match &status {
        Some(status) if status.plan()?.is_empty() => Some(Vec::new()),
        Some(status) if may_be_read_by_older(status) => {
            Some(runtime()?.block_on(take_over(engine, settings, mode, || engine.migrate()))?)
        }
        Some(_) => Some(retry_while_held(|| engine.migrate())?),
        None => None,
    };
    let place = engine.location();
    print(match outcome {
        _ if view.json => view::made_json(&outcome.unwrap_or_default())?,
        Some(migrations) => view::made(&place, &migrations),
        None => view::no_schema(&place),
    })?;
    Ok(CommandOutcome::Done)
}

/// Whether a server that knows only the migrations made so far can open the database after the pending ones.
fn may_be_read_by_older(status: &SchemaStatus) -> bool {
    status.pending.iter().all(|pending| pending.min_reader <= status.found.version)
}

fn print(text: String) -> anyhow::Result<()> {
    terminal::print(terminal::with_shown_path(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use roster_storage_sql::{AppliedMigration, Migration};

    #[test]
    fn a_server_keeps_a_database_that_it_could_not_read_afterwards() {
        static READABLE: [Migration; 2] = [migration(1, 1), migration(2, 1)];
        static UNREADABLE: [Migration; 2] = [migration(1, 1), migration(2, 2)];
        assert!(may_be_read_by_older(&SchemaStatus::new(&READABLE, vec![first()])));
        assert!(!may_be_read_by_older(&SchemaStatus::new(&UNREADABLE, vec![first()])));
    }

    const fn migration(version: u32, min_reader: u32) -> Migration {
        Migration { version, name: "a table", min_reader, sql: "CREATE TABLE x;" }
    }

    fn first() -> AppliedMigration {
        AppliedMigration { version: 1, name: "a table".to_owned(), min_reader: 1, at: Timestamp::UNIX_EPOCH }
    }
}
