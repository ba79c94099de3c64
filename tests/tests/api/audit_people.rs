//! People in the audit log: by their names, and those who were denied something.

use roster_tests::{Person, Server, until};
use serde_json::{Value, json};

fn asked(server: &Server, admin: &Person, query: &str) -> Vec<Value> {
    let page = server.get(&format!("/audit?{query}")).by(admin).send().must_be(200).json();
    page["data"].as_array().unwrap().clone()
}

/// A machine that may read the log, and nothing else.
fn auditor(server: &Server, admin: &Person) -> String {
    let account = json!({ "name": "monitor", "permissions": ["audit:read"] });
    let id = server.post("/service-accounts").by(admin).json(account).send().must_be(201).text_of("id");
    let keys = format!("/service-accounts/{id}/keys");
    server.post(&keys).by(admin).json(json!({ "name": "k" })).send().must_be(201).text_of("key")
}

#[test]
fn people_who_are_here_are_found_by_what_they_log_in_with() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.patch(&ada.path()).by(&admin).json(json!({ "display_name": "A" })).send().must_be(200);
    let ids = |query: &str| asked(&server, &admin, query).iter().map(|r| r["id"].clone()).collect::<Vec<_>>();
    let by_id = ids(&format!("target={}&action=user_updated", ada.id));
    assert_eq!(by_id.len(), 1);
    for query in ["target=ada", "target=ADA", "target=ada@example.org", "target=ada&actor=site-admin"] {
        assert_eq!(ids(&format!("{query}&action=user_updated")), by_id, "{query}");
    }
    assert_eq!(ids("actor=ada").len(), 1, "the login");
}

#[test]
fn nobody_is_taken_for_somebody_who_did_nothing() {
    let server = Server::start();
    let admin = server.admin();
    for parameter in ["actor", "target"] {
        let path = format!("/audit?{parameter}=nobody");
        let refused = server.get(&path).by(&admin).send().refused(400, "parameter_invalid");
        assert_eq!(refused.faults(), [(parameter.to_owned(), "user_unknown".to_owned())]);
    }
}

#[test]
fn names_lead_on_from_page_to_page() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for name in ["A", "B", "C"] {
        server.patch(&ada.path()).by(&admin).json(json!({ "display_name": name })).send().must_be(200);
    }
    let (mut path, mut seen) = ("/audit?target=ada&action=user_updated&limit=1&include=names".to_owned(), 0);
    loop {
        let answer = server.get(&path).by(&admin).send().must_be(200);
        seen += answer.json()["data"].as_array().unwrap().len();
        let Some(link) = answer.header("Link") else { break };
        path = link.trim_start_matches('<').split_once('>').unwrap().0.to_owned();
        assert!(path.contains("include=names"), "{path}");
    }
    assert_eq!(seen, 3);
    let page = server.get("/audit?target=ada&limit=1").by(&admin).send().must_be(200);
    let other = format!("/audit?target=site-admin&limit=1&cursor={}", page.text_of("next_cursor"));
    server.get(&other).by(&admin).send().refused(400, "cursor_invalid");
}

#[test]
fn names_are_added_of_people_who_are_still_here() {
    let server = Server::start();
    let (admin, ada, bob) = (server.admin(), server.register("ada"), server.register("bob"));
    for person in [&ada, &bob] {
        server.patch(&person.path()).by(&admin).json(json!({ "display_name": "X" })).send().must_be(200);
    }
    server.delete(&bob.path()).by(&admin).send().must_be(204);
    let records = asked(&server, &admin, "action=user_updated&include=names");
    let names =
        |n: usize| (records[n]["actor"]["username"].clone(), records[n]["target"]["username"].clone());
    assert_eq!(names(0), (json!("site-admin"), Value::Null), "bob is gone");
    assert_eq!(names(1), (json!("site-admin"), json!("ada")));
    assert_eq!(records[0]["target"]["id"], json!(bob.id));
    let without = asked(&server, &admin, "action=user_updated");
    assert_eq!(without[1]["actor"].get("username"), None);
}

#[test]
fn who_may_not_read_people_reads_no_names() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let key = auditor(&server, &admin);
    for query in ["actor=ada", "target=ada", "actor=nobody", "include=names"] {
        server.get(&format!("/audit?{query}")).bearer(&key).send().refused(403, "permission_denied");
    }
    for query in [format!("actor={}", ada.id), "actor=operator".to_owned(), String::new()] {
        server.get(&format!("/audit?{query}")).bearer(&key).send().must_be(200);
    }
}

#[test]
fn whoever_is_denied_something_stands_in_the_log_once_with_a_count() {
    let server = roster_tests::Setup::new().set("limits.audit_window", "1s").start();
    let (admin, ada, bob) = (server.admin(), server.register("ada"), server.register("bob"));
    for _ in 0..5 {
        server.get(&bob.path()).by(&ada).send().refused(403, "permission_denied");
    }
    let absent = "/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";
    server.get(absent).by(&ada).send().refused(403, "permission_denied");
    let records = until("all of them are written down", || {
        let records = asked(&server, &admin, "outcome=denied");
        let count: u64 = records.iter().map(|record| record["count"].as_u64().unwrap()).sum();
        (count == 5).then_some(records)
    });
    for record in records {
        assert_eq!(record["action"], "user_read");
        assert_eq!((&record["actor"]["id"], &record["target"]["id"]), (&json!(ada.id), &json!(bob.id)));
    }
}
