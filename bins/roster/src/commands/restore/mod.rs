//! `roster restore`

mod input;
mod load;
mod report;
mod verified;

use std::fs::File;

use anyhow::{Context, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use roster_backup::{EraseAgain, verify};
use roster_config::Settings;
use roster_service::{Clock as _, SystemClock};
use roster_storage::RestoreError;

use crate::acting::ActingAsOwner;
use crate::cli::{ConnectionMode, Restore};
use crate::command_outcome::CommandOutcome;
use crate::commands::backup::name;
use crate::commands::take_over::take_over;
use crate::engine::{Engine, engine};
use crate::keys::RingPlace;
use crate::runtime::runtime;
use crate::{first_admin, logs, terminal};
use load::Loader;
use verified::Verified;

/// Restores a backup, or only checks it.
///
/// # Errors
/// If the backup is damaged, a server holds the store, or there is already a store. Nothing changes in these cases.
pub(crate) fn run(
    settings: &Settings,
    mode: ConnectionMode,
    args: &Restore,
) -> anyhow::Result<CommandOutcome> {
    let _log = logs::init_for_command(settings)?;
    let engine = engine(settings);
    if !args.check {
        let _acting = ActingAsOwner::of(engine.folder())?;
        if !args.replace && !engine.is_free()? {
            return Err(already_exists("is a store", &engine.location()));
        }
    }
    let file = input::open(&args.file, engine.folder())?;
    let _acting = ActingAsOwner::of(engine.folder())?;
    let bar = progress_bar();
    bar.set_length(file.metadata().map_or(0, |found| found.len()) * if args.check { 1 } else { 2 });
    let place = Place { settings, mode, engine: &*engine };
    let result = verify_and_restore(&place, args, &file, &bar);
    bar.finish_and_clear();
    let RestoreResult { report, unfinished } = result?;
    terminal::print(terminal::with_shown_path(report))?;
    unfinished.map_or(Ok(CommandOutcome::Done), |unfinished| Err(unfinished.into()))
}

/// The result of a restore or a check.
struct RestoreResult {
    report: String,
    /// Why some files are not in place yet, although the backup is in effect.
    unfinished: Option<RestoreError>,
}

/// Where the backup is restored.
struct Place<'a> {
    settings: &'a Settings,
    mode: ConnectionMode,
    engine: &'a dyn Engine,
}

/// Reads the whole file first, so that a damaged backup changes nothing.
fn verify_and_restore(
    place: &Place<'_>,
    args: &Restore,
    file: &File,
    bar: &ProgressBar,
) -> anyhow::Result<RestoreResult> {
    let (about, contents) = verify(bar.wrap_read(file))
        .with_context(|| format!("{} was not restored, and nothing was changed", name(&args.file)))?;
    if args.check {
        return Ok(RestoreResult { report: report::of_check(&about, &contents), unfinished: None });
    }
    runtime()?.block_on(restore(place, args, Verified { file, about, contents, bar }))
}

async fn restore(place: &Place<'_>, args: &Restore, backup: Verified<'_>) -> anyhow::Result<RestoreResult> {
    let now = SystemClock.now();
    let Place { settings, mode, engine } = *place;
    let target = take_over(engine, settings, mode, || engine.begin_restore(now)).await?;
    let keys = RingPlace::of(engine, settings);
    let is_empty = target.is_empty()?;
    let has_keys = backup.contents.private_keys > 0 && keys.has_keys()?;
    if !args.replace && (!is_empty || has_keys) {
        return Err(if is_empty {
            already_exists("are keys", &keys.place())
        } else {
            already_exists("is a store", &engine.location())
        });
    }
    let erase_again = if args.erase_again { EraseAgain::Yes } else { EraseAgain::No };
    let mut loader = Loader::new(target, now);
    if !is_empty {
        loader.reconcile(&backup, erase_again).await?;
        loader.remove_file(&settings.data.dir.join(first_admin::FILE))?;
    }
    loader.load(&backup).await?;
    loader.restore_keys(&keys)?;
    let restored = loader.finish(erase_again).await?;
    let report = report::of_restore(&backup.about, &backup.contents, &restored, erase_again);
    Ok(RestoreResult { report, unfinished: restored.unfinished })
}

fn already_exists(what: &str, location: &str) -> anyhow::Error {
    anyhow!(
        "there {what} at {location} already, and nothing was changed; --replace restores the backup in its place and keeps \
         the existing data"
    )
}

/// Creates the progress bar. It is visible only if stderr is a terminal.
fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes}, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
