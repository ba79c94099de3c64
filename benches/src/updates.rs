//! Durable profile updates compared with a bare loop that appends and syncs the same bytes.

use crate::accounts;
use crate::bench::Bench;
use crate::people;
use crate::process::Process;
use crate::reads::median;
use crate::wrk::{self, Load};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) const CONNECTIONS: usize = 16;

/// A user as in the response to an update.
const ANSWER: &str = r#"{"id":"01a20db6-b4a7-70ee-86de-6e7952f339c6","username":"person1","email":"person1@example.com",
"email_verified":false,"display_name":"Name 1","status":"active","roles":["user"],"attributes":{},"external_id":"1",
"created_at":"2026-11-24T13:20:07.328074Z","updated_at":"2026-11-24T13:20:07.328074Z","last_login_at":null,"version":1}"#;

/// The number of rounds in rotation; their median is printed.
const ROUNDS: usize = 7;

pub(crate) fn run(bench: &Bench) -> Result<()> {
    println!("\n## Durable profile updates, {CONNECTIONS} connections");
    let middle = measure(bench, 10_000)?;
    let bare = bare_loop(middle.bytes, bench.seconds)?;
    println!("bare loop, {:.0} bytes in groups of {CONNECTIONS}: {bare:8.0} /s", middle.bytes);
    println!(
        "PATCH, 10,000 users                  {:8.0} /s   {:3.0} % of the bare loop (goal: at least 40)",
        middle.rate,
        100.0 * middle.rate / bare
    );
    compare(bench, middle.bytes)?;
    for (count, figures) in
        [(100, measure(bench, 100)?), (10_000, middle), (100_000, measure(bench, 100_000)?)]
    {
        println!(
            "{count:7} users: {:7.0} /s   {:6.1} µs CPU, {:5.0} bytes, {:.3} syncs per commit, p99 {:.1} ms, {} bad",
            figures.rate, figures.micros, figures.bytes, figures.syncs, figures.p99, figures.bad
        );
    }
    Ok(())
}

/// PATCH compared with the bare framework over HTTP that only writes `bytes` per unit and syncs them together with those of
/// the other waiting requests; and with PATCH of the `--baseline` binary.
fn compare(bench: &Bench, bytes: f64) -> Result<()> {
    let mut sides = vec![Side::bare(bytes)?, Side::of_roster("PATCH, 10,000 users", &bench.roster)?];
    if let Some(baseline) = &bench.baseline {
        sides.push(Side::of_roster("PATCH, --baseline binary", baseline)?);
    }
    for side in &sides {
        side.load(1)?;
    }
    for _ in 0..ROUNDS {
        for side in &mut sides {
            side.measure(bench.seconds)?;
        }
    }
    println!("median of {ROUNDS} rounds in rotation:");
    let rates: Vec<f64> = sides.into_iter().map(Side::print).collect();
    println!("PATCH is {:.0} % of the bare route (goal: at least 80)", 100.0 * rates[1] / rates[0]);
    if let [_, roster, baseline] = rates[..] {
        println!("PATCH is {:.0} % of that of --baseline", 100.0 * roster / baseline);
    }
    Ok(())
}

/// One of the compared servers.
struct Side {
    name: &'static str,
    server: Process,
    script: String,
    rates: Vec<f64>,
    micros: Vec<f64>,
    _folder: Option<TempDir>,
}

impl Side {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred bytes")]
    fn bare(bytes: f64) -> Result<Self> {
        let bytes = (bytes as usize).to_string();
        let server = Process::start(Command::new(std::env::current_exe()?).args(["bare", ANSWER, &bytes]))?;
        let ids: Vec<String> = (0..1000).map(|n| format!("01a20db6-b4a7-70ee-86de-{n:012x}")).collect();
        Ok(Self::new("bare route that writes and syncs", server, script(&ids, "no-token")?, None))
    }

    fn of_roster(name: &'static str, binary: &Path) -> Result<Self> {
        let folder = people::store_of(binary, 10_000, 4)?;
        let server = Process::roster(binary, folder.path(), &[])?;
        let token = people::token(&server, accounts::ADMIN)?;
        let script = script(&ids(&server, &token)?, &token)?;
        Ok(Self::new(name, server, script, Some(folder)))
    }

    fn new(name: &'static str, server: Process, script: String, folder: Option<TempDir>) -> Self {
        Self { name, server, script, rates: Vec::new(), micros: Vec::new(), _folder: folder }
    }

