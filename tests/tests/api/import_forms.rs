//! Imports from forms: several files, and parts that belong to the password hashes of the old system.

use crate::imports::{counts, ended, job, report};
use roster_tests::{Client, Engine, Person, Response, Server, Setup, wait_for};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A form that is being written.
#[derive(Default)]
struct Form(Vec<u8>);

impl Form {
    const TYPE: &'static str = "multipart/form-data; boundary=\"a b'7\"";

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.part(&format!("name=\"file\"; filename=\"{name}\""), "", content.as_ref())
    }

    fn text(self, name: &str, text: &str) -> Self {
        self.part(&format!("name=\"{name}\""), "", text.as_bytes())
    }

    fn part(mut self, disposition: &str, head: &str, content: &[u8]) -> Self {
        self.0.extend(
            format!("--a b'7\r\ncontent-disposition: form-data; {disposition}\r\n{head}\r\n").bytes(),
        );
        self.0.extend(content);
        self.0.extend(b"\r\n");
        self
    }

    fn send(mut self, client: &Client, by: &Person, query: &str) -> Response {
        self.0.extend(b"--a b'7--\r\n");
        client.post(&format!("/users/import?{query}")).by(by).bytes(Self::TYPE, self.0).send()
    }

    /// Starts an import and returns the path of its job.
    fn start(self, client: &Client, by: &Person, query: &str) -> String {
        self.send(client, by, query).must_be(202).header("location").unwrap().to_owned()
    }
}

fn peers(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/peers").join(file)
}

