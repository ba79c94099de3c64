//! Where the keys come from.

use std::path::PathBuf;

use anyhow::Context;
use jiff::Timestamp;
use roster_auth::Entropy;
use roster_auth::token::{KeyAlgorithm, KeyRing, KeySet, KeyState, RingKey, SigningKey, VerifyingKey};
use roster_config::{GeneratedKeyAlgorithm, Settings};
use zeroize::Zeroizing;

use super::files::{KeyFile, KeyFiles, SharedSecrets, Stamp, readable_by_all};
use super::folder::KeyFolder;

/// The keys as they are now.
pub(crate) struct Keys {
    /// Signs.
    pub(crate) signing: SigningKey,
    /// Those whose tokens are accepted.
    pub(crate) accepted: KeySet,
    /// What Roster keeps of the keys that it makes, if it does.
    pub(crate) ring: Option<KeyRing>,
}

/// What signs access tokens instead of the active key of the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InsteadOfRing {
    /// The shared secret; the keys of the ring are published and accepted.
    Secret,
    /// A configured file.
    Files,
}

/// The keys at the start of a server.
pub(crate) struct Opened {
    pub(crate) keys: Keys,
    /// Whether the ring was made just now.
    pub(crate) made: bool,
    /// The files as they were before they were read.
    pub(super) stamps: Vec<Stamp>,
}

/// Where the keys come from.
///
/// The shared secret signs if there is one, else the first of the configured files, else the active key of the ring.
/// All of them are accepted; the ring counts only where no files are configured.
pub(crate) struct KeySource {
    secret: Option<Zeroizing<String>>,
    files: Vec<PathBuf>,
    folder: KeyFolder,
    algorithm: KeyAlgorithm,
    shared: SharedSecrets,
}

