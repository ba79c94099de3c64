//! The lookups of a preset, found in the tables that there are.

use crate::catalog::{Catalog, Column, Table, TableName};
use crate::preset::{Filter, Lookup, PeerTables, Takes};

/// The tables of one installation.
pub(crate) struct Tables<'a> {
    catalog: &'a Catalog,
    main: &'a Table,
    /// The prefix in the preset, and the one of the installation.
    prefixes: (&'static str, &'a str),
}

/// What is read from another table.
pub(crate) struct PlannedLookup<'a> {
    pub(crate) table: &'a Table,
    /// The column of `table`, or of the table between, that names the person.
    pub(crate) key: &'a Column,
    pub(crate) owner: &'a Column,
    pub(crate) through: Option<PlannedThrough<'a>>,
    pub(crate) filters: Vec<PlannedFilter<'a>>,
    pub(crate) takes: PlannedTakes<'a>,
}

/// The table between, with its column and the one of the other table that are equal.
pub(crate) struct PlannedThrough<'a> {
    pub(crate) table: &'a Table,
    pub(crate) refers: &'a Column,
    pub(crate) to: &'a Column,
}

pub(crate) enum PlannedTakes<'a> {
    Columns(Vec<(&'a Column, &'static str)>),
    List(&'a Column, &'static str),
    Objects(&'static str, Vec<(&'a Column, &'static str)>),
}

/// A condition on a column.
pub(crate) struct PlannedFilter<'a> {
    pub(crate) column: &'a Column,
    pub(crate) test: Test,
}

pub(crate) enum Test {
    Is(String),
    IsNot(String),
    IsNull,
}

impl<'a> Tables<'a> {
    pub(crate) fn new(catalog: &'a Catalog, main: &'a Table, peer: &PeerTables) -> Self {
        let suffix = peer.main.strip_prefix(peer.prefix).unwrap_or(peer.main);
        let prefix = main.name.strip_suffix(suffix).unwrap_or(peer.prefix);
        Self { catalog, main, prefixes: (peer.prefix, prefix) }
    }

    fn named(&self, name: &str) -> String {
        let (usual, here) = self.prefixes;
        match name.strip_prefix(usual) {
            Some(rest) if !usual.is_empty() => format!("{here}{rest}"),
            _ => name.replace("{}", &self.main.name),
        }
    }

    /// A table in the schema of the main one.
    fn find(&self, name: &str) -> Result<&'a Table, String> {
        let name = TableName::beside(self.main.schema.as_deref(), &self.named(name));
        self.catalog.find(&name).ok_or_else(|| format!("there is no table {}", name.name()))
    }
}

fn column<'a>(table: &'a Table, name: &str) -> Result<&'a Column, String> {
    table.column(name).ok_or_else(|| {
        let table_name = table.full_name();
        if table.hides(name) {
            format!("the column {name} of {table_name} may not be read")
        } else {
            format!("{table_name} has no column {name}")
        }
    })
}

impl<'a> PlannedLookup<'a> {
    /// # Errors
    /// A note if a table or a column is missing. It begins with the name of a field.
    pub(crate) fn new(lookup: &Lookup, tables: &Tables<'a>) -> Result<Self, String> {
        Self::find(lookup, tables)
            .map_err(|missing| format!("{}: not read, because {missing}", fields(&lookup.takes).join(", ")))
    }

    fn find(lookup: &Lookup, tables: &Tables<'a>) -> Result<Self, String> {
        let table = tables.find(lookup.table)?;
        let through = match lookup.through {
            Some(through) => {
                let between = tables.find(through.table)?;
                let (refers, to) = (column(between, through.refers)?, column(table, through.to)?);
                Some(PlannedThrough { table: between, refers, to })
            }
            None => None,
        };
        let key_table = through.as_ref().map_or(table, |through| through.table);
        let each = |columns: &[(&str, &'static str)]| {
            columns
                .iter()
                .map(|(name, field)| Ok((column(table, name)?, *field)))
                .collect::<Result<Vec<_>, String>>()
        };
        let takes = match lookup.takes {
            Takes::Columns(columns) => PlannedTakes::Columns(each(columns)?),
            Takes::List(name, field) => PlannedTakes::List(column(table, name)?, field),
            Takes::Objects(field, columns) => PlannedTakes::Objects(field, each(columns)?),
        };
        Ok(Self {
            table,
            key: column(key_table, lookup.key)?,
            owner: column(tables.main, lookup.owner)?,
            filters: filters(table, lookup.only, tables)?,
            through,
            takes,
        })
    }

    /// The names of the fields that it adds.
    pub(crate) fn fields(&self) -> Vec<String> {
        match &self.takes {
            PlannedTakes::Columns(columns) => columns.iter().map(|(_, field)| (*field).to_owned()).collect(),
            PlannedTakes::List(_, field) | PlannedTakes::Objects(field, _) => vec![(*field).to_owned()],
        }
    }

    /// Whether the statement makes JSON of the rows.
    pub(crate) const fn makes_json(&self) -> bool {
        matches!(self.takes, PlannedTakes::List(..) | PlannedTakes::Objects(..))
    }

    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.fields().iter().any(|field| field == name)
    }
}

fn fields(takes: &Takes) -> Vec<&'static str> {
    match takes {
        Takes::Columns(columns) => columns.iter().map(|(_, field)| *field).collect(),
        Takes::List(_, field) | Takes::Objects(field, _) => vec![field],
    }
}

/// The filters on columns that the table has.
///
/// # Errors
/// A note if a column may not be read: without it, too many rows would count.
pub(crate) fn filters<'a>(
    table: &'a Table,
    filters: &[Filter],
    tables: &Tables<'_>,
) -> Result<Vec<PlannedFilter<'a>>, String> {
    let planned = |filter: &Filter| {
        let (name, test) = match *filter {
            Filter::Is(name, value) => (name, Test::Is(tables.named(value))),
            Filter::IsNot(name, value) => (name, Test::IsNot(tables.named(value))),
            Filter::IsNull(name) => (name, Test::IsNull),
        };
        match column(table, name) {
            Ok(column) => Ok(Some(PlannedFilter { column, test })),
            Err(hidden) if table.hides(name) => Err(hidden),
            Err(_) => Ok(None),
        }
    };
    filters.iter().filter_map(|filter| planned(filter).transpose()).collect()
}
