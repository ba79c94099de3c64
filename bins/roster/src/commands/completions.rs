//! `roster completions`

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::command_outcome::CommandOutcome;
use crate::terminal;

/// Prints the completion script for `shell`.
///
/// # Errors
/// If stdout cannot be written to.
pub(crate) fn run(shell: Shell) -> anyhow::Result<CommandOutcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "roster", &mut script);
    terminal::print(script)?;
    Ok(CommandOutcome::Done)
}
