//! Loads the keys from the settings, the configured files and the key folder.

use std::path::PathBuf;

use anyhow::Context;
use jiff::Timestamp;
use roster_auth::Entropy;
use roster_auth::token::{KeyAlgorithm, KeyRing, KeySet, KeyState, RingKey, SigningKey, VerifyingKey};
use roster_config::{GeneratedKeyAlgorithm, Settings};
use zeroize::Zeroizing;

use super::files::{KeyFile, KeyFiles, SharedSecrets, readable_by_all};
use super::place::RingPlace;
use super::ring_store::NewKey;
use super::stamp::Stamp;
use crate::engine::Engine;

/// The current keys.
pub(crate) struct Keys {
    /// The key that signs.
    pub(crate) signing: SigningKey,
    /// The keys whose tokens are accepted.
    pub(crate) accepted: KeySet,
    /// The ring of generated keys, if it is used.
    pub(crate) ring: Option<KeyRing>,
}

/// The key that signs access tokens instead of the active key of the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RingOverride {
    /// The shared secret. The keys of the ring are still published and accepted.
    Secret,
    /// A configured file. The ring is not used.
    Files,
}

/// The keys at the start of a server, and how they were loaded.
pub(crate) struct Opened {
    pub(crate) keys: Keys,
    /// Whether this start created the ring.
    pub(crate) is_new_ring: bool,
    /// The stamps of the keys, taken before they were read.
    pub(super) stamps: Vec<Stamp>,
}

/// The sources of the keys.
///
/// The shared secret signs if there is one, otherwise the first configured file, otherwise the active key of the ring.
/// All keys are accepted. The ring is used only if no files are configured.
pub(crate) struct KeySource {
    secret: Option<Zeroizing<String>>,
    files: Vec<PathBuf>,
    ring: RingPlace,
    algorithm: KeyAlgorithm,
    shared: SharedSecrets,
}

impl KeySource {
    /// Creates the source from the settings, with the ring of the store of `engine`.
    pub(crate) fn of(engine: &dyn Engine, settings: &Settings) -> Self {
        Self {
            secret: settings
                .auth
                .jwt_secret
                .as_ref()
                .map(|secret| Zeroizing::new(secret.expose().to_owned())),
            files: settings.auth.key_files.clone(),
            ring: RingPlace::of(engine, settings),
            algorithm: algorithm(settings.auth.algorithm),
            shared: if settings.auth.has_indistinguishable_tokens() {
                SharedSecrets::Rejected
            } else {
                SharedSecrets::Accepted
            },
        }
    }

    /// Returns the same source with other configured files.
    pub(super) fn with_files(&self, files: Vec<PathBuf>) -> Self {
        Self { secret: self.secret.clone(), files, ring: self.ring.clone(), ..*self }
    }

    /// Which key signs instead of the ring, if any.
    pub(crate) fn ring_override(&self) -> Option<RingOverride> {
        if self.secret.is_some() {
            Some(RingOverride::Secret)
        } else {
            (!self.files.is_empty()).then_some(RingOverride::Files)
        }
    }

    /// Whether files are configured, so that the ring is not used.
    pub(crate) const fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// The ring.
    pub(crate) const fn ring(&self) -> &RingPlace {
        &self.ring
    }

    /// Loads the keys at the start of a server. If no other key can sign and there is no ring, creates one from the
    /// key of an older Roster or from a new key.
    ///
    /// # Errors
    /// If a key is damaged, weak, readable by others or inaccessible.
    pub(crate) fn open(&self, entropy: &dyn Entropy, now: Timestamp) -> anyhow::Result<Opened> {
        let mut is_new_ring = false;
        if self.files.is_empty() && self.secret.is_none() {
            is_new_ring = self.ring.adopt_earlier_keys(now)?;
            if self.ring.read()?.is_none() {
                is_new_ring = self.generate_first(entropy, now)?;
            }
        }
        self.ring.check_seal()?;
        let stamps = self.stamps()?;
        Ok(Opened { keys: self.load()?, is_new_ring, stamps })
    }

    /// Generates the first key, unless another server is faster. Returns whether it was this one.
    fn generate_first(&self, entropy: &dyn Entropy, now: Timestamp) -> anyhow::Result<bool> {
        let key = NewKey::generate(self.algorithm, entropy)?;
        let add_if_first = |ring: KeyRing| match ring.keys() {
            [] => ring.add(key.public.clone(), now),
            _ => Ok(ring),
        };
        let ring = self.ring.change(now, Some(&key), &add_if_first)?;
        let is_first = ring.active().is_some_and(|active| active.id() == key.kid);
        if is_first {
            tracing::info!(kid = key.kid, algorithm = %self.algorithm, "created a signing key");
        }
        Ok(is_first)
    }

