//! The statement that reads the rows. Names come from the catalog and are quoted; values come from the presets.

use crate::catalog::{Column, Table};
use crate::dialect::Dialect;
use crate::lookup::{PlannedFilter, PlannedLookup, PlannedTakes, Test};
use crate::plan::Plan;

/// The statement for a plan. Other tables are grouped by person before they are joined, so that a person has one row, and
/// that no index is needed.
pub(crate) fn statement(plan: &Plan<'_>, dialect: &dyn Dialect) -> String {
    let sql = Sql(dialect);
    let mut values: Vec<String> =
        plan.columns.iter().map(|(column, _)| dialect.value(&sql.column("t", column), column)).collect();
    let mut joins = String::new();
    for (number, lookup) in plan.lookups.iter().enumerate() {
        let (alias, count) = (format!("l{number}"), lookup.fields().len());
        values.extend((0..count).map(|value| format!("{alias}.v{value}")));
        let owner = sql.column("t", lookup.owner);
        joins.extend([
            " LEFT JOIN (",
            &sql.grouped(lookup),
            ") AS ",
            &alias,
            " ON ",
            &alias,
            ".k = ",
            &owner,
        ]);
    }
    let filters = sql.filters("t", &plan.filters);
    format!("SELECT {} FROM {} AS t{joins}{filters}", values.join(", "), sql.table(plan.table))
}

/// The quoted names of the tables that the statement reads.
pub(crate) fn tables(plan: &Plan<'_>, dialect: &dyn Dialect) -> Vec<String> {
    let lookups = plan.lookups.iter().map(|lookup| lookup.table);
    let between = plan.lookups.iter().filter_map(|lookup| Some(lookup.through.as_ref()?.table));
    let tables = std::iter::once(plan.table).chain(lookups).chain(between);
    tables.map(|table| Sql(dialect).table(table)).collect()
}

struct Sql<'a>(&'a dyn Dialect);

impl Sql<'_> {
    fn table(&self, table: &Table) -> String {
        let name = self.0.quoted(&table.name);
        table
            .schema
            .as_ref()
            .map_or_else(|| name.clone(), |schema| format!("{}.{name}", self.0.quoted(schema)))
    }

    fn column(&self, alias: &str, column: &Column) -> String {
        format!("{alias}.{}", self.0.quoted(&column.name))
    }

    /// What another table has about each person: one row for each.
    fn grouped(&self, lookup: &PlannedLookup<'_>) -> String {
        let values: Vec<String> = self
            .taken(&lookup.takes)
            .into_iter()
            .enumerate()
            .map(|(number, value)| format!("{value} AS v{number}"))
            .collect();
        let (from, key) = match &lookup.through {
            Some(through) => (
                format!(
                    "{} AS b JOIN {} AS o ON {} = {}",
                    self.table(through.table),
                    self.table(lookup.table),
                    self.column("b", through.refers),
                    self.column("o", through.to)
                ),
                self.column("b", lookup.key),
            ),
            None => (format!("{} AS o", self.table(lookup.table)), self.column("o", lookup.key)),
        };
        let filters = self.filters("o", &lookup.filters);
        format!("SELECT {key} AS k, {} FROM {from}{filters} GROUP BY {key}", values.join(", "))
    }

    fn taken(&self, takes: &PlannedTakes<'_>) -> Vec<String> {
        match takes {
            PlannedTakes::Columns(columns) => columns
                .iter()
                .map(|(column, _)| self.0.only_value(&self.column("o", column), column))
                .collect(),
            PlannedTakes::List(column, _) => vec![self.0.list(&self.column("o", column))],
            PlannedTakes::Objects(_, columns) => {
                let members: Vec<String> = columns
                    .iter()
                    .map(|(column, name)| format!("{}, {}", self.0.text(name), self.column("o", column)))
                    .collect();
                vec![self.0.list(&self.0.object(&members.join(", ")))]
            }
        }
    }

    fn filters(&self, alias: &str, filters: &[PlannedFilter<'_>]) -> String {
        let conditions: Vec<String> = filters
            .iter()
            .map(|filter| {
                let column = self.column(alias, filter.column);
                let as_text = self.0.as_text(&column);
                match &filter.test {
                    Test::Is(value) => format!("{as_text} = {}", self.0.text(value)),
                    Test::IsNot(value) => {
                        format!("({column} IS NULL OR {as_text} <> {})", self.0.text(value))
                    }
                    Test::IsNull => format!("{column} IS NULL"),
                }
            })
            .collect();
        if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
    }
}
