//! Roster's own export as a table.

use super::records::{ExportHashes, VERSION_FIELD, exported_fields};
use super::writer::UserWriter;
use roster_domain::{User, UserField};
use roster_import::{EXPORT_VERSION, protect_formulas};
use std::io;
use std::sync::Arc;

/// Comma-separated values with a header row.
pub(super) struct TableWriter(pub(super) ExportHashes);

impl UserWriter for TableWriter {
    fn begin(&mut self) -> io::Result<Vec<u8>> {
        let hash = (self.0 == ExportHashes::Include).then_some(ExportHashes::FIELD);
        let names = exported_fields().map(UserField::name).chain([VERSION_FIELD]).chain(hash);
        table(std::iter::once(names.map(str::to_owned)))
    }

    fn users(&mut self, users: &[Arc<User>]) -> io::Result<Vec<u8>> {
        table(users.iter().map(|user| cells(user, self.0)))
    }
}

/// A row, in the order of the header.
fn cells(user: &User, hashes: ExportHashes) -> Vec<String> {
    let texts = exported_fields().map(|field| field.value(user).to_text(" ").unwrap_or_default());
    let mut cells: Vec<_> = texts.chain([EXPORT_VERSION.to_string()]).collect();
    if hashes == ExportHashes::Include {
        cells.push(hashes.of(user).unwrap_or_default().to_owned());
    }
    cells
}

fn table(rows: impl Iterator<Item = impl IntoIterator<Item = String>>) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.into_iter().map(|cell| protect_formulas(&cell)))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}
