//! Backs up and restores the generated keys.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use roster_auth::token::{KeyRing, KeyState, RestoredRing, SigningKey};
use roster_backup::{PrivateKey, SigningKeys};

use super::files::read_private;
use super::folder::KeyFolder;
use super::ring_store::RingStore;
use crate::private_file::{Existing, PrivateFile, make_folder};

/// The keys that are in effect after a restore.
pub(crate) enum KeysToRestore {
    /// The existing ring stays. `audited` is the number of its last change that is in the restored audit log.
    Current { audited: u64 },
    /// The keys of the backup replace the existing ring, if there is one.
    Backup(SigningKeys),
}

impl KeyFolder {
    /// Reads the ring and the private keys that may still sign; `None` if there are no keys yet.
    ///
    /// # Errors
    /// If a file is damaged, missing, readable by others or inaccessible.
    pub(super) fn back_up(&self, now: Timestamp) -> anyhow::Result<Option<SigningKeys>> {
        let _lock = if self.path().exists() { Some(self.lock()?) } else { None };
        let Some(ring) = self.read()? else { return self.back_up_legacy_key(now) };
        let mut private = Vec::new();
        for key in ring.keys().iter().filter(|key| may_sign(key.state, now)) {
            // Checks that the file contains the right key.
            self.signing_key(key.id())?;
            let pem = read_private(&self.private_file(key.id()))?;
            private.extend(pem.map(|pem| PrivateKey { kid: key.id().to_owned(), pem }));
        }
        Ok(Some(SigningKeys { ring: ring.to_json(), audited: self.audited(), private }))
    }

    /// Reads the only key of an older Roster, as the ring that the next start would create from it.
    fn back_up_legacy_key(&self, now: Timestamp) -> anyhow::Result<Option<SigningKeys>> {
        let Some(pem) = read_private(self.legacy_key())? else { return Ok(None) };
        let key = SigningKey::from_pem(&pem)
            .with_context(|| {
                let path = self.legacy_key().display();
                format!(
                    "the signing key in \"{path}\" is damaged; restore it from a backup, or move it away to generate a new \
                     one (existing access tokens are then rejected)"
                )
            })?;
        let ring = KeyRing::default().add(key.verifying_key().clone(), now)?;
        let kid = ring.active().map(|key| key.id().to_owned()).unwrap_or_default();
        Ok(Some(SigningKeys { ring: ring.to_json(), audited: 0, private: vec![PrivateKey { kid, pem }] }))
    }
}

/// Decides which keys are in effect after a restore: the existing ones if they are a later state of those in the
/// backup, otherwise those in the backup.
///
/// # Errors
/// If either ring is invalid.
pub(crate) fn reconcile(existing: &dyn RingStore, mut backup: SigningKeys) -> anyhow::Result<KeysToRestore> {
    let ring = KeyRing::from_json(&backup.ring).context("the keys in the backup are invalid")?;
    let Some(current) = existing.read()? else { return Ok(KeysToRestore::Backup(backup)) };
    match ring.restored_over(&current) {
        RestoredRing::Current => Ok(KeysToRestore::Current { audited: backup.audited }),
        RestoredRing::Backup(restored) => {
            backup.ring = restored.to_json();
            let is_revoked = |kid: &str| restored.find(kid).is_ok_and(|key| key.state == KeyState::Revoked);
            backup.private.retain(|key| !is_revoked(&key.kid));
            Ok(KeysToRestore::Backup(backup))
        }
    }
}

/// Checks the keys of a backup and writes them to a new folder.
///
/// # Errors
/// If a key does not match its kid, or the folder cannot be written.
pub(crate) fn prepare(keys: &SigningKeys, folder: &Path) -> anyhow::Result<()> {
    let ring = KeyRing::from_json(&keys.ring).context("the keys in the backup are invalid")?;
    let write = || {
        make_folder(folder)?;
        keys.private.iter().try_for_each(|key| put(folder, &format!("{}.pem", key.kid), &key.pem))?;
        put(folder, "audited", &format!("{}\n", keys.audited))?;
        put(folder, "keys.json", &ring.to_json())?;
        File::open(folder)?.sync_all()
    };
    for key in &keys.private {
        let found = SigningKey::from_pem(&key.pem).context("a key in the backup cannot be read")?;
        let is_match = found.verifying_key().id().is_some_and(|id| id.as_str() == key.kid);
        anyhow::ensure!(is_match, "a key in the backup does not match its kid");
    }
    write().with_context(|| format!("cannot write the keys to \"{}\"", folder.display()))
}

fn put(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let path = folder.join(name);
    let mut file = PrivateFile::beside(&path)?;
    file.write_all(text.as_bytes())?;
    file.persist_as(&path, Existing::Keep)
}

/// Whether a key in this state can sign, now or later.
pub(super) fn may_sign(state: KeyState, now: Timestamp) -> bool {
    match state {
        KeyState::Next | KeyState::Active => true,
        KeyState::Retired { accept_until } => now < accept_until,
        KeyState::Revoked => false,
    }
}
