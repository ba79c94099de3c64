//! The generated keys in a database, sealed.

use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use jiff::Timestamp;
use roster_auth::SystemEntropy;
use roster_auth::sealing::{NotOpened, Opened, SealingKeys};
use roster_auth::token::{KeyRing, KeyState, SigningKey};
use roster_backup::{PrivateKey, SigningKeys};
use roster_storage::{KeyStamp, KeyWrite, SealedKey, StoredKeys};
use zeroize::Zeroizing;

use super::backup::{KeysToRestore, may_sign};
use super::folder::KeyFolder;
use super::ring_store::{NewKey, Transition};
use super::sealing::SealingSource;
use crate::engine::{KeyTable, Sharing};

/// The purpose that private keys are sealed for.
const PURPOSE: &str = "signing key";

/// How often a change is tried while others change the keys.
const MEETINGS: usize = 32;

/// The generated keys in a database.
#[derive(Clone)]
pub(crate) struct DatabaseKeys {
    pub(super) table: Arc<dyn KeyTable>,
    pub(super) sealing: SealingSource,
    /// The keys of a Roster that kept them in files.
    pub(super) folder: KeyFolder,
    /// The store in messages, in quotes.
    pub(super) location: String,
    /// Whether several servers use the database.
    pub(super) sharing: Sharing,
}

impl DatabaseKeys {
    /// The ring in what is stored.
    pub(super) fn ring(&self, stored: &StoredKeys) -> anyhow::Result<Option<KeyRing>> {
        let Some(ring) = &stored.ring else { return Ok(None) };
        let ring = KeyRing::from_json(ring).with_context(|| {
            format!("the table key_ring in {} is damaged; restore a backup", self.location)
        })?;
        Ok(Some(ring).filter(|ring| !ring.keys().is_empty()))
    }

    /// The private key with this kid.
    pub(super) fn private_key(&self, stored: &StoredKeys, kid: &str) -> anyhow::Result<SigningKey> {
        let Some(sealed) = stored.private.iter().find(|key| key.kid == kid) else {
            bail!(
                "the signing key {kid} is missing in {}; restore a backup, or sign with a new key: `roster keys generate \
                 --activate`",
                self.location
            );
        };
        let key = SigningKey::from_pem(&self.open(sealed)?.0).context("a sealed signing key is damaged")?;
        if key.verifying_key().id().is_none_or(|id| id.as_str() != kid) {
            bail!("the signing key {kid} in {} does not match its kid; restore a backup", self.location);
        }
        Ok(key)
    }

    /// Opens a private key. Returns its PEM, and whether the first sealing key has sealed it.
    pub(super) fn open(&self, sealed: &SealedKey) -> anyhow::Result<(Zeroizing<String>, bool)> {
        let Some(keys) = self.sealing.keys()? else { return Err(self.no_sealing_key()) };
        let opened = keys.open(PURPOSE, &sealed.kid, &sealed.sealed);
        let Opened { plain, is_current } = opened.map_err(|error| self.not_opened(&sealed.kid, error))?;
        let pem = str::from_utf8(&plain).context("a sealed signing key is damaged")?;
        Ok((Zeroizing::new(pem.to_owned()), is_current))
    }

    fn no_sealing_key(&self) -> anyhow::Error {
        let file = self.sealing.file().map(|file| file.display().to_string()).unwrap_or_default();
        anyhow!(
            "the sealing key in \"{file}\" is missing, but the signing keys in {} are sealed with it; restore the file, or \
             set storage.sealing_key; if the key is lost, sign with a new key: `roster keys generate --activate`",
            self.location
        )
    }

    fn not_opened(&self, kid: &str, error: NotOpened) -> anyhow::Error {
        anyhow::Error::new(error).context(format!(
            "cannot open the signing key {kid} in {}; set storage.sealing_key to the key that it was sealed with, beside a \
             newer one if there is one; if that is lost, sign with a new key: `roster keys generate --activate`",
            self.location
        ))
    }

    /// Applies `transition` to the ring in the database.
    pub(super) fn replace(
        &self,
        now: Timestamp,
        new: Option<&NewKey>,
        transition: Transition<'_>,
    ) -> anyhow::Result<KeyRing> {
        for _ in 0..MEETINGS {
            let mut stored = self.table.read()?;
            let before = self.ring(&stored)?.unwrap_or_default();
            let signed = before.active().map(|key| key.id().to_owned());
            let ring = transition(before)?;
            if let Some(new) = new.filter(|new| ring.keys().iter().any(|key| key.id() == new.kid)) {
                stored.private.push(self.seal_new(&stored, &ring, new)?);
            }
            // Check that a newly active key can sign.
            if let Some(active) = ring.active().filter(|key| Some(key.id()) != signed.as_deref()) {
                self.private_key(&stored, active.id())?;
            }
            let is_used = |kid: &str| {
                let mut keys = ring.keys().iter();
                keys.any(|key| key.id() == kid && may_sign(key.state, now))
            };
            stored.private.retain(|key| is_used(&key.kid));
            stored.ring = Some(ring.to_json());
            if self.table.replace(stored.stamp.version, &stored)? == KeyWrite::Made {
                return Ok(ring);
            }
        }
        bail!("others change the keys in {} all the time; nothing was changed", self.location)
    }

