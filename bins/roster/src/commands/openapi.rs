//! `roster openapi`

use crate::command_outcome::CommandOutcome;
use crate::terminal;

/// Prints the OpenAPI document of this version. It needs no settings and no store.
///
/// # Errors
/// If stdout cannot be written.
pub(crate) fn run() -> anyhow::Result<CommandOutcome> {
    terminal::print(roster_http::openapi_document())?;
    terminal::print("\n")?;
    Ok(CommandOutcome::Done)
}
