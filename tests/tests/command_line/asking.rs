//! The commands that only tell something.

use crate::workplace::Workplace;
use roster_tests::{ADMIN, Server, Setup};
use serde_json::Value;

#[test]
fn help_and_version_are_on_stdout() {
    let place = Workplace::new();
    let help = place.run(&["--help"]).must_exit(0).stdout;
    for word in
        ["serve", "import", "export", "user", "health", "config", "openapi", "completions", "Examples:"]
    {
        assert!(help.contains(word), "{word} is not in\n{help}");
    }
    let version = place.run(&["--version"]).must_exit(0).stdout;
    assert!(version.starts_with("roster ") && version.lines().count() == 1, "{version}");
    for command in ["serve", "import", "export", "user", "health", "config", "completions"] {
        assert!(place.run(&[command, "--help"]).must_exit(0).stdout.contains("Usage: roster"), "{command}");
    }
}

#[test]
fn wrong_usage_exits_with_2_and_says_so_on_stderr() {
    let place = Workplace::new();
    for arguments in [&["srve"][..], &["user"], &["user", "set-roles", "ada"], &["export", "--force"]] {
        let ran = place.run(arguments).must_exit(2);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("Usage:"), "{ran:?}");
    }
    assert!(place.run(&["srve"]).stderr.contains("serve"), "the nearest command is suggested");
    assert!(!place.file("data").exists());
}

#[test]
fn config_show_tells_every_setting_its_origin_and_no_secret() {
    let secret = "a secret of more than thirty-two bytes";
    let place = Workplace::with(Setup::new().env("JWT_SECRET", secret));
    place.write("roster.toml", "[registration]\nmode = \"closed\"\n");
    let shown = place.run(&["config", "show"]).must_exit(0).stdout;
    let line = |key: &str| shown.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
    assert!(
        line("registration.mode").contains("\"closed\"")
            && line("registration.mode").contains("roster.toml line 2")
    );
    assert!(line("server.port").ends_with("environment variable ROSTER__SERVER__PORT"));
    assert!(line("server.host").ends_with("# default"));
    assert!(line("auth.jwt_secret").contains("********") && !shown.contains(secret), "{shown}");
}

#[test]
fn config_check_warns_of_what_is_unwise_and_writes_nothing() {
    let place = Workplace::new();
    let ran = place.run(&["config", "check"]).must_exit(0);
    assert_eq!(ran.stdout, "the settings are valid\n");
    assert!(ran.stderr.contains("bcrypt_cost = 4"), "{ran:?}");
    assert!(!place.file("data").exists());
}

#[test]
fn config_check_judges_what_other_parts_will_read() {
    let check =
        |name: &str, value: &str| Workplace::with(Setup::new().env(name, value)).run(&["config", "check"]);
    check("RUST_LOG", "info,loud=very").must_fail_saying(&["log.level", "loud=very"]);
    check("ROSTER_ADMIN_USERNAME", "a b").must_fail_saying(&["admin.username", "no spaces"]);
    check("ROSTER_ADMIN_EMAIL", "nowhere").must_fail_saying(&["admin.email"]);
    check("ROSTER_ADMIN_PASSWORD", "short").must_fail_saying(&["admin.password", "at least 8"]);
    check("ROSTER_ADMIN_PASSWORD", ADMIN).must_fail_saying(&["admin.password"]);
}

#[test]
fn a_variable_that_is_nearly_one_of_ours_is_told() {
    let setup = Setup::new().without("ROSTER_ADMIN_PASSWORD").env("ROSTER_ADMIN_PASWORD", "first of all");
    let ran = Workplace::with(setup).run(&["config", "check"]).must_exit(0);
    let warning = ran.stderr.lines().find(|line| line.contains("ROSTER_ADMIN_PASWORD")).unwrap();
    assert!(
        warning.ends_with("did you mean ROSTER_ADMIN_PASSWORD?") && !ran.stderr.contains("first of"),
        "{ran:?}"
    );
}

#[test]
fn an_issuer_that_oauth_clients_would_refuse_is_warned_of() {
    let setup = Setup::new().set("server.public_url", "https://id.example.org");
    let ran = Workplace::with(setup.clone()).run(&["config", "check"]).must_exit(0);
    for message in [ran.stderr.as_str(), &setup.start().stderr()] {
        assert!(message.contains("set auth.issuer to that URL"), "{message}");
    }
}

#[test]
fn the_printed_openapi_document_is_the_one_that_is_served() {
    let printed = Workplace::with(Setup::new().set("server.port", "not read")).run(&["openapi"]).must_exit(0);
    let printed: Value = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!(Server::start().get("/openapi.json").send().must_be(200).json(), printed);
}

#[test]
fn every_shell_gets_its_completions() {
    let place = Workplace::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.run(&["completions", shell]).must_exit(0).stdout;
        assert!(script.contains("set-password"), "{shell}");
    }
    place.run(&["completions", "csh"]).must_exit(2);
}

#[test]
fn health_tells_by_its_exit_code_whether_the_server_is_ready() {
    let server = Server::start();
    let place = Workplace::new();
    let ran = place.run(&["health", "--url", &server.url("")]).must_exit(0);
    assert_eq!(ran.stdout, "ready\n");
    let port = server.address().port().to_string();
    let configured = Workplace::with(Setup::new().set("server.host", "0.0.0.0").set("server.port", &port));
    configured.run(&["health"]).must_exit(0);
    drop(server);
    configured.run(&["health"]).must_fail_saying(&["no response from", &port, "/health/ready"]);
    place.run(&["health"]).must_fail_saying(&["--url"]);
    place.run(&["health", "--url", "127.0.0.1:1"]).must_fail_saying(&["127.0.0.1:1", "begin with http://"]);
}
