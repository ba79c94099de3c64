//! The union of two stores, as a snapshot.

use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};
use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use roster_domain::{AuditPosition, UserId};
use roster_storage::{Snapshot, SnapshotProgress, StoreError, StoredItem};
use uuid::Uuid;

use crate::terminal::counted;

/// How many items a piece has.
const PIECE: usize = 512;

/// Two snapshots as one. An item that both have stays as it is in the target. A session of the source counts only if its
/// user is new, because otherwise it may have ended in the target. Audit records are in the order of their times, and get
/// new numbers.
pub(super) struct MergedSnapshot {
    target: Input,
    source: Input,
    added_users: HashSet<UserId>,
    last_number: u64,
    summary: MergeSummary,
}

/// What a merge did with the items of the source.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MergeSummary {
    added: u64,
    present: u64,
    differing: u64,
    left_out: u64,
}

/// A snapshot whose next item can be looked at.
struct Input {
    snapshot: Box<dyn Snapshot>,
    items: VecDeque<StoredItem>,
}

/// Where an item comes in a snapshot.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum ItemKey {
    User(Uuid),
    ServiceAccount(Uuid),
    Session(Uuid),
    Audit(Timestamp),
}

impl MergedSnapshot {
    pub(super) fn new(target: Box<dyn Snapshot>, source: Box<dyn Snapshot>) -> Self {
        let input = |snapshot| Input { snapshot, items: VecDeque::new() };
        Self {
            target: input(target),
            source: input(source),
            added_users: HashSet::new(),
            last_number: 0,
            summary: MergeSummary::default(),
        }
    }

    /// What has been merged.
    pub(super) const fn summary(&self) -> MergeSummary {
        self.summary
    }

    async fn next_item(&mut self) -> Result<Option<StoredItem>, StoreError> {
        loop {
            let order = match (self.target.peek().await?, self.source.peek().await?) {
                (None, None) => return Ok(None),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(target), Some(source)) => order(target, source),
            };
            if let Some(item) = self.take(order) {
                return Ok(Some(self.numbered(item)));
            }
        }
    }

    /// Takes the next item, or both if they are the same.
    fn take(&mut self, order: Ordering) -> Option<StoredItem> {
        let target = if order.is_le() { self.target.items.pop_front() } else { None };
        let source = if order.is_ge() { self.source.items.pop_front() } else { None };
        let summary = &mut self.summary;
        match (target, source) {
            (Some(target), Some(source)) => {
                summary.present += 1;
                summary.differing += u64::from(!is_same(&target, &source));
                Some(target)
            }
            (None, Some(StoredItem::Session(session))) if !self.added_users.contains(&session.user) => {
                summary.left_out += 1;
                None
            }
            (None, Some(source)) => {
                summary.added += 1;
                if let StoredItem::User(user) = &source {
                    self.added_users.insert(user.id);
                }
                Some(source)
            }
            (target, None) => target,
        }
    }

    fn numbered(&mut self, item: StoredItem) -> StoredItem {
        match item {
            StoredItem::Audit(_, record) => {
                self.last_number += 1;
                StoredItem::Audit(AuditPosition::from(self.last_number), record)
            }
            other => other,
        }
    }
}

#[async_trait]
impl Snapshot for MergedSnapshot {
    async fn next(&mut self) -> Result<Vec<StoredItem>, StoreError> {
        let mut piece = Vec::with_capacity(PIECE);
        while piece.len() < PIECE
            && let Some(item) = self.next_item().await?
        {
            piece.push(item);
        }
        Ok(piece)
    }

    fn progress(&self) -> SnapshotProgress {
        let (target, source) = (self.target.snapshot.progress(), self.source.snapshot.progress());
        SnapshotProgress { done: target.done + source.done, total: target.total + source.total }
    }
}

impl Input {
    async fn peek(&mut self) -> Result<Option<&StoredItem>, StoreError> {
        if self.items.is_empty() {
            self.items.extend(self.snapshot.next().await?);
        }
        Ok(self.items.front())
    }
}

