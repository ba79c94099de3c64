//! The `roster` executable: the command line, the wiring and the lifecycle. The use cases are in `roster-service`, the
//! HTTP API is in `roster-http`.

mod acting;
mod announce;
mod app;
mod cli;
mod command_outcome;
mod commands;
mod control;
mod engine;
mod first_admin;
mod handover;
mod http_settings;
mod jobs;
mod keys;
mod logs;
mod metrics;
mod old_system;
mod operator;
mod private_file;
mod reachable;
mod readiness;
mod reload;
mod requests;
mod runtime;
mod serve;
mod signals;
mod spool;
mod stop;
mod terminal;

use std::process::ExitCode;

use cli::Cli;
use command_outcome::CommandOutcome;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match commands::run(Cli::from_process()) {
        Ok(CommandOutcome::Done) => ExitCode::SUCCESS,
        Ok(CommandOutcome::Refused) => ExitCode::from(3),
        Err(error) => {
            terminal::report(&error);
            ExitCode::FAILURE
        }
    }
}
