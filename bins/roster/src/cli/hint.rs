//! Hints about options that are settings.

use clap::error::{ContextKind, ContextValue};

/// Adds the setting to the error about an option that other servers have.
pub(super) fn with_setting(mut error: clap::Error) -> clap::Error {
    let hint = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(name)) if name == "--port" || name == "-p" => {
            "the port is a setting: ROSTER__SERVER__PORT=9000 roster, or server.port in roster.toml"
        }
        Some(ContextValue::String(name)) if name == "--host" => {
            "the address is a setting: ROSTER__SERVER__HOST=0.0.0.0 roster, or server.host in roster.toml"
        }
        _ => return error,
    };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
    error
}
