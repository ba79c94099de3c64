use super::*;
use crate::keys::folder::KeyFolder;
use roster_auth::SystemEntropy;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn now() -> Timestamp {
    Timestamp::from_second(1_000_000).unwrap()
}

fn source(data: &Path, secret: Option<&str>, files: &[&Path]) -> KeySource {
    KeySource {
        secret: secret.map(|secret| Zeroizing::new(secret.to_owned())),
        files: files.iter().map(|path| path.to_path_buf()).collect(),
        ring: RingPlace::Folder(KeyFolder::in_data(data)),
        algorithm: KeyAlgorithm::EdDsa,
        shared: SharedSecrets::Accepted,
    }
}

fn open(source: &KeySource) -> anyhow::Result<Keys> {
    source.open(&SystemEntropy, now()).map(|opened| opened.keys)
}

fn kid(keys: &Keys) -> String {
    keys.signing.verifying_key().id().unwrap().to_string()
}

fn private_file(data: &Path, kid: &str) -> PathBuf {
    data.join(format!("keys/{kid}.pem"))
}

fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn pem(algorithm: KeyAlgorithm) -> Zeroizing<String> {
    SigningKey::generate_pem(algorithm, &SystemEntropy).unwrap()
}

#[test]
fn a_key_is_generated_once_and_kept_private() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let keys = source(&data, None, &[]);
    let first = kid(&open(&keys).unwrap());
    assert_eq!(kid(&open(&keys).unwrap()), first);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data.join("keys")), 0o700);
    for path in [private_file(&data, &first), data.join("keys/keys.json")] {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn the_key_of_an_older_version_stays_the_active_one() {
    let folder = tempfile::tempdir().unwrap();
    let (older, made) = (folder.path().join("signing-key.pem"), pem(KeyAlgorithm::EdDsa));
    write_private(&older, made.as_bytes());
    let expected = SigningKey::from_pem(&made).unwrap().verifying_key().id().unwrap().to_string();
    let keys = source(folder.path(), None, &[]);
    assert_eq!(kid(&open(&keys).unwrap()), expected);
    assert!(!older.exists());
    assert_eq!(kid(&open(&keys).unwrap()), expected);
}

#[test]
fn a_key_that_others_can_read_is_rejected_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let keys = source(folder.path(), None, &[]);
    let path = private_file(folder.path(), &kid(&open(&keys).unwrap()));
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    assert!(open(&keys).err().unwrap().to_string().contains("chmod 600"));
}

#[test]
fn a_damaged_key_is_rejected_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = source(folder.path(), None, &[]);
    let path = private_file(folder.path(), &kid(&open(&keys).unwrap()));
    for bytes in [&b""[..], b"-----BEGIN", b"\xff\xfe"] {
        write_private(&path, bytes);
        assert!(open(&keys).err().unwrap().to_string().contains("is damaged"));
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    write_private(&path, pem(KeyAlgorithm::EdDsa).as_bytes());
    assert!(open(&keys).err().unwrap().to_string().contains("does not match its file name"));
    fs::remove_file(&path).unwrap();
    assert!(open(&keys).err().unwrap().to_string().contains("is missing"));
}

#[test]
fn a_damaged_legacy_key_is_not_replaced_by_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    write_private(&folder.path().join("signing-key.pem"), b"-----BEGIN");
    let error = open(&source(folder.path(), None, &[])).err().unwrap();
    assert!(error.to_string().contains("is damaged"), "{error}");
    assert!(!folder.path().join("keys/keys.json").exists());
}

