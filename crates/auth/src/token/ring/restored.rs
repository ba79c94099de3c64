//! A ring that comes out of a backup, where there is another one.

use super::key::KeyState;
use super::key_ring::KeyRing;

/// Which ring counts when a backup takes the place of a store.
#[derive(Clone, Debug)]
pub enum RestoredRing {
    /// The one that is there. It is a later state of the backup's: it knows all its keys, and what was rotated and revoked
    /// since.
    Present,
    /// The backup's, in which every key is revoked that is revoked in the one that is there.
    Backup(KeyRing),
}

impl KeyRing {
    /// Decides between this ring, of a backup, and the one that is there. What was revoked stays revoked either way.
    #[must_use]
    pub fn restored_over(mut self, present: &KeyRing) -> RestoredRing {
        let known = |kid: &str| present.keys.iter().any(|key| key.id() == kid);
        if self.active().is_none_or(|active| known(active.id())) {
            return RestoredRing::Present;
        }
        let revoked = present.keys.iter().filter(|key| key.state == KeyState::Revoked);
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
    fn a_later_state_of_the_same_ring_stays() {
        let backup = ring(2);
        let present = backup.clone().activate(&id(2), at(1), TTL).unwrap().revoke(&id(1), at(2)).unwrap();
        assert!(matches!(backup.clone().restored_over(&present), RestoredRing::Present));
        assert!(matches!(KeyRing::default().restored_over(&present), RestoredRing::Present));
    }

    #[test]
    fn a_ring_of_another_store_gives_way_and_what_it_has_revoked_stays_revoked() {
        let backup = ring(2);
        let other = (7..=8).fold(KeyRing::default(), |ring, number| ring.add(key(number), at(0)).unwrap());
        let other = other.add(key(2), at(0)).unwrap();
        let present = other.revoke(&id(8), at(1)).unwrap().revoke(&id(2), at(1)).unwrap();
        let RestoredRing::Backup(restored) = backup.restored_over(&present) else { unreachable!() };
        assert_eq!(states(&restored), ["active", "revoked", "revoked"]);
        assert_eq!(restored.active().unwrap().id(), id(1));
        assert_eq!(restored.keys()[2].id(), id(8));
        // It can be written and read like any other.
        assert!(KeyRing::from_json(&restored.to_json()).is_ok());
    }
}
