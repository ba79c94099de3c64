//! Logins compared with the hashes that the cores can compute, and reads during logins.

use crate::accounts;
use crate::bench::Bench;
use crate::pace::{self, Latencies};
use crate::people;
use crate::process::Process;
use crate::wrk::{Figures, Load};
use anyhow::Result;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const COST: u32 = 12;
const CONNECTIONS: usize = 8;
const READS_A_SECOND: u32 = 1_000;

pub(crate) fn run(bench: &Bench) -> Result<()> {
    println!("\n## Logins, bcrypt cost {COST}, {CONNECTIONS} connections");
    let folder = people::store(bench, 10_000, COST)?;
    let roster = Process::roster(&bench.roster, folder.path(), &[])?;
    // Not the user who logs in repeatedly: their oldest session ends when they have too many.
    let token = people::token(&roster, accounts::ADMIN)?;
    let seconds = bench.seconds.max(12);
    let before = ceiling(bench.cores, seconds)?;
    let alone = login_load(&roster, seconds)?.finish()?;
    let load = login_load(&roster, seconds + 2)?;
    thread::sleep(Duration::from_secs(1));
    let length = Duration::from_secs(seconds);
    let reads = pace::reads(&roster.base, "/users/me", &token, READS_A_SECOND, length)?;
    let beside = load.finish()?;
    let after = ceiling(bench.cores, seconds)?;
    print(&[before, after], bench.cores, [&alone, &beside], &reads, length);
    Ok(())
}

fn print(
    ceilings: &[f64; 2],
    cores: usize,
    [alone, beside]: [&Figures; 2],
    reads: &Latencies,
    length: Duration,
) {
    let [before, after] = *ceilings;
    let ceiling = f64::midpoint(before, after);
    println!("ceiling, {cores} hashes at once  {ceiling:6.2} /s   ({before:.2} before, {after:.2} after)");
    println!(
        "logins alone               {:6.2} /s   {:3.0} % of the ceiling (goal: at least 90), {} bad",
        alone.rate,
        100.0 * alone.rate / ceiling,
        alone.bad
    );
    println!(
        "logins during reads        {:6.2} /s   {:3.0} % of the ceiling (goal: at least 80), {} bad",
        beside.rate,
        100.0 * beside.rate / ceiling,
        beside.bad
    );
    println!(
        "reads during logins        {:6.0} /s   p50 {:.2} ms, p99 {:.2} ms (goal: under 10), p99.9 {:.2} ms",
        reads.count() as f64 / length.as_secs_f64(),
        reads.percentile(0.5),
        reads.percentile(0.99),
        reads.percentile(0.999)
    );
}

/// Hashes per second with one thread per core and no other load.
fn ceiling(cores: usize, seconds: u64) -> Result<f64> {
    let hash = bcrypt::hash(accounts::PASSWORD, COST)?;
    let done = AtomicU64::new(0);
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while began.elapsed() < Duration::from_secs(seconds) {
                    if matches!(bcrypt::verify(accounts::PASSWORD, &hash), Ok(true)) {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    Ok(done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

fn login_load(server: &Process, seconds: u64) -> Result<Load> {
    let script = format!(
        "wrk.method = 'POST'\nwrk.path = '/auth/login'\nwrk.headers['Content-Type'] = 'application/json'\n\
         wrk.body = '{{\"login\": \"{}\", \"password\": \"{}\"}}'\n",
        accounts::READER,
        accounts::PASSWORD
    );
    Load::start(&server.base, CONNECTIONS, seconds, &script)
}
