//! A backup returns what was written to it, or is rejected as incomplete.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use kit::{about, backup, items, read};
use roster_backup::{BackupError, BackupItem, BackupReader, Contents, PrivateKey, SigningKeys, verify};

const RING: &str = "{\"version\": 1, \"keys\": [{\"kid\": \"kid\"}]}\n";

fn keys() -> SigningKeys {
    let private = PrivateKey { kid: "kid".to_owned(), pem: "a secret".to_owned().into() };
    SigningKeys { ring: RING.to_owned(), audited: 7, private: vec![private] }
}

#[tokio::test]
async fn a_backup_returns_what_was_written() {
    let items = items();
    let (bytes, contents) = backup(items.clone(), Some(keys())).await;
    assert_eq!(verify(&bytes[..]).unwrap(), (about(), contents));
    let expected = Contents {
        users: 20,
        service_accounts: 2,
        sessions: 2,
        audit_records: 3,
        private_keys: 1,
        last_audit: 9,
    };
    assert_eq!(contents, expected);
    let (restored, ring) = read(&bytes);
    assert_eq!(restored, items);
    let ring = ring.unwrap();
    assert_eq!((ring.ring.as_str(), ring.audited), (RING, 7));
    assert_eq!((ring.private[0].kid.as_str(), ring.private[0].pem.as_str()), ("kid", "a secret"));
}

#[tokio::test]
async fn a_backup_without_keys_has_none() {
    let items = items();
    let (bytes, _) = backup(items.clone(), None).await;
    let (restored, ring) = read(&bytes);
    assert_eq!(restored, items);
    assert!(ring.is_none());
}

#[tokio::test]
async fn an_empty_store_can_be_backed_up() {
    let (bytes, contents) = backup(Vec::new(), None).await;
    assert_eq!(contents, Contents::default());
    assert_eq!(read(&bytes).0, Vec::new());
}

#[tokio::test]
async fn a_backup_truncated_anywhere_is_damaged() {
    let (bytes, _) = backup(items(), Some(keys())).await;
    for length in 15..bytes.len() {
        let rejected = verify(&bytes[..length]);
        assert!(
            matches!(rejected, Err(BackupError::Damaged(_))),
            "{length} of {}: {rejected:?}",
            bytes.len()
        );
    }
}

#[tokio::test]
async fn a_backup_with_any_changed_byte_is_rejected_or_equivalent() {
    let items = items();
    let (bytes, _) = backup(items.clone(), Some(keys())).await;
    let mut rejected = 0;
    for at in 0..bytes.len() {
        for bit in [0, 3, 7] {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            // The frame's memory request is not part of the content.
            let is_rejected = verify(&changed[..]).is_err();
            assert!(is_rejected || read(&changed).0 == items, "byte {at}, bit {bit}");
            rejected += u32::from(is_rejected);
        }
    }
    assert!(rejected as usize > 3 * bytes.len() - 24, "{rejected} of {}", 3 * bytes.len());
}

#[tokio::test]
async fn data_after_the_end_is_rejected() {
    let (bytes, _) = backup(items(), None).await;
    for more in [&b"\0"[..], b"roster-backup 1\n", &bytes] {
        let longer = [&bytes[..], more].concat();
        assert!(matches!(verify(&longer[..]), Err(BackupError::Damaged(_))));
    }
}

#[tokio::test]
async fn a_newer_backup_is_recognised_by_its_first_line() {
    let rejected = verify(&b"roster-backup 2\nwhatever there is"[..]);
    assert!(matches!(rejected, Err(BackupError::Newer(2))));
}

#[test]
fn other_files_are_not_backups() {
    for text in [&b""[..], b"{\"format\": \"roster-users\"}", b"PK\x03\x04", b"roster"] {
        assert!(matches!(verify(text), Err(BackupError::NotABackup)));
    }
}

#[tokio::test]
async fn debug_output_contains_no_secret() {
    let (bytes, _) = backup(Vec::new(), Some(keys())).await;
    let mut reader = BackupReader::open(&bytes[..]).unwrap();
    let item = reader.next_item().unwrap().unwrap();
    assert!(matches!(item, BackupItem::Keys(_)));
    assert!(!format!("{item:?}").contains("a secret"));
}
