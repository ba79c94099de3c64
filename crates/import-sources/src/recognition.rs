//! Which systems have the tables that a database has.

use crate::catalog::{Catalog, Table, TableName};
use crate::preset::{PeerSource, Preset};
use crate::presets::PRESETS;

/// The systems whose main table is there, with this table; those with more signs first.
pub(crate) fn recognised(catalog: &Catalog) -> Vec<(&Table, &'static Preset)> {
    let mut found: Vec<_> =
        PRESETS.iter().filter_map(|preset| Some((main_of(catalog, preset)?, preset))).collect();
    found.sort_by_key(|(_, preset)| std::cmp::Reverse(preset.signs().len()));
    found
}

fn main_of<'a>(catalog: &'a Catalog, preset: &Preset) -> Option<&'a Table> {
    let PeerSource::Tables(peer) = &preset.source else { return None };
    let table = catalog.find(&TableName::beside(peer.schema, peer.main))?;
    peer.signs.iter().all(|sign| table.column(sign).is_some()).then_some(table)
}

impl Preset {
    fn signs(&self) -> &'static [&'static str] {
        match &self.source {
            PeerSource::Tables(peer) => peer.signs,
            PeerSource::File(_) => &[],
        }
    }

    /// Whether more than the main table is read.
    pub(crate) fn has_lookups(&self) -> bool {
        matches!(&self.source, PeerSource::Tables(peer) if !peer.lookups.is_empty())
    }
}
