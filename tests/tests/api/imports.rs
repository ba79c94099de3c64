//! POST /users/import, and the jobs that it makes.

use crate::service_accounts::{create_account, create_key};
use roster_tests::{Client, Engine, Person, Response, Server, Setup, raw, wait_for};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

const OCTETS: &str = "application/octet-stream";

pub(crate) fn submit(client: &Client, by: &Person, query: &str, file: &str) -> Response {
    client.post(&format!("/users/import?{query}")).by(by).bytes(OCTETS, file).send()
}

/// Starts an import and returns the path of its job.
pub(crate) fn start(client: &Client, by: &Person, query: &str, file: &str) -> String {
    let response = submit(client, by, query, file).must_be(202);
    let path = response.header("location").unwrap().to_owned();
    assert_eq!(path, format!("/jobs/{}", response.string("id")));
    path
}

pub(crate) fn job(client: &Client, by: &Person, path: &str) -> Value {
    client.get(path).by(by).send().must_be(200).json()
}

/// The job once it has ended.
pub(crate) fn ended(client: &Client, by: &Person, path: &str) -> Value {
    wait_for("the end of the job", || {
        let job = job(client, by, path);
        (!job["finished_at"].is_null()).then_some(job)
    })
}

/// `[imported, unchanged, refused]`, after checking that they are all records.
pub(crate) fn counts(job: &Value) -> [u64; 3] {
    let counts = ["imported", "unchanged", "refused"].map(|name| job[name].as_u64().unwrap());
    assert_eq!(job["done"], json!(counts.iter().sum::<u64>()), "{job}");
    counts
}

/// The lines of the report.
pub(crate) fn report(client: &Client, by: &Person, path: &str) -> Vec<Value> {
    let report = client.get(&format!("{path}/report")).by(by).send().must_be(200);
    report.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The folder of the jobs' files.
fn files_of(server: &Server) -> BTreeSet<PathBuf> {
    let jobs = fs::read_dir(server.data().join("jobs")).unwrap().map(|entry| entry.unwrap().path());
    let inside = |path: PathBuf| match fs::read_dir(&path) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => vec![path],
    };
    jobs.flat_map(inside).collect()
}

/// Many people, as NDJSON.
fn people(count: usize) -> String {
    let mut people = String::new();
    for number in 0..count {
        writeln!(people, "{}", json!({ "id": number, "username": format!("person{number}") })).unwrap();
    }
    people
}

#[test]
fn an_import_is_a_job_with_a_report() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let file = "username,email,team\ngrace,grace@example.org,x\nada,other@example.org,y\nhedy,,z\n";
    let path = start(&server, &admin, "", file);
    let done = ended(&server, &admin, &path);
    assert_eq!(
        (&done["status"], &done["kind"], &done["total"]),
        (&json!("done"), &json!("import"), &json!(3))
    );
    assert_eq!(counts(&done), [2, 0, 1]);
    let lines = report(&server, &admin, &path);
    let outcomes: Vec<_> = lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["imported", "refused", "imported"]);
    assert_eq!((&lines[0]["record"], &lines[2]["line"]), (&json!(1), &json!(4)));
    let grace = format!("/users/{}", lines[0]["id"].as_str().unwrap());
    assert_eq!(server.get(&grace).by(&admin).send().must_be(200).string("email"), "grace@example.org");
    let unchanged = server.get(&ada.path()).by(&admin).send().must_be(200);
    assert_eq!(unchanged.string("email"), "ada@example.org", "somebody who was here is unchanged");
    let again = ended(&server, &admin, &start(&server, &admin, "", file));
    assert_eq!(counts(&again), [0, 2, 1]);
    wait_for("the uploads to be erased, which follows the end", || {
        files_of(&server).iter().all(|path| !path.ends_with("upload")).then_some(())
    });
    for (query, expected) in [("action=import_started", 2), ("action=user_imported", 2)] {
        let records = server.get(&format!("/audit?{query}")).by(&admin).send().must_be(200).json();
        let records = records["data"].as_array().unwrap();
        assert_eq!(records.len(), expected, "{query}");
        assert!(records.iter().all(|record| record["actor"]["id"] == *admin.id), "{records:?}");
    }
}

