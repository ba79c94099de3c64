//! Servers of both versions on one PostgreSQL database.

use roster_test_postgres::Database;
use roster_tests::{Engine, PASSWORD, Person, Server, Setup, raw, wait_for};
use serde_json::{Value, json};

use crate::version::Version;

/// A server of the oldest version and one of this version on the same database, which this version has migrated.
struct Replicas {
    old: Server,
    new: Server,
    _database: Database,
}

impl Replicas {
    /// `None` if they cannot run here, and the test is to be skipped.
    fn start() -> Option<Self> {
        let database = roster_test_postgres::database()?;
        let oldest = Version::oldest()?;
        let setup = Setup::new().engine(Engine::Json).set("storage.url", &database.url());
        let new = setup.clone().start();
        let old = setup.binary(&oldest.binary).without_sealing_key().start();
        Some(Self { old, new, _database: database })
    }

    /// Each server with the other one, in both orders.
    fn pairs(&self) -> [(&'static str, &Server, &Server); 2] {
        [("old", &self.old, &self.new), ("new", &self.new, &self.old)]
    }
}

#[test]
fn servers_of_both_versions_write_and_read_the_same_users() {
    let Some(replicas) = Replicas::start() else { return };
    for (name, one, other) in replicas.pairs() {
        let person = one.register(&format!("of-{name}"));
        let path = person.path();
        let read = |server: &Server| server.get(&path).by(&person).send().must_be(200).json();
        assert_eq!(read(one), read(other), "{name}");
        for (server, display_name) in [(other, "By the other"), (one, "By the first")] {
            let change = json!({ "display_name": display_name });
            server.patch(&path).by(&person).json(change).send().must_be(200);
            // A replica may answer from its cache for a moment.
            wait_for("both to show the change", || {
                let shown = [read(one), read(other)];
                shown.iter().all(|user| user["display_name"] == display_name).then_some(())
            });
        }
        assert_eq!(read(one), read(other), "{name}");
    }
}

#[test]
fn a_session_of_one_version_goes_on_at_the_other_and_ends_at_both() {
    let Some(replicas) = Replicas::start() else { return };
    for (name, one, other) in replicas.pairs() {
        let username = format!("of-{name}");
        let _ = one.register_only(&username);
        let session = one.log_in(&username, PASSWORD);
        let session = other.refresh(&session.refresh_token);
        let session = one.refresh(&session.refresh_token);
        other.get("/users/me").by(&session).send().must_be(200);
        other.post("/auth/logout").by(&session).send().must_be(204);
        for server in [one, other] {
            wait_for("the session to end", || {
                (server.get("/users/me").by(&session).send().status() == 401).then_some(())
            });
            server.try_refresh(&session.refresh_token).must_be_problem(401, "refresh_token_invalid");
        }
    }
}

#[test]
fn both_versions_show_the_same_audit_log_and_service_accounts() {
    let Some(replicas) = Replicas::start() else { return };
    let admin = replicas.new.admin();
    for (name, one, _) in replicas.pairs() {
        let person = one.register(&format!("of-{name}"));
        let account = json!({ "name": format!("account-{name}"), "permissions": ["users:read"] });
        let created = one.post("/service-accounts").by(&admin).json(account).send().must_be(201);
        let path = created.header("location").unwrap().to_owned();
        one.post(&format!("{path}/keys")).by(&admin).json(json!({ "name": "a key" })).send().must_be(201);
        one.delete(&person.path()).by(&person).send().must_be(204);
    }
    for list in ["/audit?limit=100", "/service-accounts", "/users?sort=username"] {
        let read = |server: &Server| data_of(server, list, &admin);
        assert_eq!(read(&replicas.old), read(&replicas.new), "{list}");
    }
    assert_eq!(data_of(&replicas.old, "/audit?action=service_account_created", &admin).len(), 2);
}

/// The items of a page as the old version knows them: it has no jobs. The response is not checked against the document, which is
/// that of this version.
fn data_of(server: &Server, path: &str, by: &Person) -> Vec<Value> {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", by.token);
    let response = raw::send(server.address(), request.as_bytes());
    assert_eq!(response.status(), Some(200), "{}", response.text);
    let (_, body) = response.text.split_once("\r\n\r\n").unwrap();
    let mut page: Value = serde_json::from_str(body).unwrap();
    let items = page["data"].as_array_mut().unwrap();
    for item in items.iter_mut() {
        item.as_object_mut().unwrap().remove("job");
    }
    std::mem::take(items)
}
