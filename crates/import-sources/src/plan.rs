//! What to read: the names in a preset or of the operator, found in the tables that there are.

use crate::catalog::{Catalog, Column, Table, TableName};
use crate::error::{MAX_COLUMNS, SourceError, listed};
use crate::lookup::{PlannedFilter, PlannedLookup, Tables, filters};
use crate::preset::{Meaning, PeerSource, PeerTables, Preset};
use crate::recognition::recognised;

/// What the operator asks for.
#[derive(Clone, Default)]
pub struct Selection {
    /// The system whose tables these are.
    pub preset: Option<&'static Preset>,
    /// The table.
    pub table: Option<TableName>,
    /// Only rows in which this field has this value.
    pub only: Vec<(String, String)>,
}

/// What to read from a database.
pub(crate) struct Plan<'a> {
    pub(crate) table: &'a Table,
    pub(crate) columns: Vec<(&'a Column, String)>,
    pub(crate) lookups: Vec<PlannedLookup<'a>>,
    pub(crate) filters: Vec<PlannedFilter<'a>>,
    meanings: &'static [(&'static str, Meaning)],
    /// What the operator should know.
    pub(crate) notes: Vec<String>,
}

/// A field of the records.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) meaning: Option<Meaning>,
}

impl<'a> Plan<'a> {
    /// # Errors
    /// If there is no such table, it has too many columns, or a column may not be read that says who is locked out: one whose
    /// name `says_locked`.
    pub(crate) fn new(
        catalog: &'a Catalog,
        selection: &Selection,
        says_locked: fn(&str) -> bool,
    ) -> Result<Self, SourceError> {
        if catalog.tables.is_empty() {
            return Err(SourceError::NoTables);
        }
        let peer = match selection.preset {
            Some(Preset { source: PeerSource::Tables(tables), .. }) => Some(tables),
            Some(Preset { source: PeerSource::File(how), name, .. }) => {
                return Err(SourceError::NoDatabase { name, how });
            }
            None => None,
        };
        let table = main_table(catalog, selection, peer)?;
        if table.columns.len() > MAX_COLUMNS {
            let columns = table.columns.len();
            return Err(SourceError::TooManyColumns { table: table.full_name(), columns });
        }
        check_hidden(table, says_locked)?;
        let Some(peer) = peer else { return Ok(Self::of_table(catalog, table)) };
        let tables = Tables::new(catalog, table, peer);
        let mut plan = Self {
            columns: renamed(table, peer.rename),
            filters: filters(table, peer.only, &tables).map_err(SourceError::PeopleNotReadable)?,
            meanings: peer.meanings,
            ..Self::empty(table)
        };
        for lookup in peer.lookups {
            match PlannedLookup::new(lookup, &tables) {
                Ok(found) => plan.add_lookup(found),
                Err(missing) if lookup.is_required => return Err(SourceError::LocksNotReadable(missing)),
                Err(missing) => plan.notes.push(missing),
            }
        }
        plan.drop_needless_notes();
        plan.notes.extend(hidden_columns(table));
        Ok(plan)
    }

    fn empty(table: &'a Table) -> Self {
        Self {
            table,
            columns: Vec::new(),
            lookups: Vec::new(),
            filters: Vec::new(),
            meanings: &[],
            notes: Vec::new(),
        }
    }

    fn of_table(catalog: &Catalog, table: &'a Table) -> Self {
        let with_lookups = recognised(catalog)
            .into_iter()
            .filter(|(found, peer)| std::ptr::eq(*found, table) && peer.has_lookups());
        let notes = with_lookups.map(|(_, preset)| {
            format!(
                "these look like the tables of {0}: --from {0} also reads what it keeps in others",
                preset.name
            )
        });
        let notes = notes.chain(hidden_columns(table)).collect();
        Self { columns: renamed(table, &[]), notes, ..Self::empty(table) }
    }

    /// Adds a lookup whose fields no earlier one has.
    fn add_lookup(&mut self, lookup: PlannedLookup<'a>) {
        let taken = |field: &str| self.lookups.iter().any(|other| other.has_field(field));
        if !lookup.fields().iter().any(|field| taken(field)) {
            self.columns.retain(|(_, field)| !lookup.has_field(field));
            self.lookups.push(lookup);
        }
    }

    /// Removes the notes about tables of another version whose fields come from elsewhere.
    fn drop_needless_notes(&mut self) {
        if !self.lookups.is_empty() {
            let lookups = &self.lookups;
            self.notes.retain(|note| {
                !lookups.iter().any(|lookup| lookup.fields().iter().any(|field| note.starts_with(field)))
            });
        }
    }

