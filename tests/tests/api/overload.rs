//! A server that receives more logins than it can hash.

use roster_tests::{PASSWORD, Setup, wait_for};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// The addresses that flood the server, and one that does not.
const FLOODERS: [&str; 2] = ["198.51.100.1", "198.51.100.2"];
const OTHER_CLIENT: &str = "203.0.113.9";

/// Ends the flood when dropped, even if the test fails.
struct StopFlood<'a>(&'a AtomicBool);

impl Drop for StopFlood<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn two_clients_that_fill_the_hash_queue_do_not_block_a_third() {
    let server = Setup::new()
        .set("server.trusted_proxies", "127.0.0.0/8")
        .set("password.queue_limit", "8")
        .set("password.hash_threads", "1")
        .set("password.bcrypt_cost", "10")
        .start();
    let _ = server.register_only("ada");
    let enough = AtomicBool::new(false);
    thread::scope(|scope| {
        let stop_flood = StopFlood(&enough);
        for number in 0..16 {
            let (client, enough) = (server.client(), &enough);
            let address = FLOODERS[number % FLOODERS.len()];
            scope.spawn(move || {
                while !enough.load(Ordering::Relaxed) {
                    let wrong = json!({ "login": "ada", "password": "not this one" });
                    let response =
                        client.post("/auth/login").header("X-Forwarded-For", address).json(wrong).send();
                    assert!([401, 503].contains(&response.status()), "{}", response.summary());
                }
            });
        }
        let full = |text: &str| text.lines().any(|line| line == "roster_hash_queue_depth 8");
        wait_for("the queue to be full", || full(server.get("/metrics").send().text()).then_some(()));
        let statuses = [(); 8].map(|()| {
            let right = json!({ "login": "ada", "password": PASSWORD });
            server.post("/auth/login").header("X-Forwarded-For", OTHER_CLIENT).json(right).send().status()
        });
        drop(stop_flood);
        assert_eq!(statuses, [200; 8]);
    });
}
