//! Commands behave the same with and without a running server.

use crate::sandbox::{CommandResult, Sandbox};
use roster_tests::{PASSWORD, Server, Setup};
use serde_json::Value;
use std::process::Command;

/// A sandbox with an administrator and a logged-in user, whose server is running or stopped.
struct Scenario {
    sandbox: Sandbox,
    server: Server,
}

impl Scenario {
    fn running() -> Self {
        let sandbox = Sandbox::with(Setup::new().without("JWT_SECRET"));
        let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
        sandbox.create("ada", &["--email", "ada@example.org", "--role", "admin"]);
        let _ = server.log_in("ada", "nine purple kettles");
        Self { sandbox, server }
    }

    fn stopped() -> Self {
        let mut scenario = Self::running();
        assert!(scenario.server.stop().success());
        scenario
    }

    /// Runs every command in order and returns each command line with its result.
    fn run_all_commands(&self) -> Vec<(String, CommandResult)> {
        let mut script = Script { sandbox: &self.sandbox, results: Vec::new() };
        script.run_user_commands();
        script.run_service_account_commands();
        script.run_key_commands();
        script.run_imports();
        script.run_all(&READING);
        script.results
    }
}

/// Runs commands and records their results.
struct Script<'a> {
    sandbox: &'a Sandbox,
    results: Vec<(String, CommandResult)>,
}

impl Script<'_> {
    /// Runs a command and returns its stdout without the final line break.
    fn run(&mut self, line: &str, stdin: &str) -> String {
        let arguments: Vec<_> = line.split(' ').collect();
        let result = self.sandbox.run_with(&arguments, stdin);
        let stdout = result.stdout.trim_end().to_owned();
        self.results.push((line.to_owned(), result));
        stdout
    }

    fn run_all(&mut self, lines: &[&str]) {
        for line in lines {
            self.run(line, "");
        }
    }

    fn run_user_commands(&mut self) {
        for line in [
            "user create bob --password-stdin --role gardener --display-name Bob",
            "user create bob --password-stdin",
            "user create eve --password-stdin",
            "user set-password bob --password-stdin",
            "user set-password nobody --password-stdin",
        ] {
            self.run(line, "nine purple kettles\n");
        }
        self.run_all(&USERS);
        let session = self.run("session list ada --json", "");
        let session: Value = serde_json::from_str(&session).unwrap();
        self.run(&format!("session revoke ada {}", session["id"].as_str().unwrap()), "");
    }

    fn run_service_account_commands(&mut self) {
        self.run("service-account create backup --permission users:read --description Nightly", "");
        let key = self.run("api-key create backup nightly --expires-in 90d", "");
        let rotated = self.run(&format!("api-key rotate backup {} --overlap 1h", &key[3..15]), "");
        self.run_all(&SERVICE_ACCOUNTS);
        self.run(&format!("api-key revoke backup {}", &rotated[3..15]), "");
    }

    fn run_key_commands(&mut self) {
        let first = self.run("keys generate", "");
        let second = self.run("keys generate --algorithm ES256", "");
        for verb in ["activate", "retire", "revoke", "activate"] {
            self.run(&format!("keys {verb} {first}"), "");
        }
        self.run(&format!("keys revoke {second}"), "");
        self.run_all(&KEYS);
    }

    fn run_imports(&mut self) {
        let people = "{\"username\": \"u1\", \"role\": \"ADMIN\"}\n{\"username\": \"u1\"}\n{\"email\": 3}\n";
        for line in ["import - --dry-run", "import -", "import - --report json", "import absent.json"] {
            self.run(line, people);
        }
        self.run("import -", "");
        self.sandbox.write("people.ndjson", people);
        self.run("import people.ndjson", "");
    }
}

