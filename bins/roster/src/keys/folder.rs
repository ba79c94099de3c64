//! The folder of the generated keys: `keys.json` with their states, and one file for each private key.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::Timestamp;
use roster_auth::token::{KeyRing, KeyState, SigningKey};
use zeroize::Zeroizing;

use super::files::read_private;
use super::ring_store::{NewKey, Transition};
use crate::private_file::{Existing, PrivateFile, make_folder};

/// The key file in `data.dir` of an older Roster, which had only one key.
const LEGACY_KEY: &str = "signing-key.pem";

/// The key folder. Several processes can use it: writers take a lock and replace files atomically, so readers need no lock.
#[derive(Clone)]
pub(crate) struct KeyFolder {
    path: PathBuf,
    legacy_key: PathBuf,
}

impl KeyFolder {
    /// The key folder in this `data.dir`.
    pub(crate) fn in_data(data: &Path) -> Self {
        Self { path: data.join("keys"), legacy_key: data.join(LEGACY_KEY) }
    }

    /// The path of the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The key file of an older Roster, which had only one key.
    pub(crate) fn legacy_key(&self) -> &Path {
        &self.legacy_key
    }

    /// The file with the ring. Every change modifies it.
    pub(crate) fn state_file(&self) -> PathBuf {
        self.path.join("keys.json")
    }

    /// Reads the ring; `None` if there are no keys yet.
    ///
    /// # Errors
    /// If its file is damaged or inaccessible.
    pub(crate) fn read(&self) -> anyhow::Result<Option<KeyRing>> {
        let path = self.state_file();
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read \"{}\"", path.display())),
        };
        let ring = KeyRing::from_json(&text).with_context(|| {
            format!(
                "\"{}\" is damaged; restore it and the *.pem files in the same folder from a backup",
                path.display()
            )
        })?;
        Ok(Some(ring).filter(|ring| !ring.keys().is_empty()))
    }

    /// Reads the private key with this kid.
    ///
    /// # Errors
    /// If its file is missing, damaged, readable by others, or contains another key.
    pub(crate) fn signing_key(&self, kid: &str) -> anyhow::Result<SigningKey> {
        let path = self.private_file(kid);
        let remedy = "restore it from a backup, or sign with a new key: `roster keys generate --activate`";
        let Some(pem) = read_private(&path)? else {
            bail!("the signing key in \"{}\" is missing; {remedy}", path.display());
        };
        let key = SigningKey::from_pem(&pem)
            .with_context(|| format!("the signing key in \"{}\" is damaged; {remedy}", path.display()))?;
        if key.verifying_key().id().is_none_or(|id| id.as_str() != kid) {
            bail!("the signing key in \"{}\" does not match its file name; {remedy}", path.display());
        }
        Ok(key)
    }

    /// Moves the only key of an older Roster into a new ring, as its active key. Returns whether there was such a key.
    ///
    /// # Errors
    /// If it is damaged, readable by others, or cannot be stored.
    pub(crate) fn adopt_legacy_key(&self, now: Timestamp) -> anyhow::Result<bool> {
        if self.read()?.is_some() {
            return Ok(false);
        }
        let Some(pem) = read_private(&self.legacy_key)? else { return Ok(false) };
        let kid = self.add(pem, now).with_context(|| {
            format!(
                "the signing key in \"{}\" is damaged; restore it from a backup, or move it away to generate a new \
                 one (existing access tokens are then rejected)",
                self.legacy_key.display()
            )
        })?;
        // The ring contains the key now, so its old file is no longer needed.
        fs::remove_file(&self.legacy_key)
            .with_context(|| format!("cannot remove \"{}\"", self.legacy_key.display()))?;
        tracing::info!(kid, "moved the signing key of an older version into the key ring");
        Ok(true)
    }

    /// Applies `transition` to the current ring, and returns the new ring. `new` is the private key that it may add.
    ///
    /// # Errors
    /// The error of `transition`, or if the change cannot be stored. Nothing changes in either case.
    pub(super) fn change(
        &self,
        now: Timestamp,
        new: Option<&NewKey>,
        transition: Transition<'_>,
    ) -> anyhow::Result<KeyRing> {
        let _lock = self.lock()?;
        let before = self.read()?.unwrap_or_default();
        let signed = before.active().map(|key| key.id().to_owned());
        let ring = transition(before)?;
        // Store the key before the ring: a key without an entry does no harm, an entry without its key would.
        if let Some(new) = new.filter(|new| ring.keys().iter().any(|key| key.id() == new.kid)) {
            write_file(&self.private_file(&new.kid), &new.pem)?;
        }
        // Check that a newly active key can sign.
        if let Some(active) = ring.active().filter(|key| Some(key.id()) != signed.as_deref()) {
            self.signing_key(active.id())?;
        }
        self.write(&ring)?;
        self.remove_unusable(&ring, now);
        Ok(ring)
    }

    /// The number of the last change that is in the audit log.
    pub(crate) fn audited(&self) -> u64 {
        let text = fs::read_to_string(self.path.join("audited")).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    /// Stores that all changes up to this one are in the audit log.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn set_audited(&self, number: u64) -> anyhow::Result<()> {
        write_file(&self.path.join("audited"), &format!("{number}\n"))
    }

    fn add(&self, pem: Zeroizing<String>, now: Timestamp) -> anyhow::Result<String> {
        let key = NewKey::from_pem(pem)?;
        self.change(now, Some(&key), &|ring| ring.add(key.public.clone(), now))?;
        Ok(key.kid)
    }

    fn write(&self, ring: &KeyRing) -> anyhow::Result<()> {
        write_file(&self.state_file(), &ring.to_json())
    }

    /// Removes the private keys that can never sign again. Their entries stay in the ring.
    fn remove_unusable(&self, ring: &KeyRing, now: Timestamp) {
        let unusable = ring.keys().iter().filter(|key| match key.state {
            KeyState::Next | KeyState::Active => false,
            KeyState::Retired { accept_until } => accept_until <= now,
            KeyState::Revoked => true,
        });
        for key in unusable {
            let path = self.private_file(key.id());
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    tracing::warn!(file = %path.display(), %error, "cannot remove a key that is no longer used");
                }
                Ok(()) | Err(_) => {}
            }
        }
    }

    pub(super) fn lock(&self) -> anyhow::Result<File> {
        let lock = || {
            make_folder(&self.path)?;
            let folder = File::open(&self.path)?;
            folder.lock()?;
            Ok::<_, std::io::Error>(folder)
        };
        lock().with_context(|| format!("cannot lock \"{}\"", self.path.display()))
    }

    pub(super) fn private_file(&self, kid: &str) -> PathBuf {
        self.path.join(format!("{kid}.pem"))
    }
}

/// Replaces a file atomically.
fn write_file(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || {
        let mut file = PrivateFile::beside(path)?;
        file.write_all(text.as_bytes())?;
        file.persist_as(path, Existing::Replace)
    };
    write().with_context(|| format!("cannot write \"{}\"", path.display()))
}
