//! `[log]`

use crate::fields::SettingsReader;
use crate::rules;

/// The longest filter, in bytes.
const FILTER_LIMIT: usize = 4096;

/// Logs.
#[derive(Debug)]
pub struct Log {
    /// The format of a line.
    pub format: LogFormat,
    /// A filter such as `info,roster::access=warn`; the telemetry crate validates it.
    pub level: String,
}

/// The format of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One JSON object per line.
    #[default]
    Json,
    /// For humans.
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
