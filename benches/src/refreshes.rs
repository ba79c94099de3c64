//! Refreshed sessions compared with profile updates, on one server.

use crate::bench::Bench;
use crate::people;
use crate::process::Process;
use crate::updates::{CONNECTIONS, Figures, commits, profiles};
use anyhow::Result;
use std::fmt::Write as _;

/// Sessions that are refreshed in turn: more than there are connections, since wrk uses one for a trial run.
const SESSIONS: usize = 4 * CONNECTIONS;
const ROUNDS: usize = 5;

pub(crate) fn run(bench: &Bench) -> Result<()> {
    println!(
        "\n## Refreshes and profile updates, {CONNECTIONS} connections, median of {ROUNDS} rounds in rotation, \
         auth.refresh_grace 1ms"
    );
    let folder = people::store(bench, 10_000, 4)?;
    let settings = [
        // The sessions are started one by one.
        ("ROSTER__PASSWORD__BCRYPT_COST", "4"),
        // In use, a session is refreshed every few minutes, long after the grace period of the previous token.
        ("ROSTER__AUTH__REFRESH_GRACE", "1ms"),
    ];
    let server = Process::roster(&bench.roster, folder.path(), &settings)?;
    let (mut updates, mut refreshes) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        updates.push(profiles(bench, &server)?);
        let (warm_up, script) = (script(&tokens(&server)?)?, script(&tokens(&server)?)?);
        refreshes.push(commits(bench, &server, &warm_up, &script)?);
    }
    let [update, refresh] = [middle(updates), middle(refreshes)];
    for (name, figures) in [("PATCH /users/{id}", &update), ("POST /auth/refresh", &refresh)] {
        println!(
            "{name:20} {:8.0} /s   {:6.1} µs CPU, {:5.0} bytes, {:.3} syncs per commit, p99 {:.1} ms, {} bad",
            figures.rate, figures.micros, figures.bytes, figures.syncs, figures.p99, figures.bad
        );
    }
    println!(
        "a refresh compared with an update: {:.2} × the CPU, {:.2} × the syncs   (goal: at most 1.5)",
        refresh.micros / update.micros,
        refresh.syncs / update.syncs
    );
    Ok(())
}

/// The round with the median CPU time.
fn middle(mut rounds: Vec<Figures>) -> Figures {
    rounds.sort_by(|one, other| one.micros.total_cmp(&other.micros));
    rounds.swap_remove(ROUNDS / 2)
}

/// The refresh tokens of this many users.
fn tokens(server: &Process) -> Result<Vec<String>> {
    (0..SESSIONS).map(|n| people::refresh_token(server, &format!("person{n}"))).collect()
}

/// Takes a token from the front of a queue and appends its successor.
fn script(tokens: &[String]) -> Result<String> {
    let mut script = String::from("local queue = {");
    for token in tokens {
        write!(script, "'{token}',")?;
    }
    script.push_str(
        "}\nlocal first, last = 1, #queue\nlocal headers = {['Content-Type'] = 'application/json'}\n\
         function request()\n  local token = queue[first]\n  queue[first] = nil\n  first = first + 1\n  \
         return wrk.format('POST', '/auth/refresh', headers, '{\"refresh_token\": \"' .. token .. '\"}')\nend\n\
         function response(status, headers, body)\n  last = last + 1\n  \
         queue[last] = body:match('\"refresh_token\":\"([^\"]+)\"')\nend\n",
    );
    Ok(script)
}
