//! `roster copy`

mod contents;
mod keys;
mod merge;
mod progress;
mod report;

use anyhow::{Context, bail, ensure};
use indicatif::ProgressBar;
use roster_config::Settings;
use roster_service::{Clock as _, SystemClock};
use roster_storage::{RestoreError, Snapshot, Store};

use crate::acting::ActingAsOwner;
use crate::cli::Copy;
use crate::command_outcome::CommandOutcome;
use crate::commands::held::retry_while_held;
use crate::engine::{Engine, OpenMode, RestoreTarget, Sharing, engine_at};
use crate::runtime::runtime;
use crate::{logs, terminal};
use contents::Contents;
use keys::KeyCopy;
use merge::MergedSnapshot;
use progress::{progress_bar, show};
use report::{Comparison, Copied, Merged};

/// Copies a store to another place, perhaps of another engine, and compares both.
///
/// # Errors
/// If a process holds one of the stores, the target exists and is not to be merged, or the copy differs from the source.
pub(crate) fn run(settings: &Settings, args: &Copy) -> anyhow::Result<CommandOutcome> {
    let _log = logs::init_for_command(settings)?;
    let source = engine_at(args.from.as_ref().unwrap_or(&settings.storage.url), settings);
    let target = engine_at(&args.to, settings);
    ensure!(source.exists()?, "there is no store at {}", source.location());
    ensure!(source.location() != target.location(), "the source and the target are the same store");
    retry_while_held(|| source.require_unheld())?;
    retry_while_held(|| target.require_unheld())?;
    if !args.merge {
        require_free(target.is_free()?, &*target)?;
    }
    let keys = KeyCopy::of(&*source, &*target, settings);
    let copied = runtime()?.block_on(copy_and_compare(&*source, &*target, args, &keys))?;
    terminal::print(terminal::with_shown_path(copied.report(&source.location(), &target.location())))?;
    Ok(CommandOutcome::Done)
}

fn require_free(is_free: bool, target: &dyn Engine) -> anyhow::Result<()> {
    ensure!(
        is_free,
        "there is a store at {} already, and nothing was changed; name a place without one, or add --merge",
        target.location()
    );
    Ok(())
}

async fn copy_and_compare(
    source: &dyn Engine,
    target: &dyn Engine,
    args: &Copy,
    keys: &KeyCopy,
) -> anyhow::Result<Copied> {
    let (store, copied_keys) = {
        let _acting = ActingAsOwner::of(source.folder())?;
        (retry_while_held(|| source.open(OpenMode::ReadOnly, None))?, keys.read()?)
    };
    let bar = progress_bar();
    let copied = {
        let _acting = ActingAsOwner::of(target.folder())?;
        let mut place = retry_while_held(|| target.begin_restore(SystemClock.now()))?;
        let (contents, merged) = if place.is_empty()? {
            keys.write(copied_keys, &mut *place)?;
            (copy(&mut *store.snapshot().await?, place, &bar).await?, None)
        } else {
            require_free(args.merge, target)?;
            keys.keep(&mut *place)?;
            copy_merged(&*store, place, &bar).await?
        };
        let comparison = compare(&contents, target, &bar).await?;
        Copied { contents, merged, comparison }
    };
    store.close()?;
    bar.finish_and_clear();
    Ok(copied)
}

/// Replaces the store at the target by its union with the source.
async fn copy_merged(
    source: &dyn Store,
    place: Box<dyn RestoreTarget>,
    bar: &ProgressBar,
) -> anyhow::Result<(Contents, Option<Merged>)> {
    let replaced = place.replaced();
    let mut union = MergedSnapshot::new(place.current()?.snapshot().await?, source.snapshot().await?);
    let contents = copy(&mut union, place, bar).await?;
    Ok((contents, Some(Merged { replaced, summary: union.summary() })))
}

async fn copy(
    snapshot: &mut dyn Snapshot,
    mut target: Box<dyn RestoreTarget>,
    bar: &ProgressBar,
) -> anyhow::Result<Contents> {
    let mut contents = Contents::default();
    loop {
        let items = snapshot.next().await.context("the source cannot be read; nothing was copied")?;
        show(bar, snapshot);
        if items.is_empty() {
            break;
        }
        contents.add(&items)?;
        target.add(items).await.context("nothing was copied")?;
    }
    match target.finish().await {
        // The next process that opens it moves the rest into place, and the comparison does.
        Ok(()) | Err(RestoreError::Unfinished(_)) => Ok(contents),
        Err(error) => Err(error).context("nothing was copied"),
    }
}

/// Reads the target again.
async fn compare(copied: &Contents, target: &dyn Engine, bar: &ProgressBar) -> anyhow::Result<Comparison> {
    let written = retry_while_held(|| target.open(OpenMode::ReadOnly, None))?;
    let found = Contents::of(written.snapshot().await?, bar).await?;
    written.close()?;
    if *copied == found {
        Ok(Comparison::Equal)
    } else if target.sharing() == Sharing::Shared && found.has_more_records_than(copied) {
        Ok(Comparison::ChangedSince)
    } else {
        bail!(
            "the copy at {} differs from the source, so do not use it: copied {copied}, found {found}; this is a \
             defect of Roster",
            target.location()
        );
    }
}