/// Everything below the folder, as one text.
fn text_below(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&text_below(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    text
}

#[test]
fn several_files_are_one_job_with_one_report_that_names_them() {
    let server = Server::start();
    let admin = server.admin();
    let ldif = "dn: uid=hedy,dc=x\nobjectClass: person\nobjectClass: inetOrgPerson\nuid: hedy\ncn: Hedy\nmail: hedy@example.org\n";
    let form = Form::default()
        .file("staff.csv", "username,email\ngrace,grace@example.org\n")
        .file("people.ldif", ldif)
        .file("staff.csv", "{\"username\":\"joan\"}\n{\"username\":\"x\",\"email\":\"grace@example.org\"}\n");
    let path = form.start(&server, &admin, "");
    let done = ended(&server, &admin, &path);
    assert_eq!((&done["status"], counts(&done)), (&json!("done"), [3, 0, 1]), "{done}");
    let lines = report(&server, &admin, &path);
    let places: Vec<_> = lines.iter().map(|line| (line["file"].as_str().unwrap(), &line["record"])).collect();
    let expected = [("staff.csv", 1), ("people.ldif", 2), ("staff.csv (2)", 3), ("staff.csv (2)", 4)];
    for ((file, record), expected) in places.iter().zip(expected) {
        assert_eq!((*file, record.as_i64().unwrap()), expected);
    }
    assert_eq!(lines[3]["outcome"], "refused", "the address is in the first file: {lines:?}");
    let failed = Form::default()
        .file("a.csv", "username\nx\n")
        .file("b.json", "{\"users\": [}")
        .start(&server, &admin, "");
    let failed = ended(&server, &admin, &failed);
    assert!(failed["reason"].as_str().unwrap().contains("b.json"), "{failed}");
    let single = Form::default().file("a.csv", "username\nx\n").start(&server, &admin, "");
    ended(&server, &admin, &single);
    assert!(report(&server, &admin, &single)[0]["file"].is_null(), "a single file needs no name");
}

#[test]
fn the_boundary_ends_a_part_and_not_the_length_in_its_head() {
    let server = Server::start();
    let admin = server.admin();
    for (number, length) in ["7", "0", "99999", "x"].iter().enumerate() {
        let file = format!("username\nfirst{number}\nsecond{number}\n");
        let head = format!("Content-Length: {length}\r\n");
        let form = Form::default().part("name=\"file\"; filename=\"a.csv\"", &head, file.as_bytes());
        let path = form.start(&server, &admin, "");
        assert_eq!(counts(&ended(&server, &admin, &path)), [2, 0, 0], "{length}");
    }
}

#[test]
fn a_file_may_contain_what_looks_like_a_boundary() {
    let server = Server::start();
    let admin = server.admin();
    let note = "--a b'7\n--a b'7--\n--a b'".replace('\n', "\r");
    let file = format!("{}\n", json!({ "username": "grace", "note": note })).replace("\\r", " \\r\\n-");
    let mut form = format!(
        "a preamble\r\n--a b'7 \t\r\nX: y\r\nContent-Disposition: form-data; name=file\r\n\r\n{file}"
    );
    form.push_str("\r\n--a b'7--\r\nan epilogue");
    let response = server.post("/users/import").by(&admin).bytes(Form::TYPE, form).send().must_be(202);
    let done = ended(&server, &admin, response.header("location").unwrap());
    assert_eq!(counts(&done), [1, 0, 0], "{done}");
}

/// Many people whose passwords have to be hashed, so that their import takes a while.
fn slow_people(count: usize) -> String {
    let mut people = String::new();
    for number in 0..count {
        writeln!(
            people,
            "{}",
            json!({ "username": format!("p{number}"), "password": format!("{number} kettles") })
        )
        .unwrap();
    }
    people
}

#[test]
fn the_parameters_of_firebase_live_and_end_with_the_files() {
    let mut server = Setup::new().engine(Engine::Json).start();
    let admin = server.admin();
    let parameters = fs::read_to_string(peers("firebase/hash-config.txt")).unwrap();
    let key = parameters.lines().find_map(|line| line.trim().strip_prefix("base64_signer_key: ")).unwrap();
    let key = key.trim_end_matches(',').to_owned();
    let path = Form::default()
        .text("firebase_hash_config", &parameters)
        .file("slow.ndjson", slow_people(1_000))
        .file("users.json", fs::read(peers("firebase/users.json")).unwrap())
        .start(&server, &admin, "plain_text_passwords=true");
    wait_for("the middle of the import", || {
        (job(&server, &admin, &path)["done"].as_u64().unwrap() > 50).then_some(())
    });
    server.kill();
    let folder = server.data().join(path.trim_start_matches('/'));
    assert!(!fs::read_to_string(folder.join("state.json")).unwrap().contains(&key));
    assert!(text_below(&folder).contains(&key), "they are in the upload, for the next run");
    server.restart();
    let done = ended(&server, &admin, &path);
    assert_eq!(done["imported"], 1_006, "{done}");
    server.try_log_in("mara@example.com", "Correct-Horse-7").must_be(200);
    server.try_log_in("mara@example.com", "Wrong-Horse-7").must_be(401);
    wait_for("the upload to be erased, which follows the end", || {
        (!folder.join("upload").exists()).then_some(())
    });
    server.stop();
    assert!(!text_below(server.folder()).contains(&key), "nothing keeps them");
}

/// Made by Debian's ruby-devise 4.8.1 with ruby-bcrypt 3.1.18.
const DEVISE: &str =
    "username,encrypted_password\ndora,$2a$05$zoY665BSSk9KZAwA2KHpbeW/RF7rOFX77EHXuchMMxXiHzT4Aveqe\n";
const PEPPER: &str = "0b71c0f3a9e2d75446f01c";

#[test]
fn people_with_a_pepper_log_in_if_it_is_in_the_settings_and_else_the_job_says_so() {
    let server = Setup::new().set("migration.devise_pepper", PEPPER).start();
    let admin = server.admin();
    let start = |server: &Server, admin: &Person| {
        let form = Form::default().file("people.csv", DEVISE).text("pepper", &format!("{PEPPER}\n"));
        ended(server, admin, &form.start(server, admin, ""))
    };
    assert_eq!(counts(&start(&server, &admin)), [1, 0, 0]);
    server.try_log_in("dora", "dv-correct-horse").must_be(200);
    let without = Server::start();
    let admin = without.admin();
    let failed = start(&without, &admin);
    assert_eq!(failed["status"], "failed");
    assert!(failed["reason"].as_str().unwrap().contains("migration.devise_pepper is not set"), "{failed}");
    assert!(!text_below(without.folder()).contains(PEPPER));
}

#[test]
fn digests_with_a_salt_in_another_column_are_verified_as_the_part_says() {
    let server = Server::start();
    let admin = server.admin();
    // printf %s 'Na7Clst-correct-horse' | sha256sum, GNU coreutils 9.1.
    let digest = "916f0c6b4109b7e2d41c6c6bdfc797c31e2820afea8c74699b87a42c38a6aae5";
    let file = format!("username,pw_hash,salt\nsalome,{digest},Na7Cl\n");
    let form = || Form::default().file("a.csv", &file).text("salted", "sha256:salt+password");
    let refused = form().send(&server, &admin, "").must_be_problem(400, "validation_failed");
    assert!(refused.text().contains("allow_weak_hashes"), "{}", refused.text());
    let path = form().start(&server, &admin, "allow_weak_hashes=true&map=password=pw_hash");
    assert_eq!(counts(&ended(&server, &admin, &path)), [1, 0, 0]);
    server.try_log_in("salome", "st-correct-horse").must_be(200);
}

#[test]
fn a_part_that_is_unknown_or_invalid_is_named_and_its_text_is_not_repeated() {
    let server = Server::start();
    let admin = server.admin();
    let file = || Form::default().file("a.csv", "username\nx\n");
    let twice = || file().text("salted", "sha256:salt+password").text("salted", "md5:password");
    let long = "x".repeat(20_000);
    for (form, code, word) in [
        (file().text("keep_ids", "s3cret"), "unknown_field", "keep_ids"),
        (file().text("salted", "s3cret"), "validation_failed", "salted"),
        (file().text("firebase_hash_config", "s3cret"), "validation_failed", "base64_signer_key"),
        (file().text("pepper", "\n"), "validation_failed", "pepper"),
        (
            file().text("pepper", PEPPER).text("flask_security_salt", "s3cret"),
            "validation_failed",
            "excludes",
        ),
        (twice(), "validation_failed", "already"),
        (file().text("pepper", &long), "request_malformed", "16384"),
        (Form::default().file(&"n".repeat(256), "x"), "request_malformed", "255"),
        (Form::default().text("pepper", PEPPER), "body_missing", "no part `file`"),
        (Form::default().file("a.csv", "").file("b.csv", ""), "body_missing", "empty"),
        (file().part("filename=\"x\"", "", b"s3cret"), "request_malformed", "Content-Disposition"),
        (file().part("name=\"file\"", "s3cret\r\n", b""), "request_malformed", "head"),
    ] {
        let refused = form.send(&server, &admin, "allow_weak_hashes=true").must_be_problem(400, code);
        assert!(refused.text().contains(word), "{word}: {}", refused.text());
        assert!(!refused.text().contains("s3cret") && !refused.text().contains(PEPPER), "{}", refused.text());
    }
    for (kind, body) in [
        ("multipart/form-data", "x"),
        (Form::TYPE, "no boundary"),
        (Form::TYPE, "--a b'7\r\nContent-Disposition: form-data; name=file\r\n\r\nusername\nx\n"),
        (Form::TYPE, "--a b'7\r\nContent-Disposition: form-data; name=file\r\n"),
        (Form::TYPE, "--a b'7x\r\n\r\n"),
    ] {
        let sent = server.post("/users/import").by(&admin).bytes(kind, body).send();
        sent.must_be_problem(400, "request_malformed");
    }
}

#[test]
fn a_form_has_at_most_a_hundred_files() {
    let server = Server::start();
    let admin = server.admin();
    let form = |count: usize| {
        (0..count).fold(Form::default(), |form, n| form.file("f.csv", format!("username\nu{n}\n")))
    };
    form(101).send(&server, &admin, "").must_be_problem(400, "request_malformed");
    let done: Value = ended(&server, &admin, &form(100).start(&server, &admin, ""));
    assert_eq!(counts(&done), [100, 0, 0], "{done}");
}
