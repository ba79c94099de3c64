//! What keeps a command from running, each told in one line.

use crate::workplace::Workplace;
use roster_tests::{Server, Setup};
use std::fs;
use std::net::TcpListener;

#[test]
fn a_second_server_on_the_same_data_says_who_holds_them() {
    let server = Server::start();
    let place = Workplace::with(server.setup().clone().data(&server.data()));
    place.run(&["serve"]).must_fail_saying(&["is held by process ", "stop that server"]);
    server.get("/health/ready").send().must_be(200);
}

#[test]
fn in_the_wrong_folder_a_command_finds_no_store_and_begins_none() {
    let place = Workplace::with(Setup::new().without("JWT_SECRET"));
    for arguments in [
        &["user", "list"][..],
        &["user", "disable", "ada"],
        &["user", "set-password", "ada", "--password-stdin"],
        &["session", "list", "ada"],
        &["export"],
        &["audit"],
        &["keys", "list"],
        &["service-account", "list"],
        &["service-account", "delete", "backup"],
        &["api-key", "list", "backup"],
        &["api-key", "create", "backup", "nightly"],
    ] {
        place
            .run_with(arguments, "nine purple kettles\n")
            .must_fail_saying(&["there is no store at \"/", "--config"]);
    }
    for verb in ["activate", "retire", "revoke"] {
        place
            .run(&["keys", verb, "x"])
            .must_fail_saying(&["there are no keys in \"/", "roster keys generate"]);
    }
    assert!(!place.file("data").exists());
}

#[test]
fn who_begins_a_store_is_told_where() {
    let place = Workplace::new();
    let create = |name| {
        let ran = place.run_with(&["user", "create", name, "--password-stdin"], "nine purple kettles\n");
        ran.must_exit(0).stderr
    };
    let noted = create("ada");
    assert!(noted.contains("there was no store at \"/") && noted.contains("data/users.json"), "{noted}");
    let noted = create("bob");
    assert!(!noted.contains("no store"), "{noted}");
}

#[test]
fn a_shared_secret_in_a_key_file_needs_an_audience_a_type_or_an_issuer_of_its_own() {
    let place = Workplace::with(Setup::new().without("JWT_SECRET"));
    let secret = "bm90aGluZy10by1zZWUtaGVyZS1idXQtMzItYnl0ZXM";
    place.write("shared.jwk", &format!("{{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"{secret}\"}}"));
    let common = "auth.audience = ''\nauth.token_type = 'JWT'\nauth.key_files = ['shared.jwk']\n";
    for issuer in ["", "auth.issuer = ' Roster'\n"] {
        place.write("roster.toml", &format!("{common}{issuer}"));
        for command in [&["config", "check"][..], &["serve"]] {
            place.run(command).must_fail_saying(&["shared.jwk", "set auth.issuer"]);
        }
    }
    place.write("roster.toml", &format!("{common}auth.issuer = 'https://id.example.org'\n"));
    place.run(&["config", "check"]).must_exit(0);
}

#[test]
fn checking_the_settings_reads_the_keys_that_they_name() {
    let place = Workplace::with(Setup::new().without("JWT_SECRET").set("auth.key_files", "mine.pem"));
    place.run(&["config", "check"]).must_fail_saying(&["mine.pem"]);
    place.write("mine.pem", "not a key\n");
    place.run(&["config", "check"]).must_fail_saying(&["mine.pem"]);
}

#[test]
fn whatever_is_wrong_with_key_files_is_told_at_once_by_the_file() {
    let fixture = |name: &str| format!("{}/../crates/auth/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    let good = fs::read_to_string(fixture("ed25519.pem")).unwrap();
    let files = format!("good.pem,again.pem,absent.pem,{}", fixture("rsa1024.pem"));
    let place = Workplace::with(Setup::new().without("JWT_SECRET").set("auth.key_files", &files));
    place.write("good.pem", &good);
    place.write("again.pem", &good);
    let ran = place.run(&["config", "check"]).must_exit(1);
    let errors: Vec<_> = ran.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 3, "{ran:?}");
    for (error, words) in
        errors.iter().zip([["again.pem", "good.pem"], ["cannot read", "absent.pem"], ["rsa1024.pem", "2048"]])
    {
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
}

#[test]
fn a_taken_port_is_told_with_its_address() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let place = Workplace::with(Setup::new().set("server.port", &port));
    place.run(&[]).must_fail_saying(&[&format!("127.0.0.1:{port}"), "server.port", "in use"]);
    assert!(!place.file("data").exists(), "nothing is made for a server that cannot serve");
}

#[test]
fn every_bad_setting_is_told_at_once() {
    let place = Workplace::with(Setup::new().set("password.bcrypt_cost", "99").env("JWT_SECRET", "short"));
    place.write("roster.toml", "[server]\nprot = 1\n");
    let ran = place.run(&["serve"]).must_exit(1);
    let errors: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(errors.len(), 3, "{ran:?}");
    assert!(errors.iter().all(|line| line.starts_with("error: ")), "{ran:?}");
    for words in ["roster.toml line 2", "did you mean server.port", "bcrypt_cost = \"99\"", "openssl rand"] {
        assert!(ran.stderr.contains(words), "{words} is not in {ran:?}");
    }
    assert!(!ran.stderr.contains("short"), "a secret was shown: {ran:?}");
}

#[test]
fn a_config_file_that_was_named_has_to_be_there() {
    let place = Workplace::new();
    place.run(&["config", "check", "--config", "absent.toml"]).must_fail_saying(&["absent.toml"]);
    place.write("other.toml", "log.level = \"debug\"\n");
    let shown = place.run(&["--config", "other.toml", "config", "show"]).must_exit(0).stdout;
    assert!(
        shown.lines().any(|line| line.starts_with("log.level = \"debug\"") && line.contains("other.toml"))
    );
}

#[test]
fn a_users_file_of_another_program_is_left_alone() {
    let place = Workplace::new();
    std::fs::create_dir(place.file("data")).unwrap();
    place.write("data/users.json", r#"{"ada": {"email": "ada@example.org"}}"#);
    place.run(&[]).must_fail_saying(&["users.json", "not written by Roster", "roster import"]);
    assert_eq!(place.read("data/users.json"), r#"{"ada": {"email": "ada@example.org"}}"#);
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let place = Workplace::new();
    place.write("data", "not a folder");
    place.run(&["user", "list"]).must_fail_saying(&["data"]);
}
