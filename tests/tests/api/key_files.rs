//! Signing keys from the files in `auth.key_files`.

use crate::keys::{header, kids, published, status};
use roster_tests::{PASSWORD, Setup, wait_for};
use std::fs;
use std::path::PathBuf;

/// A private key made by OpenSSL or `PyJWT`, from the tests of `roster-auth`.
fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/auth/tests/keys")).join(name)
}

#[test]
fn keys_made_by_other_tools_sign_and_verify() {
    for (name, algorithm) in [
        ("ed25519.pem", "EdDSA"),
        ("p256.sec1.pem", "ES256"),
        ("rsa2048.pkcs1.pem", "RS256"),
        ("p256.jwk.json", "ES256"),
        ("rsa2048.jwk.json", "RS256"),
    ] {
        let files = fixture(name).display().to_string();
        let server = Setup::new().without("JWT_SECRET").set("auth.key_files", &files).start();
        let ada = server.register("ada");
        assert_eq!(header(&ada.token)["alg"], algorithm, "{name}");
        assert_eq!((status(&server, &ada), published(&server).len()), (200, 1));
    }
}

#[test]
fn a_changed_key_file_is_reloaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    fs::copy(fixture("ed25519.pem"), &path).unwrap();
    let server = Setup::new().without("JWT_SECRET").set("auth.key_files", path.to_str().unwrap()).start();
    let (old_session, _) = (server.register("ada"), server.register_only("bob"));
    fs::copy(fixture("p256.pem"), &path).unwrap();
    wait_for("the server to sign with the new key", || {
        (header(&server.log_in("bob", PASSWORD).token)["alg"] == "ES256").then_some(())
    });
    assert_eq!(status(&server, &old_session), 401);
}

#[test]
fn the_key_of_a_removed_file_is_rejected_and_the_signing_key_stays() {
    let folder = tempfile::tempdir().unwrap();
    let [signs, beside] = ["ed25519.pem", "p256.pem"].map(|name| {
        fs::copy(fixture(name), folder.path().join(name)).unwrap();
        folder.path().join(name)
    });
    let files = format!("{},{}", signs.display(), beside.display());
    let server = Setup::new().without("JWT_SECRET").set("auth.key_files", &files).start();
    let (ada, before) = (server.register("ada"), kids(&server));
    assert_eq!(before.len(), 2);
    let wait_for_errors = |count| {
        wait_for("the error in the log", || {
            (server.stderr().matches("cannot apply the changed keys").count() == count).then_some(())
        });
    };
    fs::remove_file(&beside).unwrap();
    wait_for_errors(1);
    assert_eq!(kids(&server), before[..1]);
    fs::remove_file(&signs).unwrap();
    wait_for_errors(2);
    assert_eq!((kids(&server), status(&server, &ada)), (before[..1].to_vec(), 200));
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
}
