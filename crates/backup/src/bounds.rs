//! Limits of a backup. A file that exceeds them is rejected before memory is allocated for it, and before it becomes a
//! store whose numbers cannot grow.

use crate::error::BackupError;
use crate::line::Line;
use roster_domain::{AuthEpoch, Version};
use serde::Deserialize;
use std::collections::HashSet;

/// How many bytes identify the kind of a line. No line limit is smaller.
pub(crate) const LONGEST_START: u64 = 32;
const KIB: u64 = 1 << 10;
/// The maximum length of a line, including its line break, by its beginning. Users and audit records have at most 16 KiB
/// of attributes, service accounts 20 keys. The ring grows with each key that was ever generated.
const LONGEST: [(&[u8], u64); 4] = [
    (b"{\"user\":", 512 * KIB),
    (b"{\"service_account\":", 512 * KIB),
    (b"{\"audit\":", 512 * KIB),
    (b"{\"key_ring\":", 4096 * KIB),
];
/// The maximum length of any other line.
const LONGEST_OF_OTHERS: u64 = 64 * KIB;
/// The maximum total length of all private keys.
pub(crate) const PRIVATE_BYTES: usize = 4 << 20;

/// The largest accepted number of an audit record or a change of the ring. An engine assigns numbers up to 2^53 - 1, so as
/// many again can follow.
const LAST_NUMBER: u64 = 1 << 52;
/// The largest accepted version and epoch. They grow from there and must not overflow.
const LAST_COUNT: u64 = 1 << 63;

/// The maximum length of a line with this beginning.
pub(crate) fn longest(start: &[u8]) -> u64 {
    let of_kind = LONGEST.iter().find(|(beginning, _)| start.starts_with(beginning));
    of_kind.map_or(LONGEST_OF_OTHERS, |(_, longest)| *longest)
}

/// Rejects numbers from which a store could not continue.
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

/// The keys of a ring whose private keys may follow.
#[derive(Deserialize)]
struct Ring {
    keys: Vec<Kid>,
}

#[derive(Deserialize)]
struct Kid {
    kid: String,
}

/// Checks the private keys that follow a ring: at most one for each of its keys.
pub(crate) struct PrivateKeys {
    awaited: HashSet<String>,
    bytes: usize,
}

impl PrivateKeys {
    /// # Errors
    /// [`BackupError::Damaged`], if the ring is invalid.
    pub(crate) fn of(ring: &str) -> Result<Self, BackupError> {
        let ring: Ring = serde_json::from_str(ring)
            .map_err(|error| BackupError::damaged(format!("the key ring cannot be read: {error}")))?;
        Ok(Self { awaited: ring.keys.into_iter().map(|key| key.kid).collect(), bytes: 0 })
    }

    /// Accepts a private key.
    ///
    /// # Errors
    /// [`BackupError::Damaged`], if it does not belong to the ring, is a duplicate, or all together are too long.
    pub(crate) fn take(&mut self, kid: &str, pem: &str) -> Result<(), BackupError> {
        if !self.awaited.remove(kid) {
            return Err(BackupError::damaged(
                "a private key does not belong to the key ring, or occurs twice",
            ));
        }
        self.bytes += pem.len();
        if self.bytes > PRIVATE_BYTES {
            return Err(BackupError::damaged("it has more private keys than Roster writes"));
        }
        Ok(())
    }
}
