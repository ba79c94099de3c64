//! The users of the benchmark.

use crate::accounts::PASSWORD;
use crate::bench::Bench;
use crate::process::{Process, roster_command};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A folder with an imported store of `count` users, all with one password at `cost`.
pub(crate) fn store(bench: &Bench, count: usize, cost: u32) -> Result<TempDir> {
    store_of(&bench.roster, count, cost)
}

/// The same, imported by this binary.
pub(crate) fn store_of(roster: &Path, count: usize, cost: u32) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let hash = bcrypt::hash(PASSWORD, cost)?;
    let mut lines = String::new();
    for n in 0..count {
        let person = json!({
            "id": format!("p{n}"), "username": format!("person{n}"), "email": format!("person{n}@example.com"),
            "full_name": format!("Person Number {n}"), "password_hash": hash, "role": "user",
            "created_at": 1_700_000_000 + n,
        });
        writeln!(lines, "{person}")?;
    }
    fs::write(folder.path().join("people.ndjson"), lines)?;
    let report = roster_command(roster, folder.path()).args(["import", "people.ndjson"]).output()?;
    ensure!(report.status.success(), "import: {}", String::from_utf8_lossy(&report.stderr));
    Ok(folder)
}

/// An access token for `login`.
pub(crate) fn token(server: &Process, login: &str) -> Result<String> {
    from_login(server, login, "access_token")
}

/// A refresh token for `login`.
pub(crate) fn refresh_token(server: &Process, login: &str) -> Result<String> {
    from_login(server, login, "refresh_token")
}

fn from_login(server: &Process, login: &str, field: &str) -> Result<String> {
    let body = json!({"login": login, "password": PASSWORD});
    let response: Value =
        ureq::post(format!("{}/auth/login", server.base)).send_json(body)?.body_mut().read_json()?;
    Ok(response[field].as_str().context("the response has no token")?.to_owned())
}

/// The response to a GET of `path` with this token.
pub(crate) fn get(server: &Process, path: &str, token: &str) -> Result<String> {
    let request =
        ureq::get(format!("{}{path}", server.base)).header("Authorization", format!("Bearer {token}"));
    Ok(request.call()?.body_mut().read_to_string()?)
}
