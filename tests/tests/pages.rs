//! The documentation: its commands work as written, and its links are not broken.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use flate2::Compression;
use flate2::write::GzEncoder;
use roster_tests::{Server, Setup, binary, skip};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Runs before the commands of a page. `curl` writes each status to stderr, nothing sleeps, and passwords are typed in.
const PRELUDE: &str = r#"set -eu
curl() { command curl -sS -w '%{stderr}%{http_code}\n' "$@"; }
sleep() { :; }
roster() {
  case "$*" in
    *--password-stdin) command roster "$@" ;;
    "user create "* | "user set-password "*) echo "three brand new teapots" | command roster "$@" --password-stdin ;;
    *) command roster "$@" ;;
  esac
}
"#;

/// Blocks that contain one of these are skipped: they need another machine, other services or too much time.
const SKIPPED: [&str; 7] = ["cargo ", "sudo ", "docker", "kubectl ", "ssh ", "/var/backups", "old.example"];

/// The `sh` blocks of a page that run here, in order.
fn commands_of(page: &str) -> String {
    let text = fs::read_to_string(Path::new(REPOSITORY).join(page)).unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let here = blocks.filter(|block| !SKIPPED.iter().any(|word| block.contains(word)));
    let lines = here.flat_map(str::lines).filter(|line| !line.contains("--follow"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A server with the administrator of README's first session.
fn server() -> Server {
    let setup = Setup::new().without("JWT_SECRET").env("ROSTER_ADMIN_USERNAME", "roster-admin");
    let server = setup.env("ROSTER_ADMIN_PASSWORD", "khb3x2-eh9wzt-q5fh3y-13adv1").start();
    let old = json!([{ "username": "grace", "password": "$2b$04$abcdefghijklmnopqrstuuE2sVgW9yR7kGVQ8xIYbTzY0fpP3Zlcq" }]);
    fs::write(server.folder().join("users.json"), old.to_string()).unwrap();
    fs::write(server.folder().join("users.ndjson"), old[0].to_string()).unwrap();
    write_tables(server.folder());
    server
}

/// The files that the page about imports names.
fn write_tables(folder: &Path) {
    fs::write(folder.join("users.csv"), "user_code;level\nhedy;1\nalan;2\n").unwrap();
    fs::write(folder.join("staff.ldif"), "dn: uid=joan,dc=example\nuid: joan\n").unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(b"email\nmary@example.com\n").unwrap();
    fs::write(folder.join("customers.csv.gz"), gzip.finish().unwrap()).unwrap();
}

/// A server on which README's first session has registered ada.
fn server_with_ada() -> Server {
    let server = server();
    let ada =
        json!({ "username": "ada", "password": "a sentence nobody guesses", "email": "ada@example.com" });
    server.post("/users").json(ada).send().must_be(201);
    server
}

fn run(script: &str, server: &Server) -> Output {
    let commands = script.replace("localhost:8000", &server.address().to_string());
    let mut bash = Command::new("bash");
    let settings = server.setup().command(server.folder());
    for (name, value) in settings.get_envs() {
        bash.env(name, value.unwrap_or_default());
    }
    // The program under test comes first in the path.
    let folder = binary().parent().unwrap().display();
    let script = format!("PATH={folder}:$PATH\n{PRELUDE}{commands}");
    bash.current_dir(server.folder()).arg("-c").arg(script).output().unwrap()
}

/// The error codes that a page expects, as in `jq .code     # "permission_denied"`.
fn expected_codes(commands: &str) -> Vec<&str> {
    commands.lines().filter_map(|line| line.split("jq .code     # ").nth(1)).collect()
}

/// Whether the programs that the pages use are installed. In CI they must be.
fn can_run() -> bool {
    let installed = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let all = ["bash", "curl", "jq"].iter().all(installed);
    if !all {
        skip("bash, curl or jq is not installed");
    }
    all
}

/// Runs the commands of a page. They must succeed, except for requests whose error code the page expects.
fn run_page(page: &str, server: &Server) {
    if !can_run() {
        return;
    }
    let commands = commands_of(page);
    assert!(!commands.is_empty(), "{page} has no commands");
    let output = run(&commands, server);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{page}: {}\n{stdout}\n{stderr}", output.status);
    let errors = stderr.lines().filter(|line| line.len() == 3 && line.starts_with(['4', '5'])).count();
    let codes: Vec<&str> = expected_codes(&commands);
    assert_eq!(errors, codes.len(), "{page}: failed requests\n{stdout}\n{stderr}");
    for code in codes {
        assert!(stdout.lines().any(|line| line.ends_with(code)), "{page} expects {code}\n{stdout}");
    }
}

#[test]
fn the_first_session_in_the_readme_works() {
    run_page("README.md", &server());
}

#[test]
fn the_commands_about_users_work() {
    for page in ["docs/sessions.md", "docs/accounts.md", "docs/audit.md"] {
        run_page(page, &server_with_ada());
    }
}

#[test]
fn the_commands_about_service_accounts_work() {
    for page in ["docs/service-accounts.md", "docs/oauth.md", "docs/keys.md"] {
        run_page(page, &server_with_ada());
    }
}

#[test]
fn the_commands_for_operators_work() {
    for page in ["docs/operations.md", "docs/command-line.md", "docs/lost-administrator.md", "docs/import.md"]
    {
        run_page(page, &server_with_ada());
    }
}

/// The pages of the documentation.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(REPOSITORY);
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let docs = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let top = ["README.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root.join(name));
    docs.chain(top).collect()
}

/// The anchor that GitHub generates for a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
}

#[test]
fn every_link_between_the_pages_works() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.contains("://") {
                continue;
            }
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{} links to {link}", page.display());
            if !fragment.is_empty() {
                let target = fs::read_to_string(target).unwrap();
                let mut headings = target.lines().filter(|line| line.starts_with('#'));
                assert!(headings.any(|line| anchor(line) == fragment), "{} links to {link}", page.display());
            }
        }
    }
}

#[test]
fn every_page_is_in_the_index() {
    let index = fs::read_to_string(Path::new(REPOSITORY).join("docs/README.md")).unwrap();
    for page in pages().iter().filter(|page| page.parent().unwrap().ends_with("docs")) {
        let name = page.file_name().and_then(|name| name.to_str()).expect("pages have plain names");
        assert!(name == "README.md" || index.contains(&format!("]({name})")), "{name}");
    }
}
