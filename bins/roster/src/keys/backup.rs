//! The folder of the keys as a backup holds it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use roster_auth::token::{KeyRing, KeyState, RestoredRing, SigningKey};
use roster_backup::{PrivateKey, SigningKeys};

use super::files::read_private;
use super::folder::KeyFolder;
use crate::private_file::{Existing, PrivateFile, make_folder};

/// What a restore does about the keys.
pub(crate) enum KeysToRestore {
    /// The ring that is there stays; it is told that this change of it was the last that the restored audit log has.
    Present { audited: u64 },
    /// This takes the place of the ring, if there is one.
    Backup(SigningKeys),
}

impl KeyFolder {
    /// The ring, and the private halves that may sign again; `None` if no key was made yet.
    ///
    /// # Errors
    /// If a file is damaged, missing, readable by others or out of reach.
    pub(crate) fn to_back_up(&self, now: Timestamp) -> anyhow::Result<Option<SigningKeys>> {
        let _lock = if self.path().exists() { Some(self.lock()?) } else { None };
        let Some(ring) = self.read()? else { return self.older_to_back_up(now) };
        let mut private = Vec::new();
        for key in ring.keys().iter().filter(|key| may_sign(key.state, now)) {
            // What makes sure that it is the right one.
            self.signing_key(key.id())?;
            let pem = read_private(&self.private_file(key.id()))?;
            private.extend(pem.map(|pem| PrivateKey { kid: key.id().to_owned(), pem }));
        }
        Ok(Some(SigningKeys { ring: ring.to_json(), audited: self.audited(), private }))
    }

    /// The one key of an older Roster, as the ring that it becomes at the next start.
    fn older_to_back_up(&self, now: Timestamp) -> anyhow::Result<Option<SigningKeys>> {
        let Some(pem) = read_private(self.older())? else { return Ok(None) };
        let key = SigningKey::from_pem(&pem)
            .with_context(|| format!("the signing key in \"{}\" is damaged", self.older().display()))?;
        let ring = KeyRing::default().add(key.verifying_key().clone(), now)?;
        let kid = ring.active().map(|key| key.id().to_owned()).unwrap_or_default();
        Ok(Some(SigningKeys { ring: ring.to_json(), audited: 0, private: vec![PrivateKey { kid, pem }] }))
    }

    /// Which keys count after a restore: those that are there, if they are a later state of the backup's, or else the
    /// backup's.
    ///
    /// # Errors
    /// If either ring makes no sense.
    pub(crate) fn reconcile(&self, mut backup: SigningKeys) -> anyhow::Result<KeysToRestore> {
        let ring = KeyRing::from_json(&backup.ring).context("the keys of the backup make no sense")?;
        let Some(present) = self.read()? else { return Ok(KeysToRestore::Backup(backup)) };
        match ring.restored_over(&present) {
            RestoredRing::Present => Ok(KeysToRestore::Present { audited: backup.audited }),
            RestoredRing::Backup(restored) => {
                backup.ring = restored.to_json();
                let is_revoked =
                    |kid: &str| restored.find(kid).is_ok_and(|key| key.state == KeyState::Revoked);
                backup.private.retain(|key| !is_revoked(&key.kid));
                Ok(KeysToRestore::Backup(backup))
            }
        }
    }
}

/// Writes the keys of a backup to a folder that is not there yet. What makes no sense as keys is refused.
///
/// # Errors
/// If a key is not the one that its name says, or nothing can be written.
pub(crate) fn prepare(keys: &SigningKeys, folder: &Path) -> anyhow::Result<()> {
    let ring = KeyRing::from_json(&keys.ring).context("the keys of the backup make no sense")?;
    let write = || {
        make_folder(folder)?;
        keys.private.iter().try_for_each(|key| put(folder, &format!("{}.pem", key.kid), &key.pem))?;
        put(folder, "audited", &format!("{}\n", keys.audited))?;
        put(folder, "keys.json", &ring.to_json())?;
        File::open(folder)?.sync_all()
    };
    for key in &keys.private {
        let found = SigningKey::from_pem(&key.pem).context("a key of the backup cannot be read")?;
        let is_right = found.verifying_key().id().is_some_and(|id| id.as_str() == key.kid);
        anyhow::ensure!(is_right, "a key of the backup is not the one that its name says");
    }
    write().with_context(|| format!("cannot write the keys to \"{}\"", folder.display()))
}

fn put(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let path = folder.join(name);
    let mut file = PrivateFile::beside(&path)?;
    file.write_all(text.as_bytes())?;
    file.keep_as(&path, Existing::Keep)
}

/// Whether the private half of a key is of any use yet.
fn may_sign(state: KeyState, now: Timestamp) -> bool {
    match state {
        KeyState::Next | KeyState::Active => true,
        KeyState::Retired { accept_until } => now < accept_until,
        KeyState::Revoked => false,
    }
}
