//! Every command beside a running server and without one: the same output, the same exit code.

use crate::workplace::{Ran, Workplace};
use roster_tests::{PASSWORD, Server, Setup};
use serde_json::Value;
use std::process::Command;

/// Somewhere to run commands: a data folder with a first administrator and a person who is logged in, with its server
/// running or stopped.
struct Site {
    place: Workplace,
    server: Server,
}

impl Site {
    fn running() -> Self {
        let place = Workplace::with(Setup::new().without("JWT_SECRET"));
        let server = place.setup.clone().data(&place.file("data")).start();
        place.create("ada", &["--email", "ada@example.org", "--role", "admin"]);
        let _ = server.log_in("ada", "nine purple kettles");
        Self { place, server }
    }

    fn stopped() -> Self {
        let mut site = Self::running();
        assert!(site.server.stop().success());
        site
    }

    /// What every command says here, in order, each with what was typed.
    fn script(&self) -> Vec<(String, Ran)> {
        let mut said = Vec::new();
        let mut run = |line: &str, stdin: &str| {
            let arguments: Vec<_> = line.split(' ').collect();
            let ran = self.place.run_with(&arguments, stdin);
            said.push((
                line.to_owned(),
                Ran { stdout: ran.stdout.clone(), stderr: ran.stderr.clone(), ..ran },
            ));
            ran.stdout.trim_end().to_owned()
        };
        for line in [
            "user create bob --password-stdin --role gardener --display-name Bob",
            "user create bob --password-stdin",
            "user create eve --password-stdin",
            "user set-password bob --password-stdin",
            "user set-password nobody --password-stdin",
        ] {
            run(line, "nine purple kettles\n");
        }
        for line in USERS {
            run(line, "");
        }
        let session = run("session list ada --json", "");
        let session: Value = serde_json::from_str(&session).unwrap();
        run(&format!("session revoke ada {}", session["id"].as_str().unwrap()), "");
        run("service-account create backup --permission users:read --description Nightly", "");
        let key = run("api-key create backup nightly --expires-in 90d", "");
        let rotated = run(&format!("api-key rotate backup {} --overlap 1h", &key[3..15]), "");
        for line in MACHINES {
            run(line, "");
        }
        run(&format!("api-key revoke backup {}", &rotated[3..15]), "");
        let (first, second) = (run("keys generate", ""), run("keys generate --algorithm ES256", ""));
        for verb in ["activate", "retire", "revoke", "activate"] {
            run(&format!("keys {verb} {first}"), "");
        }
        run(&format!("keys revoke {second}"), "");
        for line in KEYS {
            run(line, "");
        }
        let people = "{\"username\": \"u1\", \"role\": \"ADMIN\"}\n{\"username\": \"u1\"}\n{\"email\": 3}\n";
        for line in ["import - --dry-run", "import -", "import - --report json", "import absent.json"] {
            run(line, people);
        }
        run("import -", "");
        self.place.write("people.ndjson", people);
        run("import people.ndjson", "");
        for line in READING {
            run(line, "");
        }
        said
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

const MACHINES: [&str; 10] = [
    "service-account list",
    "service-account show backup",
    "service-account disable backup",
    "service-account enable backup",
    "service-account set-permissions backup users:read audit:read",
    "service-account create gone --permission users:read",
    "service-account delete gone",
    "service-account show gone",
    "api-key list backup",
    "api-key rotate backup nothing",
];

const KEYS: [&str; 3] = ["keys list", "keys list --format json", "keys activate nope"];

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

/// The text with everything that differs from run to run replaced: ids, keys, hashes, times.
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
fn every_command_says_the_same_beside_a_server_and_without_one() {
    let (running, stopped) = (Site::running(), Site::stopped());
    let folder = |site: &Site| site.place.path().to_str().unwrap().to_owned();
    let said = |site: &Site, text: &str| masked(&text.replace(&folder(site), "FOLDER"));
    for ((line, beside), (_, alone)) in running.script().iter().zip(&stopped.script()) {
        assert_eq!(beside.code, alone.code, "{line}: {beside:?} {alone:?}");
        for (beside, alone) in [(&beside.stdout, &alone.stdout), (&beside.stderr, &alone.stderr)] {
            let (beside, alone) = (said(&running, beside), said(&stopped, alone));
            let differs = beside.lines().zip(alone.lines()).find(|(beside, alone)| beside != alone);
            assert_eq!(differs, None, "{line}");
            assert_eq!(beside.len(), alone.len(), "{line}");
        }
    }
}

#[test]
fn the_script_has_every_command_that_works_on_a_store() {
    let site = Site::stopped();
    let typed: Vec<_> = site.script().into_iter().map(|(line, _)| line).collect();
    for group in ["user", "session", "service-account", "api-key", "keys"] {
        let help = site.place.run(&[group, "--help"]).must_exit(0).stdout;
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
fn a_change_counts_at_the_server_at_once() {
    let site = Site::running();
    site.place.create("bob", &[]);
    let bob = site.server.log_in("bob", PASSWORD_OF_THE_PLACE);
    site.server.get("/users/me").by(&bob).send().must_be(200);
    site.place.run(&["user", "disable", "bob"]).must_exit(0);
    site.server.get("/users/me").by(&bob).send().refused(401, "invalid_token");
    let first = site.place.run(&["keys", "list", "--format", "json"]).must_exit(0).stdout;
    let first: Value = serde_json::from_str(&first).unwrap();
    let kid = site.place.run(&["keys", "generate", "--activate"]).must_exit(0).stdout;
    let published = site.server.get("/.well-known/jwks.json").send().text().to_owned();
    assert!(published.contains(kid.trim()), "{published}");
    site.place.run(&["keys", "activate", first[0]["kid"].as_str().unwrap()]).must_exit(0);
    site.place.run(&["keys", "revoke", kid.trim()]).must_exit(0);
    let published = site.server.get("/.well-known/jwks.json").send().text().to_owned();
    assert!(!published.contains(kid.trim()), "{published}");
}

const PASSWORD_OF_THE_PLACE: &str = "nine purple kettles";

#[test]
fn the_delays_of_somebody_who_was_guessed_at_are_lifted() {
    let setup = Setup::new().set("limits.enabled", "true").set("limits.first_delay", "1h");
    let place = Workplace::with(setup.set("limits.longest_delay", "1h"));
    let server = place.setup.clone().data(&place.file("data")).start();
    let ada = server.register("ada");
    while server.try_log_in(&ada.username, "a wrong password").status() == 401 {}
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 429);
    place.run(&["user", "unlock", "ada"]).must_exit(0);
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 200);
}

#[test]
fn the_audit_log_names_the_account_that_ran_a_command_either_way() {
    let account = Command::new("id").arg("-un").output().unwrap();
    let account = String::from_utf8(account.stdout).unwrap().trim().to_owned();
    for site in [Site::running(), Site::stopped()] {
        site.place.create("bob", &[]);
        site.place.run(&["keys", "generate"]).must_exit(0);
        let log = site.place.run(&["audit", "--limit", "2"]).must_exit(0).stdout;
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
fn the_audit_log_has_names_of_those_who_are_still_here_and_of_the_erased_the_id() {
    for site in [Site::running(), Site::stopped()] {
        site.place.create("bob", &[]);
        site.place.create("eve", &[]);
        site.place.run(&["user", "delete", "eve", "--yes"]).must_exit(0);
        let table = site.place.run(&["audit", "--format", "table", "--limit", "3"]).must_exit(0).stdout;
        let targets: Vec<_> =
            table.lines().skip(1).map(|line| line.split_whitespace().nth(4).unwrap().to_owned()).collect();
        assert_eq!((targets[0].len(), &targets[0]), (36, &targets[1]), "{table}");
        assert_eq!(targets[2], "bob");
        let newest = site.place.run(&["audit", "--target", "bob"]).must_exit(0).stdout;
        let newest: Value = serde_json::from_str(newest.trim()).unwrap();
        assert_eq!(newest["target"]["name"], "bob");
    }
}
