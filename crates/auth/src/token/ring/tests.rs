use super::*;
use crate::token::VerifyingKey;
use crate::token::{KeyAlgorithm, SigningKey};
use jiff::Timestamp;
use std::time::Duration;

/// The lifetime of tokens in these tests.
pub(super) const TTL: Duration = Duration::from_mins(15);

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The key with this number.
pub(super) fn key(number: u8) -> VerifyingKey {
    struct Repeated(u8);
    impl crate::Entropy for Repeated {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }
    let pem = SigningKey::generate_pem(KeyAlgorithm::EdDsa, &Repeated(number)).unwrap();
    SigningKey::from_pem(&pem).unwrap().verifying_key().clone()
}

pub(super) fn id(number: u8) -> String {
    key(number).id().unwrap().to_string()
}

/// Keys 1 to `count`, the first of them active.
pub(super) fn ring(count: u8) -> KeyRing {
    (1..=count).fold(KeyRing::default(), |ring, number| ring.add(key(number), at(0)).unwrap())
}

pub(super) fn states(ring: &KeyRing) -> Vec<&'static str> {
    ring.keys().iter().map(|key| key.state.as_str()).collect()
}

fn changes(ring: &KeyRing) -> Vec<(u64, &'static str)> {
    ring.changes().iter().map(|change| (change.number, change.kind.as_str())).collect()
}

#[test]
fn the_first_key_is_active_and_the_others_are_next() {
    let ring = ring(3);
    assert_eq!(states(&ring), ["active", "next", "next"]);
    assert_eq!(ring.active().unwrap().id(), id(1));
    assert_eq!(changes(&ring), [(1, "generated"), (2, "activated"), (3, "generated"), (4, "generated")]);
}

#[test]
fn activating_a_key_retires_the_one_before_until_its_last_token_has_expired() {
    let ring = ring(2).activate(&id(2), at(100), TTL).unwrap();
    assert_eq!(states(&ring), ["retired", "active"]);
    assert_eq!(ring.keys()[0].state, KeyState::Retired { accept_until: at(1000) });
    let accepted = ring.key_set();
    let old = accepted.get(Some(&id(1))).unwrap();
    assert!(old.is_accepted(at(999)) && !old.is_accepted(at(1000)));
    assert_eq!(accepted.get(Some(&id(2))).unwrap().accept_until(), None);
    assert_eq!(changes(&ring)[3..], [(4, "retired"), (5, "activated")]);
}

#[test]
fn a_retired_key_can_be_activated_again_until_its_end() {
    let ring = ring(2).activate(&id(2), at(100), TTL).unwrap();
    let back = ring.clone().activate(&id(1), at(999), TTL).unwrap();
    assert_eq!(states(&back), ["active", "retired"]);
    assert_eq!(ring.activate(&id(1), at(1000), TTL).unwrap_err(), RingError::Past(id(1)));
}

#[test]
fn retiring_the_active_key_lets_the_oldest_next_one_take_over() {
    let ring = ring(3).retire(&id(1), at(100), TTL).unwrap();
    assert_eq!(states(&ring), ["retired", "active", "next"]);
}

#[test]
fn a_next_key_that_is_retired_is_no_longer_accepted() {
    let ring = ring(2).retire(&id(2), at(100), TTL).unwrap();
    assert_eq!(states(&ring), ["active", "retired"]);
    assert!(!ring.key_set().get(Some(&id(2))).unwrap().is_accepted(at(100)));
}

#[test]
fn a_revoked_key_is_in_no_set_and_the_next_one_takes_over() {
    let ring = ring(2).revoke(&id(1), at(100)).unwrap();
    assert_eq!(states(&ring), ["revoked", "active"]);
    assert!(ring.key_set().get(Some(&id(1))).is_none());
    assert_eq!(changes(&ring)[3..], [(4, "revoked"), (5, "activated")]);
}

#[test]
fn a_next_and_a_retired_key_can_be_revoked() {
    let ring = ring(3).activate(&id(2), at(100), TTL).unwrap();
    let ring = ring.revoke(&id(1), at(101)).unwrap().revoke(&id(3), at(102)).unwrap();
    assert_eq!(states(&ring), ["revoked", "active", "revoked"]);
    assert_eq!(ring.key_set().len(), 1);
}

