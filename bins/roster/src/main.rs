//! The `roster` executable: the command line, the wiring and the lifecycle. It decides nothing: what Roster
//! does is in `roster-service`, how it is spoken to in `roster-http`.

mod acting;
mod announce;
mod app;
mod cli;
mod commands;
mod control;
mod first_admin;
mod http_settings;
mod keys;
mod logs;
mod metrics;
mod operator;
mod private_file;
mod reachable;
mod readiness;
mod reload;
mod requests;
mod serve;
mod signals;
mod stop;
mod terminal;

use std::process::ExitCode;

use cli::Cli;

/// How a command ended that did not fail. A failure is an error and exit code 1; clap ends with 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CommandOutcome {
    /// As asked.
    Done,
    /// Some of what was asked was refused, as the report says.
    Refused,
}

fn main() -> ExitCode {
    match commands::run(Cli::of_process()) {
        Ok(CommandOutcome::Done) => ExitCode::SUCCESS,
        Ok(CommandOutcome::Refused) => ExitCode::from(3),
        Err(error) => {
            terminal::report(&error);
            ExitCode::FAILURE
        }
    }
}
