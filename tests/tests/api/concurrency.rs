//! Concurrent requests.

use roster_tests::{PASSWORD, Response, Server, Setup};
use serde_json::json;
use std::collections::BTreeSet;
use std::thread;

/// Sends `count` requests concurrently and returns the responses.
pub(crate) fn at_once(count: usize, send: impl Fn(usize) -> Response + Sync) -> Vec<Response> {
    thread::scope(|scope| {
        let clients: Vec<_> = (0..count)
            .map(|number| {
                scope.spawn({
                    let send = &send;
                    move || send(number)
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

#[test]
fn sixteen_concurrent_registrations_of_one_address_create_one_user() {
    let server = Server::start();
    let responses = at_once(16, |number| {
        let body =
            json!({ "username": format!("ada{number}"), "password": PASSWORD, "email": "ada@example.org" });
        server.post("/users").json(body).send()
    });
    let (created, rejected): (Vec<_>, Vec<_>) =
        responses.into_iter().partition(|response| response.status() == 201);
    assert_eq!((created.len(), rejected.len()), (1, 15));
    for response in rejected {
        response.must_be_problem(409, "email_taken");
    }
}

#[test]
fn sixteen_concurrent_registrations_of_one_username_create_one_user() {
    let server = Server::start();
    let responses = at_once(16, |number| {
        let name = if number % 2 == 0 { "ada" } else { "ADA" };
        server.post("/users").json(json!({ "username": name, "password": PASSWORD })).send()
    });
    let created = responses.iter().filter(|response| response.status() == 201).count();
    let rejected = responses.iter().filter(|response| response.status() == 409).count();
    assert_eq!((created, rejected), (1, 15));
}

#[test]
fn forty_eight_concurrent_registrations_all_succeed() {
    let mut server = Server::start();
    let responses = at_once(48, |number| {
        let body = json!({ "username": format!("user-{number}"), "password": PASSWORD });
        server.post("/users").json(body).send()
    });
    let ids: BTreeSet<_> = responses.into_iter().map(|response| response.must_be(201).string("id")).collect();
    assert_eq!(ids.len(), 48);
    server.restart();
    let page = server.get("/users?limit=1000&q=user-").by(&server.admin()).send().must_be(200).json();
    let kept: BTreeSet<_> =
        page["data"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept, ids);
}

#[test]
fn concurrent_reads_and_lists_see_only_complete_users() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    at_once(8, |number| {
        let mut last = server.get("/users/me").by(&ada).send();
        for round in 0..12 {
            let name = format!("{number}-{round}");
            last = match number % 3 {
                0 => server
                    .patch("/users/me")
                    .by(&ada)
                    .json(json!({ "display_name": name }))
                    .send()
                    .must_be(200),
                1 => server.get("/users?q=ada").by(&admin).send().must_be(200),
                _ => server.get(&ada.path()).by(&admin).send().must_be(200),
            };
        }
        last
    });
    let user = server.get("/users/me").by(&ada).send().must_be(200);
    assert_eq!(user.json()["version"], 1 + 3 * 12);
}

#[test]
fn logins_beyond_the_hash_queue_get_503_with_retry_after() {
    let setup = Setup::new().set("password.queue_limit", "1").set("password.hash_threads", "1");
    let server = setup.set("password.bcrypt_cost", "10").start();
    let responses = at_once(16, |number| {
        let body = json!({ "username": format!("user-{number}"), "password": PASSWORD });
        server.post("/users").json(body).send()
    });
    let (created, rejected): (Vec<_>, Vec<_>) =
        responses.into_iter().partition(|response| response.status() == 201);
    assert!(!created.is_empty() && !rejected.is_empty(), "{} made", created.len());
    for response in rejected {
        let retry_after = response.must_be_problem(503, "busy").header("retry-after").map(str::parse::<u32>);
        assert!(retry_after.is_some_and(|seconds| seconds.is_ok_and(|seconds| seconds >= 1)));
    }
}
