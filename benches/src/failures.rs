//! Failed logins take the same time and have the same body, whether or not the user exists.

use crate::bench::Bench;
use crate::process::{Process, roster_command};
use crate::reads::median;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

const ROUNDS: usize = 15;
const KINDS: [(&str, &str); 4] = [
    ("bcrypt 10", "$2b$10$1hy4xWkQ2Y8VfqDIN6izE..4ogM/IcInsU0CprckCGmoAMbCL72Cy"),
    ("bcrypt 12", "$2b$12$BohAMEfDAKMd8aMhnEJn/OyrCRAVvT3Y1L/.cChErqo/TX7TO.jIm"),
    ("long password", "$bcrypt-sha256$v=2,t=2b,r=12$ji0ZSMPiSJYONanPOz6A.e$7VmPAHFGaz050UyQr.q6ZsUuQREDDk6"),
    (
        "argon2id",
        "$argon2id$v=19$m=19456,t=2,p=1$gGV8BekUDlyHkQqbXQXDUQ$yMdkPuBXmy685yfVax6JYhHoZ2+Q1ghR1ugWgUXWgwo",
    ),
];

pub(crate) fn run(bench: &Bench) -> Result<()> {
    println!("\n## Failed logins, {ROUNDS} of each kind in rotation, bcrypt cost 12 configured");
    let folder = tempfile::tempdir()?;
    let mut lines = String::new();
    for (n, (_, hash)) in KINDS.iter().enumerate() {
        writeln!(lines, "{}", json!({"username": format!("kind{n}"), "password_hash": hash}))?;
    }
    fs::write(folder.path().join("kinds.ndjson"), lines)?;
    let report = roster_command(&bench.roster, folder.path()).args(["import", "kinds.ndjson"]).output()?;
    ensure!(report.status.success(), "import: {}", String::from_utf8_lossy(&report.stderr));
    let server = Process::roster(&bench.roster, folder.path(), &[])?;
    let names: Vec<&str> = std::iter::once("unknown name").chain(KINDS.map(|(name, _)| name)).collect();
    let mut times = vec![Vec::new(); names.len()];
    for _ in 0..ROUNDS {
        for (n, times) in times.iter_mut().enumerate() {
            let login = if n == 0 { "nobody".to_owned() } else { format!("kind{}", n - 1) };
            times.push(failure(&server, &login)?);
        }
    }
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    for (name, median) in names.iter().zip(&medians) {
        println!("{name:14} {median:7.1} ms");
    }
    let least = medians.iter().copied().fold(f64::INFINITY, f64::min);
    let most = medians.iter().copied().fold(0.0, f64::max);
    println!("difference     {:7.1} %   (goal: at most 5)", 100.0 * (most / least - 1.0));
    Ok(())
}

/// The milliseconds of one failed login, whose response must not show who it was for.
fn failure(server: &Process, login: &str) -> Result<f64> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let began = Instant::now();
    let mut response = agent
        .post(format!("{}/auth/login", server.base))
        .send_json(json!({"login": login, "password": "not the password"}))?;
    let took = began.elapsed().as_secs_f64() * 1e3;
    let body: Value = response.body_mut().read_json()?;
    ensure!(response.status() == 401 && body["code"] == "credentials_invalid", "{body}");
    Ok(took)
}
