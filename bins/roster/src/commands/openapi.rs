//! `roster openapi`

use crate::command_outcome::CommandOutcome;
use crate::terminal;

/// Prints the OpenAPI document of this version. Needs neither settings nor a store.
///
/// # Errors
/// If stdout cannot be written to.
pub(crate) fn run() -> anyhow::Result<CommandOutcome> {
    terminal::print(roster_http::openapi_document())?;
    terminal::print("\n")?;
    Ok(CommandOutcome::Done)
}
