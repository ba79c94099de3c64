//! The formats of an export.

use super::peers::{Auth0, Django, Firebase, Keycloak, PeerWriter};
use super::records::{ExportHashes, JsonWriter, NdjsonWriter};
use super::table::TableWriter;
use super::writer::UserWriter;
use serde::{Deserialize, Serialize};

/// The format of an export: one of Roster's own, or what another system imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// One JSON object per line.
    Ndjson,
    /// One JSON array.
    Json,
    /// Comma-separated values (RFC 4180) with a header row, for spreadsheets. Roles are separated by spaces, attributes
    /// are JSON. An apostrophe precedes what a spreadsheet would run as a formula ([`roster_import::protect_formulas`]). The
    /// other formats are exact, so use them for programs.
    Csv,
    /// A realm file of Keycloak with the users and the names of their roles.
    Keycloak,
    /// A file for Auth0's bulk import.
    Auth0,
    /// A file for `firebase auth:import --hash-algo=BCRYPT`.
    Firebase,
    /// A fixture for Django's `loaddata` with the models `auth.User` and `auth.Group`.
    Django,
}

impl ExportFormat {
    pub(super) fn writer(self, hashes: ExportHashes) -> Box<dyn UserWriter> {
        match self {
            Self::Ndjson => Box::new(NdjsonWriter(hashes)),
            Self::Json => Box::new(JsonWriter::new(hashes)),
            Self::Csv => Box::new(TableWriter(hashes)),
            Self::Keycloak => Box::new(PeerWriter::new(Keycloak::default(), hashes)),
            Self::Auth0 => Box::new(PeerWriter::new(Auth0, hashes)),
            Self::Firebase => Box::new(PeerWriter::new(Firebase, hashes)),
            Self::Django => Box::new(PeerWriter::new(Django::default(), hashes)),
        }
    }
}
