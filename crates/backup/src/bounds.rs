//! What a backup may hold at most. A file that holds more is refused before the memory for it is taken, or a store with
//! numbers that cannot grow is made of it.

use crate::error::BackupError;
use crate::line::Line;
use roster_domain::{AuthEpoch, Version};
use serde::Deserialize;
use std::collections::HashSet;

/// How much of a line tells its kind, and is shorter than every line may be.
pub(crate) const LONGEST_START: u64 = 32;
const KIB: u64 = 1 << 10;
/// How long a line may be, with its line break, by how it begins. Users and audit records have some 16 KiB of attributes
/// at most, service accounts 20 keys. A ring grows with each key that was ever made.
const LONGEST: [(&[u8], u64); 4] = [
    (b"{\"user\":", 512 * KIB),
    (b"{\"service_account\":", 512 * KIB),
    (b"{\"audit\":", 512 * KIB),
    (b"{\"key_ring\":", 4096 * KIB),
];
/// What a line of any other kind may have.
const LONGEST_OF_OTHERS: u64 = 64 * KIB;
/// How long all private keys may be together.
pub(crate) const PRIVATE_BYTES: usize = 4 << 20;

/// The largest number of an audit record, and of a change of the ring, that is believed. An engine gives numbers up to
/// 2^53 - 1, so as many again can follow.
const LAST_NUMBER: u64 = 1 << 52;
/// The largest version and epoch that is believed: they grow from there, and must not come to their end.
const LAST_COUNT: u64 = 1 << 63;

/// How long a line may be that begins like this.
pub(crate) fn longest(start: &[u8]) -> u64 {
    let of_kind = LONGEST.iter().find(|(beginning, _)| start.starts_with(beginning));
    of_kind.map_or(LONGEST_OF_OTHERS, |(_, longest)| *longest)
}

/// Refuses numbers from which a store could not go on.
pub(crate) fn check_numbers(line: &Line) -> Result<(), BackupError> {
    let is_beyond = match line {
        Line::Audit(audit) => audit.sequence > LAST_NUMBER,
        Line::KeyRing(ring) => ring.audited > LAST_NUMBER,
        Line::User(user) => is_beyond(user.version, user.auth_epoch),
        Line::ServiceAccount(account) => is_beyond(account.version, account.auth_epoch),
        Line::Header(_) | Line::PrivateKey(_) | Line::Session(_) | Line::Trailer(_) => return Ok(()),
    };
    if !is_beyond {
        return Ok(());
    }
    Err(BackupError::NumberTooLarge(match line {
        Line::Audit(audit) => format!("audit record {} has the number {}", audit.record.id, audit.sequence),
        Line::User(user) => format!("the version or auth_epoch of user {} is too large", user.id),
        Line::ServiceAccount(account) => {
            format!("the version or auth_epoch of service account {} is too large", account.id)
        }
        _ => "the number of the last change of the keys is too large".to_owned(),
    }))
}

fn is_beyond(version: Version, epoch: AuthEpoch) -> bool {
    version.get() > LAST_COUNT || epoch.get() > LAST_COUNT
}

/// The keys of a ring whose private halves may follow.
#[derive(Deserialize)]
struct Ring {
    keys: Vec<Kid>,
}

#[derive(Deserialize)]
struct Kid {
    kid: String,
}

/// Counts the private keys that follow a ring: one for each of its keys at most.
pub(crate) struct PrivateKeys {
    awaited: HashSet<String>,
    bytes: usize,
}

impl PrivateKeys {
    /// # Errors
    /// [`BackupError::Damaged`], if the ring is none.
    pub(crate) fn of(ring: &str) -> Result<Self, BackupError> {
        let ring: Ring = serde_json::from_str(ring)
            .map_err(|error| BackupError::damaged(format!("the ring of keys cannot be read: {error}")))?;
        Ok(Self { awaited: ring.keys.into_iter().map(|key| key.kid).collect(), bytes: 0 })
    }

    /// Takes one in.
    ///
    /// # Errors
    /// [`BackupError::Damaged`], if it is no key of the ring or was there already, or all are too long together.
    pub(crate) fn take(&mut self, kid: &str, pem: &str) -> Result<(), BackupError> {
        if !self.awaited.remove(kid) {
            return Err(BackupError::damaged("a private key is of no key of the ring, or is there twice"));
        }
        self.bytes += pem.len();
        if self.bytes > PRIVATE_BYTES {
            return Err(BackupError::damaged("it holds more private keys than Roster writes"));
        }
        Ok(())
    }
}