#[test]
fn a_file_comes_as_a_part_of_a_form_too() {
    let server = Server::start();
    let admin = server.admin();
    let form = |name: &str| {
        format!(
            "--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.csv\"\r\n\r\nusername\ngrace\n\r\n--x--\r\n"
        )
    };
    let send = |body: String| {
        server.post("/users/import").by(&admin).bytes("multipart/form-data; boundary=x", body).send()
    };
    let accepted = send(form("file")).must_be(202);
    let done = ended(&server, &admin, accepted.header("location").unwrap());
    assert_eq!(counts(&done), [1, 0, 0], "{done}");
    send(form("users")).must_be_problem(400, "unknown_field");
    send(form("file").replace("--x--", "")).must_be_problem(400, "request_malformed");
    let form = server.post("/users/import").by(&admin).form("username=grace").send();
    form.must_be_problem(415, "media_type_unsupported");
    submit(&server, &admin, "", "").must_be_problem(400, "body_missing");
}

#[test]
fn options_are_parameters_of_the_query() {
    let server = Server::start();
    let admin = server.admin();
    let file = "login_code;level;grp\ngrace;2;staff\nhedy;1;staff\n";
    let query = "map=username=login_code&map_value=status:2=disabled&map=status=level\
        &map_role=staff=editor&default_role=member";
    let dry = ended(&server, &admin, &start(&server, &admin, &format!("dry_run=true&{query}"), file));
    assert_eq!((counts(&dry), &dry["dry_run"]), ([2, 0, 0], &json!(true)), "{dry}");
    assert_eq!(server.get("/users?username=grace").by(&admin).send().json()["data"], json!([]), "a dry run");
    let done = ended(&server, &admin, &start(&server, &admin, query, file));
    assert_eq!(counts(&done), [2, 0, 0], "{done}");
    let grace = server.get("/users?username=grace").by(&admin).send().json()["data"][0].clone();
    assert_eq!(grace["status"], "disabled");
    for (query, code) in [
        ("dry_run=maybe", "parameter_invalid"),
        ("format=xls", "parameter_invalid"),
        ("map=username", "parameter_invalid"),
        ("path=/etc/shadow", "unknown_parameter"),
    ] {
        submit(&server, &admin, query, file).must_be_problem(400, code);
    }
}

#[test]
fn a_file_that_cannot_be_read_fails_the_job_with_the_reason() {
    let server = Server::start();
    let admin = server.admin();
    let failed = ended(&server, &admin, &start(&server, &admin, "format=json", "{\"users\": [}"));
    assert_eq!(failed["status"], "failed");
    assert!(failed["reason"].as_str().unwrap().len() > 10, "{failed}");
}

#[test]
fn an_import_requires_its_permission_and_a_user_with_a_recent_login() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.post("/users/import").bytes(OCTETS, "x").send().must_be_problem(401, "authentication_required");
    submit(&server, &ada, "", "username\nx\n").must_be_problem(403, "permission_denied");
    let account = create_account(&server, &admin, "loader", &["users:import"]);
    let (key, _) = create_key(&server, &admin, &account);
    let refused = server.post("/users/import").bearer(&key).bytes(OCTETS, "username\nx\n").send();
    refused.must_be_problem(403, "permission_denied");
    let server = Setup::new().set("auth.step_up_age", "1s").start();
    let admin = server.admin();
    wait_for("the login to be old", || {
        (submit(&server, &admin, "", "username\nx\n").status() == 401).then_some(())
    });
}

#[test]
fn a_login_that_becomes_too_old_during_an_upload_does_not_discard_it() {
    let server = Setup::new().engine(Engine::Json).set("auth.step_up_age", "1s").start();
    let admin = server.admin();
    let (file, token) = ("username\ngrace\n", &admin.token);
    let length = file.len();
    let head = format!(
        "POST /users/import HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: {OCTETS}\r\nContent-Length: {length}\r\n\r\n"
    );
    let (first, rest) = file.split_at(8);
    let mut stream = raw::connect(server.address());
    stream.write_all(format!("{head}{first}").as_bytes()).unwrap();
    let uploads = server.data().join("jobs");
    wait_for("the beginning of the upload", || fs::read_dir(&uploads).ok()?.next().map(drop));
    wait_for("the login to be old", || {
        (submit(&server, &admin, "", "username\nx\n").status() == 401).then_some(())
    });
    stream.write_all(rest.as_bytes()).unwrap();
    let response = raw::receive(&mut stream);
    assert_eq!(response.status(), Some(202), "{response:?}");
}