#[test]
fn a_shared_secret_signs_and_needs_no_other_key() {
    let folder = tempfile::tempdir().unwrap();
    let keys = open(&source(folder.path(), Some(&"s".repeat(32)), &[])).unwrap();
    assert!(keys.signing.verifying_key().id().is_none());
    assert_eq!(keys.accepted.to_jwks(now()), r#"{"keys":[]}"#);
    assert!(!folder.path().join("keys").exists());
}

#[test]
fn with_a_shared_secret_the_keys_of_the_ring_are_accepted_too() {
    let folder = tempfile::tempdir().unwrap();
    let ring = kid(&open(&source(folder.path(), None, &[])).unwrap());
    let keys = open(&source(folder.path(), Some(&"s".repeat(32)), &[])).unwrap();
    assert!(keys.signing.verifying_key().id().is_none());
    assert!(keys.accepted.get(Some(&ring)).is_some() && keys.accepted.get(None).is_some());
}

#[test]
fn the_first_configured_file_signs_and_all_files_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("rsa.pem"), &*pem(KeyAlgorithm::Rs256)).unwrap();
    fs::write(path("ec.pem"), &*pem(KeyAlgorithm::Es256)).unwrap();
    let jwk =
        r#"{"kty":"OKP","crv":"Ed25519","kid":"old","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    fs::write(path("old.jwk.json"), jwk).unwrap();
    let files = [&*path("rsa.pem"), &*path("ec.pem"), &*path("old.jwk.json")];
    let keys = open(&source(folder.path(), None, &files)).unwrap();
    assert_eq!((keys.signing.verifying_key().algorithm(), keys.accepted.len()), (KeyAlgorithm::Rs256, 3));
    assert!(keys.accepted.get(Some("old")).is_some() && !path("keys").exists());

    let public_first = open(&source(folder.path(), None, &[files[2]])).err().unwrap();
    assert!(format!("{public_first:#}").contains("old.jwk.json\": this is a public key"), "{public_first:#}");
}

fn generate(keys: &KeyFolder, algorithm: KeyAlgorithm) -> String {
    let key = NewKey::generate(algorithm, &SystemEntropy).unwrap();
    keys.change(now(), Some(&key), &|ring| ring.add(key.public.clone(), now())).unwrap();
    key.kid
}

#[test]
fn the_private_key_of_a_revoked_key_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFolder::in_data(folder.path());
    let first = generate(&keys, KeyAlgorithm::EdDsa);
    let second = generate(&keys, KeyAlgorithm::Es256);
    keys.change(now(), None, &|ring| ring.activate(&second, now(), std::time::Duration::from_mins(1)))
        .unwrap();
    assert!(private_file(folder.path(), &first).exists());
    keys.change(now(), None, &|ring| ring.revoke(&first, now())).unwrap();
    assert!(!private_file(folder.path(), &first).exists() && private_file(folder.path(), &second).exists());
}

#[test]
fn a_key_that_cannot_sign_is_not_activated() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFolder::in_data(folder.path());
    let first = generate(&keys, KeyAlgorithm::EdDsa);
    let second = generate(&keys, KeyAlgorithm::EdDsa);
    fs::remove_file(private_file(folder.path(), &second)).unwrap();
    let rejected =
        keys.change(now(), None, &|ring| ring.activate(&second, now(), std::time::Duration::from_mins(1)));
    assert!(rejected.unwrap_err().to_string().contains("is missing"));
    assert_eq!(keys.read().unwrap().unwrap().active().unwrap().id(), first);
}

#[test]
fn concurrent_changes_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let keys = KeyFolder::in_data(folder.path());
                generate(&keys, KeyAlgorithm::EdDsa);
            });
        }
    });
    let ring = KeyFolder::in_data(folder.path()).read().unwrap().unwrap();
    assert_eq!(ring.keys().len(), 8);
    assert_eq!(ring.changes().last().unwrap().number, 9);
}

#[test]
fn a_world_readable_private_key_causes_a_warning_but_a_public_key_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let fixture =
        |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/auth/tests/keys").join(name);
    let (private, public) = (folder.path().join("private.pem"), folder.path().join("public.pem"));
    fs::copy(fixture("ed25519.pem"), &private).unwrap();
    fs::copy(fixture("p256.pub.pem"), &public).unwrap();
    let warnings = |mode: u32| {
        for path in [&private, &public] {
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
        source(folder.path(), None, &[&private, &public]).readable_by_all()
    };
    assert_eq!(warnings(0o640), [""; 0]);
    let message = warnings(0o644);
    assert!(
        message.len() == 1 && message[0].ends_with(&format!("chmod 600 \"{}\"", private.display())),
        "{message:?}"
    );
}
