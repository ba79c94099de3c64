//! `roster keys`

use crate::workplace::Workplace;
use roster_tests::Setup;
use serde_json::Value;
use std::fs;

fn place() -> Workplace {
    Workplace::with(Setup::new().without("JWT_SECRET"))
}

fn generate(place: &Workplace, more: &[&str]) -> String {
    let ran = place.run(&[&["keys", "generate"], more].concat()).must_exit(0);
    ran.stdout.trim().to_owned()
}

fn listed(place: &Workplace) -> Vec<Value> {
    let ran = place.run(&["keys", "list", "--format", "json"]).must_exit(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn states(place: &Workplace) -> Vec<String> {
    listed(place).iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn keys_go_through_their_states() {
    let place = place();
    let (first, second, third) =
        (generate(&place, &[]), generate(&place, &["--algorithm", "ES256"]), generate(&place, &[]));
    assert_eq!(states(&place), ["active", "next", "next"]);
    let said = place.run(&["keys", "activate", &second]).must_exit(0).stderr;
    assert!(said.contains("up to 5 minutes"), "{said}");
    assert!(said.contains(&format!("retired {first}, accepted until ")), "{said}");
    place.run(&["keys", "retire", &third]).must_exit(0);
    place.run(&["keys", "revoke", &first]).must_exit(0);
    assert_eq!(states(&place), ["revoked", "active", "retired"]);
    let keys = listed(&place);
    assert_eq!((&keys[1]["kid"], &keys[1]["algorithm"]), (&second.into(), &"ES256".into()));
    assert!(keys[2]["accept_until"].is_string() && keys[0]["accept_until"].is_null());
    let table = place.run(&["keys", "list"]).must_exit(0).stdout;
    assert!(table.starts_with("KID ") && table.lines().count() == 4, "{table}");
}

#[test]
fn an_algorithm_that_the_signing_key_is_not_for_is_warned_of_until_another_one_signs() {
    let old = place();
    let first = generate(&old, &[]);
    let warned = |setup: &Setup| {
        let ran =
            Workplace::with(setup.clone().data(&old.file("data"))).run(&["config", "check"]).must_exit(0);
        ran.stderr.lines().find(|line| line.contains("auth.algorithm")).map(str::to_owned)
    };
    assert_eq!(warned(&old.setup), None);
    let changed = old.setup.clone().set("auth.algorithm", "ES256");
    let message = warned(&changed).unwrap();
    assert!(message.contains(&first) && message.contains("roster keys generate"), "{message}");
    let server = changed.clone().data(&old.file("data")).start();
    assert!(server.stderr().contains("auth.algorithm"), "{}", server.stderr());
    let second = generate(&old, &["--algorithm", "ES256"]);
    assert!(warned(&changed).unwrap().ends_with(&format!("roster keys activate {second}")));
    old.run(&["keys", "activate", &second]).must_exit(0);
    assert_eq!(warned(&changed), None);
}

#[test]
fn what_is_no_transition_is_refused_with_what_to_do() {
    let place = place();
    let only = generate(&place, &[]);
    for verb in ["retire", "revoke"] {
        place.run(&["keys", verb, &only]).must_fail_saying(&[&only, "roster keys generate"]);
    }
    place.run(&["keys", "activate", &only]).must_fail_saying(&["already active"]);
    place.run(&["keys", "activate", "nope"]).must_fail_saying(&["nope", "roster keys list"]);
    assert_eq!(states(&place), ["active"]);
}

#[test]
fn an_algorithm_goes_by_its_name_however_it_is_written() {
    let place = place();
    for algorithm in ["ed25519", "EDDSA", "es256"] {
        generate(&place, &["--algorithm", algorithm]);
    }
    let keys = listed(&place);
    assert_eq!(
        keys.iter().map(|key| key["algorithm"].as_str().unwrap()).collect::<Vec<_>>(),
        ["EdDSA", "EdDSA", "ES256"]
    );
}

#[test]
fn an_algorithm_that_is_not_made_here_is_refused_with_those_that_are() {
    let place = place();
    let refused = |name: &str| place.run(&["keys", "generate", "--algorithm", name]).must_exit(2).stderr;
    let unknown = refused("none");
    assert!(unknown.contains("[possible values: EdDSA, ES256, RS256]"), "{unknown}");
    let shared = refused("hs256");
    assert!(shared.contains("JWT_SECRET (auth.jwt_secret)") && shared.contains("openssl rand"), "{shared}");
    assert!(!place.file("data").exists());
}

#[test]
fn a_damaged_state_file_stops_every_command_and_is_left_as_it_is() {
    let place = place();
    let only = generate(&place, &[]);
    let state = place.file("data/keys/keys.json");
    let damaged = fs::read_to_string(&state).unwrap().replace("active\",", "activ\",");
    fs::write(&state, &damaged).unwrap();
    for arguments in [&["keys", "list"][..], &["keys", "generate"], &["keys", "revoke", &only], &["serve"]] {
        place.run(arguments).must_fail_saying(&["keys.json", "damaged", "backup"]);
    }
    assert_eq!(fs::read_to_string(&state).unwrap(), damaged);
}

#[test]
fn keys_from_files_are_changed_in_these_files() {
    let place = Workplace::with(Setup::new().set("auth.key_files", "key.pem"));
    place.create("ada", &[]);
    place.run(&["keys", "generate"]).must_fail_saying(&["auth.key_files"]);
    let noted = place.run(&["keys", "list"]).must_exit(0).stderr;
    assert!(noted.contains("auth."), "{noted}");
}

#[test]
fn a_weak_or_unusable_key_file_stops_the_start_with_the_remedy() {
    let fixture = |name: &str| format!("{}/../crates/auth/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    for (name, words) in [
        ("rsa1024.pem", ["2048", "openssl genpkey"]),
        ("p384.pem", ["Ed25519 or P-256", "openssl genpkey"]),
        ("encrypted.pem", ["encrypted", "openssl pkey"]),
        ("certificate.pem", ["certificate", "openssl x509"]),
        ("ed25519.pub.pem", ["public key", "private"]),
        ("no-such-file", ["cannot read", "no-such-file"]),
    ] {
        let setup = Setup::new().without("JWT_SECRET").set("auth.key_files", &fixture(name));
        Workplace::with(setup).run(&["serve"]).must_fail_saying(&words);
    }
}

#[test]
fn every_verb_explains_itself() {
    for verb in ["list", "generate", "activate", "retire", "revoke"] {
        let help = place().run(&["keys", verb, "--help"]).must_exit(0).stdout;
        assert!(help.contains("Usage: roster keys") && help.len() > 300, "{help}");
    }
}
