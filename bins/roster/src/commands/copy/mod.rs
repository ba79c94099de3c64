//! `roster copy`

mod contents;
mod progress;

use anyhow::{Context, bail, ensure};
use indicatif::ProgressBar;
use roster_config::Settings;
use roster_service::{Clock as _, SystemClock};
use roster_storage::{RestoreError, Snapshot};

use crate::acting::ActingAsOwner;
use crate::cli::Copy;
use crate::command_outcome::CommandOutcome;
use crate::commands::held::retry_while_held;
use crate::engine::{Engine, OpenMode, RestoreTarget, engine_at};
use crate::runtime::runtime;
use crate::{logs, terminal};
use contents::Contents;
use progress::{progress_bar, show};

/// Copies a store to another place, perhaps of another engine, and compares both.
///
/// # Errors
/// If a process holds one of the stores, the target exists, or the copy differs from the source.
pub(crate) fn run(settings: &Settings, args: &Copy) -> anyhow::Result<CommandOutcome> {
    let _log = logs::init_for_command(settings)?;
    let source = engine_at(args.from.as_ref().unwrap_or(&settings.storage.url), settings);
    let target = engine_at(&args.to, settings);
    ensure!(source.exists()?, "there is no store at {}", source.location());
    retry_while_held(|| source.require_unheld())?;
    retry_while_held(|| target.require_unheld())?;
    require_free(&*target)?;
    let contents = runtime()?.block_on(copy_and_compare(&*source, &*target))?;
    terminal::print(terminal::with_shown_path(format!(
        "copied {contents}\n\
         from {} to {}; both were read again and are equal\n\
         to use the copy, set storage.url to it and start the server; the source is unchanged\n",
        source.location(),
        target.location()
    )))?;
    Ok(CommandOutcome::Done)
}

fn require_free(target: &dyn Engine) -> anyhow::Result<()> {
    ensure!(
        target.is_free()?,
        "there is a store at {} already, and nothing was changed; name a place without one",
        target.location()
    );
    Ok(())
}

async fn copy_and_compare(source: &dyn Engine, target: &dyn Engine) -> anyhow::Result<Contents> {
    let store = {
        let _acting = ActingAsOwner::of(source.folder())?;
        retry_while_held(|| source.open(OpenMode::ReadOnly, None))?
    };
    let bar = progress_bar();
    let copied = {
        let _acting = ActingAsOwner::of(target.folder())?;
        let place = retry_while_held(|| target.begin_restore(SystemClock.now()))?;
        ensure!(place.is_empty()?, "there is a store at {} already", target.location());
        let copied = copy(store.snapshot().await?, place, &bar).await?;
        let written = retry_while_held(|| target.open(OpenMode::ReadOnly, None))?;
        let found = Contents::of(written.snapshot().await?, &bar).await?;
        written.close()?;
        if copied != found {
            bail!(
                "the copy at {} differs from the source, so do not use it: copied {copied}, found {found}; this is a \
                 defect of Roster",
                target.location()
            );
        }
        copied
    };
    store.close()?;
    bar.finish_and_clear();
    Ok(copied)
}

async fn copy(
    mut snapshot: Box<dyn Snapshot>,
    mut target: Box<dyn RestoreTarget>,
    bar: &ProgressBar,
) -> anyhow::Result<Contents> {
    let mut contents = Contents::default();
    loop {
        let items = snapshot.next().await.context("the source cannot be read; nothing was copied")?;
        show(bar, &*snapshot);
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
