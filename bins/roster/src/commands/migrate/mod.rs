//! `roster migrate`

mod view;

use roster_config::Settings;
use roster_storage_sql::SchemaStatus;

use crate::acting::ActingAsOwner;
use crate::cli::{Migrate, MigrateView};
use crate::command_outcome::CommandOutcome;
use crate::commands::held::retry_while_held;
use crate::engine::{Engine, engine};
use crate::{logs, terminal};

/// Shows or makes the migrations of the database.
///
/// # Errors
/// If the database cannot be read or migrated.
pub(crate) fn run(settings: &Settings, args: Migrate) -> anyhow::Result<CommandOutcome> {
    let _log = logs::init_for_command(settings)?;
    let engine = engine(settings);
    let _acting = ActingAsOwner::of(engine.folder())?;
    match args {
        Migrate::Status(view) => status(&*engine, view),
        Migrate::Up(view) => up(&*engine, view),
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

/// A database that lacks nothing is not opened, so that this works while a server has it open.
fn up(engine: &dyn Engine, view: MigrateView) -> anyhow::Result<CommandOutcome> {
    let status = engine.schema()?;
    let pending = status.as_ref().map(SchemaStatus::plan).transpose()?;
    let made = match pending {
        Some([_, ..]) => retry_while_held(|| engine.migrate())?,
        Some([]) | None => Vec::new(),
    };
    let place = engine.location();
    print(match pending {
        _ if view.json => view::made_json(&made)?,
        Some(_) => view::made(&place, &made),
        None => view::no_schema(&place),
    })?;
    Ok(CommandOutcome::Done)
}

fn print(text: String) -> anyhow::Result<()> {
    terminal::print(terminal::with_shown_path(text))
}
