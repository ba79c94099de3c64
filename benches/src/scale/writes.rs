//! Durable writes by several connections.

use std::time::Duration;

use anyhow::{Result, ensure};
use roster_benches::people_generator::People;

use super::deployment::Deployment;
use super::figures::{Figure, Figures};
use crate::accounts;
use crate::bench::Bench;
use crate::people;
use crate::process::Process;
use crate::updates::{self, CONNECTIONS};

/// The people whose profiles are updated, spread over the whole store.
const UPDATED: u64 = 1_000;

/// Measures updates of profiles, and new users.
pub(super) fn measure(
    bench: &Bench,
    deployment: &Deployment<'_>,
    server: &Process,
    people: &People,
    figures: &mut Figures,
) -> Result<()> {
    let token = people::token(server, accounts::ADMIN)?;
    let step = (people.count() / UPDATED).max(1);
    let ids: Vec<_> =
        (0..people.count().min(UPDATED)).map(|number| people.person(number * step).id).collect();
    let patches = updates::script(&ids, &token)?;
    if let Some(rate) = deployment.bare_updates(&ids, Duration::from_secs(bench.seconds))? {
        figures.add("a bare loop of the statements of an update", Figure::PerSecond(rate));
    }
    for (name, script) in [("update", patches), ("insert", inserts(&token))] {
        let found = updates::commits(bench, server, &warm_up(&script), &script)?;
        ensure!(found.bad == 0.0, "{name}: {} bad responses", found.bad);
        figures.add(format!("{name}, {CONNECTIONS} connections"), Figure::PerSecond(found.rate));
        figures.add(format!("{name}: CPU of the server for each"), Figure::Micros(found.micros));
        figures.add(format!("{name}: p99"), Figure::Tail(found.p99));
    }
    Ok(())
}

/// The same requests, but new users have other names.
fn warm_up(script: &str) -> String {
    script.replace("'new-'", "'warm-'")
}

fn inserts(token: &str) -> String {
    format!(
        "local headers = {{['Authorization'] = 'Bearer {token}', ['Content-Type'] = 'application/json'}}\n\
         local n = 0\nfunction request()\n  n = n + 1\n  local name = 'new-' .. n\n  \
         return wrk.format('POST', '/users', headers, '{{\"username\": \"' .. name .. '\", \"password\": \"{}\", \
         \"email\": \"' .. name .. '@example.com\", \"display_name\": \"New Person ' .. n .. '\"}}')\nend\n",
        accounts::PASSWORD
    )
}
