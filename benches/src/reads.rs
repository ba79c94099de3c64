//! GET /users/me against the same JSON from a bare route.

use crate::process::Process;
use crate::wrk::{self, Load};
use crate::{Bench, people};
use anyhow::Result;
use std::process::Command;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 3;

pub(crate) fn run(bench: &Bench) -> Result<()> {
    println!("\n## Authenticated read, {CONNECTIONS} connections, median of {ROUNDS} rounds in rotation");
    let folder = people::store(bench, 10_000, 4)?;
    let roster = Process::roster(&bench.roster, folder.path(), &[])?;
    let token = people::token(&roster, people::READER)?;
    let body = people::get(&roster, "/users/me", &token)?;
    let bare = Process::start(Command::new(std::env::current_exe()?).args(["bare", &body]))?;
    let mut micros = [Vec::new(), Vec::new()];
    let mut rates = [Vec::new(), Vec::new()];
    let scripts = [wrk::get("/", None), wrk::get("/users/me", Some(&token))];
    for _ in 0..ROUNDS {
        for (side, server) in [&bare, &roster].into_iter().enumerate() {
            let before = server.cpu()?;
            let figures = Load::start(&server.base, CONNECTIONS, bench.seconds, &scripts[side])?.finish()?;
            let spent = server.cpu()?.saturating_sub(before);
            anyhow::ensure!(figures.bad == 0.0, "{} bad answers", figures.bad);
            micros[side].push(spent.as_secs_f64() * 1e6 / figures.good);
            rates[side].push(figures.rate);
        }
    }
    let [bare_cpu, roster_cpu] = micros.map(median);
    let [bare_rate, roster_rate] = rates.map(median);
    println!("bare actix-web route      {bare_rate:9.0} req/s   {bare_cpu:6.1} µs CPU a request");
    println!("GET /users/me             {roster_rate:9.0} req/s   {roster_cpu:6.1} µs CPU a request");
    println!("ratio of CPU              {:9.2}   (goal: at most 2)", roster_cpu / bare_cpu);
    Ok(())
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
