//! There is always at least one active administrator.

use roster_tests::{ADMIN, PASSWORD, Server, Setup};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

#[test]
fn the_last_active_administrator_cannot_be_deleted_disabled_or_demoted() {
    let server = Server::start();
    let admin = server.admin();
    // A disabled administrator does not count.
    let asleep =
        json!({ "username": "asleep", "password": PASSWORD, "roles": ["admin"], "status": "disabled" });
    server.post("/users").by(&admin).json(asleep).send().must_be(201);
    server.delete("/users/me").by(&admin).send().must_be_problem(409, "last_administrator");
    for patch in [
        json!({ "status": "disabled" }),
        json!({ "status": "pending" }),
        json!({ "roles": ["user"] }),
        json!({ "roles": [] }),
    ] {
        let response = server.patch(&admin.path()).by(&admin).json(patch.clone()).send();
        response.must_be_problem(409, "last_administrator");
        let mut whole = server.get("/users/me").by(&admin).send().must_be(200).json();
        whole.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        server.put(&admin.path()).by(&admin).json(whole).send().must_be_problem(409, "last_administrator");
    }
    server.get("/users").by(&admin).send().must_be(200);
}

#[test]
fn one_of_two_administrators_can_be_deleted() {
    let server = Server::start();
    let (admin, second) = (server.admin(), server.register_admin("second"));
    server.delete(&admin.path()).by(&second).send().must_be(204);
    server.delete("/users/me").by(&second).send().must_be_problem(409, "last_administrator");
}

#[test]
fn the_last_administrator_can_change_all_other_fields() {
    let server = Server::start();
    let admin = server.admin();
    let patch = json!({ "username": "boss", "roles": ["admin", "user"], "display_name": "The Boss" });
    server.patch("/users/me").by(&admin).json(patch).send().must_be(200);
}

#[test]
fn two_administrators_who_resign_concurrently_leave_one() {
    let server = Server::start();
    let mut remaining = server.admin();
    for round in 0..8 {
        let name = format!("second-{round}");
        let body = json!({ "username": name, "password": PASSWORD, "roles": ["admin"] });
        server.post("/users").by(&remaining).json(body).send().must_be(201);
        let pair = [remaining.clone(), server.log_in(&name, PASSWORD)];
        let statuses = thread::scope(|scope| {
            let resign = pair.each_ref().map(|person| {
                let server = &server;
                scope.spawn(move || match round % 2 {
                    0 => server.delete("/users/me").by(person).send().status(),
                    _ => server
                        .patch("/users/me")
                        .by(person)
                        .json(json!({ "status": "disabled" }))
                        .send()
                        .status(),
                })
            });
            resign.map(|one| one.join().unwrap())
        });
        let stayed: Vec<_> = statuses.iter().zip(pair).filter(|(status, _)| **status == 409).collect();
        assert_eq!(stayed.len(), 1, "round {round}: {statuses:?}");
        remaining = stayed.into_iter().next().unwrap().1;
    }
    let admins = server.get("/users?role=admin&status=active").by(&remaining).send().must_be(200).json();
    assert_eq!(admins["data"].as_array().unwrap().len(), 1);
}

#[test]
fn the_first_administrator_is_created_once() {
    let mut server = Server::start();
    let admin = server.admin();
    server.restart_with(|setup| setup.env("ROSTER_ADMIN_USERNAME", "intruder"));
    server.get("/users/me").by(&admin).send().must_be(200);
    let page = server.get("/users").by(&server.admin()).send().must_be(200).json();
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    assert_eq!(page["data"][0]["username"], ADMIN);
}

#[test]
fn an_unset_admin_password_is_generated_into_a_private_file() {
    let setup = Setup::new().without("ROSTER_ADMIN_PASSWORD").without("ROSTER_ADMIN_USERNAME");
    let server = setup.set("log.level", "trace").start();
    let file = server.data().join("first-admin-password");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let password = text.split_whitespace().find(|word| {
        let response = server.try_log_in("roster-admin", word);
        response.status() == 200
    });
    let password = password.expect("the file contains the password");
    assert!(password.len() >= 16, "{password}");
    assert!(!server.stderr().contains(password) && !server.stdout().contains(password));
}
