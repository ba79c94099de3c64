//! `roster import` with a file of every format: who is imported, with which status, and who logs in over HTTP. The
//! samples are in `fixtures/formats`; its README names the packages that wrote them.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::Server;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

const ADA: &str = "csv-correct-horse";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name)
}

fn import(server: &Server, args: &[&str]) -> Output {
    let mut command = server.setup().command(server.folder());
    command.args(["import", "--report", "json"]).args(args).output().unwrap()
}

fn report(out: &Output) -> Value {
    let no_report = || panic!("no report: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| no_report())
}

/// A server with the people of a sample, and the report.
fn server_with(name: &str, options: &[&str]) -> (Server, Value) {
    let mut server = Server::start();
    assert!(server.stop().success());
    let file = sample(name);
    let out = import(&server, &[&[file.to_str().unwrap()], options].concat());
    server.restart();
    (server, report(&out))
}

/// Username and status of each record, or `refused`.
fn outcomes(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("refused").to_owned();
    let records = report["records"].as_array().unwrap().iter();
    records.map(|record| (text(&record["username"]), text(&record["status"]))).collect()
}

/// The people of a sample have these statuses, and the active ones log in with their old password.
fn is_imported(name: &str, options: &[&str], expected: &[(&str, &str, &str)]) -> Value {
    let (server, report) = server_with(name, options);
    let statuses: Vec<_> =
        expected.iter().map(|(name, status, _)| ((*name).to_owned(), (*status).to_owned())).collect();
    assert_eq!(outcomes(&report), statuses, "{name}: {report}");
    for (login, status, password) in expected {
        let response = server.try_log_in(login, password);
        assert_eq!(response.status() == 200, *status == "active", "{name}: {login}: {}", response.summary());
        server.try_log_in(login, "wrong-password").must_be_problem(401, "credentials_invalid");
    }
    report
}

#[test]
fn the_accounts_of_an_xmpp_server_log_in_with_their_old_passwords() {
    let people = [("ejo", "active", "ej-correct-horse"), ("ejp", "active", "pass wordé")];
    is_imported("ejabberd.xml", &[], &people);
}

#[test]
fn tables_are_imported_whatever_separates_them() {
    let people = [
        ("ada", "active", ADA),
        ("grace", "disabled", "csv-second-horse"),
        ("edsger", "active", "csv-third-horse"),
    ];
    for name in ["people.csv", "people-semicolon.csv", "people.tsv"] {
        let report = is_imported(name, &[], &people);
        let lines: Vec<_> =
            report["records"].as_array().unwrap().iter().map(|record| &record["line"]).collect();
        assert_eq!(lines, [2, 4, 5], "a quoted value has a line break: {report}");
    }
}

#[test]
fn an_htpasswd_file_is_imported() {
    let people = [("ada", "active", ADA), ("grace", "active", "csv-second-horse")];
    is_imported("users.htpasswd", &[], &people);
}

#[test]
fn locked_and_expired_accounts_of_a_shadow_file_stay_out() {
    let people = [("ada", "active", ADA), ("grace", "pending", ADA), ("edsger", "disabled", ADA)];
    let report = is_imported("shadow", &[], &people);
    assert_eq!(report["unread_lists"][0]["entries"], 2, "accounts of the system: {report}");
}

#[test]
fn people_of_a_directory_are_imported_from_ldif() {
    let people = [("grace", "disabled", "csv-second-horse"), ("ada", "active", ADA)];
    let report = is_imported("people.ldif", &["--allow-weak-hashes"], &people);
    let skipped: Vec<_> =
        report["unread_lists"].as_array().unwrap().iter().map(|list| &list["name"]).collect();
    assert_eq!(skipped, ["groupofnames", "organizationalunit"], "{report}");
    assert_eq!(report["records"][1]["external_id"], "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11");
}

#[test]
fn people_in_the_dumps_of_django_are_imported() {
    let people = [
        ("ada", "active", ADA),
        ("grace", "disabled", "csv-second-horse"),
        ("edsger", "active", "csv-third-horse"),
    ];
    for name in ["django.json", "django.jsonl"] {
        let report = is_imported(name, &[], &people);
        assert_eq!(report["unread_lists"][0]["name"], "auth.group", "{report}");
        assert!(report["records"][2]["reported"].to_string().contains("is_superuser"), "{report}");
    }
}

#[test]
fn tables_of_pandas_are_imported_in_every_orientation() {
    let people = [
        ("ada", "active", ADA),
        ("grace", "disabled", "csv-second-horse"),
        ("edsger", "active", "csv-third-horse"),
    ];
    for orient in ["split", "columns", "table", "records"] {
        is_imported(&format!("pandas-{orient}.json"), &[], &people);
    }
}

#[test]
fn documents_of_mongodb_are_imported() {
    let people = [("ada", "active", ADA), ("grace", "disabled", "csv-second-horse")];
    is_imported("mongodb.json", &[], &people);
}

#[test]
fn explain_shows_what_each_column_is_taken_for_and_writes_nothing() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let file = sample("people.csv");
    let out = import(&server, &[file.to_str().unwrap(), "--explain"]);
    let explained = report(&out);
    let text = explained.to_string();
    assert!(!text.contains("$2b$") && !text.contains("Lovelace") && !text.contains("ada@"), "masked: {text}");
    let fields = explained["fields"].as_array().unwrap();
    for (name, field_use, example) in [
        ("username", "username", "a**"),
        ("email", "email", "a**@example.com"),
        ("password_hash", "password", "a hash: bcrypt"),
        ("is_active", "status", "t"),
        ("bio", "attribute", "f**** l***\\u{a}s***** \"l***\""),
    ] {
        let field = fields.iter().find(|field| field["name"] == name).unwrap();
        assert!(field["uses"][field_use].as_u64().is_some(), "{field}");
        assert_eq!(field["examples"][0], example, "{field}");
    }
    server.restart();
    server.try_log_in("ada", ADA).must_be_problem(401, "credentials_invalid");
}

