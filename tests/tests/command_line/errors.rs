//! Errors that prevent a command from running, each reported in one line.

use crate::sandbox::Sandbox;
use roster_tests::{Engine, Server, Setup};
use std::fs;
use std::net::TcpListener;

#[test]
fn a_second_server_on_the_same_data_names_the_running_process() {
    if Engine::of_this_test() == Engine::Postgres {
        // Several servers may share a database.
        return;
    }
    let server = Server::start();
    let sandbox = Sandbox::with(server.setup().clone().data(&server.data()));
    sandbox.run(&["serve"]).must_fail_with(&["is held by process ", "stop that server"]);
    server.get("/health/ready").send().must_be(200);
}

#[test]
fn a_command_in_the_wrong_folder_finds_no_store_and_creates_none() {
    let sandbox = Sandbox::with(Setup::new().without("JWT_SECRET"));
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
        sandbox
            .run_with(arguments, "nine purple kettles\n")
            .must_fail_with(&["there is no store at \"", "--config"]);
    }
    for verb in ["activate", "retire", "revoke"] {
        sandbox
            .run(&["keys", verb, "x"])
            .must_fail_with(&["there are no keys in \"", "roster keys generate"]);
    }
    assert!(!sandbox.file("data").exists());
}

#[test]
fn creating_a_store_prints_its_location() {
    Engine::Json.only();
    let sandbox = Sandbox::new();
    let create = |name| {
        let result = sandbox.run_with(&["user", "create", name, "--password-stdin"], "nine purple kettles\n");
        result.must_exit(0).stderr
    };
    let noted = create("ada");
    assert!(noted.contains("there was no store at \"/") && noted.contains("data/users.json"), "{noted}");
    let noted = create("bob");
    assert!(!noted.contains("no store"), "{noted}");
}

#[test]
fn a_shared_secret_key_file_requires_a_distinct_audience_type_or_issuer() {
    let sandbox = Sandbox::with(Setup::new().without("JWT_SECRET"));
    let secret = "bm90aGluZy10by1zZWUtaGVyZS1idXQtMzItYnl0ZXM";
    sandbox.write("shared.jwk", &format!("{{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"{secret}\"}}"));
    let common = "auth.audience = ''\nauth.token_type = 'JWT'\nauth.key_files = ['shared.jwk']\n";
    for issuer in ["", "auth.issuer = ' Roster'\n"] {
        sandbox.write("roster.toml", &format!("{common}{issuer}"));
        for command in [&["config", "check"][..], &["serve"]] {
            sandbox.run(command).must_fail_with(&["shared.jwk", "set auth.issuer"]);
        }
    }
    sandbox.write("roster.toml", &format!("{common}auth.issuer = 'https://id.example.org'\n"));
    sandbox.run(&["config", "check"]).must_exit(0);
}

#[test]
fn options_that_are_settings_are_rejected_with_the_name_of_the_setting() {
    let sandbox = Sandbox::new();
    for (option, setting) in [("--port", "server.port"), ("--host", "server.host")] {
        let result = sandbox.run(&["serve", option, "9000"]).must_exit(2);
        assert!(result.stderr.contains(setting), "{result:?}");
    }
    let result = sandbox.run(&["session", "revoke", "ada"]).must_exit(2);
    assert!(result.stderr.contains("--all"), "{result:?}");
}

#[test]
fn config_check_reports_every_kind_of_error_at_once() {
    let sandbox = Sandbox::with(Setup::new().without("JWT_SECRET").without("ROSTER_ADMIN_PASSWORD"));
    let files = "[auth]\nkey_files = ['absent.pem']\n";
    let others =
        "[server]\nprot = 1\n[session]\nlifetime = 'x'\n[log]\nlevel = 'loud'\n[admin]\npassword = 'abc'\n";
    sandbox.write("roster.toml", &format!("{files}{others}"));
    let result = sandbox.run(&["config", "check"]).must_exit(1);
    for words in ["server.prot", "session.lifetime", "loud", "admin.password", "absent.pem"] {
        assert!(result.stderr.contains(words), "{words} is missing: {result:?}");
    }
    let errors = result.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 5, "{result:?}");
}