impl KeySource {
    /// What the settings say.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            secret: settings
                .auth
                .jwt_secret
                .as_ref()
                .map(|secret| Zeroizing::new(secret.expose().to_owned())),
            files: settings.auth.key_files.clone(),
            folder: KeyFolder::in_data(&settings.data.dir),
            algorithm: algorithm(settings.auth.algorithm),
            shared: if settings.auth.has_indistinguishable_tokens() {
                SharedSecrets::Refused
            } else {
                SharedSecrets::Accepted
            },
        }
    }

    /// The same with other configured files.
    pub(super) fn with_files(&self, files: Vec<PathBuf>) -> Self {
        Self { secret: self.secret.clone(), files, folder: self.folder.clone(), ..*self }
    }

    /// What signs instead of the keys of the ring, and what that means for them.
    pub(crate) fn instead_of_ring(&self) -> Option<InsteadOfRing> {
        if self.secret.is_some() {
            Some(InsteadOfRing::Secret)
        } else {
            (!self.files.is_empty()).then_some(InsteadOfRing::Files)
        }
    }

    /// Whether the ring counts for nothing, as files are configured.
    pub(crate) const fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// The folder of the ring.
    pub(crate) const fn folder(&self) -> &KeyFolder {
        &self.folder
    }

    /// The keys at the start of a server: a ring is made, or an older Roster's key taken into one, if nothing else
    /// could sign.
    ///
    /// # Errors
    /// If a key is damaged, weak, readable by others, or out of reach.
    pub(crate) fn open(&self, entropy: &dyn Entropy, now: Timestamp) -> anyhow::Result<Opened> {
        let mut made = false;
        if self.files.is_empty() && self.secret.is_none() {
            made = self.folder.adopt_older(now)?;
            if self.folder.read()?.is_none() {
                self.folder.generate(self.algorithm, entropy, now)?;
                made = true;
            }
        }
        let stamps = self.stamps();
        Ok(Opened { keys: self.load()?, made, stamps })
    }

    /// The keys as they are. Reads files only.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub(crate) fn load(&self) -> anyhow::Result<Keys> {
        let mut configured = self.configured()?;
        if !configured.faults.is_empty() {
            return Err(configured.faults.swap_remove(0));
        }
        let mut ring = None;
        let mut signing = configured.signing.take();
        if self.files.is_empty() {
            ring = self.folder.read()?;
            if signing.is_none() {
                let active = ring.as_ref().and_then(KeyRing::active).context("no key is active")?;
                signing = Some(self.folder.signing_key(active.id())?);
            }
        }
        let accepted = with_ring(configured.into_accepted(), ring.as_ref())?;
        Ok(Keys { signing: signing.context("no key signs")?, accepted, ring })
    }

    /// What is wrong with the secret and the configured files, each fault by itself. Reads files only.
    pub(crate) fn faults(&self) -> Vec<anyhow::Error> {
        self.configured().map_or_else(|fault| vec![fault], |configured| configured.faults)
    }

    /// The warnings about configured files with a private key that every account on the machine can read. Public keys
    /// are for everybody.
    pub(crate) fn readable_by_all(&self) -> Vec<String> {
        let is_private = |path: &&PathBuf| KeyFile::read(path).is_ok_and(|file| file.signing_key().is_ok());
        let warning = |path: &PathBuf| {
            let shown = path.display();
            format!(
                "every account on this machine can read the private key in \"{shown}\"; run: chmod 600 \"{shown}\""
            )
        };
        self.files.iter().filter(|path| readable_by_all(path)).filter(is_private).map(warning).collect()
    }

    /// What to say if the key of the ring that signs is for another algorithm than the setting, which is about keys to be
    /// made. Reads files only; what is wrong with them is told by whoever needs them.
    pub(crate) fn other_algorithm(&self) -> Option<String> {
        if self.secret.is_some() || !self.files.is_empty() {
            return None;
        }
        let (ring, wanted) = (self.folder.read().ok()??, self.algorithm);
        let active = ring.active().filter(|key| key.key.algorithm() != wanted)?;
        let is_ready = |key: &&RingKey| key.state == KeyState::Next && key.key.algorithm() == wanted;
        let change = ring.keys().iter().find(is_ready).map_or_else(
            || "roster keys generate, and when others have had 5 minutes to read it: roster keys activate KID".to_owned(),
            |next| format!("roster keys activate {}", next.id()),
        );
        Some(format!(
            "auth.algorithm = \"{wanted}\" is for keys that are yet to be made: {} signs, which is for {}; to change over: \
             {change}",
            active.id(),
            active.key.algorithm()
        ))
    }

    fn configured(&self) -> anyhow::Result<KeyFiles> {
        Ok(KeyFiles::read(&self.files, self.secret_key()?, self.shared))
    }

    fn secret_key(&self) -> anyhow::Result<Option<SigningKey>> {
        self.secret.as_ref().map(|secret| secret_key(secret)).transpose()
    }

    /// The keys whose tokens are accepted, as far as that can be known while not all can be read: what was revoked, or
    /// taken away, is refused at once. Reads files only.
    ///
    /// # Errors
    /// If a file is there and no good, or the one whose key signs is not: whoever goes on signing with it must be
    /// believed.
    pub(super) fn accepted(&self) -> anyhow::Result<KeySet> {
        let secret = self.secret_key()?;
        let mut accepted: Vec<_> = secret.iter().map(|key| key.verifying_key().clone()).collect();
        for (number, path) in self.files.iter().enumerate() {
            let signs = number == 0 && secret.is_none();
            if signs || path.exists() {
                accepted.push(KeyFile::read(path)?.accepted_key(self.shared)?);
            }
        }
        let ring = if self.files.is_empty() { self.folder.read()? } else { None };
        with_ring(accepted, ring.as_ref())
    }

    /// Tells whether any of the files has changed since, without reading them.
    pub(super) fn stamps(&self) -> Vec<Stamp> {
        if self.files.is_empty() {
            vec![Stamp::of(&self.folder.state_file())]
        } else {
            self.files.iter().map(|path| Stamp::of(path)).collect()
        }
    }
}

/// A key that is forgotten when the process ends, for commands that issue no tokens.
///
/// # Errors
/// None in practice: what is generated can be read.
pub(crate) fn ephemeral_key(entropy: &dyn Entropy) -> anyhow::Result<SigningKey> {
    Ok(SigningKey::from_pem(&SigningKey::generate_pem(KeyAlgorithm::EdDsa, entropy)?)?)
}

/// The setting, in the words of the keys.
pub(super) const fn algorithm(made: GeneratedKeyAlgorithm) -> KeyAlgorithm {
    match made {
        GeneratedKeyAlgorithm::EdDsa => KeyAlgorithm::EdDsa,
        GeneratedKeyAlgorithm::Es256 => KeyAlgorithm::Es256,
        GeneratedKeyAlgorithm::Rs256 => KeyAlgorithm::Rs256,
    }
}

/// The configured keys, and those of the ring if there is one.
fn with_ring(
    configured: impl IntoIterator<Item = VerifyingKey>,
    ring: Option<&KeyRing>,
) -> anyhow::Result<KeySet> {
    let of_ring = ring.map(KeyRing::key_set).unwrap_or_default();
    let keys = configured.into_iter().chain(of_ring.iter().cloned());
    KeySet::new(keys).context("auth.key_files and auth.jwt_secret")
}

fn secret_key(secret: &str) -> anyhow::Result<SigningKey> {
    SigningKey::from_secret(secret.as_bytes()).context("auth.jwt_secret")
}

#[cfg(test)]
mod tests;
