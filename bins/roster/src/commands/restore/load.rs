//! Loads a backup into a store.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::Timestamp;
use roster_auth::{Entropy, SystemEntropy};
use roster_backup::{
    BackupItem, BackupReader, CurrentStore, EraseAgain, Reconciled, Reconciliation, SigningKeys, Survey,
};
use roster_domain::{Action, Actor, AuditPosition, AuditRecord, Target};
use roster_storage::{RestoreError, StoredItem};

use super::verified::Verified;
use crate::engine::RestoreTarget;
use crate::keys::{self, KeyFolder, KeysToRestore, RingPlace};
use crate::{operator, terminal};

/// The number of items that are added at once.
const BATCH_SIZE: usize = 256;

/// A restore in progress.
pub(super) struct Loader {
    target: Box<dyn RestoreTarget>,
    now: Timestamp,
    /// The rules for merging state of the replaced store.
    reconciliation: Option<Reconciliation>,
    keys: Option<SigningKeys>,
    last_audit: u64,
    /// The recorded position of keys that stay, until the restore has succeeded.
    audited: Option<Audited>,
}

/// The number of recorded key changes. Restores the previous number when dropped, unless the restore succeeded.
struct Audited {
    keys: KeyFolder,
    before: u64,
}

/// The result of a restore.
pub(super) struct Restored {
    /// Where the replaced store is kept, in messages, and the state that was merged from it.
    pub(super) replaced: Option<(String, Reconciled)>,
    /// Why some files are not in place yet.
    pub(super) unfinished: Option<RestoreError>,
}

impl Drop for Audited {
    fn drop(&mut self) {
        if self.keys.audited() != self.before
            && let Err(error) = self.keys.set_audited(self.before)
        {
            tracing::warn!(
                error = terminal::chain(&error),
                "the audit log will contain some key changes twice"
            );
        }
    }
}

impl Loader {
    pub(super) fn new(target: Box<dyn RestoreTarget>, now: Timestamp) -> Self {
        Self { target, now, reconciliation: None, keys: None, last_audit: 0, audited: None }
    }

    /// Compares the backup with the store that it replaces.
    pub(super) async fn reconcile(
        &mut self,
        backup: &Verified<'_>,
        erase_again: EraseAgain,
    ) -> anyhow::Result<()> {
        let current = self.current().await.with_context(|| {
            format!(
                "the existing store cannot be read, so it is unknown what was revoked in it, and nothing was changed; repair \
                 it (`roster doctor` says how), or move \"{}\" away and restore again: revoked sessions and API keys in the \
                 backup will then work again",
                self.target.folder().display()
            )
        })?;
        let mut survey = Survey::default();
        let mut reader = BackupReader::open(backup.read_again()?)?;
        while let Some(item) = reader.next_item()? {
            survey.see(&item, &current);
        }
        self.reconciliation = Some(Reconciliation::new(current, survey, erase_again));
        Ok(())
    }

    async fn current(&self) -> anyhow::Result<CurrentStore> {
        Ok(CurrentStore::of(self.target.current()?.snapshot().await?).await?)
    }

    /// Loads everything except the keys.
    pub(super) async fn load(&mut self, backup: &Verified<'_>) -> anyhow::Result<()> {
        let mut reader = BackupReader::open(backup.read_again()?)?;
        let mut batch = Vec::with_capacity(BATCH_SIZE);
        while let Some(item) = reader.next_item()? {
            match item {
                BackupItem::Keys(keys) => self.keys = Some(keys),
                BackupItem::Stored(item) => batch.extend(self.reconciled(item)),
            }
            if batch.len() == BATCH_SIZE {
                self.target.add(std::mem::take(&mut batch)).await?;
            }
        }
        Ok(self.target.add(batch).await?)
    }

    fn reconciled(&mut self, item: StoredItem) -> Option<StoredItem> {
        if let StoredItem::Audit(position, _) = &item {
            self.last_audit = position.get();
        }
        match &mut self.reconciliation {
            Some(reconciliation) => reconciliation.apply(item),
            None => Some(item),
        }
    }