    /// The fields of the records, in the order of the columns of the statement.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let names = self.columns.iter().map(|(_, field)| field.clone());
        let names = names.chain(self.lookups.iter().flat_map(PlannedLookup::fields));
        let meaning =
            |name: &str| self.meanings.iter().find(|(field, _)| *field == name).map(|(_, meaning)| *meaning);
        names.map(|name| Field { meaning: meaning(&name), name }).collect()
    }

    /// Which of the fields are JSON that the statement has made.
    pub(crate) fn json(&self) -> Vec<bool> {
        let made = self.lookups.iter().flat_map(|lookup| vec![lookup.makes_json(); lookup.fields().len()]);
        vec![false; self.columns.len()].into_iter().chain(made).collect()
    }

    /// Which of the fields identifies a row.
    pub(crate) fn key(&self) -> Option<usize> {
        let key = self.table.key.as_ref()?;
        self.columns.iter().position(|(column, _)| column.name == *key)
    }

    /// The index of a field by its name, or by that of its column.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn field(&self, wanted: &str) -> Result<usize, SourceError> {
        let fields = self.fields();
        let by_field = fields.iter().position(|field| field.name == wanted);
        let by_column = || self.columns.iter().position(|(column, _)| column.name == wanted);
        by_field.or_else(by_column).ok_or_else(|| SourceError::NoColumn {
            table: self.table.full_name(),
            column: wanted.to_owned(),
            columns: fields.into_iter().map(|field| field.name).collect(),
        })
    }
}

fn check_hidden(table: &Table, says_locked: fn(&str) -> bool) -> Result<(), SourceError> {
    match table.hidden.iter().find(|column| says_locked(column)) {
        Some(column) => {
            let hidden = format!("the column {column} of {} may not be read", table.full_name());
            Err(SourceError::LocksNotReadable(hidden))
        }
        None => Ok(()),
    }
}

/// A note about the columns that may not be read.
fn hidden_columns(table: &Table) -> Option<String> {
    (!table.hidden.is_empty()).then(|| {
        let columns = listed(&table.hidden);
        format!(
            "not imported, because the user of the database may not read it: {columns} of {}",
            table.full_name()
        )
    })
}

/// The columns of a table, some under another name. A name that another column has is not given.
fn renamed<'a>(table: &'a Table, rename: &[(&str, &str)]) -> Vec<(&'a Column, String)> {
    let new_name = |column: &Column| {
        let (_, name) = rename.iter().find(|(old, _)| *old == column.name)?;
        let is_taken = table.columns.iter().any(|other| other.name == *name);
        let is_freed = rename.iter().any(|(old, _)| old == name);
        (!is_taken || is_freed).then(|| (*name).to_owned())
    };
    table
        .columns
        .iter()
        .map(|column| (column, new_name(column).unwrap_or_else(|| column.name.clone())))
        .collect()
}

fn main_table<'a>(
    catalog: &'a Catalog,
    selection: &Selection,
    peer: Option<&PeerTables>,
) -> Result<&'a Table, SourceError> {
    let wanted = match (&selection.table, peer) {
        (Some(table), _) => table.clone(),
        (None, Some(peer)) => TableName::beside(peer.schema, peer.main),
        (None, None) => {
            let names: Vec<_> = recognised(catalog).iter().map(|(_, preset)| preset.name).collect();
            let hint = if names.is_empty() {
                String::new()
            } else {
                format!(" (it looks like --from {})", names.join(" or "))
            };
            return Err(SourceError::TableNotNamed { tables: catalog.names(None), hint });
        }
    };
    if let Some(table) = catalog.find(&wanted) {
        return Ok(table);
    }
    if catalog.hides(&wanted) {
        return Err(SourceError::TableNotReadable(wanted.to_string()));
    }
    let by_prefix = peer.filter(|_| selection.table.is_none()).map(|peer| with_other_prefix(catalog, peer));
    match by_prefix.unwrap_or_default()[..] {
        [table] => Ok(table),
        _ => Err(SourceError::NoTable {
            wanted: wanted.to_string(),
            tables: catalog.names(Some(&wanted)),
            hint: peer.map_or("", |_| "; --table names another one").to_owned(),
        }),
    }
}

/// The tables that are the main one of an installation with another prefix.
fn with_other_prefix<'a>(catalog: &'a Catalog, peer: &PeerTables) -> Vec<&'a Table> {
    let Some(suffix) = peer.main.strip_prefix(peer.prefix).filter(|_| !peer.prefix.is_empty()) else {
        return Vec::new();
    };
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '$');
    let is_main = |table: &&Table| {
        table.in_search_path
            && table.name.strip_suffix(suffix).is_some_and(|prefix| prefix.chars().all(is_plain))
            && peer.signs.iter().all(|sign| table.column(sign).is_some())
    };
    catalog.tables.iter().filter(is_main).collect()
}