    /// Seals a new key. If another one signs, the server must be able to open that: a second sealing key would be of no
    /// use to it.
    fn seal_new(&self, stored: &StoredKeys, ring: &KeyRing, new: &NewKey) -> anyhow::Result<SealedKey> {
        if let Some(active) = ring.active().filter(|active| active.id() != new.kid) {
            self.private_key(stored, active.id())?;
        }
        seal(&self.sealing.keys_or_new()?, &new.kid, &new.pem)
    }

    /// Takes the keys of a Roster that kept them in files, which stay: it may still run.
    pub(super) fn adopt(&self, now: Timestamp) -> anyhow::Result<bool> {
        if self.table.read()?.ring.is_some() {
            return Ok(false);
        }
        let Some(keys) = self.folder.back_up(now)? else { return Ok(false) };
        let stored = self.sealed(&keys)?;
        let written = self.table.replace(0, &stored)?;
        self.table.advance_audited(keys.audited)?;
        if written == KeyWrite::Made {
            let folder = self.folder.path().display();
            tracing::info!(%folder, "copied the signing keys of an older version into the database");
        }
        Ok(written == KeyWrite::Made)
    }

    /// Seals the private keys with the first sealing key.
    pub(super) fn seal_again(&self) -> anyhow::Result<usize> {
        for _ in 0..MEETINGS {
            let mut stored = self.table.read()?;
            if stored.private.is_empty() {
                return Ok(0);
            }
            let keys = self.sealing.keys()?.ok_or_else(|| self.no_sealing_key())?;
            let mut count = 0;
            for sealed in &mut stored.private {
                let (pem, is_current) = self.open(sealed)?;
                count += usize::from(!is_current);
                *sealed = seal(&keys, &sealed.kid, &pem)?;
            }
            if count == 0 || self.table.replace(stored.stamp.version, &stored)? == KeyWrite::Made {
                return Ok(count);
            }
        }
        bail!("others change the keys in {} all the time; nothing was changed", self.location)
    }

    /// The keys for a backup.
    pub(super) fn opened(&self, now: Timestamp) -> anyhow::Result<Option<SigningKeys>> {
        let stored = self.table.read()?;
        let Some(ring) = self.ring(&stored)? else { return self.folder.back_up(now) };
        let mut private = Vec::new();
        for key in ring.keys().iter().filter(|key| may_sign(key.state, now)) {
            // Checks that it is the right key.
            self.private_key(&stored, key.id())?;
            if let Some(sealed) = stored.private.iter().find(|sealed| sealed.kid == key.id()) {
                private.push(PrivateKey { kid: sealed.kid.clone(), pem: self.open(sealed)?.0 });
            }
        }
        Ok(Some(SigningKeys { ring: ring.to_json(), audited: stored.stamp.audited, private }))
    }

    /// The keys of a restored store. `None` stands for a backup without keys.
    pub(crate) fn restored(&self, keys: Option<KeysToRestore>) -> anyhow::Result<StoredKeys> {
        let mut current = self.table.read()?;
        match keys {
            None => Ok(current),
            // The next start adds their later changes to the restored audit log.
            Some(KeysToRestore::Current { audited }) => {
                current.stamp.audited = audited.min(current.stamp.audited);
                Ok(current)
            }
            Some(KeysToRestore::Backup(keys)) => self.sealed(&keys),
        }
    }

    /// The sealed form of plain keys.
    fn sealed(&self, keys: &SigningKeys) -> anyhow::Result<StoredKeys> {
        KeyRing::from_json(&keys.ring).context("the keys in the backup are invalid")?;
        let sealing = self.sealing.keys_or_new()?;
        let mut private = Vec::new();
        for key in &keys.private {
            let found = NewKey::from_pem(key.pem.clone()).context("a key in the backup cannot be read")?;
            anyhow::ensure!(found.kid == key.kid, "a key in the backup does not match its kid");
            private.push(seal(&sealing, &key.kid, &key.pem)?);
        }
        let stamp = KeyStamp { version: 0, audited: keys.audited };
        Ok(StoredKeys { ring: Some(keys.ring.clone()), private, stamp })
    }

    /// Whether a key in this state needs its private half.
    pub(super) const fn signs(state: KeyState) -> bool {
        matches!(state, KeyState::Next | KeyState::Active)
    }
}

fn seal(keys: &SealingKeys, kid: &str, pem: &str) -> anyhow::Result<SealedKey> {
    let sealed = keys.seal(PURPOSE, kid, pem.as_bytes(), &SystemEntropy)?;
    Ok(SealedKey { kid: kid.to_owned(), sealed })
}
