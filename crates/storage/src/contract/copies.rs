//! Copies in steps.

use super::snapshots::{everything, filled};
use super::{CopyBench, People};
use crate::{CopyPosition, RestoreError, StagedCopy, StoredItem};
use std::sync::Arc;

/// The number of items in a step.
const STEP: usize = 250;

/// Adds items after those that are there.
async fn add(copy: &mut Box<dyn StagedCopy>, items: &[StoredItem]) -> Result<(), RestoreError> {
    let count = copy.position().items + items.len() as u64;
    copy.add(items.to_vec(), CopyPosition { items: count, digest: format!("of {count}") }).await
}

/// What was added, with its place: a copy that was dropped after its second step.
async fn begun(bench: &impl CopyBench) -> Vec<StoredItem> {
    let items = everything(&filled(bench).await).await;
    bench.vacate().await;
    let mut copy = bench.copy().await;
    assert_eq!(*copy.position(), CopyPosition::default());
    for step in items.chunks(STEP).take(2) {
        add(&mut copy, step).await.expect("nothing clashes");
    }
    items
}

/// In users, at the beginning of the audit log, and in it: each step by another process.
pub async fn a_copy_goes_on_after_its_last_step(bench: &impl CopyBench) {
    let items = begun(bench).await;
    for (step, before) in items.chunks(STEP).zip((0..).step_by(STEP)).skip(2) {
        let mut copy = bench.copy().await;
        let position = CopyPosition { items: before, digest: format!("of {before}") };
        assert_eq!(*copy.position(), position);
        add(&mut copy, step).await.expect("nothing clashes");
    }
    bench.copy().await.finish(None).await.expect("complete");
    let store = bench.open().await.expect("complete");
    assert_eq!(everything(&store).await, items);
    super::reads::add(&store, People.nth(1_000)).await;
    assert_eq!(everything(&bench.reopened(store).await).await.len(), items.len() + 2);
}

/// The error says what to do.
pub async fn an_incomplete_copy_is_not_opened(bench: &impl CopyBench) {
    begun(bench).await;
    let refused = bench.open().await.err().expect("half a store");
    assert!(refused.contains("roster copy") && refused.contains("again"), "{refused}");
}

/// The next copy has a single user, of another source.
pub async fn a_discarded_copy_leaves_an_empty_place(bench: &impl CopyBench) {
    begun(bench).await;
    bench.copy().await.discard().await.expect("writable");
    let mut copy = bench.copy().await;
    assert_eq!(*copy.position(), CopyPosition::default());
    copy.discard().await.expect("writable");
    assert_eq!(everything(&bench.open().await.expect("empty")).await, []);
    bench.vacate().await;
    begun(bench).await;
    bench.copy().await.discard().await.expect("writable");
    copy = bench.copy().await;
    let other = [StoredItem::User(Arc::new(People.nth(2_000)))];
    add(&mut copy, &other).await.expect("nothing clashes");
    copy.finish(None).await.expect("complete");
    assert_eq!(everything(&bench.open().await.expect("complete")).await, other);
}

/// It is not invisible any more: whoever made it keeps it.
pub async fn a_copy_never_replaces_a_store(bench: &impl CopyBench) {
    begun(bench).await;
    let copy = bench.copy().await;
    if bench.occupy().await {
        let refused = copy.finish(None).await;
        assert!(matches!(refused, Err(RestoreError::Occupied)), "{refused:?}");
        assert_eq!(everything(&bench.open().await.expect("a store")).await.len(), 2);
    }
}

/// A user who is there already, found at once or at the end.
pub async fn an_invalid_step_of_a_copy_changes_nothing(bench: &impl CopyBench) {
    let items = begun(bench).await;
    let mut copy = bench.copy().await;
    let refused = match add(&mut copy, &items[..1]).await {
        Ok(()) => copy.finish(None).await,
        Err(error) => {
            drop(copy);
            Err(error)
        }
    };
    assert!(matches!(refused, Err(RestoreError::Order(_))), "{refused:?}");
    assert!(bench.open().await.is_err());
}
