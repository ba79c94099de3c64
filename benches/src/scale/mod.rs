//! Every engine with stores of several sizes, over HTTP.

mod authentication;
mod bare_postgres;
mod bare_sqlite;
mod client;
mod database;
mod deployment;
mod figures;
mod meanwhile;
mod requests;
mod writes;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use roster_benches::people_generator::People;
use serde_json::json;

use crate::accounts;
use crate::bench::Bench;
use crate::pace::Latencies;
use crate::people;
use crate::reads::median;
use client::Client;
use deployment::Deployment;
pub(crate) use deployment::EngineName;
use figures::{Figure, Figures};
use requests::Kind;

/// What is measured.
pub(crate) struct Scale {
    pub(crate) engines: Vec<EngineName>,
    pub(crate) sizes: Vec<u64>,
    pub(crate) seed: u64,
    pub(crate) postgres_url: Option<String>,
}

/// More people are imported into the embedded engine only, and copied from there into the others.
const IMPORTED: u64 = 10_000;
const STARTS: usize = 3;
/// The samples of a kind of request, unless they take too long.
const SAMPLES: usize = 1_000;

/// Measures every engine with every size, and prints a table for each size.
pub(crate) fn run(bench: &Bench, scale: &Scale) -> Result<()> {
    for size in &scale.sizes {
        let columns = measure_size(bench, scale, *size)?;
        println!("\n## {size} people\n");
        figures::print(&columns);
    }
    Ok(())
}

fn measure_size(bench: &Bench, scale: &Scale, size: u64) -> Result<Vec<(&'static str, Figures)>> {
    let people = People::new(scale.seed, size, &bcrypt::hash(accounts::PASSWORD, 4)?);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("people.ndjson");
    write(&people, &file)?;
    let embedded = Deployment::new(EngineName::Json, &bench.roster, None)?;
    let took = embedded.import(&file)?;
    let mut columns = Vec::new();
    for engine in scale.engines.iter().filter(|engine| **engine != EngineName::Json) {
        eprintln!("\n# {size} people, {}", engine.title());
        let deployment = Deployment::new(*engine, &bench.roster, scale.postgres_url.as_deref())?;
        let mut figures = Figures::default();
        let (name, took) = if size <= IMPORTED {
            ("import", deployment.import(&file)?)
        } else {
            ("`roster copy` from the embedded engine", deployment.copy_from(&embedded)?)
        };
        figures.add(name, Figure::PerSecond(size as f64 / took.as_secs_f64()));
        measure(bench, &deployment, &people, &mut figures)?;
        columns.push((engine.title(), figures));
    }
    if scale.engines.contains(&EngineName::Json) {
        eprintln!("\n# {size} people, {}", EngineName::Json.title());
        let mut figures = Figures::default();
        figures.add("import", Figure::PerSecond(size as f64 / took.as_secs_f64()));
        measure(bench, &embedded, &people, &mut figures)?;
        columns.insert(0, (EngineName::Json.title(), figures));
    }
    Ok(columns)
}

/// Writes the people and the administrator.
fn write(people: &People, file: &Path) -> Result<()> {
    let mut output = BufWriter::new(File::create(file)?);
    let hash = bcrypt::hash(accounts::PASSWORD, 4)?;
    let admin = json!({"username": accounts::ADMIN, "password_hash": hash, "role": "admin"});
    writeln!(output, "{admin}")?;
    people.write(&mut output)?;
    output.flush()?;
    Ok(())
}

fn measure(bench: &Bench, deployment: &Deployment<'_>, people: &People, figures: &mut Figures) -> Result<()> {
    deployment.settle()?;
    if let Some(seconds) = deployment.bare_import()? {
        figures.add(
            "a bare loop that inserts the same rows",
            Figure::PerSecond(people.count() as f64 / seconds),
        );
    }
    starts(deployment, figures)?;
    authentication::measure(bench, deployment, figures)?;
    let server = deployment.serve()?;
    let mut client = Client::new(&server.base, &people::token(&server, accounts::ADMIN)?)?;
    for kind in requests::points(people) {
        measure_kind(bench, &mut client, &kind, figures)?;
    }
    logins(bench, &mut client, people, figures)?;
    for kind in requests::lists(&mut client)? {
        measure_kind(bench, &mut client, &kind, figures)?;
    }
    figures.add("memory after these reads", Figure::Megabytes(server.resident_mb()?));
    writes::measure(bench, deployment, &server, people, figures)?;
    let more = meanwhile::more(people.seed(), &bcrypt::hash(accounts::PASSWORD, 4)?);
    meanwhile::measure(deployment, &server, people, &more, figures)?;
    figures.add("memory after these writes", Figure::Megabytes(server.resident_mb()?));
    drop(server);
    figures.add("size on disk", Figure::Megabytes(deployment.megabytes()?));
    Ok(())
}

fn starts(deployment: &Deployment<'_>, figures: &mut Figures) -> Result<()> {
    // Creates the first administrator and the key.
    drop(deployment.serve()?);
    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let server = deployment.serve()?;
        starts.push(server.start.as_secs_f64());
        memory.push(server.resident_mb()?);
    }
    figures.add("start", Figure::Seconds(median(starts)));
    figures.add("memory after the start", Figure::Megabytes(median(memory)));
    Ok(())
}

/// Sends the requests of a kind one after the other, each several times if there is time.
fn measure_kind(bench: &Bench, client: &mut Client, kind: &Kind, figures: &mut Figures) -> Result<()> {
    let (began, length) = (Instant::now(), Duration::from_secs(bench.seconds));
    let mut latencies = Vec::new();
    let mut slowest = (0.0, "");
    for (n, path) in kind.paths.iter().cycle().take(SAMPLES.max(kind.paths.len())).enumerate() {
        if n >= kind.paths.len() && began.elapsed() > length {
            break;
        }
        let millis = client.get(path)?.millis;
        latencies.push(millis);
        if millis > slowest.0 {
            slowest = (millis, path);
        }
    }
    figures.add(&kind.name, Figure::of(&Latencies::new(latencies)));
    eprintln!("    slowest: {:.1} ms {}", slowest.0, slowest.1);
    Ok(())
}

/// Logins of many people. Each also commits a session.
fn logins(bench: &Bench, client: &mut Client, people: &People, figures: &mut Figures) -> Result<()> {
    let active = people.iter().filter(|person| person.status.as_str() == "active");
    let (began, length) = (Instant::now(), Duration::from_secs(bench.seconds));
    let mut latencies = Vec::new();
    for person in active.step_by(7).take(SAMPLES) {
        let login = json!({"login": person.username, "password": accounts::PASSWORD}).to_string();
        latencies.push(client.post("/auth/login", &login)?.millis);
        if began.elapsed() > length {
            break;
        }
    }
    figures
        .add("login, with the hash (bcrypt cost 4) and the commit", Figure::of(&Latencies::new(latencies)));
    Ok(())
}