#[test]
fn the_audit_log_names_the_job() {
    let server = Server::start();
    let admin = server.admin();
    let path = start(&server, &admin, "", "username\ngrace\n");
    let id = path.trim_start_matches("/jobs/");
    ended(&server, &admin, &path);
    let records = server.get(&format!("/audit?target={id}")).by(&admin).send().must_be(200).json();
    let records = records["data"].as_array().unwrap();
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!((&records[0]["action"], &records[0]["job"]), (&json!("import_started"), &json!(id)));
    assert_eq!(records[0]["target"], Value::Null);
}

#[test]
fn a_job_says_what_it_has_not_read() {
    let server = Server::start();
    let admin = server.admin();
    let file = json!({ "users": [{ "username": "grace", "role": "admin" }], "clients": [{ "id": 1 }] });
    let path = start(&server, &admin, "map_role=boss=admin", &file.to_string());
    let done = ended(&server, &admin, &path);
    let (mappings, lists) = (json!(["boss=admin"]), json!([{ "name": "clients", "entries": 1 }]));
    assert_eq!((&done["unmatched_role_mappings"], &done["unread_lists"]), (&mappings, &lists));
    let lines = report(&server, &admin, &path);
    assert!(lines[0]["reported"].as_array().unwrap().contains(&json!("role admin granted")), "{lines:?}");
    assert_eq!(lines[1], json!({ "unmatched_role_mappings": mappings, "unread_lists": lists }));
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_report_has_one_form() {
    let server = Server::start();
    let admin = server.admin();
    let path = start(&server, &admin, "", "username\ngrace\n");
    ended(&server, &admin, &path);
    let path = format!("{path}/report");
    let get = |accept: &str| server.get(&path).by(&admin).header("Accept", accept).send();
    for accept in ["application/x-ndjson", "text/html, */*;q=0.1"] {
        let report = get(accept).must_be(200);
        assert_eq!(report.media_type(), Some("application/x-ndjson"));
        let vary = report.header("vary").unwrap_or_default().to_ascii_lowercase();
        assert!(!vary.split(',').any(|name| name.trim() == "accept"), "{vary}");
    }
    get("text/csv").must_be_problem(406, "not_acceptable");
    let head = server.request("HEAD", &path).by(&admin).send().must_be(200);
    assert_eq!(head.media_type(), Some("application/x-ndjson"));
}

#[test]
fn only_its_starter_sees_a_job() {
    let server = Server::start();
    let (admin, other) = (server.admin(), server.register_admin("other"));
    let path = start(&server, &admin, "", "username\ngrace\n");
    server.get(&path).by(&other).send().must_be_problem(404, "job_not_found");
    server.get(&format!("{path}/report")).by(&other).send().must_be_problem(404, "job_not_found");
    server.delete(&path).by(&other).send().must_be_problem(404, "job_not_found");
    ended(&server, &admin, &path);
    server.delete(&path).by(&admin).send().must_be_problem(409, "job_finished");
}

#[test]
fn roles_are_granted_only_if_the_starter_holds_their_permissions() {
    let server = Server::start();
    let admin = server.admin();
    let file = "username,roles\ngrace,admin\nhedy,users:export-hashes\njoan,member\n";
    let path = start(&server, &admin, "", file);
    assert_eq!(counts(&ended(&server, &admin, &path)), [2, 0, 1]);
    assert_eq!(report(&server, &admin, &path)[1]["outcome"], "refused");
}

#[test]
fn a_file_beyond_the_limit_is_refused() {
    let server = Setup::new().set("import.max_bytes", "1024").start();
    let admin = server.admin();
    let large = people(100);
    submit(&server, &admin, "", &large).must_be_problem(413, "body_too_large");
    assert_eq!(files_of(&server), BTreeSet::new(), "nothing is left");
    let small = ended(&server, &admin, &start(&server, &admin, "", &people(3)));
    assert_eq!(counts(&small), [3, 0, 0]);
}
