//! Backups with valid checksums that exceed the limits.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use std::io::Read as _;
use std::sync::Arc;

use kit::{backup, items, read};
use roster_backup::{BackupError, verify};
use roster_domain::{Action, Attributes, AuditPosition, AuthEpoch, ServiceAccount, Version};
use roster_storage::StoredItem;
use roster_storage::contract::{People, record, service_accounts};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const MAGIC: &[u8] = b"roster-backup 1\n";

/// A backup of these lines, with a header and a matching trailer.
async fn made_of(lines: impl Iterator<Item = String>, contents: Value) -> Vec<u8> {
    let (empty, _) = backup(Vec::new(), None).await;
    let mut text = String::new();
    zstd::Decoder::new(&empty[MAGIC.len()..]).unwrap().read_to_string(&mut text).unwrap();
    let mut text: Vec<u8> = text.lines().next().unwrap().bytes().chain([b'\n']).collect();
    lines.for_each(|line| text.extend(line.into_bytes().into_iter().chain([b'\n'])));
    let digest = Sha256::digest([MAGIC, &text].concat());
    let sha256: String = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect();
    let mut all = json!({
        "users": 0, "service_accounts": 0, "sessions": 0, "audit_records": 0, "private_keys": 0, "last_audit": 0
    });
    all.as_object_mut().unwrap().extend(contents.as_object().unwrap().clone());
    text.extend(format!("{{\"trailer\":{{\"contents\":{all},\"sha256\":\"{sha256}\"}}}}\n").into_bytes());
    [MAGIC, &zstd::encode_all(&text[..], 3).unwrap()].concat()
}

fn hex_digit(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap()
}

fn ring(kids: usize) -> String {
    let keys: Vec<_> = (0..kids).map(|kid| json!({ "kid": kid.to_string() })).collect();
    json!({ "key_ring": { "ring": json!({ "keys": keys }).to_string(), "audited": 0 } }).to_string()
}

fn private(kid: usize, length: usize) -> String {
    json!({ "private_key": { "kid": kid.to_string(), "pem": "x".repeat(length) } }).to_string()
}

async fn verify_keys(lines: Vec<String>) -> Result<(), BackupError> {
    let count = lines.len() - 1;
    verify(&made_of(lines.into_iter(), json!({ "private_keys": count })).await[..]).map(drop)
}

#[tokio::test]
async fn a_private_key_for_each_key_of_the_ring_is_accepted() {
    verify_keys(vec![ring(2), private(0, 10), private(1, 60_000)]).await.unwrap();
}

#[tokio::test]
async fn more_private_keys_than_the_ring_has_are_rejected() {
    for lines in [
        vec![ring(1), private(0, 10), private(1, 10)],
        vec![ring(1), private(0, 10), private(0, 10)],
        [vec![ring(100)], (0..100).map(|kid| private(kid, 60_000)).collect()].concat(),
    ] {
        let rejected = verify_keys(lines).await.unwrap_err();
        assert!(rejected.to_string().contains("private key"), "{rejected}");
    }
}

#[tokio::test]
async fn a_second_ring_is_rejected() {
    let file = made_of([ring(1), ring(1)].into_iter(), json!({})).await;
    assert!(matches!(verify(&file[..]), Err(BackupError::Damaged(_))));
}

#[tokio::test]
async fn a_line_over_the_limit_of_its_kind_is_rejected() {
    for (kind, longest) in [
        ("private_key", 64),
        ("session", 64),
        ("user", 512),
        ("audit", 512),
        ("key_ring", 4096),
        ("other", 64),
    ] {
        let line = json!({ kind: "x".repeat(longest << 10) }).to_string();
        let rejected = verify(&made_of([line].into_iter(), json!({})).await[..]).unwrap_err();
        assert!(rejected.to_string().contains("longer than any"), "{kind}: {rejected}");
    }
}

#[tokio::test]
async fn the_largest_user_fits() {
    let largest = json!({ "key": "\u{1}".repeat(Attributes::MAX_BYTES / 6 - 10) });
    let attributes = Attributes::new(largest.as_object().unwrap().clone()).unwrap();
    let largest = StoredItem::User(Arc::new(People.nth(1_000).with(|user| user.attributes = attributes)));
    let all: Vec<_> = std::iter::once(largest).chain(items()).collect();
    assert_eq!(read(&backup(all.clone(), None).await.0).0, all);
}

async fn is_beyond(item: StoredItem) -> bool {
    let (file, _) = backup(vec![item], None).await;
    matches!(verify(&file[..]), Err(BackupError::NumberTooLarge(_)))
}

#[tokio::test]
async fn numbers_from_which_a_store_cannot_continue_are_rejected() {
    let user = |version, epoch| {
        let (version, auth_epoch) = (Version::from(version), AuthEpoch::from(epoch));
        StoredItem::User(Arc::new(
            People.nth(1).with(|user| (user.version, user.auth_epoch) = (version, auth_epoch)),
        ))
    };
    let account = |version, epoch| {
        let (version, auth_epoch) = (Version::from(version), AuthEpoch::from(epoch));
        StoredItem::ServiceAccount(Arc::new(ServiceAccount {
            version,
            auth_epoch,
            ..service_accounts::service_account(0)
        }))
    };
    let audit = |number| {
        let record = record(Action::LoggedIn, People.nth(1).id);
        StoredItem::Audit(AuditPosition::from(number), Arc::new(record))
    };
    for item in [user(u64::MAX, 1), user(1, u64::MAX), account(u64::MAX, 1), account(1, u64::MAX)] {
        assert!(is_beyond(item).await);
    }
    for number in [u64::MAX, (1 << 53) - 1, (1 << 52) + 1] {
        assert!(is_beyond(audit(number)).await, "{number}");
    }
    for item in [user(1 << 63, 1 << 63), account(1 << 53, 1), audit(1 << 52)] {
        assert!(!is_beyond(item).await);
    }
}
