//! The load benchmark. It starts the release binary and a bare actix-web route on 127.0.0.1, sends load to both with wrk,
//! and prints their figures and ratios. Compare only figures of the same run.
//!
//! ```text
//! cargo build --profile dist -p roster -p roster-benches && target/dist/roster-bench
//! ```

#![expect(clippy::cast_precision_loss, reason = "figures are printed with three digits")]

mod accounts;
mod bare;
mod bench;
mod failures;
mod logins;
mod pace;
mod people;
mod process;
mod reads;
mod refreshes;
mod starts;
mod updates;
mod wrk;

use anyhow::{Result, ensure};
use bench::Bench;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Roster's load benchmark: on 127.0.0.1 only, bounded in time, with ratios within one run.
#[derive(Parser)]
struct Arguments {
    /// The binary to measure.
    #[arg(long, default_value = "target/dist/roster")]
    roster: PathBuf,
    /// A second Roster binary, for example an older one, to compare reads with.
    #[arg(long)]
    baseline: Option<PathBuf>,
    /// Seconds per measurement.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Which parts to run; all by default.
    #[arg(long, value_enum, value_delimiter = ',')]
    parts: Vec<Part>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Subcommand)]
enum Role {
    /// The baseline of reads and updates: one JSON text from a bare actix-web route.
    #[command(hide = true)]
    Bare {
        /// The text to respond with.
        body: String,
        /// Bytes to append for each change.
        #[arg(default_value_t = 0)]
        bytes: usize,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// GET /users/me compared with a bare route.
    Reads,
    /// Logins compared with the bcrypt limit, and reads during logins.
    Logins,
    /// Failed logins for every kind of hash.
    Failures,
    /// Durable profile updates compared with a bare loop that appends and syncs.
    Updates,
    /// Refreshed sessions compared with profile updates.
    Refreshes,
    /// Start time and memory.
    Starts,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(Role::Bare { body, bytes }) = arguments.role {
        return bare::serve(&body, bytes);
    }
    ensure!(
        arguments.roster.is_file(),
        "{} not found; run: cargo build --profile dist -p roster",
        arguments.roster.display()
    );
    wrk::check()?;
    let cores = std::thread::available_parallelism()?.get();
    let Arguments { roster, baseline, seconds, .. } = arguments;
    let bench = Bench { roster, baseline, seconds, cores };
    println!(
        "# Roster benchmark: {cores} cores, wrk on the same machine, {} s per measurement",
        bench.seconds
    );
    let wants = |part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    if wants(Part::Reads) {
        reads::run(&bench)?;
    }
    if wants(Part::Logins) {
        logins::run(&bench)?;
    }
    if wants(Part::Failures) {
        failures::run(&bench)?;
    }
    if wants(Part::Updates) {
        updates::run(&bench)?;
    }
    if wants(Part::Refreshes) {
        refreshes::run(&bench)?;
    }
    if wants(Part::Starts) {
        starts::run(&bench)?;
    }
    Ok(())
}
