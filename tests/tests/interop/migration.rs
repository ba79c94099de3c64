//! An old system in Python that verifies the signature of Roster's questions with the package `standardwebhooks`.

use crate::clients::start;
use roster_tests::{Server, Setup};
use std::io::{BufRead, BufReader};
use std::process::Child;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiBhbm90aGVyIHN5c3RlbSE=";
const OLD: &str = "le café d’hier";

/// The old system, and a Roster that signs its questions with `secret`; `None` if the packages cannot be installed.
fn roster_asking_python(secret: &str) -> Option<(Child, Server)> {
    let mut old = start("old_system.py", &[("SECRET", SECRET), ("PASSWORD", OLD)])?;
    let mut url = String::new();
    BufReader::new(old.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
    let setup = Setup::new().set("migration.verify_url", url.trim()).set("migration.verify_secret", secret);
    Some((old, setup.set("migration.timeout", "3s").start()))
}

fn end(mut old: Child) {
    drop(old.stdin.take());
    old.wait().unwrap();
}

#[test]
fn standardwebhooks_accepts_the_signature_of_a_question() {
    let Some((old, server)) = roster_asking_python(SECRET) else { return };
    server.try_log_in("grace", "wrong").must_be(401);
    server.try_log_in("grace", OLD).must_be(200);
    let metrics = server.get("/metrics").send().must_be(200);
    for outcome in ["valid", "invalid"] {
        let line = format!("roster_migration_questions_total{{outcome=\"{outcome}\"}} 1");
        assert!(metrics.text().contains(&line), "{}", metrics.text());
    }
    end(old);
}

#[test]
fn standardwebhooks_rejects_the_signature_of_another_secret() {
    let Some((old, server)) = roster_asking_python(OTHER_SECRET) else { return };
    server.try_log_in("grace", OLD).must_be(401);
    end(old);
}