    /// Loads the current keys. Does not write.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub(crate) fn load(&self) -> anyhow::Result<Keys> {
        let mut configured = self.configured()?;
        if !configured.errors.is_empty() {
            return Err(configured.errors.swap_remove(0));
        }
        let mut ring = None;
        let mut signing = configured.signing.take();
        if self.files.is_empty() {
            ring = self.ring.read()?;
            if signing.is_none() {
                let active =
                    ring.as_ref().and_then(KeyRing::active).context("the key ring has no active key")?;
                signing = Some(self.ring.signing_key(active.id())?);
            }
        }
        let accepted = with_ring(configured.into_accepted(), ring.as_ref())?;
        Ok(Keys { signing: signing.context("there is no signing key")?, accepted, ring })
    }

    /// Checks the secret and the configured files, and returns all errors. Does not write.
    pub(crate) fn errors(&self) -> Vec<anyhow::Error> {
        self.configured().map_or_else(|error| vec![error], |configured| configured.errors)
    }

    /// Warns about configured files with a private key that every account on the machine can read.
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

    /// Warns if the active key of the ring uses another algorithm than `auth.algorithm`, which only applies to new
    /// keys. Does not write; ignores files that cannot be read, because other code reports them.
    pub(crate) fn algorithm_warning(&self) -> Option<String> {
        if self.secret.is_some() || !self.files.is_empty() {
            return None;
        }
        let (ring, wanted) = (self.ring.read().ok()??, self.algorithm);
        let active = ring.active().filter(|key| key.key.algorithm() != wanted)?;
        let is_ready = |key: &&RingKey| key.state == KeyState::Next && key.key.algorithm() == wanted;
        let change = ring.keys().iter().find(is_ready).map_or_else(
            || "roster keys generate, then after 5 minutes: roster keys activate KID".to_owned(),
            |next| format!("roster keys activate {}", next.id()),
        );
        Some(format!(
            "auth.algorithm = \"{wanted}\" only applies to new keys, but the active key {} uses {}; to switch, run: \
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

    /// Loads the keys whose tokens are accepted even if the signing key cannot be loaded, so that revoked and removed
    /// keys are rejected immediately. Does not write.
    ///
    /// # Errors
    /// If an existing file is invalid, or the file of the signing key is missing: its tokens must stay valid while the
    /// server continues to sign with it.
    pub(super) fn accepted(&self) -> anyhow::Result<KeySet> {
        let secret = self.secret_key()?;
        let mut accepted: Vec<_> = secret.iter().map(|key| key.verifying_key().clone()).collect();
        for (number, path) in self.files.iter().enumerate() {
            let signs = number == 0 && secret.is_none();
            if signs || path.exists() {
                accepted.push(KeyFile::read(path)?.accepted_key(self.shared)?);
            }
        }
        let ring = if self.files.is_empty() { self.ring.read()? } else { None };
        with_ring(accepted, ring.as_ref())
    }

    /// The stamps of the keys, which show whether a key has changed.
    ///
    /// # Errors
    /// If the database does not answer.
    pub(super) fn stamps(&self) -> anyhow::Result<Vec<Stamp>> {
        if self.files.is_empty() {
            Ok(vec![self.ring.stamp()?])
        } else {
            Ok(self.files.iter().map(|path| Stamp::of_file(path)).collect())
        }
    }
}

/// Generates a key that is never stored, for commands that issue no tokens.
///
/// # Errors
/// None in practice: a generated key can always be parsed.
pub(crate) fn ephemeral_key(entropy: &dyn Entropy) -> anyhow::Result<SigningKey> {
    Ok(SigningKey::from_pem(&SigningKey::generate_pem(KeyAlgorithm::EdDsa, entropy)?)?)
}

/// Converts the `auth.algorithm` setting.
pub(super) const fn algorithm(setting: GeneratedKeyAlgorithm) -> KeyAlgorithm {
    match setting {
        GeneratedKeyAlgorithm::EdDsa => KeyAlgorithm::EdDsa,
        GeneratedKeyAlgorithm::Es256 => KeyAlgorithm::Es256,
        GeneratedKeyAlgorithm::Rs256 => KeyAlgorithm::Rs256,
    }
}

/// Combines the configured keys with those of the ring.
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
