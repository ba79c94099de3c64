//! `roster copy`

mod contents;
mod items;
mod keys;
mod merge;
mod progress;
mod report;
mod server_snapshot;
mod source;
mod steps;

use anyhow::{Context, bail, ensure};
use indicatif::ProgressBar;
use roster_config::Settings;
use roster_service::{Clock as _, SystemClock};
use roster_storage::{RestoreError, Snapshot};

use crate::acting::ActingAsOwner;
use crate::cli::{ConnectionMode, Copy};
use crate::command_outcome::CommandOutcome;
use crate::commands::held::retry_while_held;
use crate::commands::take_over::take_over;
use crate::engine::{Engine, OpenMode, RestoreTarget, Sharing, engine_at};
use crate::runtime::runtime;
use crate::{logs, terminal};
use contents::Contents;
use items::Items;
use keys::TargetKeys;
use merge::MergedSnapshot;
use progress::{Tenths, of_total, progress_bar, show, tell};
use report::{Comparison, Copied, Merged};
use source::{Reading, Source};
use steps::{Beginning, StepwiseCopy};

/// Copies a store to another place, perhaps of another engine, and compares both.
///
/// # Errors
/// If a process holds one of the stores, the target exists and is not to be merged, or the copy differs from the source.
pub(crate) fn run(settings: &Settings, mode: ConnectionMode, args: &Copy) -> anyhow::Result<CommandOutcome> {
    let _log = logs::init_for_command(settings)?;
    let source = engine_at(args.from.as_ref().unwrap_or(&settings.storage.url), settings);
    let target = engine_at(&args.to, settings);
    ensure!(source.exists()?, "there is no store at {}", source.location());
    ensure!(source.location() != target.location(), "the source and the target are the same store");
    let is_free = target.is_free()?;
    if !args.merge {
        require_free(is_free, &*target)?;
    }
    let source_reader = Source::new(&*source, settings, mode);
    let keys = TargetKeys::of(&*target, settings);
    let bar = progress_bar();
    let runtime = runtime()?;
    let copied = runtime.block_on(async {
        if is_free {
            copy_to_empty(&source_reader, &*target, &keys, &bar).await
        } else {
            let begin = || target.begin_restore(SystemClock.now());
            let place = take_over(&*target, settings, mode, begin);
            copy_merged(&source_reader, &*target, place, &keys, &bar).await
        }
    });
    bar.finish_and_clear();
    // Do not wait for a thread that reads from a server.
    runtime.shutdown_background();
    let report = copied?.report(&source.location(), &target.location());
    terminal::print(terminal::with_shown_path(report))?;
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

/// Copies in steps, or goes on with a copy that was interrupted.
async fn copy_to_empty(
    source: &Source<'_>,
    target: &dyn Engine,
    keys: &TargetKeys,
    bar: &ProgressBar,
) -> anyhow::Result<Copied> {
    let Reading { snapshot, keys: copied_keys, store } = source.read().await?;
    let acting = ActingAsOwner::of(target.folder())?;
    let new_keys = keys.new_keys(copied_keys)?;
    let copy = StepwiseCopy::begin(target, SystemClock.now(), bar)?;
    let mut items = Items::of(snapshot);
    let Beginning::Same(copy) = copy.compare_beginning(&mut items).await? else {
        drop((acting, items, store));
        return Box::pin(copy_to_empty(source, target, keys, bar)).await;
    };
    let copy = copy.copy(&mut items).await?;
    let contents = copy.finish(new_keys.write()?).await?;
    store.map_or(Ok(()), |store| store.close())?;
    let comparison = compare(&contents, target, bar).await?;
    Ok(Copied { contents, merged: None, comparison })
}

/// Replaces the store at the target by its union with the source.
async fn copy_merged(
    source: &Source<'_>,
    target: &dyn Engine,
    place: impl Future<Output = anyhow::Result<Box<dyn RestoreTarget>>>,
    keys: &TargetKeys,
    bar: &ProgressBar,
) -> anyhow::Result<Copied> {
    let reading = source.read().await?;
    let _acting = ActingAsOwner::of(target.folder())?;
    let mut place = place.await?;
    keys.keep(&mut *place)?;
    let replaced = place.replaced();
    let mut union = MergedSnapshot::new(place.current()?.snapshot().await?, reading.snapshot);
    let contents = copy(&mut union, place, bar).await?;
    reading.store.map_or(Ok(()), |store| store.close())?;
    let comparison = compare(&contents, target, bar).await?;
    Ok(Copied { contents, merged: Some(Merged { replaced, summary: union.summary() }), comparison })
}

async fn copy(
    snapshot: &mut dyn Snapshot,
    mut target: Box<dyn RestoreTarget>,
    bar: &ProgressBar,
) -> anyhow::Result<Contents> {
    let (mut contents, mut tenths) = (Contents::default(), Tenths::default());
    loop {
        let items = snapshot.next().await.context("the source cannot be read; nothing was copied")?;
        show(bar, snapshot);
        if bar.is_hidden() && tenths.have_grown(snapshot) {
            tell(bar, &format!("merged {}", of_total(contents.position().items, snapshot)));
        }
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
