//! `[log]`

use crate::fields::SettingsReader;
use crate::rules;

/// The longest filter, in bytes.
const FILTER_LIMIT: usize = 4096;

/// Logs.
#[derive(Debug)]
pub struct Log {
    /// For machines or for people.
    pub format: LogFormat,
    /// A filter such as `info,roster::access=warn`; whether it is well-formed, the telemetry crate says.
    pub level: String,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// A JSON object a line.
    #[default]
    Json,
    /// For people.
    Pretty,
}

impl Log {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let formats = [("json", LogFormat::Json), ("pretty", LogFormat::Pretty)];
        Self {
            format: fields.one("log.format", rules::one_of(formats)),
            level: fields.one("log.level", rules::line(FILTER_LIMIT)),
        }
    }
}
