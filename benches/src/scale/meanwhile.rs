//! Updates while an import runs: nobody should have to wait for it.

use anyhow::{Result, ensure};
use roster_benches::people_generator::People;
use serde_json::json;

use super::client::Client;
use super::deployment::Deployment;
use super::figures::{Figure, Figures};
use crate::accounts;
use crate::pace::Latencies;
use crate::people;
use crate::process::Process;

/// How many more people are imported.
const MORE: u64 = 20_000;

/// The exit code of an import if somebody has a name that is already taken.
const SOME_REFUSED: i32 = 3;

/// Imports more people through the server, and meanwhile updates the people of the store, one after the other.
pub(super) fn measure(
    deployment: &Deployment<'_>,
    server: &Process,
    all: &People,
    more: &People,
    figures: &mut Figures,
) -> Result<()> {
    let mut client = Client::new(&server.base, &people::token(server, accounts::ADMIN)?)?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("more.ndjson");
    more.write(&mut std::fs::File::create(&file)?)?;
    let mut import = deployment.start_import(&file)?;
    let mut latencies = Vec::new();
    for number in (0..all.count()).cycle() {
        if let Some(status) = import.try_wait()? {
            ensure!(matches!(status.code(), Some(0 | SOME_REFUSED)), "import: {status}");
            break;
        }
        let id = all.person(number).id;
        let body = json!({"display_name": format!("Name {}", latencies.len())}).to_string();
        latencies.push(client.patch(&format!("/users/{id}"), &body)?.millis);
    }
    let longest = latencies.iter().copied().fold(0.0, f64::max);
    let name = "update while an import runs";
    figures.add(name, Figure::of(&Latencies::new(latencies)));
    figures.add(format!("{name}: longest"), Figure::Tail(longest));
    Ok(())
}

/// Other people than those of this seed.
pub(super) fn more(seed: u64, password_hash: &str) -> People {
    People::new(seed.wrapping_add(1_000), MORE, password_hash)
}
