//! A copy to an empty place, in steps that survive a kill.
//!
//! What an interrupted copy has saved is not written again, but it is read again in the source: only if the source still begins
//! with the same items, the copy goes on, and its digest is that of everything.

use std::cmp::min;

use anyhow::{Context as _, Error};
use indicatif::ProgressBar;
use jiff::Timestamp;
use roster_storage::{RestoreError, StagedCopy, StoredKeys};

use super::contents::Contents;
use super::items::Items;
use super::progress::{Tenths, of_total, show, tell};
use crate::commands::held::retry_while_held;
use crate::engine::Engine;
use crate::terminal::counted;

/// The number of items in a step. A larger one costs memory, a smaller one transactions.
const STEP: usize = 4_096;

/// A copy that was begun, perhaps by another process.
pub(super) struct StepwiseCopy<'a> {
    target: &'a dyn Engine,
    now: Timestamp,
    bar: &'a ProgressBar,
    place: Box<dyn StagedCopy>,
    /// What was copied.
    contents: Contents,
}

/// How a source relates to what was copied before.
pub(super) enum Beginning<'a> {
    /// It begins with it, or nothing was copied. The items that follow are to be copied.
    Same(StepwiseCopy<'a>),
    /// It does not, and what was copied is removed.
    Different,
}

impl<'a> StepwiseCopy<'a> {
    /// Begins a copy, or goes on with one.
    ///
    /// # Errors
    /// If a process holds the target, there is a store, or it cannot be written.
    pub(super) fn begin(
        target: &'a dyn Engine,
        now: Timestamp,
        bar: &'a ProgressBar,
    ) -> anyhow::Result<Self> {
        let place = retry_while_held(|| target.begin_copy(now))?;
        Ok(Self { target, now, bar, place, contents: Contents::default() })
    }

    /// Reads the items that were copied before.
    ///
    /// # Errors
    /// If the source cannot be read, or the target cannot be cleared.
    pub(super) async fn compare_beginning(mut self, items: &mut Items) -> anyhow::Result<Beginning<'a>> {
        let saved = self.place.position().clone();
        while self.contents.position().items < saved.items {
            let left = usize::try_from(saved.items - self.contents.position().items).unwrap_or(STEP);
            let read = items.take(min(left, STEP)).await.context(NOT_READ)?;
            if read.is_empty() {
                break;
            }
            self.contents.add(&read)?;
            show(self.bar, items.snapshot());
        }
        if saved.items == 0 {
            return Ok(Beginning::Same(self));
        }
        if self.contents.position() == saved {
            let so_far = of_total(saved.items, items.snapshot());
            tell(self.bar, &format!("continuing an interrupted copy at {so_far}"));
            return Ok(Beginning::Same(self));
        }
        let text = format!(
            "the source does not begin with the {} of an interrupted copy: it has changed since, or is another one; the copy \
             begins anew",
            counted(saved.items, "item")
        );
        tell(self.bar, &text);
        self.place.discard().await?;
        Ok(Beginning::Different)
    }

    /// Copies the items that follow.
    ///
    /// # Errors
    /// If they cannot be read or written.
    pub(super) async fn copy(mut self, items: &mut Items) -> anyhow::Result<Self> {
        let mut tenths = Tenths::default();
        loop {
            let read = match items.take(STEP).await {
                Ok(read) => read,
                Err(error) => return Err(self.keep(Error::new(error).context(NOT_READ)).await),
            };
            show(self.bar, items.snapshot());
            if read.is_empty() {
                return Ok(self);
            }
            self.contents.add(&read)?;
            if let Err(error) = self.place.add(read, self.contents.position()).await {
                return Err(self.fail(error).await);
            }
            if self.bar.is_hidden() && tenths.have_grown(items.snapshot()) {
                let so_far = of_total(self.contents.position().items, items.snapshot());
                tell(self.bar, &format!("copied {so_far}"));
            }
        }
    }

    /// Makes the copy the store, with these keys.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) async fn finish(self, keys: Option<StoredKeys>) -> anyhow::Result<Contents> {
        let Self { target, now, place, contents, .. } = self;
        match place.finish(keys).await {
            // The next process that opens it moves the rest into place, and the comparison does.
            Ok(()) | Err(RestoreError::Unfinished(_)) => Ok(contents),
            Err(error) if is_lasting(&error) => {
                let removed = retry_while_held(|| target.begin_copy(now));
                Err(nothing_copied(error.into(), async { Ok(removed?.discard().await?) }).await)
            }
            Err(error) => Err(incomplete(error.into())),
        }
    }

    /// What remains after an error of a step.
    async fn fail(self, error: RestoreError) -> Error {
        if is_lasting(&error) {
            nothing_copied(error.into(), async { Ok(self.place.discard().await?) }).await
        } else {
            self.keep(error.into()).await
        }
    }

    /// Keeps what a later run can go on with.
    async fn keep(self, error: Error) -> Error {
        if self.place.position().items == 0 {
            nothing_copied(error, async { Ok(self.place.discard().await?) }).await
        } else {
            incomplete(error)
        }
    }
}

const NOT_READ: &str = "the source cannot be read";

/// Whether the same items fail again.
const fn is_lasting(error: &RestoreError) -> bool {
    matches!(error, RestoreError::Clash { .. } | RestoreError::Order(_))
}

fn incomplete(error: Error) -> Error {
    error.context("the copy is not complete; run it again to go on")
}

/// The error after which nothing is left at the target, if that can be removed.
async fn nothing_copied(error: Error, removed: impl Future<Output = anyhow::Result<()>>) -> Error {
    match removed.await {
        Ok(()) => error.context("nothing was copied"),
        Err(_) => incomplete(error),
    }
}
