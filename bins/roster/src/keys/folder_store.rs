//! The key folder, as a [`RingStore`].

use anyhow::bail;
use jiff::Timestamp;
use roster_auth::token::{KeyRing, SigningKey};
use roster_backup::SigningKeys;
use roster_storage::Finding;

use super::folder::KeyFolder;
use super::ring_store::{NewKey, RingStore, Transition};
use super::stamp::Stamp;
use crate::terminal::absolute;

impl RingStore for KeyFolder {
    fn place(&self) -> String {
        absolute(self.path())
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn stamp(&self) -> anyhow::Result<Stamp> {
        Ok(Stamp::of_file(&self.state_file()))
    }

    fn read(&self) -> anyhow::Result<Option<KeyRing>> {
        Self::read(self)
    }

    fn signing_key(&self, kid: &str) -> anyhow::Result<SigningKey> {
        Self::signing_key(self, kid)
    }

    fn change(
        &self,
        now: Timestamp,
        new: Option<&NewKey>,
        transition: Transition<'_>,
    ) -> anyhow::Result<KeyRing> {
        Self::change(self, now, new, transition)
    }

    fn adopt_earlier_keys(&self, now: Timestamp) -> anyhow::Result<bool> {
        self.adopt_legacy_key(now)
    }

    /// Files are not sealed.
    fn check_seal(&self) -> anyhow::Result<()> {
        Ok(())
    }

    fn reseal(&self) -> anyhow::Result<usize> {
        bail!(
            "the signing keys are files in {}, which are not sealed; only keys in a database are",
            self.place()
        )
    }

    fn audited(&self) -> anyhow::Result<u64> {
        Ok(Self::audited(self))
    }

    fn set_audited(&self, number: u64) -> anyhow::Result<()> {
        Self::set_audited(self, number)
    }

    fn has_keys(&self) -> anyhow::Result<bool> {
        Ok(self.state_file().exists() || self.legacy_key().exists())
    }

    fn back_up(&self, now: Timestamp) -> anyhow::Result<Option<SigningKeys>> {
        Self::back_up(self, now)
    }

    fn check(&self, findings: &mut Vec<Finding>) {
        Self::check(self, findings);
    }
}
