//! The cost of authenticating a request, with and without the read cache.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::deployment::{Deployment, EngineName};
use super::figures::{Figure, Figures};
use crate::accounts;
use crate::bench::Bench;
use crate::people;
use crate::updates::CONNECTIONS;
use crate::wrk::{self, Load};

/// Measures `GET /users/me`, which reads a session and a user: from memory, and from a database that is asked each time.
pub(super) fn measure(bench: &Bench, deployment: &Deployment<'_>, figures: &mut Figures) -> Result<()> {
    own_profile(bench, deployment, "", &[], figures)?;
    if deployment.engine() != EngineName::Json {
        let no_cache = [("ROSTER__STORAGE__CACHE_TTL", "0s")];
        own_profile(bench, deployment, " without the cache", &no_cache, figures)?;
    }
    Ok(())
}

fn own_profile(
    bench: &Bench,
    deployment: &Deployment<'_>,
    suffix: &str,
    settings: &[(&str, &str)],
    figures: &mut Figures,
) -> Result<()> {
    let server = deployment.serve_with(settings)?;
    let script = wrk::get("/users/me", Some(&people::token(&server, accounts::ADMIN)?));
    let load = |seconds| Load::start(&server.base, CONNECTIONS, seconds, &script)?.finish();
    load(1)?;
    let before = (server.cpu()?, deployment.database_cpu()?);
    let found = load(bench.seconds)?;
    ensure!(found.bad == 0.0, "GET /users/me{suffix}: {} bad responses", found.bad);
    let each = |spent: Duration| Figure::Micros(spent.as_secs_f64() * 1e6 / found.good);
    figures.add(format!("`GET /users/me`{suffix}, {CONNECTIONS} connections"), Figure::PerSecond(found.rate));
    let spent = server.cpu()?.saturating_sub(before.0);
    figures.add(format!("`GET /users/me`{suffix}: CPU of the server for each"), each(spent));
    if let (Some(before), Some(after)) = (before.1, deployment.database_cpu()?) {
        let spent = after.saturating_sub(before);
        figures.add(format!("`GET /users/me`{suffix}: CPU of the database for each"), each(spent));
    }
    Ok(())
}
