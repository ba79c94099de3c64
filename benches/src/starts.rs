//! Start time and memory.

use crate::bench::Bench;
use crate::people;
use crate::process::Process;
use crate::reads::median;
use anyhow::Result;
use std::thread;
use std::time::Duration;

const ROUNDS: usize = 5;

pub(crate) fn run(bench: &Bench) -> Result<()> {
    println!("\n## Start to listening, and idle memory, median of {ROUNDS} starts");
    for (count, goal) in [(10_000, "0.3 s, 40 MB"), (100_000, "3 s")] {
        let folder = people::store(bench, count, 4)?;
        // Creates the first administrator and the key.
        drop(Process::roster(&bench.roster, folder.path(), &[])?);
        let (mut starts, mut memory) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let server = Process::roster(&bench.roster, folder.path(), &[])?;
            starts.push(server.start.as_secs_f64());
            thread::sleep(Duration::from_secs(2));
            memory.push(server.resident_mb()?);
        }
        println!("{count:7} users: {:.3} s, {:.0} MB   (goal: under {goal})", median(starts), median(memory));
    }
    Ok(())
}
