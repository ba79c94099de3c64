//! Several files and databases at once, and files of a system that is named.

use crate::sandbox::Sandbox;
use roster_tests::Setup;
use serde_json::Value;

/// A sandbox with a file of two people, one of one, and a database with a table of one.
fn with_files() -> Sandbox {
    // The password is invalid, so that a server stops after the import.
    let sandbox = Sandbox::with(Setup::new().env("ROSTER_ADMIN_PASSWORD", "short"));
    sandbox.write("staff.csv", "username,email,team\nada,ada@example.org,x\nben,,y\n");
    sandbox.write("people.ndjson", "{\"username\":\"cleo\",\"email\":\"ada@example.org\"}\n");
    let database = rusqlite::Connection::open(sandbox.file("app.db")).unwrap();
    let statements = "CREATE TABLE members (id INTEGER PRIMARY KEY, username TEXT); INSERT INTO members VALUES (7, 'dora')";
    database.execute_batch(statements).unwrap();
    sandbox
}

#[test]
fn several_files_are_explained_one_after_the_other() {
    let sandbox = with_files();
    let args = ["import", "staff.csv", "people.ndjson", "sqlite:app.db", "--table", "members", "--explain"];
    // `--table` is for databases.
    sandbox.run(&args).must_fail_with(&["--table", "staff.csv"]);
    let args = ["import", "staff.csv", "people.ndjson", "--explain"];
    let text = sandbox.run(&args).must_exit(0).stdout;
    let heads: Vec<_> = text.lines().filter(|line| !line.starts_with(' ')).collect();
    let expected = [
        "staff.csv: CSV with 2 records; nothing was written",
        "people.ndjson: JSON with 1 record; nothing was written",
    ];
    assert_eq!(heads, expected, "{text}");
    assert_eq!(text.matches("  email: ").count(), 2, "{text}");
    let args = [&args[..], &["--report", "json"]].concat();
    let explained: Value = serde_json::from_str(&sandbox.run(&args).must_exit(0).stdout).unwrap();
    assert_eq!((&explained[0]["file"], &explained[0]["records"]), (&"staff.csv".into(), &2.into()));
    assert_eq!((&explained[1]["file"], &explained[1]["records"]), (&"people.ndjson".into(), &1.into()));
    let wrong = ["import", "staff.csv", "people.ndjson", "--explain", "--format", "csv"];
    sandbox.run(&wrong).must_fail_with(&["people.ndjson"]);
}

#[test]
fn serve_imports_several_files_as_one() {
    let sandbox = with_files();
    let result = sandbox.run(&["serve", "--import", "staff.csv", "--import", "people.ndjson"]).must_exit(1);
    assert!(result.stderr.contains("at least 8") && result.stderr.contains("\"imported\":2"), "{result:?}");
    assert!(
        result.stderr.contains("line 1 of people.ndjson"),
        "its address is in the first file: {result:?}"
    );
    assert_eq!(sandbox.run(&["user", "list", "--json"]).must_exit(0).stdout.lines().count(), 2);
}

#[test]
fn serve_imports_a_database() {
    let sandbox = with_files();
    let result = sandbox.run(&["serve", "--import", "sqlite:app.db", "--table", "members"]).must_exit(1);
    assert!(result.stderr.contains("\"imported\":1"), "{result:?}");
    assert!(sandbox.run(&["user", "show", "dora"]).must_exit(0).stdout.contains("dora"));
    sandbox.run(&["serve", "--table", "members"]).must_fail_with(&["add --import FILE"]);
    let missing = Sandbox::new();
    missing
        .run(&["serve", "--import", "sqlite:none.db", "--table", "t"])
        .must_fail_with(&["no file \"none.db\""]);
    assert!(!missing.file("data").exists(), "it is opened before anything is created");
}

#[test]
fn a_system_that_writes_no_files_is_refused_with_a_file() {
    let sandbox = with_files();
    for command in [
        &["import", "staff.csv"][..],
        &["import", "staff.csv", "--explain"],
        &["serve", "--import", "staff.csv"],
    ] {
        let args = [command, &["--from", "drupal"]].concat();
        sandbox.run(&args).must_fail_with(&["--from drupal", "staff.csv", "sqlite:", "omit --from"]);
    }
    let args = ["import", "staff.csv", "--from", "keycloak", "--dry-run"];
    sandbox.run(&args).must_fail_with(&["staff.csv", "JSON"]);
    sandbox.run(&[&args[..], &["--format", "csv"]].concat()).must_exit(0);
    sandbox.run(&["import", "people.ndjson", "--from", "keycloak", "--dry-run"]).must_exit(0);
    sandbox.run(&["import", "staff.csv", "--from", "auth0", "--dry-run"]).must_exit(0);
}
