//! GET /users/me compared with the same JSON from a bare route.

use crate::accounts;
use crate::bench::Bench;
use crate::people;
use crate::process::Process;
use crate::wrk::{self, Load};
use anyhow::Result;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 7;

pub(crate) fn run(bench: &Bench) -> Result<()> {
    println!("\n## Authenticated read, {CONNECTIONS} connections, median of {ROUNDS} rounds in rotation");
    let folder = people::store(bench, 10_000, 4)?;
    let roster = Process::delivered(&bench.roster, folder.path())?;
    let token = people::token(&roster, accounts::READER)?;
    let body = people::get(&roster, "/users/me", &token)?;
    let bare = Process::start(Command::new(std::env::current_exe()?).args(["bare", &body]))?;
    let mut sides = vec![
        Side::new("bare actix-web route", &bare, wrk::get("/", None)),
        Side::new("GET /users/me", &roster, wrk::get("/users/me", Some(&token))),
    ];
    let baseline = bench.baseline.as_deref().map(Baseline::start).transpose()?;
    if let Some(baseline) = &baseline {
        let token = people::token(&baseline.server, accounts::READER)?;
        sides.push(Side::new(
            "GET, --baseline binary",
            &baseline.server,
            wrk::get("/users/me", Some(&token)),
        ));
    }
    for _ in 0..ROUNDS {
        for side in &mut sides {
            side.measure(bench.seconds)?;
        }
    }
    let micros: Vec<f64> = sides.into_iter().map(Side::print).collect();
    println!("CPU ratio                 {:9.2}   (goal: at most 1.5)", micros[1] / micros[0]);
    if let [_, roster, baseline] = micros[..] {
        println!("difference to --baseline  {:9.2} µs CPU per request", roster - baseline);
    }
    Ok(())
}

/// One of the compared servers.
struct Side<'a> {
    name: &'static str,
    server: &'a Process,
    script: String,
    micros: Vec<f64>,
    rates: Vec<f64>,
}

impl<'a> Side<'a> {
    fn new(name: &'static str, server: &'a Process, script: String) -> Self {
        Self { name, server, script, micros: Vec::new(), rates: Vec::new() }
    }

    fn measure(&mut self, seconds: u64) -> Result<()> {
        let before = self.server.cpu()?;
        let figures = Load::start(&self.server.base, CONNECTIONS, seconds, &self.script)?.finish()?;
        let spent = self.server.cpu()?.saturating_sub(before);
        anyhow::ensure!(figures.bad == 0.0, "{}: {} bad responses", self.name, figures.bad);
        self.micros.push(spent.as_secs_f64() * 1e6 / figures.good);
        self.rates.push(figures.rate);
        Ok(())
    }

    /// Prints the medians and returns that of the CPU time per request.
    fn print(self) -> f64 {
        let (rate, micros) = (median(self.rates), median(self.micros));
        println!("{:25} {rate:9.0} req/s   {micros:6.1} µs CPU per request", self.name);
        micros
    }
}

/// Another binary, on a store of its own.
struct Baseline {
    server: Process,
    _folder: TempDir,
}

impl Baseline {
    fn start(binary: &Path) -> Result<Self> {
        let folder = people::store_of(binary, 10_000, 4)?;
        Ok(Self { server: Process::delivered(binary, folder.path())?, _folder: folder })
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