/// Which of two items comes first; equal if they are the same entity. Of audit records from the same moment, those of the
/// target come first.
fn order(target: &StoredItem, source: &StoredItem) -> Ordering {
    match (target, source) {
        (StoredItem::Audit(_, one), StoredItem::Audit(_, other)) if one.id == other.id => Ordering::Equal,
        (StoredItem::Audit(_, one), StoredItem::Audit(_, other)) => {
            one.at.cmp(&other.at).then(Ordering::Less)
        }
        _ => key(target).cmp(&key(source)),
    }
}

fn key(item: &StoredItem) -> ItemKey {
    match item {
        StoredItem::User(user) => ItemKey::User(*user.id.as_uuid()),
        StoredItem::ServiceAccount(account) => ItemKey::ServiceAccount(*account.id.as_uuid()),
        StoredItem::Session(session) => ItemKey::Session(*session.id.as_uuid()),
        StoredItem::Audit(_, record) => ItemKey::Audit(record.at),
    }
}

fn is_same(target: &StoredItem, source: &StoredItem) -> bool {
    match (target, source) {
        (StoredItem::Audit(_, one), StoredItem::Audit(_, other)) => one == other,
        (one, other) => one == other,
    }
}

impl fmt::Display for MergeSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "added {} of the source; {} that the target had already stayed as they were, {} of them different in the source; \
             left out {} of people whom the target knows, since they may have ended there",
            counted(self.added, "item"),
            self.present,
            self.differing,
            counted(self.left_out, "session")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use jiff::SignedDuration;
    use roster_domain::{Action, Actor, AuditRecord, fixtures};

    /// A snapshot of these items, one in each piece.
    struct Items(VecDeque<StoredItem>);

    #[async_trait]
    impl Snapshot for Items {
        async fn next(&mut self) -> Result<Vec<StoredItem>, StoreError> {
            Ok(self.0.pop_front().into_iter().collect())
        }

        fn progress(&self) -> SnapshotProgress {
            SnapshotProgress::default()
        }
    }

    fn user(number: u32) -> StoredItem {
        StoredItem::User(Arc::new(fixtures::user(number)))
    }

    async fn merged(target: Vec<StoredItem>, source: Vec<StoredItem>) -> (Vec<StoredItem>, MergeSummary) {
        let input = |items: Vec<StoredItem>| Box::new(Items(items.into()));
        let mut snapshot = MergedSnapshot::new(input(target), input(source));
        let items = snapshot.next().await.unwrap();
        assert!(snapshot.next().await.unwrap().is_empty());
        (items, snapshot.summary())
    }

    #[tokio::test]
    async fn users_of_both_stores_are_there_once_and_in_order() {
        let (items, summary) = merged(vec![user(1), user(3)], vec![user(2), user(3), user(4)]).await;
        assert_eq!(items, [user(1), user(2), user(3), user(4)]);
        assert_eq!((summary.added, summary.present, summary.differing), (2, 1, 0));
    }

    #[tokio::test]
    async fn a_user_that_differs_stays_as_in_the_target() {
        let other = StoredItem::User(Arc::new(fixtures::user(1).with(|user| user.email_verified = true)));
        let (items, summary) = merged(vec![user(1)], vec![other]).await;
        assert_eq!(items, [user(1)]);
        assert_eq!((summary.present, summary.differing), (1, 1));
    }

    #[tokio::test]
    async fn audit_records_are_in_the_order_of_their_times_with_new_numbers() {
        let record = |second: i64, number: u8| {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
            AuditRecord::new(at, [number; 10], Actor::System, Action::LoggedIn)
        };
        let item = |number: u64, record: AuditRecord| {
            StoredItem::Audit(AuditPosition::from(number), Arc::new(record))
        };
        let target = vec![item(7, record(1, 1)), item(9, record(3, 3))];
        let source = vec![item(1, record(1, 1)), item(2, record(2, 2)), item(3, record(3, 4))];
        let (items, _) = merged(target, source).await;
        let expected = [record(1, 1), record(2, 2), record(3, 3), record(3, 4)];
        assert_eq!(
            items,
            (1..).zip(expected).map(|(number, record)| item(number, record)).collect::<Vec<_>>()
        );
    }
}
