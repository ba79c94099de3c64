//! What a store contains: counts and a digest.

use std::fmt;
use std::io;

use indicatif::ProgressBar;
use roster_storage::{CopyPosition, Snapshot, StoredItem};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::progress::show;

use crate::terminal::counted;

/// The number of items of each kind, and a digest of all of them in the order of a snapshot.
#[derive(Clone, Default)]
pub(super) struct Contents {
    users: u64,
    service_accounts: u64,
    sessions: u64,
    audit_records: u64,
    digest: Sha256,
}

impl Contents {
    /// Reads a whole snapshot.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) async fn of(mut snapshot: Box<dyn Snapshot>, bar: &ProgressBar) -> anyhow::Result<Self> {
        let mut contents = Self::default();
        loop {
            let items = snapshot.next().await?;
            show(bar, &*snapshot);
            if items.is_empty() {
                return Ok(contents);
            }
            contents.add(&items)?;
        }
    }

    /// Counts the items and extends the digest by their stored forms.
    ///
    /// # Errors
    /// If an item has no stored form.
    pub(super) fn add(&mut self, items: &[StoredItem]) -> serde_json::Result<()> {
        items.iter().try_for_each(|item| match item {
            StoredItem::User(user) => {
                self.users += 1;
                self.digest_value(&("user", user))
            }
            StoredItem::ServiceAccount(account) => {
                self.service_accounts += 1;
                self.digest_value(&("service account", account))
            }
            StoredItem::Session(session) => {
                self.sessions += 1;
                self.digest_value(&("session", session))
            }
            StoredItem::Audit(position, record) => {
                self.audit_records += 1;
                self.digest_value(&("audit", position.get(), record))
            }
        })
    }

    /// How many items were added, and their digest.
    pub(super) fn position(&self) -> CopyPosition {
        CopyPosition { items: self.counts().iter().sum(), digest: self.hex_digest() }
    }

    /// Whether the audit log is longer, as it is once a server has changed something.
    pub(super) const fn has_more_records_than(&self, other: &Self) -> bool {
        self.audit_records > other.audit_records
    }

    fn digest_value(&mut self, value: &impl Serialize) -> serde_json::Result<()> {
        // The separator keeps two values from being read as one.
        serde_json::to_writer(DigestWriter(&mut self.digest), value)?;
        self.digest.update(b"\n");
        Ok(())
    }

    fn hex_digest(&self) -> String {
        hex::encode(self.digest.clone().finalize())
    }

    fn counts(&self) -> [u64; 4] {
        [self.users, self.service_accounts, self.sessions, self.audit_records]
    }
}

impl PartialEq for Contents {
    fn eq(&self, other: &Self) -> bool {
        self.counts() == other.counts() && self.digest.clone().finalize() == other.digest.clone().finalize()
    }
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [users, accounts, sessions, records] = self.counts();
        write!(
            f,
            "{}, {}, {}, {} (SHA-256 {})",
            counted(users, "user"),
            counted(accounts, "service account"),
            counted(sessions, "session"),
            counted(records, "audit record"),
            self.hex_digest()
        )
    }
}

/// Extends a digest by what is written.
struct DigestWriter<'a>(&'a mut Sha256);

impl io::Write for DigestWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_domain::fixtures::user;

    fn contents(numbers: &[u32]) -> Contents {
        let items: Vec<_> = numbers.iter().map(|number| StoredItem::User(user(*number).into())).collect();
        let mut contents = Contents::default();
        contents.add(&items).unwrap();
        contents
    }

    #[test]
    fn stores_are_equal_if_their_items_are_equal_in_the_same_order() {
        assert!(contents(&[1, 2]) == contents(&[1, 2]));
        for other in [&[][..], &[1], &[2, 1], &[1, 3]] {
            assert!(contents(&[1, 2]) != contents(other), "{other:?}");
        }
    }
}
