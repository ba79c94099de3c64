//! A ring from a backup, where another one exists.

use super::key::KeyState;
use super::key_ring::KeyRing;

/// Which ring counts when a backup replaces a store.
#[derive(Clone, Debug)]
pub enum RestoredRing {
    /// The existing one. It is a later state of the backup's ring: it has all its keys, and what was rotated and
    /// revoked since.
    Current,
    /// The backup's, with every key revoked that is revoked in the existing ring.
    Backup(KeyRing),
}

impl KeyRing {
    /// Chooses between this ring, from a backup, and the existing one. What was revoked stays revoked either way.
    #[must_use]
    pub fn restored_over(mut self, current: &KeyRing) -> RestoredRing {
        let known = |kid: &str| current.keys.iter().any(|key| key.id() == kid);
        if self.active().is_none_or(|active| known(active.id())) {
            return RestoredRing::Current;
        }
        let revoked = current.keys.iter().filter(|key| key.state == KeyState::Revoked);
        for key in revoked {
            match self.keys.iter().position(|own| own.id() == key.id()) {
                Some(_) => self.set(key.id(), KeyState::Revoked, key.since),
                None => self.keys.push(key.clone()),
            }
        }
        RestoredRing::Backup(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TTL, at, id, key, ring, states};
    use super::*;

    #[test]
    fn a_later_state_of_the_same_ring_is_kept() {
        let backup = ring(2);
        let current = backup.clone().activate(&id(2), at(1), TTL).unwrap().revoke(&id(1), at(2)).unwrap();
        assert!(matches!(backup.clone().restored_over(&current), RestoredRing::Current));
        assert!(matches!(KeyRing::default().restored_over(&current), RestoredRing::Current));
    }

    #[test]
    fn a_ring_of_another_store_is_replaced_and_its_revoked_keys_stay_revoked() {
        let backup = ring(2);
        let other = (7..=8).fold(KeyRing::default(), |ring, number| ring.add(key(number), at(0)).unwrap());
        let other = other.add(key(2), at(0)).unwrap();
        let current = other.revoke(&id(8), at(1)).unwrap().revoke(&id(2), at(1)).unwrap();
        let RestoredRing::Backup(restored) = backup.restored_over(&current) else { unreachable!() };
        assert_eq!(states(&restored), ["active", "revoked", "revoked"]);
        assert_eq!(restored.active().unwrap().id(), id(1));
        assert_eq!(restored.keys()[2].id(), id(8));
        // It can be written and read like any other ring.
        assert!(KeyRing::from_json(&restored.to_json()).is_ok());
    }
}
