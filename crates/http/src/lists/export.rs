//! The parameters of an export of users.

use super::users::{filters, read_filter};
use crate::extract::{FromParams, ParamReader, Parameter};
use crate::rules::RawError;
use roster_domain::UserFilter;
use roster_service::{ExportFormat, ExportHashes};
use serde_json::json;

/// What to export.
pub(crate) struct ExportRequest {
    pub(crate) filter: UserFilter,
    /// The format that the query names.
    pub(crate) format: Option<Exported>,
    pub(crate) hashes: ExportHashes,
}

/// A format of an export over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exported {
    Ndjson,
    Json,
    Csv,
}

static OWN: [Parameter; 2] = [
    Parameter {
        name: "format",
        description: "The format. Without it, `Accept` decides, and NDJSON is the default.",
        schema: || json!({ "type": "string", "enum": Exported::ALL.map(Exported::name) }),
    },
    Parameter {
        name: "include",
        description: "`hashes` adds the password hashes. Requires `users:export-hashes` and a recent login.",
        schema: || json!({ "type": "string", "enum": [HASHES] }),
    },
];

const HASHES: &str = "hashes";

impl Exported {
    /// Every format, the default first.
    pub(crate) const ALL: [Self; 3] = [Self::Ndjson, Self::Json, Self::Csv];

    /// The name in a query, and the extension of a file.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// The media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Json => "application/json",
            Self::Csv => "text/csv",
        }
    }

    /// The format of the use case.
    pub(crate) const fn format(self) -> ExportFormat {
        match self {
            Self::Ndjson => ExportFormat::Ndjson,
            Self::Json => ExportFormat::Json,
            Self::Csv => ExportFormat::Csv,
        }
    }
}

impl FromParams for ExportRequest {
    fn known() -> impl Iterator<Item = &'static Parameter> {
        filters().chain(&OWN)
    }

    fn from_params(reader: &mut ParamReader) -> Self {
        let format = reader.parsed("format", |text| {
            let known = Exported::ALL.into_iter().find(|format| format.name() == text);
            known.ok_or_else(|| RawError::new("format_invalid", "expected ndjson, json or csv"))
        });
        let hashes = reader.parsed("include", |text| match text.as_str() {
            HASHES => Ok(ExportHashes::Include),
            _ => Err(RawError::new("include_invalid", "expected hashes")),
        });
        Self { filter: read_filter(reader), format, hashes: hashes.unwrap_or(ExportHashes::Omit) }
    }
}
