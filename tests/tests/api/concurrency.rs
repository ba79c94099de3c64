//! Many at once.

use roster_tests::{Answer, PASSWORD, Server, Setup};
use serde_json::json;
use std::collections::BTreeSet;
use std::thread;

/// What came of a request that `count` clients send at the same time.
pub(crate) fn at_once(count: usize, send: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
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
fn of_sixteen_registrations_of_one_address_one_succeeds() {
    let server = Server::start();
    let answers = at_once(16, |number| {
        let body =
            json!({ "username": format!("ada{number}"), "password": PASSWORD, "email": "ada@example.org" });
        server.post("/users").json(body).send()
    });
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status() == 201);
    assert_eq!((made.len(), refused.len()), (1, 15));
    for answer in refused {
        answer.refused(409, "email_taken");
    }
}

#[test]
fn of_sixteen_registrations_of_one_name_one_succeeds() {
    let server = Server::start();
    let answers = at_once(16, |number| {
        let name = if number % 2 == 0 { "ada" } else { "ADA" };
        server.post("/users").json(json!({ "username": name, "password": PASSWORD })).send()
    });
    let made = answers.iter().filter(|answer| answer.status() == 201).count();
    let refused = answers.iter().filter(|answer| answer.status() == 409).count();
    assert_eq!((made, refused), (1, 15));
}

#[test]
fn forty_eight_newcomers_at_once_are_all_kept() {
    let mut server = Server::start();
    let answers = at_once(48, |number| {
        let body = json!({ "username": format!("user-{number}"), "password": PASSWORD });
        server.post("/users").json(body).send()
    });
    let ids: BTreeSet<_> = answers.into_iter().map(|answer| answer.must_be(201).text_of("id")).collect();
    assert_eq!(ids.len(), 48);
    server.restart();
    let page = server.get("/users?limit=1000&q=user-").by(&server.admin()).send().must_be(200).json();
    let kept: BTreeSet<_> =
        page["data"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept, ids);
}

#[test]
fn reads_lists_and_writes_at_once_see_whole_users_only() {
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
fn more_passwords_than_can_wait_are_turned_away_until_later() {
    let setup = Setup::new().set("password.queue_limit", "1").set("password.hash_threads", "1");
    let server = setup.set("password.bcrypt_cost", "10").start();
    let answers = at_once(16, |number| {
        let body = json!({ "username": format!("user-{number}"), "password": PASSWORD });
        server.post("/users").json(body).send()
    });
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status() == 201);
    assert!(!made.is_empty() && !refused.is_empty(), "{} made", made.len());
    for answer in refused {
        let later = answer.refused(503, "busy").header("retry-after").map(str::parse::<u32>);
        assert!(later.is_some_and(|seconds| seconds.is_ok_and(|seconds| seconds >= 1)));
    }
}
