//! Users in the audit log: filters by name, included names, and denied requests.

use roster_tests::{Person, Server, wait_for};
use serde_json::{Value, json};

fn list_records(server: &Server, admin: &Person, query: &str) -> Vec<Value> {
    let page = server.get(&format!("/audit?{query}")).by(admin).send().must_be(200).json();
    page["data"].as_array().unwrap().clone()
}

/// The API key of a service account that may only read the audit log.
fn create_auditor_key(server: &Server, admin: &Person) -> String {
    let account = json!({ "name": "monitor", "permissions": ["audit:read"] });
    let id = server.post("/service-accounts").by(admin).json(account).send().must_be(201).string("id");
    let keys = format!("/service-accounts/{id}/keys");
    server.post(&keys).by(admin).json(json!({ "name": "k" })).send().must_be(201).string("key")
}

#[test]
fn actor_and_target_filters_accept_the_login_names_of_existing_users() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.patch(&ada.path()).by(&admin).json(json!({ "display_name": "A" })).send().must_be(200);
    let ids = |query: &str| {
        list_records(&server, &admin, query).iter().map(|r| r["id"].clone()).collect::<Vec<_>>()
    };
    let by_id = ids(&format!("target={}&action=user_updated", ada.id));
    assert_eq!(by_id.len(), 1);
    for query in ["target=ada", "target=ADA", "target=ada@example.org", "target=ada&actor=site-admin"] {
        assert_eq!(ids(&format!("{query}&action=user_updated")), by_id, "{query}");
    }
    assert_eq!(ids("actor=ada").len(), 1, "only the login");
}

#[test]
fn an_unknown_username_in_a_filter_is_an_error() {
    let server = Server::start();
    let admin = server.admin();
    for parameter in ["actor", "target"] {
        let path = format!("/audit?{parameter}=nobody");
        let response = server.get(&path).by(&admin).send().must_be_problem(400, "parameter_invalid");
        assert_eq!(response.errors(), [(parameter.to_owned(), "user_unknown".to_owned())]);
        let names_actors = response.json()["errors"][0]["message"].as_str().unwrap().contains("anonymous");
        assert_eq!(names_actors, parameter == "actor", "only an actor can be anonymous, operator or system");
    }
}

#[test]
fn pages_keep_the_included_names_and_cursors_keep_their_filter() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for name in ["A", "B", "C"] {
        server.patch(&ada.path()).by(&admin).json(json!({ "display_name": name })).send().must_be(200);
    }
    let (mut path, mut seen) = ("/audit?target=ada&action=user_updated&limit=1&include=names".to_owned(), 0);
    loop {
        let response = server.get(&path).by(&admin).send().must_be(200);
        seen += response.json()["data"].as_array().unwrap().len();
        let Some(link) = response.header("Link") else { break };
        path = link.trim_start_matches('<').split_once('>').unwrap().0.to_owned();
        assert!(path.contains("include=names"), "{path}");
    }
    assert_eq!(seen, 3);
    let page = server.get("/audit?target=ada&limit=1").by(&admin).send().must_be(200);
    let other = format!("/audit?target=site-admin&limit=1&cursor={}", page.string("next_cursor"));
    server.get(&other).by(&admin).send().must_be_problem(400, "cursor_invalid");
}

#[test]
fn usernames_are_included_only_for_existing_users() {
    let server = Server::start();
    let (admin, ada, bob) = (server.admin(), server.register("ada"), server.register("bob"));
    for person in [&ada, &bob] {
        server.patch(&person.path()).by(&admin).json(json!({ "display_name": "X" })).send().must_be(200);
    }
    server.delete(&bob.path()).by(&admin).send().must_be(204);
    let records = list_records(&server, &admin, "action=user_updated&include=names");
    let names =
        |n: usize| (records[n]["actor"]["username"].clone(), records[n]["target"]["username"].clone());
    assert_eq!(names(0), (json!("site-admin"), Value::Null), "bob was deleted");
    assert_eq!(names(1), (json!("site-admin"), json!("ada")));
    assert_eq!(records[0]["target"]["id"], json!(bob.id));
    let without = list_records(&server, &admin, "action=user_updated");
    assert_eq!(without[1]["actor"].get("username"), None);
}

#[test]
fn including_usernames_requires_users_read() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let key = create_auditor_key(&server, &admin);
    for query in ["actor=ada", "target=ada", "actor=nobody", "include=names"] {
        server.get(&format!("/audit?{query}")).bearer(&key).send().must_be_problem(403, "permission_denied");
    }
    for query in [format!("actor={}", ada.id), "actor=operator".to_owned(), String::new()] {
        server.get(&format!("/audit?{query}")).bearer(&key).send().must_be(200);
    }
}

#[test]
fn repeated_denials_are_audited_once_with_a_count() {
    let server = roster_tests::Setup::new().set("limits.audit_window", "1s").start();
    let (admin, ada, bob) = (server.admin(), server.register("ada"), server.register("bob"));
    for _ in 0..5 {
        server.get(&bob.path()).by(&ada).send().must_be_problem(403, "permission_denied");
    }
    let absent = "/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";
    server.get(absent).by(&ada).send().must_be_problem(403, "permission_denied");
    let records = wait_for("all denials to be recorded", || {
        let records = list_records(&server, &admin, "outcome=denied");
        let count: u64 = records.iter().map(|record| record["count"].as_u64().unwrap()).sum();
        (count == 5).then_some(records)
    });
    for record in records {
        assert_eq!(record["action"], "user_read");
        assert_eq!((&record["actor"]["id"], &record["target"]["id"]), (&json!(ada.id), &json!(bob.id)));
    }
}