#[test]
fn there_is_always_a_key_that_signs() {
    let no_successor = RingError::NoSuccessor(id(1));
    assert_eq!(ring(1).retire(&id(1), at(1), TTL).unwrap_err(), no_successor);
    assert_eq!(ring(1).revoke(&id(1), at(1)).unwrap_err(), no_successor);
    assert!(no_successor.to_string().contains("roster keys generate"));
}

#[test]
fn transitions_that_a_state_forbids_are_rejected() {
    let ring = ring(3).activate(&id(2), at(100), TTL).unwrap().revoke(&id(3), at(100)).unwrap();
    let (first, second, third) = (id(1), id(2), id(3));
    let retired = ring.keys()[0].state;
    let already = |id: &String, state| Some(RingError::Already(id.clone(), state));
    assert_eq!(ring.clone().activate(&second, at(101), TTL).err(), already(&second, KeyState::Active));
    assert_eq!(ring.clone().activate(&third, at(101), TTL).err(), Some(RingError::Revoked(third.clone())));
    assert_eq!(ring.clone().retire(&first, at(101), TTL).err(), already(&first, retired));
    assert_eq!(ring.clone().retire(&third, at(101), TTL).err(), Some(RingError::Revoked(third.clone())));
    assert_eq!(ring.clone().revoke(&third, at(101)).err(), already(&third, KeyState::Revoked));
    assert!(matches!(ring.clone().add(key(1), at(101)), Err(RingError::Duplicate(_))));
    let secret = VerifyingKey::from_secret(&[1; 32]).unwrap();
    assert_eq!(ring.add(secret, at(101)).err(), Some(RingError::Symmetric));
}

#[test]
fn a_key_is_found_by_an_unambiguous_beginning_of_its_name() {
    let ring = ring(2);
    assert_eq!(ring.find(&id(2)[..8]).unwrap().id(), id(2));
    assert_eq!(ring.find("nope").unwrap_err(), RingError::Unknown("nope".into()));
    assert_eq!(ring.find("").unwrap_err(), RingError::Unknown(String::new()));
    let many = (1..=65).fold(KeyRing::default(), |ring, number| ring.add(key(number), at(0)).unwrap());
    let first: Vec<_> = many.keys().iter().map(|key| &key.id()[..1]).collect();
    let twice = first.iter().find(|one| first.iter().filter(|other| other == one).count() > 1).unwrap();
    assert_eq!(many.find(twice).unwrap_err(), RingError::Ambiguous((*twice).to_owned()));
}

#[test]
fn a_written_ring_can_be_read_back() {
    let ring = ring(4).activate(&id(2), at(100), TTL).unwrap().revoke(&id(3), at(200)).unwrap();
    let json = ring.to_json();
    let read = KeyRing::from_json(&json).unwrap();
    assert_eq!(read.to_json(), json);
    assert_eq!((states(&read), changes(&read)), (states(&ring), changes(&ring)));
    assert_eq!(KeyRing::from_json(&KeyRing::default().to_json()).unwrap().keys().len(), 0);
}

#[test]
fn a_written_ring_contains_no_private_key() {
    let json: serde_json::Value = serde_json::from_str(&ring(1).to_json()).unwrap();
    let members: Vec<_> = json["keys"][0]["jwk"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
}

#[test]
fn a_damaged_ring_is_rejected() {
    let json = ring(2).to_json();
    let broken = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        KeyRing::from_json(&json.replacen(from, to, 1)).unwrap_err()
    };
    assert!(matches!(broken("\"version\": 1", "\"version\": 2"), RingDamaged::Version(2)));
    assert!(matches!(broken("\"next\"", "\"active\""), RingDamaged::Active(2)));
    assert!(matches!(broken("\"active\"", "\"next\""), RingDamaged::Active(0)));
    assert!(matches!(broken("\"next\"", "\"retired\""), RingDamaged::State(_)));
    assert!(matches!(broken("\"next\"", "\"future\""), RingDamaged::State(_)));
    assert!(matches!(broken(&format!("\"kid\": \"{}\"", id(1)), "\"kid\": \"x\""), RingDamaged::Name(_)));
    assert!(matches!(broken("\"Ed25519\"", "\"X25519\""), RingDamaged::Key { .. }));
    assert!(matches!(broken("\"number\": 2", "\"number\": 1"), RingDamaged::Changes));
    assert!(matches!(broken("\"since\"", "\"sense\""), RingDamaged::Form(_)));
    for cut in [0, 1, json.len() / 2, json.len() - 3] {
        assert!(matches!(KeyRing::from_json(&json[..cut]), Err(RingDamaged::Form(_))), "{cut}");
    }
}
