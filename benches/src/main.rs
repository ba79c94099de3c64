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
mod scale;
mod starts;
mod updates;
mod wrk;

use anyhow::{Context, Result, ensure};
use bench::Bench;
use clap::{Parser, Subcommand, ValueEnum};
use roster_benches::people_generator::People;
use scale::{EngineName, Scale};
use std::io::{BufWriter, stdout};
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
    /// The engines of the part `scale`.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["json", "sqlite", "postgres"])]
    engines: Vec<EngineName>,
    /// The numbers of people of the part `scale`, such as `10k` and `1m`.
    #[arg(long, value_parser = size, value_delimiter = ',', default_values = ["10k", "100k"])]
    sizes: Vec<u64>,
    /// The seed of the people of the part `scale`.
    #[arg(long, default_value_t = 12)]
    seed: u64,
    /// An empty PostgreSQL database on 127.0.0.1 for a single size of the part `scale`, instead of a private server.
    #[arg(long)]
    postgres_url: Option<String>,
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
    /// Prints generated people as an export, which `roster import` reads.
    People {
        /// Their number, such as `10k`.
        #[arg(value_parser = size)]
        count: u64,
    },
}

/// A number with `k` or `m` for thousands or millions.
fn size(text: &str) -> Result<u64> {
    let (digits, factor) = match text.strip_suffix('k') {
        Some(thousands) => (thousands, 1_000),
        None => text.strip_suffix('m').map_or((text, 1), |millions| (millions, 1_000_000)),
    };
    digits.parse::<u64>()?.checked_mul(factor).context("the number is too large")
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
    /// Every engine with many people: reads, lists, writes, import. Runs only if it is named.
    Scale,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.role {
        Some(Role::Bare { body, bytes }) => return bare::serve(&body, bytes),
        Some(Role::People { count }) => {
            let hash = bcrypt::hash(accounts::PASSWORD, 4)?;
            return Ok(People::new(arguments.seed, count, &hash).write(&mut BufWriter::new(stdout()))?);
        }
        None => {}
    }
    ensure!(
        arguments.roster.is_file(),
        "{} not found; run: cargo build --profile dist -p roster",
        arguments.roster.display()
    );
    wrk::check()?;
    let cores = std::thread::available_parallelism()?.get();
    let Arguments { roster, baseline, seconds, parts, engines, sizes, seed, postgres_url, .. } = arguments;
    let bench = Bench { roster, baseline, seconds, cores };
    println!(
        "# Roster benchmark: {cores} cores, wrk on the same machine, {} s per measurement",
        bench.seconds
    );
    if parts.contains(&Part::Scale) {
        scale::run(&bench, &Scale { engines, sizes, seed, postgres_url })?;
    }
    run(&bench, &parts)
}

/// Measures a part and prints its figures.
type Measure = fn(&Bench) -> Result<()>;

/// Runs these parts, or all of them except `scale`.
fn run(bench: &Bench, parts: &[Part]) -> Result<()> {
    let all: [(Part, Measure); 6] = [
        (Part::Reads, reads::run),
        (Part::Logins, logins::run),
        (Part::Failures, failures::run),
        (Part::Updates, updates::run),
        (Part::Refreshes, refreshes::run),
        (Part::Starts, starts::run),
    ];
    let mut wanted = all.iter().filter(|(part, _)| parts.is_empty() || parts.contains(part));
    wanted.try_for_each(|(_, measure)| measure(bench))
}
