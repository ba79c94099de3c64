//! The formats that an import reads.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The format of a file to import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    /// JSON: one document, several in a row, or one object per line.
    Json,
    /// A table with a header, separated by commas, semicolons or bars.
    Csv,
    /// A table with a header, separated by tabs.
    Tsv,
    /// The table without a header that `firebase auth:export` writes.
    FirebaseCsv,
    /// The entries of a directory (RFC 2849).
    Ldif,
    /// Names and hashes, as `htpasswd` writes them.
    Htpasswd,
    /// The accounts of a Unix system (shadow(5)).
    Shadow,
    /// The accounts of an XMPP server (XEP-0227).
    Xmpp,
}

/// Why a text is not a [`FileFormat`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected one of {}", FileFormat::ALL.map(FileFormat::name).join(", "))]
pub struct UnknownFormat;

impl FileFormat {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::Json,
        Self::Csv,
        Self::Tsv,
        Self::FirebaseCsv,
        Self::Ldif,
        Self::Htpasswd,
        Self::Shadow,
        Self::Xmpp,
    ];

    /// Its name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::FirebaseCsv => "firebase-csv",
            Self::Ldif => "ldif",
            Self::Htpasswd => "htpasswd",
            Self::Shadow => "shadow",
            Self::Xmpp => "xmpp",
        }
    }

    /// Its name in messages.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::FirebaseCsv => "CSV of Firebase",
            Self::Ldif => "LDIF",
            Self::Htpasswd => "htpasswd",
            Self::Shadow => "a shadow file",
            Self::Xmpp => "XML of an XMPP server",
        }
    }
}

impl FromStr for FileFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(UnknownFormat)
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
