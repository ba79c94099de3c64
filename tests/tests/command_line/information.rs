//! Commands that print information: help, version, settings, completions, health.

use crate::sandbox::Sandbox;
use roster_tests::{ADMIN, Server, Setup};
use serde_json::Value;

#[test]
fn help_and_version_go_to_stdout() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["--help"]).must_exit(0).stdout;
    for word in
        ["serve", "import", "export", "user", "health", "config", "openapi", "completions", "Examples:"]
    {
        assert!(help.contains(word), "{word} is not in\n{help}");
    }
    let version = sandbox.run(&["--version"]).must_exit(0).stdout;
    assert!(version.starts_with("roster ") && version.lines().count() == 1, "{version}");
    for command in ["serve", "import", "export", "user", "health", "config", "completions"] {
        assert!(sandbox.run(&[command, "--help"]).must_exit(0).stdout.contains("Usage: roster"), "{command}");
    }
}

#[test]
fn wrong_usage_exits_with_2_and_is_reported_on_stderr() {
    let sandbox = Sandbox::new();
    for arguments in [&["srve"][..], &["user"], &["user", "set-roles", "ada"], &["export", "--force"]] {
        let result = sandbox.run(arguments).must_exit(2);
        assert!(result.stdout.is_empty() && result.stderr.contains("Usage:"), "{result:?}");
    }
    assert!(sandbox.run(&["srve"]).stderr.contains("serve"), "the closest command is suggested");
    assert!(!sandbox.file("data").exists());
}

#[test]
fn config_show_prints_every_setting_with_its_origin_and_hides_secrets() {
    let secret = "a secret of more than thirty-two bytes";
    let sandbox = Sandbox::with(Setup::new().env("JWT_SECRET", secret));
    sandbox.write("roster.toml", "[registration]\nmode = \"closed\"\n");
    let shown = sandbox.run(&["config", "show"]).must_exit(0).stdout;
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
fn config_check_warns_about_weak_settings_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let result = sandbox.run(&["config", "check"]).must_exit(0);
    assert_eq!(result.stdout, "the settings are valid\n");
    assert!(result.stderr.contains("bcrypt_cost = 4"), "{result:?}");
    assert!(!sandbox.file("data").exists());
}

#[test]
fn config_check_validates_the_log_filter_and_the_first_administrator() {
    let check =
        |name: &str, value: &str| Sandbox::with(Setup::new().env(name, value)).run(&["config", "check"]);
    check("RUST_LOG", "info,loud=very").must_fail_with(&["log.level", "loud=very"]);
    check("ROSTER_ADMIN_USERNAME", "a b").must_fail_with(&["admin.username", "no spaces"]);
    check("ROSTER_ADMIN_EMAIL", "nowhere").must_fail_with(&["admin.email"]);
    check("ROSTER_ADMIN_PASSWORD", "short").must_fail_with(&["admin.password", "at least 8"]);
    check("ROSTER_ADMIN_PASSWORD", ADMIN).must_fail_with(&["admin.password"]);
}

#[test]
fn a_misspelled_environment_variable_is_reported() {
    let setup = Setup::new().without("ROSTER_ADMIN_PASSWORD").env("ROSTER_ADMIN_PASWORD", "first of all");
    let result = Sandbox::with(setup).run(&["config", "check"]).must_exit(0);
    let warning = result.stderr.lines().find(|line| line.contains("ROSTER_ADMIN_PASWORD")).unwrap();
    assert!(
        warning.ends_with("did you mean ROSTER_ADMIN_PASSWORD?") && !result.stderr.contains("first of"),
        "{result:?}"
    );
}

#[test]
fn an_issuer_that_oauth_clients_reject_causes_a_warning() {
    let setup = Setup::new().set("server.public_url", "https://id.example.org");
    let result = Sandbox::with(setup.clone()).run(&["config", "check"]).must_exit(0);
    let warning = "set auth.issuer to that URL";
    assert!(result.stderr.contains(warning), "{result:?}");
    setup.start().must_log(warning);
}

#[test]
fn the_printed_openapi_document_matches_the_served_one() {
    let printed = Sandbox::with(Setup::new().set("server.port", "not read")).run(&["openapi"]).must_exit(0);
    let printed: Value = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!(Server::start().get("/openapi.json").send().must_be(200).json(), printed);
}

#[test]
fn completions_exist_for_every_supported_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sandbox.run(&["completions", shell]).must_exit(0).stdout;
        assert!(script.contains("set-password"), "{shell}");
    }
    sandbox.run(&["completions", "csh"]).must_exit(2);
}

#[test]
fn the_exit_code_of_health_shows_whether_the_server_is_ready() {
    let server = Server::start();
    let sandbox = Sandbox::new();
    let result = sandbox.run(&["health", "--url", &server.url("")]).must_exit(0);
    assert_eq!(result.stdout, "ready\n");
    let port = server.address().port().to_string();
    let configured = Sandbox::with(Setup::new().set("server.host", "0.0.0.0").set("server.port", &port));
    configured.run(&["health"]).must_exit(0);
    drop(server);
    configured.run(&["health"]).must_fail_with(&["no response from", &port, "/health/ready"]);
    sandbox.run(&["health"]).must_fail_with(&["--url"]);
    sandbox.run(&["health", "--url", "127.0.0.1:1"]).must_fail_with(&["127.0.0.1:1", "begin with http://"]);
}