#[test]
fn columns_values_and_roles_are_mapped() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let file = server.folder().join("people.csv");
    let hash = std::fs::read_to_string(sample("people.csv")).unwrap();
    let hash = hash.split(',').find(|cell| cell.starts_with("$2b$")).unwrap();
    std::fs::write(&file, format!("code;kind;level\nann;{hash};1\nbob;{hash};2\n")).unwrap();
    let file = file.to_str().unwrap();
    let maps = ["--map", "username=code", "--map", "password_hash=kind", "--map", "status=level"];
    let values =
        ["--map-value", "level:1=active", "--map-value", "level:2=disabled", "--default-role", "member"];
    let out = import(&server, &[&[file][..], &maps[..], &values[..]].concat());
    assert_eq!(
        outcomes(&report(&out)),
        [("ann", "active"), ("bob", "disabled")].map(|(name, status)| (name.to_owned(), status.to_owned()))
    );
    let wrong = import(&server, &[file, "--map", "username=missing"]);
    let stderr = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(
        !wrong.status.success() && stderr.contains("no record has the column of --map username=missing"),
        "{stderr}"
    );
    server.restart();
    assert_eq!(server.try_log_in("ann", ADA).status(), 200);
    let admin = server.admin();
    let page = server.get("/users?username=ann").by(&admin).send().must_be(200).json();
    assert_eq!(page["data"][0]["roles"], serde_json::json!(["member"]), "{page}");
}

#[test]
fn several_files_are_imported_as_one() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let files = [sample("people.csv"), sample("shadow"), sample("mongodb.json")];
    let out = import(&server, &files.each_ref().map(|file| file.to_str().unwrap()));
    let report = report(&out);
    let count = report["records"].as_array().unwrap().len();
    assert_eq!((out.status.code(), count, report["imported"].as_u64()), (Some(3), 8, Some(3)), "{report}");
    let refused = &report["records"][3];
    assert!(refused["file"].as_str().unwrap().ends_with("shadow"), "{refused}");
    assert!(refused["reason"].to_string().contains("line 2 of "), "the first record has the name: {refused}");
    server.restart();
    assert_eq!(server.try_log_in("ada", ADA).status(), 200);
    server.try_log_in("grace", ADA).must_be_problem(401, "credentials_invalid");
}

#[test]
fn a_compressed_file_is_imported_from_a_file_and_from_stdin() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let file = server.folder().join("people");
    let text = std::fs::read(sample("people.csv")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&text).unwrap();
    for bytes in [gzip.finish().unwrap(), zstd::encode_all(&*text, 1).unwrap()] {
        std::fs::write(&file, bytes).unwrap();
        let out = import(&server, &[file.to_str().unwrap(), "--dry-run"]);
        assert_eq!(report(&out)["imported"], 3);
    }
    let mut command = server.setup().command(server.folder());
    command.args(["import", "-", "--report", "json"]).stdin(std::fs::File::open(&file).unwrap());
    assert_eq!(report(&command.output().unwrap())["imported"], 3);
    server.restart();
    assert_eq!(server.try_log_in("ada", ADA).status(), 200);
}

#[test]
fn an_export_as_csv_is_imported_again() {
    let (old, _) = server_with("people.csv", &[]);
    let exported = old
        .setup()
        .command(old.folder())
        .args(["export", "--format", "csv", "--with-hashes"])
        .output()
        .unwrap();
    let mut new = Server::start();
    assert!(new.stop().success());
    let file = new.folder().join("export.csv");
    std::fs::write(&file, &exported.stdout).unwrap();
    let report = report(&import(&new, &[file.to_str().unwrap()]));
    let statuses: Vec<_> = outcomes(&report).into_iter().filter(|(name, _)| name != "refused").collect();
    new.restart();
    assert!(statuses.contains(&("grace".to_owned(), "disabled".to_owned())), "{report}");
    assert_eq!(new.try_log_in("ada", ADA).status(), 200, "{report}");
    let roles = |server: &Server| {
        let page = server.get("/users?username=edsger").by(&server.admin()).send().must_be(200).json();
        page["data"][0]["roles"].clone()
    };
    assert_eq!(roles(&new), roles(&old));
}