    fn load(&self, seconds: u64) -> Result<wrk::Figures> {
        let figures = Load::start(&self.server.base, CONNECTIONS, seconds, &self.script)?.finish()?;
        ensure!(figures.bad == 0.0, "{}: {} bad answers", self.name, figures.bad);
        Ok(figures)
    }

    fn measure(&mut self, seconds: u64) -> Result<()> {
        let before = self.server.cpu()?;
        let figures = self.load(seconds)?;
        let spent = self.server.cpu()?.saturating_sub(before);
        self.rates.push(figures.rate);
        self.micros.push(spent.as_secs_f64() * 1e6 / figures.good);
        Ok(())
    }

    /// Prints the medians and returns that of the rate.
    fn print(self) -> f64 {
        let (rate, micros) = (median(self.rates), median(self.micros));
        println!("{:34} {rate:9.0} /s   {micros:6.1} µs CPU per request", self.name);
        rate
    }
}

/// The cost of commits under load.
pub(crate) struct Figures {
    pub(crate) rate: f64,
    /// The CPU time of the server per commit.
    pub(crate) micros: f64,
    pub(crate) bytes: f64,
    pub(crate) syncs: f64,
    pub(crate) p99: f64,
    pub(crate) bad: f64,
}

fn measure(bench: &Bench, count: usize) -> Result<Figures> {
    let folder = people::store(bench, count, 4)?;
    let server = Process::roster(&bench.roster, folder.path(), &[])?;
    profiles(bench, &server)
}

/// Profile updates of up to a thousand users.
pub(crate) fn profiles(bench: &Bench, server: &Process) -> Result<Figures> {
    let token = people::token(server, accounts::ADMIN)?;
    let script = script(&ids(server, &token)?, &token)?;
    commits(bench, server, &script, &script)
}

/// The cost of the commits of a load, after a second of warm-up.
pub(crate) fn commits(bench: &Bench, server: &Process, warm_up: &str, script: &str) -> Result<Figures> {
    Load::start(&server.base, CONNECTIONS, 1, warm_up)?.finish()?;
    let read = |name| server.metric(name);
    let before = (
        server.cpu()?,
        read("roster_store_commits_total")?,
        read("roster_store_syncs_total")?,
        read("roster_store_written_bytes_total")?,
    );
    let load = Load::start(&server.base, CONNECTIONS, bench.seconds, script)?.finish()?;
    let commits = read("roster_store_commits_total")? - before.1;
    Ok(Figures {
        rate: load.rate,
        micros: (server.cpu()?.saturating_sub(before.0)).as_secs_f64() * 1e6 / commits,
        bytes: (read("roster_store_written_bytes_total")? - before.3) / commits,
        syncs: (read("roster_store_syncs_total")? - before.2) / commits,
        p99: load.p99,
        bad: load.bad,
    })
}

/// Up to a thousand users to change.
fn ids(server: &Process, token: &str) -> Result<Vec<String>> {
    let page: Value = serde_json::from_str(&people::get(server, "/users?limit=1000&role=user", token)?)?;
    let users = page["data"].as_array().context("the page has no data")?;
    Ok(users.iter().filter_map(|user| user["id"].as_str().map(str::to_owned)).collect())
}

/// Requests that change the display names of these users in turn.
pub(crate) fn script(ids: &[String], token: &str) -> Result<String> {
    let mut script = String::from("local ids = {");
    for id in ids {
        write!(script, "'{id}',")?;
    }
    write!(
        script,
        "}}\nlocal headers = {{['Authorization'] = 'Bearer {token}', ['Content-Type'] = 'application/json'}}\n\
         local n = 0\nfunction request()\n  n = n + 1\n  return wrk.format('PATCH', '/users/' .. ids[n % #ids + 1], \
         headers, '{{\"display_name\": \"Name ' .. n .. '\"}}')\nend\n"
    )?;
    Ok(script)
}

/// Units per second of a loop that only appends `CONNECTIONS` units of this many bytes and syncs.
fn bare_loop(bytes: f64, seconds: u64) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    appended(folder.path(), bytes, Duration::from_secs(seconds))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few hundred bytes, a few hundred thousand units"
)]
fn appended(folder: &Path, bytes: f64, length: Duration) -> Result<f64> {
    let mut file = File::create(folder.join("bare"))?;
    let group = vec![b'x'; bytes as usize * CONNECTIONS];
    let (began, mut units) = (Instant::now(), 0_u64);
    while began.elapsed() < length {
        file.write_all(&group)?;
        file.sync_data()?;
        units += CONNECTIONS as u64;
    }
    Ok(units as f64 / began.elapsed().as_secs_f64())
}