const USERS: [&str; 18] = [
    "user list",
    "user list --json --sort -username",
    "user list --role admin --status active --query a",
    "user list --sort age",
    "user show ada",
    "user show ada@example.org --json",
    "user show nobody",
    "user disable bob",
    "user enable bob",
    "user unlock bob",
    "user unlock nobody",
    "user set-roles bob user admni",
    "user set-roles ada user",
    "user delete bob",
    "user delete bob --yes",
    "user delete bob --yes",
    "session list ada",
    "session revoke eve --all",
];

const SERVICE_ACCOUNTS: [&str; 11] = [
    "service-account list",
    "service-account show backup",
    "service-account show backup --json",
    "service-account disable backup",
    "service-account enable backup",
    "service-account set-permissions backup users:read audit:read",
    "service-account create gone --permission users:read",
    "service-account delete gone",
    "service-account show gone",
    "api-key list backup",
    "api-key rotate backup nothing",
];

const KEYS: [&str; 4] = ["keys list", "keys list --format json", "keys activate nope", "keys reseal"];

const READING: [&str; 15] = [
    "export",
    "export --format json --with-hashes",
    "export --format csv",
    "export --output users.ndjson",
    "export --output users.ndjson",
    "export --output users.ndjson --force",
    "backup all.backup",
    "backup all.backup",
    "restore --check all.backup",
    "audit",
    "audit --format table --limit 20",
    "audit --format json --actor operator --action user_created",
    "audit --target bob",
    "audit --target eve",
    "audit --target u1 --outcome success",
];

/// The text with everything replaced that differs between runs: ids, keys, hashes, times.
fn masked(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_:.$/".contains(c);
    let mut masked = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find(is_part) {
        let end = rest[begin..].find(|c| !is_part(c)).map_or(rest.len(), |length| begin + length);
        masked += &rest[..begin];
        masked += mask(&rest[begin..end]);
        rest = &rest[end..];
    }
    masked + rest
}

fn mask(word: &str) -> &str {
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let word_without_stop = word.trim_end_matches(['.', ':']);
    if is_id(word_without_stop) {
        "ID"
    } else if word.starts_with("rk_") && word.len() == 65 {
        "KEY"
    } else if word.len() == 43 && !word.contains('.') {
        "KID"
    } else if word.contains("roster_test_") {
        "DATABASE"
    } else if word.starts_with("$2b$") {
        "HASH"
    } else if word.starts_with("20") && word.contains('T') && word.ends_with('Z') {
        "TIME"
    } else if word.len() == 18 && word.ends_with("-1") {
        "REQUEST"
    } else if word.len() == 12 && word.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase()) {
        "PREFIX"
    } else {
        word
    }
}

#[test]
fn every_command_gives_the_same_output_with_and_without_a_server() {
    let (running, stopped) = (Scenario::running(), Scenario::stopped());
    let folder = |scenario: &Scenario| scenario.sandbox.path().to_str().unwrap().to_owned();
    let comparable = |scenario: &Scenario, text: &str| masked(&text.replace(&folder(scenario), "FOLDER"));
    for ((line, online), (_, offline)) in running.run_all_commands().iter().zip(&stopped.run_all_commands()) {
        assert_eq!(online.code, offline.code, "{line}: {online:?} {offline:?}");
        for (online, offline) in [(&online.stdout, &offline.stdout), (&online.stderr, &offline.stderr)] {
            let (online, offline) = (comparable(&running, online), comparable(&stopped, offline));
            let differs = online.lines().zip(offline.lines()).find(|(online, offline)| online != offline);
            assert_eq!(differs, None, "{line}");
            assert_eq!(online.len(), offline.len(), "{line}");
        }
    }
}

#[test]
fn the_script_covers_every_command_that_uses_the_store() {
    let scenario = Scenario::stopped();
    let typed: Vec<_> = scenario.run_all_commands().into_iter().map(|(line, _)| line).collect();
    for group in ["user", "session", "service-account", "api-key", "keys"] {
        let help = scenario.sandbox.run(&[group, "--help"]).must_exit(0).stdout;
        let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap().lines();
        let indented = commands.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names: Vec<_> = indented.map(|line| line.split_whitespace().next().unwrap()).collect();
        assert!(names.len() > 2, "{help}");
        for name in names.into_iter().filter(|name| *name != "help") {
            assert!(typed.iter().any(|line| line.starts_with(&format!("{group} {name}"))), "{group} {name}");
        }
    }
}

