//! Where the generated keys are kept.

use anyhow::Context as _;
use jiff::Timestamp;
use roster_auth::Entropy;
use roster_auth::token::{KeyAlgorithm, KeyRing, RingError, SigningKey, VerifyingKey};
use roster_backup::SigningKeys;
use roster_storage::Finding;
use zeroize::Zeroizing;

use super::stamp::Stamp;

/// A change of the ring. It may be tried several times.
pub(crate) type Transition<'t> = &'t dyn Fn(KeyRing) -> Result<KeyRing, RingError>;

/// Where the ring of generated keys is kept, with the private keys. Several processes can use it. Every method blocks.
pub(crate) trait RingStore: Send + Sync {
    /// The place in messages, in quotes.
    fn place(&self) -> String;

    /// Whether several servers use the ring at once, so that its changes may be those of another server.
    fn is_shared(&self) -> bool;

    /// Shows whether the keys have changed.
    ///
    /// # Errors
    /// If that is unknown.
    fn stamp(&self) -> anyhow::Result<Stamp>;

    /// Reads the ring; `None` if there are no keys yet.
    ///
    /// # Errors
    /// If it is damaged or inaccessible.
    fn read(&self) -> anyhow::Result<Option<KeyRing>>;

    /// Reads the private key with this kid.
    ///
    /// # Errors
    /// If it is missing, damaged, does not match the kid, or cannot be opened.
    fn signing_key(&self, kid: &str) -> anyhow::Result<SigningKey>;

    /// Applies `transition` to the current ring, and returns the new ring. `new` is the private key that it may add.
    ///
    /// # Errors
    /// The error of `transition`, or if the change cannot be stored. Nothing changes in either case.
    fn change(
        &self,
        now: Timestamp,
        new: Option<&NewKey>,
        transition: Transition<'_>,
    ) -> anyhow::Result<KeyRing>;

    /// Moves the keys of an older Roster into a new ring. Returns whether there were any.
    ///
    /// # Errors
    /// If they are damaged, readable by others, or cannot be stored.
    fn adopt_earlier_keys(&self, now: Timestamp) -> anyhow::Result<bool>;

    /// Checks that the server can seal and open what it keeps here.
    ///
    /// # Errors
    /// If a sealing key is missing or wrong. The message contains the remedy.
    fn check_seal(&self) -> anyhow::Result<()>;

    /// Seals the private keys with the first sealing key, and returns how many were sealed with another one.
    ///
    /// # Errors
    /// If the keys are not sealed, or cannot be opened or stored.
    fn reseal(&self) -> anyhow::Result<usize>;

    /// The number of the last change that is in the audit log.
    ///
    /// # Errors
    /// If that is unknown.
    fn audited(&self) -> anyhow::Result<u64>;

    /// Stores that all changes up to this one are in the audit log.
    ///
    /// # Errors
    /// If that cannot be written.
    fn set_audited(&self, number: u64) -> anyhow::Result<()>;

    /// Whether there are keys, perhaps of an older Roster.
    ///
    /// # Errors
    /// If that is unknown.
    fn has_keys(&self) -> anyhow::Result<bool>;

    /// Reads the ring and the private keys that may still sign; `None` if there are no keys yet.
    ///
    /// # Errors
    /// If a key is damaged, missing, readable by others, inaccessible or cannot be opened.
    fn back_up(&self, now: Timestamp) -> anyhow::Result<Option<SigningKeys>>;

    /// Checks the ring, and that each key that can sign has its private key. Changes nothing.
    fn check(&self, findings: &mut Vec<Finding>);
}

/// A private key that is to be added to the ring.
pub(crate) struct NewKey {
    /// The id of the key.
    pub(crate) kid: String,
    /// Its public half.
    pub(crate) public: VerifyingKey,
    /// The private half as PEM.
    pub(crate) pem: Zeroizing<String>,
}

impl NewKey {
    /// Generates a key.
    ///
    /// # Errors
    /// If the system cannot.
    pub(crate) fn generate(algorithm: KeyAlgorithm, entropy: &dyn Entropy) -> anyhow::Result<Self> {
        Self::from_pem(SigningKey::generate_pem(algorithm, entropy)?)
    }

    /// Parses a key.
    ///
    /// # Errors
    /// If it is damaged.
    pub(crate) fn from_pem(pem: Zeroizing<String>) -> anyhow::Result<Self> {
        let public = SigningKey::from_pem(&pem)?.verifying_key().clone();
        let kid = public.id().map(ToString::to_string).context("a private key has a kid")?;
        Ok(Self { kid, public, pem })
    }
}
