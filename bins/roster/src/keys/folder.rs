//! The folder of the keys that Roster makes: `keys.json` with their states, and a file for each private half.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::Timestamp;
use roster_auth::Entropy;
use roster_auth::token::{KeyAlgorithm, KeyRing, KeyState, RingError, SigningKey};
use zeroize::Zeroizing;

use super::files::read_private;
use crate::private_file::{Existing, PrivateFile, make_folder};

/// The key of a Roster that had one only, in `data.dir`.
const OLDER: &str = "signing-key.pem";

/// The folder. Several processes may use it: a change is made under a lock and appears whole, so that readers need
/// none.
#[derive(Clone)]
pub(crate) struct KeyFolder {
    path: PathBuf,
    older: PathBuf,
}

impl KeyFolder {
    /// The one in this `data.dir`.
    pub(crate) fn in_data(data: &Path) -> Self {
        Self { path: data.join("keys"), older: data.join(OLDER) }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The key of a Roster that had one only.
    pub(crate) fn older(&self) -> &Path {
        &self.older
    }

    /// The file that changes whenever anything does.
    pub(crate) fn state_file(&self) -> PathBuf {
        self.path.join("keys.json")
    }

    /// The ring; `None` if no key was made yet.
    ///
    /// # Errors
    /// If its file is damaged or out of reach.
    pub(crate) fn read(&self) -> anyhow::Result<Option<KeyRing>> {
        let path = self.state_file();
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read \"{}\"", path.display())),
        };
        let ring = KeyRing::from_json(&text).with_context(|| {
            format!(
                "\"{}\" is damaged; put it and the *.pem files beside it back from a backup",
                path.display()
            )
        })?;
        Ok(Some(ring).filter(|ring| !ring.keys().is_empty()))
    }

    /// The private half of the ring's key that is called so.
    ///
    /// # Errors
    /// If its file is not there, damaged, another key's, or readable by others.
    pub(crate) fn signing_key(&self, kid: &str) -> anyhow::Result<SigningKey> {
        let path = self.private_file(kid);
        let remedy = "put it back from a backup, or let another key sign: `roster keys generate --activate`";
        let Some(pem) = read_private(&path)? else {
            bail!("the signing key in \"{}\" is missing; {remedy}", path.display());
        };
        let key = SigningKey::from_pem(&pem)
            .with_context(|| format!("the signing key in \"{}\" is damaged; {remedy}", path.display()))?;
        if key.verifying_key().id().is_none_or(|id| id.as_str() != kid) {
            bail!("the signing key in \"{}\" is another one than its name says; {remedy}", path.display());
        }
        Ok(key)
    }

    /// Makes a key, which is next, or active if it is the first, and gives its name.
    ///
    /// # Errors
    /// If it cannot be made or kept.
    pub(crate) fn generate(
        &self,
        algorithm: KeyAlgorithm,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> anyhow::Result<String> {
        let pem = SigningKey::generate_pem(algorithm, entropy)?;
        let kid = self.add(&pem, now)?;
        tracing::info!(kid, %algorithm, "made a key that signs access tokens");
        Ok(kid)
    }

    /// Takes the one key of an older Roster into a ring, as the active one, and says whether there was one.
    ///
    /// # Errors
    /// If it is damaged, readable by others, or cannot be kept.
    pub(crate) fn adopt_older(&self, now: Timestamp) -> anyhow::Result<bool> {
        if self.read()?.is_some() {
            return Ok(false);
        }
        let Some(pem) = read_private(&self.older)? else { return Ok(false) };
        let kid = self.add(&pem, now).with_context(|| {
            format!(
                "the signing key in \"{}\" is damaged; put it back from a backup, or move it away and a new one \
                 is made (access tokens from before are then refused)",
                self.older.display()
            )
        })?;
        // It is in the ring now; left there, it would only lie about.
        fs::remove_file(&self.older)
            .with_context(|| format!("cannot remove \"{}\"", self.older.display()))?;
        tracing::info!(kid, "took the signing key of an older version into the ring of keys");
        Ok(true)
    }

    /// Changes the ring, as it is at this moment, and gives it as it is then.
    ///
    /// # Errors
    /// What `transition` says, or if the change cannot be kept; then there is none.
    pub(crate) fn change(
        &self,
        now: Timestamp,
        transition: impl FnOnce(KeyRing) -> Result<KeyRing, RingError>,
    ) -> anyhow::Result<KeyRing> {
        let _lock = self.lock()?;
        let before = self.read()?.unwrap_or_default();
        let signed = before.active().map(|key| key.id().to_owned());
        let ring = transition(before)?;
        // What begins to sign must be able to.
        if let Some(active) = ring.active().filter(|key| Some(key.id()) != signed.as_deref()) {
            self.signing_key(active.id())?;
        }
        self.write(&ring)?;
        self.remove_spent(&ring, now);
        Ok(ring)
    }

    /// The number of the last change that is in the audit log.
    pub(crate) fn audited(&self) -> u64 {
        let text = fs::read_to_string(self.path.join("audited")).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    /// Remembers that all changes up to this one are in the audit log.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub(crate) fn set_audited(&self, number: u64) -> anyhow::Result<()> {
        keep(&self.path.join("audited"), &format!("{number}\n"))
    }

    fn add(&self, pem: &Zeroizing<String>, now: Timestamp) -> anyhow::Result<String> {
        let key = SigningKey::from_pem(pem)?.verifying_key().clone();
        let kid = key.id().map(ToString::to_string).context("a private key has a name")?;
        make_folder(&self.path).with_context(|| format!("cannot make \"{}\"", self.path.display()))?;
        // First the key, then that it counts: one without the other is the better way round.
        keep(&self.private_file(&kid), pem)?;
        self.change(now, |ring| ring.add(key, now))?;
        Ok(kid)
    }

    fn write(&self, ring: &KeyRing) -> anyhow::Result<()> {
        keep(&self.state_file(), &ring.to_json())
    }

    /// Removes the private halves of keys that will never sign again. What is left of them is their name.
    fn remove_spent(&self, ring: &KeyRing, now: Timestamp) {
        let spent = ring.keys().iter().filter(|key| match key.state {
            KeyState::Next | KeyState::Active => false,
            KeyState::Retired { accept_until } => accept_until <= now,
            KeyState::Revoked => true,
        });
        for key in spent {
            let path = self.private_file(key.id());
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    tracing::warn!(file = %path.display(), %error, "cannot remove a key that is of no more use");
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

/// Replaces a file whole.
fn keep(path: &Path, text: &str) -> anyhow::Result<()> {
    let keep = || {
        let mut file = PrivateFile::beside(path)?;
        file.write_all(text.as_bytes())?;
        file.keep_as(path, Existing::Replace)
    };
    keep().with_context(|| format!("cannot write \"{}\"", path.display()))
}