#[test]
fn changes_take_effect_on_the_running_server_immediately() {
    let scenario = Scenario::running();
    scenario.sandbox.create("bob", &[]);
    let bob = scenario.server.log_in("bob", PASSWORD);
    scenario.server.get("/users/me").by(&bob).send().must_be(200);
    scenario.sandbox.run(&["user", "disable", "bob"]).must_exit(0);
    scenario.server.get("/users/me").by(&bob).send().must_be_problem(401, "invalid_token");
    let first = scenario.sandbox.run(&["keys", "list", "--format", "json"]).must_exit(0).stdout;
    let first: Value = serde_json::from_str(&first).unwrap();
    let kid = scenario.sandbox.run(&["keys", "generate", "--activate"]).must_exit(0).stdout;
    let published = scenario.server.get("/.well-known/jwks.json").send().text().to_owned();
    assert!(published.contains(kid.trim()), "{published}");
    scenario.sandbox.run(&["keys", "activate", first[0]["kid"].as_str().unwrap()]).must_exit(0);
    scenario.sandbox.run(&["keys", "revoke", kid.trim()]).must_exit(0);
    let published = scenario.server.get("/.well-known/jwks.json").send().text().to_owned();
    assert!(!published.contains(kid.trim()), "{published}");
}

#[test]
fn user_unlock_lifts_login_delays_on_the_running_server() {
    let setup = Setup::new().set("limits.enabled", "true").set("limits.first_delay", "1h");
    let sandbox = Sandbox::with(setup.set("limits.longest_delay", "1h"));
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    let ada = server.register("ada");
    while server.try_log_in(&ada.username, "a wrong password").status() == 401 {}
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 429);
    sandbox.run(&["user", "unlock", "ada"]).must_exit(0);
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 200);
}

#[test]
fn audit_records_name_the_os_user_who_ran_the_command() {
    let account = Command::new("id").arg("-un").output().unwrap();
    let account = String::from_utf8(account.stdout).unwrap().trim().to_owned();
    for scenario in [Scenario::running(), Scenario::stopped()] {
        scenario.sandbox.create("bob", &[]);
        scenario.sandbox.run(&["keys", "generate"]).must_exit(0);
        let log = scenario.sandbox.run(&["audit", "--limit", "2"]).must_exit(0).stdout;
        let records: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(records[0]["action"], "key_generated");
        assert_eq!(records[1]["action"], "user_created");
        for record in &records {
            assert_eq!(record["os_user"], account.as_str(), "{record}");
            assert_eq!(record["actor"]["kind"], "operator");
        }
    }
}

#[test]
fn audit_tables_show_names_of_existing_users_and_ids_of_erased_ones() {
    for scenario in [Scenario::running(), Scenario::stopped()] {
        scenario.sandbox.create("bob", &[]);
        scenario.sandbox.create("eve", &[]);
        scenario.sandbox.run(&["user", "delete", "eve", "--yes"]).must_exit(0);
        let table = scenario.sandbox.run(&["audit", "--format", "table", "--limit", "3"]).must_exit(0).stdout;
        let targets: Vec<_> =
            table.lines().skip(1).map(|line| line.split_whitespace().nth(4).unwrap().to_owned()).collect();
        assert_eq!((targets[0].len(), &targets[0]), (36, &targets[1]), "{table}");
        assert_eq!(targets[2], "bob");
        let newest = scenario.sandbox.run(&["audit", "--target", "bob"]).must_exit(0).stdout;
        let newest: Value = serde_json::from_str(newest.trim()).unwrap();
        assert_eq!(newest["target"]["name"], "bob");
    }
}
