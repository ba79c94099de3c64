//! A snapshot of the store: the published state, which is immutable, and the files of the audit log.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use roster_domain::{AuditPosition, ServiceAccountId, SessionId, UserId};
use roster_storage::{Snapshot, SnapshotProgress, StoreError, StoredItem};

use crate::audit_log::Forward;
use crate::disk::Directory;
use crate::state::State;

/// The number of items per piece.
const PIECE: usize = 256;
/// The approximate size of an audit record, to report the progress in records.
const RECORD: u64 = 256;

/// A state with its audit log.
pub(crate) struct JsonSnapshot {
    state: Arc<State>,
    next: Next,
    /// Absent while it is being read.
    written: Option<Forward>,
    /// The number of returned items.
    items: u64,
    /// The bytes read of the audit log, and its total bytes.
    audit: (u64, u64),
}

/// Where the next piece starts.
#[derive(Clone, Copy)]
enum Next {
    Users(Option<UserId>),
    ServiceAccounts(Option<ServiceAccountId>),
    Sessions(Option<SessionId>),
    Filed,
    Tail(usize),
}

impl JsonSnapshot {
    /// Starts with the state. The files of the log are opened after it was published, so they include all records
    /// that the state does not have. It blocks.
    pub(crate) fn open(state: Arc<State>, directory: &dyn Directory) -> io::Result<Self> {
        let written = Forward::open(directory, state.audit.written())?;
        let audit = written.progress();
        Ok(Self { state, next: Next::Users(None), written: Some(written), items: 0, audit })
    }

    /// The next piece of the items in memory; `None` when the files of the log come next.
    fn in_memory(&mut self) -> Option<Vec<StoredItem>> {
        let state = &*self.state;
        loop {
            let (items, next): (Vec<_>, _) = match self.next {
                Next::Users(after) => {
                    let users: Vec<_> = state.users_after(after).take(PIECE).cloned().collect();
                    let next =
                        users.last().map_or(Next::ServiceAccounts(None), |last| Next::Users(Some(last.id)));
                    (users.into_iter().map(StoredItem::User).collect(), next)
                }
                Next::ServiceAccounts(after) => {
                    let accounts: Vec<_> =
                        state.service_accounts().ids_after(after).take(PIECE).cloned().collect();
                    let next = accounts
                        .last()
                        .map_or(Next::Sessions(None), |last| Next::ServiceAccounts(Some(last.id)));
                    (accounts.into_iter().map(StoredItem::ServiceAccount).collect(), next)
                }
                Next::Sessions(after) => {
                    let sessions: Vec<_> = state.sessions().after(after).take(PIECE).cloned().collect();
                    let next = sessions.last().map_or(Next::Filed, |last| Next::Sessions(Some(last.id)));
                    (sessions.into_iter().map(StoredItem::Session).collect(), next)
                }
                Next::Filed => return None,
                Next::Tail(at) => return Some(self.tail(at)),
            };
            self.next = next;
            self.items += items.len() as u64;
            if !items.is_empty() {
                return Some(items);
            }
        }
    }

    fn tail(&mut self, from: usize) -> Vec<StoredItem> {
        let records = (from..).map_while(|at| self.state.audit.nth(at)).take(PIECE);
        let audit = |(number, record): (u64, &Arc<_>)| {
            StoredItem::Audit(AuditPosition::from(number), Arc::clone(record))
        };
        let items: Vec<_> = records.map(audit).collect();
        self.next = Next::Tail(from + items.len());
        self.items += items.len() as u64;
        items
    }

    async fn written(&mut self) -> Result<Vec<StoredItem>, StoreError> {
        let unavailable = |error: io::Error| StoreError::Unavailable(Box::new(error));
        let gone = || unavailable(io::Error::other("an earlier read failed"));
        let mut written = self.written.take().ok_or_else(gone)?;
        let reading = tokio::task::spawn_blocking(move || written.next().map(|records| (written, records)));
        let read = reading.await.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        let (written, records) = read.map_err(unavailable)?;
        self.audit = written.progress();
        self.written = Some(written);
        let audit = |(number, record)| StoredItem::Audit(AuditPosition::from(number), record);
        Ok(records.into_iter().map(audit).collect())
    }
}

#[async_trait]
impl Snapshot for JsonSnapshot {
    async fn next(&mut self) -> Result<Vec<StoredItem>, StoreError> {
        if let Some(items) = self.in_memory() {
            return Ok(items);
        }
        let records = self.written().await?;
        if !records.is_empty() {
            return Ok(records);
        }
        self.written = None;
        Ok(self.tail(0))
    }

    fn progress(&self) -> SnapshotProgress {
        let state = &*self.state;
        let items = state.len() + state.service_accounts().len() + state.sessions().len() + state.audit.len();
        let (read, there) = self.audit;
        SnapshotProgress { done: self.items + read / RECORD, total: items as u64 + there / RECORD }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_log::AUDIT_FILE;
    use crate::disk::Disk;
    use crate::disk::simulated::SimulatedDisk;
    use crate::tests::{person, record};
    use roster_domain::Action;

    async fn numbers(mut snapshot: JsonSnapshot) -> Vec<u64> {
        let mut numbers = Vec::new();
        loop {
            let items = snapshot.next().await.unwrap();
            if items.is_empty() {
                return numbers;
            }
            numbers.extend(items.iter().filter_map(|item| match item {
                StoredItem::Audit(number, _) => Some(number.get()),
                StoredItem::User(_) | StoredItem::ServiceAccount(_) | StoredItem::Session(_) => None,
            }));
        }
    }

    #[tokio::test]
    async fn records_filed_after_the_snapshot_come_from_memory_or_not_at_all() {
        let disk = SimulatedDisk::new(1);
        let logged = |number| record(Action::LoggedIn, person(1).id, number);
        let mut state = State::default();
        (1..=6).for_each(|number| state.audit.push(number, Arc::new(logged(number))));
        state.audit.remove_written(2);
        // A snapshot of the store files all records, and one more, before the files are opened here.
        let mut file = disk.append(AUDIT_FILE).unwrap();
        for number in 1..=7 {
            let text = serde_json::to_string(&logged(number)).unwrap();
            file.write_all(format!("{{\"sequence\":{number},{}\n", &text[1..]).as_bytes()).unwrap();
        }
        let snapshot = JsonSnapshot::open(Arc::new(state), &disk).unwrap();
        assert_eq!(numbers(snapshot).await, [1, 2, 3, 4, 5, 6]);
    }
}