    /// Prepares the keys of the backup, unless the existing keys are a later state of them.
    pub(super) fn restore_keys(&mut self, existing: &RingPlace) -> anyhow::Result<()> {
        let keys = self.keys.take().map(|keys| keys::reconcile(&**existing, keys)).transpose()?;
        match (existing, keys) {
            (RingPlace::Folder(folder), Some(keys)) => self.restore_files(folder, keys),
            (RingPlace::Folder(_), None) => Ok(()),
            (RingPlace::Database(database), keys) => Ok(self.target.set_keys(database.restored(keys)?)?),
        }
    }

    fn restore_files(&mut self, folder: &KeyFolder, keys: KeysToRestore) -> anyhow::Result<()> {
        match keys {
            // The next start adds their later changes to the restored audit log.
            KeysToRestore::Current { audited } => {
                let before = folder.audited();
                // First, since the write may fail after it took effect.
                self.audited = Some(Audited { keys: folder.clone(), before });
                folder.set_audited(audited.min(before))
            }
            KeysToRestore::Backup(keys) => {
                let (path, legacy_key) = (self.within(folder.path())?, self.within(folder.legacy_key())?);
                let prepared = self.prepared_beside(&path)?;
                keys::prepare(&keys, &prepared)?;
                self.target.replace_file(&path, Some(&prepared));
                self.target.replace_file(&legacy_key, None);
                Ok(())
            }
        }
    }

    /// Removes a file that belongs to the replaced store.
    pub(super) fn remove_file(&mut self, path: &Path) -> anyhow::Result<()> {
        let path = self.within(path)?;
        self.target.replace_file(&path, None);
        Ok(())
    }

    /// Expresses the path relative to the store's folder if the file is in it; otherwise makes it absolute.
    fn within(&self, path: &Path) -> anyhow::Result<PathBuf> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(path.to_owned());
        };
        let is_same = fs::canonicalize(folder).ok() == fs::canonicalize(self.target.folder()).ok();
        Ok(if is_same { self.target.folder().join(name) } else { std::path::absolute(path)? })
    }

    /// The folder in which the keys are prepared, on the same file system as their destination.
    fn prepared_beside(&self, path: &Path) -> anyhow::Result<PathBuf> {
        if path.starts_with(self.target.folder()) {
            return Ok(self.target.staging().join("keys"));
        }
        let prepared = path.with_extension("restored");
        match fs::remove_dir_all(&prepared) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(prepared),
        }
    }

    /// Adds the audit records of the restore, and puts the restored store into effect.
    pub(super) async fn finish(mut self, erase_again: EraseAgain) -> anyhow::Result<Restored> {
        let reconciled = self.reconciliation.take().map(Reconciliation::outcome);
        let last = reconciled.as_ref().map_or(self.last_audit, |reconciled| reconciled.last_audit);
        let erased = reconciled.iter().flat_map(|reconciled| &reconciled.erased);
        let erased = erased.filter(|_| erase_again == EraseAgain::Yes);
        let records: Vec<_> = std::iter::once(self.record(Action::Restored, None))
            .chain(erased.map(|id| self.record(Action::UserDeleted, Some((*id).into()))))
            .zip(last.saturating_add(1)..=u64::MAX)
            .map(|(record, number)| StoredItem::Audit(AuditPosition::from(number), record.into()))
            .collect();
        self.target.add(records).await?;
        let replaced = self.target.replaced();
        let unfinished = match self.target.finish().await {
            Ok(()) => None,
            Err(unfinished @ RestoreError::Unfinished(_)) => Some(unfinished),
            Err(error) => return Err(error.into()),
        };
        if let Some(audited) = &mut self.audited {
            audited.before = audited.keys.audited();
        }
        Ok(Restored { replaced: reconciled.map(|reconciled| (replaced, reconciled)), unfinished })
    }

    fn record(&self, action: Action, target: Option<Target>) -> AuditRecord {
        let mut random = [0; 10];
        SystemEntropy.fill(&mut random);
        AuditRecord {
            target,
            origin: operator::of_this_process().origin,
            ..AuditRecord::new(self.now, random, Actor::Operator, action)
        }
    }
}
