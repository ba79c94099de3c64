//! `roster restore`

mod held;
mod input;
mod load;
mod report;
mod verified;

use std::fs::File;
use std::path::Path;

use anyhow::{Context, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use roster_auth::SystemEntropy;
use roster_backup::{EraseAgain, verify};
use roster_config::Settings;
use roster_storage::RestoreError;
use roster_storage_json::{JsonRestore, JsonStoreSettings};

use crate::acting::ActingAsOwner;
use crate::app::store_settings;
use crate::cli::Restore;
use crate::command_outcome::CommandOutcome;
use crate::commands::backup::name;
use crate::commands::store_path::in_full;
use crate::keys::KeyFolder;
use crate::runtime::runtime;
use crate::{first_admin, logs, terminal};
use load::Loading;
use verified::Verified;

/// Makes a store of a backup, or only checks the backup.
///
/// # Errors
/// If the backup is not whole, a server holds the store, or there is a store already; then nothing was changed.
pub(crate) fn run(settings: &Settings, args: &Restore) -> anyhow::Result<CommandOutcome> {
    let _log = logs::of_command(settings)?;
    let store = store_settings(settings, &SystemEntropy);
    let folder = store.users_file.parent().unwrap_or(Path::new("")).to_owned();
    if !args.check {
        let _acting = ActingAsOwner::of(&folder)?;
        held::patiently(|| JsonRestore::require_unheld(&store))?;
        if !args.replace && !JsonRestore::is_free(&store)? {
            return Err(there_already("is a store", &store.users_file));
        }
    }
    let file = input::open(&args.file, &store.users_file)?;
    let _acting = ActingAsOwner::of(&folder)?;
    let bar = bar();
    bar.set_length(file.metadata().map_or(0, |found| found.len()) * if args.check { 1 } else { 2 });
    let done = checked_and_restored(settings, store, args, &file, &bar);
    bar.finish_and_clear();
    let Done { report, unfinished } = done?;
    terminal::print(terminal::with_shown_path(report))?;
    unfinished.map_or(Ok(CommandOutcome::Done), |unfinished| Err(unfinished.into()))
}

/// What a restore has to say.
struct Done {
    report: String,
    /// Why not all files are in their place yet, although the backup is in force.
    unfinished: Option<RestoreError>,
}

/// Reads the file through before anything else: whatever is wrong with it shows then.
fn checked_and_restored(
    settings: &Settings,
    store: JsonStoreSettings,
    args: &Restore,
    file: &File,
    bar: &ProgressBar,
) -> anyhow::Result<Done> {
    let (about, contents) = verify(bar.wrap_read(file))
        .with_context(|| format!("{} was not restored, and nothing was changed", name(&args.file)))?;
    if args.check {
        return Ok(Done { report: report::of_check(&about, &contents), unfinished: None });
    }
    runtime()?.block_on(restore(settings, store, args, Verified { file, about, contents, bar }))
}

async fn restore(
    settings: &Settings,
    store: JsonStoreSettings,
    args: &Restore,
    backup: Verified<'_>,
) -> anyhow::Result<Done> {
    let now = store.now;
    let target = held::patiently(|| JsonRestore::begin(&store))?;
    let keys = KeyFolder::in_data(&settings.data.dir);
    let is_empty = target.is_empty()?;
    let has_keys = backup.contents.private_keys > 0 && (keys.state_file().exists() || keys.older().exists());
    if !args.replace && (!is_empty || has_keys) {
        return Err(if is_empty {
            there_already("are keys", keys.path())
        } else {
            there_already("is a store", &store.users_file)
        });
    }
    let erase_again = if args.erase_again { EraseAgain::Yes } else { EraseAgain::No };
    let mut loading = Loading::begin(target, now);
    if !is_empty {
        loading.reconcile(&backup, erase_again).await?;
        loading.take_away(&settings.data.dir.join(first_admin::FILE))?;
    }
    loading.load(&backup).await?;
    loading.restore_keys(&keys)?;
    let restored = loading.finish(erase_again).await?;
    let report = report::of_restore(&backup.about, &backup.contents, &restored, erase_again);
    Ok(Done { report, unfinished: restored.unfinished })
}

fn there_already(what: &str, path: &Path) -> anyhow::Error {
    anyhow!(
        "there {what} at {} already, and nothing was changed; --replace puts the backup in the place of that, which is \
         kept beside",
        in_full(path)
    )
}

/// Shown on a terminal's stderr only.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes}, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
