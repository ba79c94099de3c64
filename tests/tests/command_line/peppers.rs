//! Hashes over a password and a secret of the old system: `--pepper-file` and `--flask-security-salt-file`.

use crate::sandbox::Sandbox;
use roster_tests::{Server, Setup, wait_for};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;

const PEPPER: &str = "0b71c0f3a9e2d75446f01c";
const SALT: &str = "146585145368132386173505678016728509634";
const GAUGE: &str = "roster_users_with_peppered_hash";

/// Made by Debian's ruby-devise 4.8.1 with ruby-bcrypt 3.1.18.
fn devise_person() -> Value {
    json!({"username": "dora", "encrypted_password": "$2a$05$zoY665BSSk9KZAwA2KHpbeW/RF7rOFX77EHXuchMMxXiHzT4Aveqe"})
}

/// Made by flask-security-too 5.9.2 with passlib 1.7.4.
fn flask_person() -> Value {
    let hash =
        "$argon2id$v=19$m=256,t=2,p=1$M+acE0JICcH43ztnDAHgvA$ICOxFh5GCf8U/UCeYjNLS2TEn+qw/NFDUpi0D5jfaGQ";
    json!({"username": "flora", "password": hash, "fs_uniquifier": "9f2c0d7c9b7a4c0e8f5d3b1a2c4e6f80"})
}

fn import(server: &Server, record: &Value, options: &[&str]) -> Output {
    std::fs::write(server.folder().join("people.json"), json!([record]).to_string()).unwrap();
    std::fs::write(server.folder().join("pepper"), format!("{PEPPER}\n")).unwrap();
    let mut command = server.setup().command(server.folder());
    command.current_dir(server.folder()).args(["import", "people.json"]).args(options).output().unwrap()
}

fn must_succeed(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn must_count(server: &Server, expected: u64) {
    let is_shown = |text: &str| text.lines().any(|line| line == format!("{GAUGE} {expected}"));
    let scrape = || server.get("/metrics").send().must_be(200).text().to_owned();
    wait_for(&format!("{GAUGE} {expected}"), || is_shown(&scrape()).then_some(()));
}

fn log_of(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("stderr.log")).unwrap()
}

#[test]
fn people_of_devise_log_in_with_the_pepper_of_the_settings() {
    let server = Setup::new().set("migration.devise_pepper", PEPPER).start();
    must_succeed(&import(&server, &devise_person(), &["--pepper-file", "pepper"]));
    must_count(&server, 1);
    server.try_log_in("dora", "dv-wrong-horse").must_be(401);
    server.try_log_in("dora", "dv-correct-horse").must_be(200);
    must_count(&server, 0);
}

#[test]
fn people_of_flask_security_are_recognised_by_their_column() {
    let server = Setup::new().set("migration.flask_security_salt", SALT).start();
    must_succeed(&import(&server, &flask_person(), &[]));
    must_count(&server, 1);
    server.try_log_in("flora", "fs-correct-horse").must_be(200);
    must_count(&server, 0);
}

#[test]
fn without_the_salt_in_the_settings_people_of_flask_security_are_pending() {
    let sandbox = Sandbox::new();
    sandbox.write("people.json", &json!([flask_person()]).to_string());
    let result = sandbox.run(&["import", "people.json", "--report", "json"]).must_exit(0);
    let report: Value = serde_json::from_str(&result.stdout).unwrap();
    assert_eq!(report["records"][0]["status"], "pending", "{report}");
    assert!(report.to_string().contains("set migration.flask_security_salt"), "{report}");
}

#[test]
fn a_pepper_that_the_server_does_not_have_stops_the_import() {
    for (setting, message) in
        [("", "migration.devise_pepper is not set"), ("another", "migration.devise_pepper is another text")]
    {
        let server = Setup::new().set("migration.devise_pepper", setting).start();
        let output = import(&server, &devise_person(), &["--pepper-file", "pepper"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(message), "{stderr}");
        server.try_log_in("dora", "dv-correct-horse").must_be(401);
        must_count(&server, 0);
    }
}

#[test]
fn a_pepper_that_is_gone_from_the_settings_is_reported_and_not_a_wrong_password() {
    let mut server = Setup::new().set("migration.devise_pepper", PEPPER).start();
    must_succeed(&import(&server, &devise_person(), &["--pepper-file", "pepper"]));
    server.restart_with(|setup| setup.set("migration.devise_pepper", ""));
    server.try_log_in("dora", "dv-correct-horse").must_be(401);
    let message = "needs the pepper of Devise, which is not in the settings";
    wait_for(message, || log_of(server.folder()).contains(message).then_some(()));
    must_count(&server, 1);
    server.restart_with(|setup| setup.set("migration.devise_pepper", PEPPER));
    server.try_log_in("dora", "dv-correct-horse").must_be(200);
}

#[test]
fn digests_with_a_salt_in_another_column_are_verified_as_the_operator_says() {
    let server = Server::start();
    std::fs::write(
        server.folder().join("people.csv"),
        "username,pw_hash,salt\nsalome,DIGEST,Na7Cl\n".replace("DIGEST", SALTED_DIGEST),
    )
    .unwrap();
    let mut command = server.setup().command(server.folder());
    command.current_dir(server.folder()).args(["import", "people.csv", "--salted", "sha256:salt+password"]);
    let refused = command.output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--allow-weak-hashes"), "{refused:?}");
    must_succeed(&command.arg("--allow-weak-hashes").output().unwrap());
    server.try_log_in("salome", "sd-correct-horse").must_be(200);
}

/// `printf %s Na7Clsd-correct-horse | sha256sum` of GNU coreutils 9.1.
const SALTED_DIGEST: &str = "6bfd9d4b160e3bf39b84c84d60bd69dd6a1d74c52bfd01c2fc0a07423eb43942";
