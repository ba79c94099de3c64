//! The signing keys in the database are sealed.

use crate::kit::{roster, servers, setup, value};
use roster_test_postgres::query;
use roster_tests::{SEALING_KEY, Server, Setup, output_of};

const OTHER_KEY: &str = "YW5vdGhlciBrZXkgdGhhdCBzZWFscyBhbnkgc2VjcmU=";

/// Starts a server that must not start, and returns what it says.
fn refused(setup: &Setup, like: &Server) -> String {
    refused_on(&like.database_url(), setup)
}

fn refused_on(url: &str, setup: &Setup) -> String {
    let folder = tempfile::tempdir().unwrap();
    let setup = setup.clone().set("storage.url", url);
    let ran = output_of(setup.command(folder.path()).arg("serve"));
    assert_eq!(ran.status.code(), Some(1));
    let stderr = String::from_utf8(ran.stderr).unwrap();
    let error = stderr.lines().find(|line| line.contains("error: "));
    assert!(error.is_some(), "{stderr}");
    error.unwrap().to_owned()
}

#[test]
fn without_the_sealing_key_or_with_another_one_a_server_does_not_start() {
    let Some(setup) = setup() else { return };
    let server = setup.clone().start();
    let missing = refused(&setup.clone().without_sealing_key(), &server);
    assert!(
        missing.contains("storage.sealing_key is not set") && missing.contains("openssl rand"),
        "{missing}"
    );
    let wrong = refused(&setup.clone().set("storage.sealing_key", OTHER_KEY), &server);
    assert!(wrong.contains("set storage.sealing_key to the key that it was sealed with"), "{wrong}");
    let invalid = refused(&setup.set("storage.sealing_key", "hunter2"), &server);
    assert!(invalid.contains("not 32 bytes in base64") && !invalid.contains("hunter2"), "{invalid}");
}

#[test]
fn a_server_without_a_sealing_key_leaves_the_database_as_it_was() {
    let Some(setup) = setup() else { return };
    let database = roster_test_postgres::database().unwrap();
    let missing = refused_on(&database.url(), &setup.without_sealing_key());
    assert!(missing.contains("storage.sealing_key is not set"), "{missing}");
    let tables =
        "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    assert_eq!(query(&database.url(), tables), [["0"]]);
}

#[test]
fn the_sealing_key_is_required_even_if_a_shared_secret_signs() {
    let Some(setup) = setup() else { return };
    let server = setup.clone().start();
    let setup = setup.env("JWT_SECRET", &"x".repeat(32));
    let missing = refused(&setup.clone().without_sealing_key(), &server);
    assert!(missing.contains("storage.sealing_key is not set"), "{missing}");
    let wrong = refused(&setup.set("storage.sealing_key", OTHER_KEY), &server);
    assert!(wrong.contains("set storage.sealing_key to the key that it was sealed with"), "{wrong}");
}

#[test]
fn keys_are_resealed_with_the_first_key_of_a_list() {
    let Some(setup) = setup() else { return };
    let mut server = setup.start();
    let ada = server.register("ada");
    let sealed = value(&server, "SELECT sealed FROM signing_keys");
    let both = format!("{OTHER_KEY}\n{SEALING_KEY}");
    server.restart_with(|setup| setup.set("storage.sealing_key", &both));
    assert_eq!(server.get("/users/me").by(&ada).send().status(), 200);
    assert_eq!(value(&server, "SELECT sealed FROM signing_keys"), sealed);
    let doctor = roster(&server, &["doctor"]);
    assert!(doctor.contains("roster keys reseal"), "{doctor}");
    roster(&server, &["keys", "reseal"]);
    assert_ne!(value(&server, "SELECT sealed FROM signing_keys"), sealed);
    server.restart_with(|setup| setup.set("storage.sealing_key", OTHER_KEY));
    assert_eq!(server.get("/users/me").by(&ada).send().status(), 200);
    let doctor = roster(&server, &["doctor"]);
    assert!(!doctor.contains("reseal"), "{doctor}");
}

#[test]
fn the_database_has_no_plain_key_and_a_backup_no_sealing_key() {
    let Some(setup) = setup() else { return };
    let (one, _other) = servers(setup);
    let rows = query(&one.database_url(), "SELECT encode(sealed, 'escape') FROM signing_keys");
    let ring = value(&one, "SELECT ring FROM key_ring");
    assert_eq!(rows.len(), 1);
    for text in [&*rows[0][0], &ring] {
        assert!(!text.contains("PRIVATE KEY") && !text.contains("\"d\""), "{text}");
    }
    roster(&one, &["backup", "roster.backup"]);
    roster(&one, &["backup", "bare.backup", "--without-keys"]);
    for (name, has_keys) in [("roster.backup", true), ("bare.backup", false)] {
        let text = unpacked(&std::fs::read(one.folder().join(name)).unwrap());
        assert!(!text.contains(SEALING_KEY) && !text.contains("sealing"), "{text}");
        assert_eq!(text.contains("PRIVATE KEY"), has_keys, "{text}");
    }
}

#[test]
fn a_lost_sealing_key_is_replaced_with_a_new_signing_key() {
    let Some(setup) = setup() else { return };
    let mut server = setup.start();
    assert!(server.stop().success());
    let with_other = server.setup().clone().set("storage.sealing_key", OTHER_KEY);
    let run = |arguments: &[&str]| with_other.command(server.folder()).args(arguments).output().unwrap();
    let refused = run(&["keys", "generate"]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && stderr.contains("keys generate --activate"), "{stderr}");
    assert!(run(&["keys", "generate", "--activate"]).status.success());
    server.restart_with(|setup| setup.set("storage.sealing_key", OTHER_KEY));
    assert_eq!(server.get("/users/me").by(&server.admin()).send().status(), 200);
}

/// The lines of a backup: one that is not compressed, and a stream of lines that is.
fn unpacked(backup: &[u8]) -> String {
    let end = backup.iter().position(|byte| *byte == b'\n').unwrap();
    let lines = zstd::decode_all(&backup[end + 1..]).unwrap();
    format!("{}{}", String::from_utf8_lossy(&backup[..=end]), String::from_utf8(lines).unwrap())
}
