//! The generated keys in a database, as a [`RingStore`].

use jiff::Timestamp;
use roster_auth::token::{KeyRing, SigningKey};
use roster_backup::SigningKeys;
use roster_storage::Finding;

use super::database::DatabaseKeys;
use super::ring_store::{NewKey, RingStore, Transition};
use super::stamp::Stamp;
use crate::engine::Sharing;

impl RingStore for DatabaseKeys {
    fn place(&self) -> String {
        self.location.clone()
    }

    fn is_shared(&self) -> bool {
        self.sharing == Sharing::Shared
    }

    fn stamp(&self) -> anyhow::Result<Stamp> {
        Ok(Stamp::Version(self.table.stamp()?.version))
    }

    fn read(&self) -> anyhow::Result<Option<KeyRing>> {
        self.ring(&self.table.read()?)
    }

    fn signing_key(&self, kid: &str) -> anyhow::Result<SigningKey> {
        self.private_key(&self.table.read()?, kid)
    }

    fn change(
        &self,
        now: Timestamp,
        new: Option<&NewKey>,
        transition: Transition<'_>,
    ) -> anyhow::Result<KeyRing> {
        self.replace(now, new, transition)
    }

    fn adopt_earlier_keys(&self, now: Timestamp) -> anyhow::Result<bool> {
        self.adopt(now)
    }

    fn check_seal(&self) -> anyhow::Result<()> {
        self.sealing.check()?;
        let stored = self.table.read()?;
        let Some(ring) = self.ring(&stored)? else { return Ok(()) };
        ring.active().map_or(Ok(()), |active| self.private_key(&stored, active.id()).map(drop))
    }

    fn reseal(&self) -> anyhow::Result<usize> {
        self.seal_again()
    }

    fn audited(&self) -> anyhow::Result<u64> {
        Ok(self.table.stamp()?.audited)
    }

    fn set_audited(&self, number: u64) -> anyhow::Result<()> {
        self.table.advance_audited(number)
    }

    fn has_keys(&self) -> anyhow::Result<bool> {
        Ok(self.table.read()?.ring.is_some())
    }

    fn back_up(&self, now: Timestamp) -> anyhow::Result<Option<SigningKeys>> {
        self.opened(now)
    }

    fn check(&self, findings: &mut Vec<Finding>) {
        self.examine(findings);
    }
}