#[test]
fn config_check_reports_what_a_server_on_postgresql_would_not_start_with() {
    let sandbox = Sandbox::with(Setup::new().engine(Engine::Json));
    for (url, more, expected) in [
        ("postgres://roster@localhost/roster", "", "storage.sealing_key is not set"),
        ("postgres://roster@localhost/roster", "sealing_key = 'abc'", "storage.sealing_key"),
        ("postgres://roster@localhost/roster?sslmod=require", "", "sslmod"),
        ("postgres://roster@localhost:99999/roster", "", "storage"),
    ] {
        sandbox.write("roster.toml", &format!("[storage]\nurl = '{url}'\n{more}\n"));
        let result = sandbox.run(&["config", "check"]).must_exit(1);
        assert!(result.stderr.contains(expected), "{url} {more}: {result:?}");
    }
}

#[test]
fn an_invalid_setting_causes_no_further_error_about_its_section() {
    let sandbox = Sandbox::new();
    sandbox.write("roster.toml", "[password]\nmin_length = 'x'\n[admin]\npassword = 'abc'\n");
    sandbox.run(&["config", "check"]).must_fail_with(&["password.min_length"]);
}

#[test]
fn config_check_reads_the_configured_key_files() {
    let sandbox = Sandbox::with(Setup::new().without("JWT_SECRET").set("auth.key_files", "mine.pem"));
    sandbox.run(&["config", "check"]).must_fail_with(&["mine.pem"]);
    sandbox.write("mine.pem", "not a key\n");
    sandbox.run(&["config", "check"]).must_fail_with(&["mine.pem"]);
}

#[test]
fn all_key_file_errors_are_reported_together() {
    let fixture = |name: &str| format!("{}/../crates/auth/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    let good = fs::read_to_string(fixture("ed25519.pem")).unwrap();
    let files = format!("good.pem,again.pem,absent.pem,{}", fixture("rsa1024.pem"));
    let sandbox = Sandbox::with(Setup::new().without("JWT_SECRET").set("auth.key_files", &files));
    sandbox.write("good.pem", &good);
    sandbox.write("again.pem", &good);
    let result = sandbox.run(&["config", "check"]).must_exit(1);
    let errors: Vec<_> = result.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 3, "{result:?}");
    for (error, words) in
        errors.iter().zip([["again.pem", "good.pem"], ["cannot read", "absent.pem"], ["rsa1024.pem", "2048"]])
    {
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
}

#[test]
fn a_taken_port_is_reported_with_its_address() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let sandbox = Sandbox::with(Setup::new().set("server.port", &port));
    sandbox.run(&[]).must_fail_with(&[&format!("127.0.0.1:{port}"), "server.port", "in use"]);
    assert!(!sandbox.file("data").exists(), "a server that cannot start creates no files");
}

#[test]
fn every_invalid_setting_is_reported_together() {
    let sandbox = Sandbox::with(Setup::new().set("password.bcrypt_cost", "99").env("JWT_SECRET", "short"));
    sandbox.write("roster.toml", "[server]\nprot = 1\n");
    let result = sandbox.run(&["serve"]).must_exit(1);
    let errors: Vec<_> = result.stderr.lines().collect();
    assert_eq!(errors.len(), 3, "{result:?}");
    assert!(errors.iter().all(|line| line.starts_with("error: ")), "{result:?}");
    for words in ["roster.toml line 2", "did you mean server.port", "bcrypt_cost = \"99\"", "openssl rand"] {
        assert!(result.stderr.contains(words), "{words} is not in {result:?}");
    }
    assert!(!result.stderr.contains("short"), "a secret was shown: {result:?}");
}

#[test]
fn a_config_file_named_on_the_command_line_must_exist() {
    let sandbox = Sandbox::new();
    sandbox.run(&["config", "check", "--config", "absent.toml"]).must_fail_with(&["absent.toml"]);
    sandbox.write("other.toml", "log.level = \"debug\"\n");
    let shown = sandbox.run(&["--config", "other.toml", "config", "show"]).must_exit(0).stdout;
    assert!(
        shown.lines().any(|line| line.starts_with("log.level = \"debug\"") && line.contains("other.toml"))
    );
}

#[test]
fn a_users_file_of_another_program_is_not_changed() {
    Engine::Json.only();
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.file("data")).unwrap();
    sandbox.write("data/users.json", r#"{"ada": {"email": "ada@example.org"}}"#);
    sandbox.run(&[]).must_fail_with(&["users.json", "not written by Roster", "roster import"]);
    assert_eq!(sandbox.read("data/users.json"), r#"{"ada": {"email": "ada@example.org"}}"#);
}

#[test]
fn a_data_folder_that_cannot_be_created_is_reported() {
    if Engine::of_this_test() == Engine::Postgres {
        // The database is not in the folder.
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("data", "not a folder");
    sandbox.run(&["user", "list"]).must_fail_with(&["data"]);
}
