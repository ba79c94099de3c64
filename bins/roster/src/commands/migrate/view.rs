//! What `roster migrate` prints.

use std::fmt::Write as _;

use roster_storage_sql::{AppliedMigration, Migration, NewerSchema, SchemaStatus};
use serde::Serialize;

use crate::terminal::{self, counted, printable, to_the_microsecond, to_the_second};

/// The migrations as a table, and what the state of the database means.
pub(super) fn status(place: &str, status: &SchemaStatus) -> String {
    let SchemaStatus { applied, pending, .. } = status;
    let applied =
        applied.iter().map(|made| row(made.version, to_the_second(made.at), made.min_reader, &made.name));
    let pending = pending.iter();
    let pending = pending.map(|next| row(next.version, "pending".to_owned(), next.min_reader, next.name));
    let rows: Vec<_> = applied.chain(pending).collect();
    let table = terminal::table(["VERSION", "MADE", "MIN READER", "NAME"], &rows);
    format!("the database {place} {}\n\n{table}", meaning(status))
}

fn row(version: u32, made: String, min_reader: u32, name: &str) -> [String; 4] {
    [version.to_string(), made, min_reader.to_string(), printable(name)]
}

fn meaning(status: &SchemaStatus) -> String {
    let SchemaStatus { found, known, pending, newer, .. } = status;
    match (newer, pending.len()) {
        (Some(NewerSchema { min_reader, .. }), _) => format!(
            "has version {}, for which a Roster must know version {min_reader}; this one knows only up to {known}",
            found.version
        ),
        (None, 0) if found.version > *known => {
            format!("has version {}, with which this Roster can work; it knows up to {known}", found.version)
        }
        (None, 0) => format!("is up to date: version {}", found.version),
        (None, lacking) => format!(
            "has version {} and lacks {}; make them: roster migrate up",
            found.version,
            counted(lacking as u64, "migration")
        ),
    }
}

/// The statements of these migrations. The table that records them is not among them.
pub(super) fn plan(pending: &[Migration]) -> String {
    if pending.is_empty() {
        return "-- No migration is pending.\n".to_owned();
    }
    let mut text =
        "-- To read, not to run: `roster migrate up` makes these migrations and records them.\n\n".to_owned();
    for Migration { version, name, min_reader, sql } in pending {
        let _ =
            writeln!(text, "-- Migration {version}: {name} (min reader {min_reader})\n{}\n", sql.trim_end());
    }
    text
}

/// What was made.
pub(super) fn made(place: &str, made: &[&Migration]) -> String {
    if made.is_empty() {
        return format!("the database {place} is up to date; nothing was changed\n");
    }
    let lines =
        made.iter().map(|migration| format!("made migration {}: {}\n", migration.version, migration.name));
    lines.chain([format!("the database {place} is up to date\n")]).collect()
}

/// What is said of an engine without a schema.
pub(super) fn no_schema(place: &str) -> String {
    format!(
        "the store {place} has no migrations: it consists of files, which a newer Roster upgrades when it opens them\n"
    )
}

/// The status of a database as JSON.
#[derive(Default, Serialize)]
struct StatusView<'a> {
    /// The version of the database; null for an engine without a schema.
    version: Option<u32>,
    /// The version that a Roster must know to work with the database.
    min_reader: Option<u32>,
    /// The version that this Roster knows.
    known: Option<u32>,
    /// Whether this Roster can work with the database, once the pending migrations are made.
    usable: bool,
    applied: Vec<AppliedView<'a>>,
    pending: Vec<MigrationView>,
}

#[derive(Serialize)]
struct AppliedView<'a> {
    version: u32,
    name: &'a str,
    min_reader: u32,
    made_at: String,
}

#[derive(Serialize)]
struct MigrationView {
    version: u32,
    name: &'static str,
    min_reader: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<&'static str>,
}

/// # Errors
/// None in practice: every field can be serialized. The same applies to the other functions.
pub(super) fn status_json(status: &SchemaStatus) -> serde_json::Result<String> {
    line(&StatusView {
        version: Some(status.found.version),
        min_reader: Some(status.found.min_reader),
        known: Some(status.known),
        usable: status.newer.is_none(),
        applied: status.applied.iter().map(AppliedView::of).collect(),
        pending: status.pending.iter().map(MigrationView::of).collect(),
    })
}

pub(super) fn no_schema_json() -> serde_json::Result<String> {
    line(&StatusView { usable: true, ..StatusView::default() })
}

pub(super) fn plan_json(pending: &[Migration]) -> serde_json::Result<String> {
    let with_sql =
        |migration: &Migration| MigrationView { sql: Some(migration.sql), ..MigrationView::of(migration) };
    line(&pending.iter().map(with_sql).collect::<Vec<_>>())
}

pub(super) fn made_json(made: &[&Migration]) -> serde_json::Result<String> {
    line(&made.iter().map(|migration| MigrationView::of(migration)).collect::<Vec<_>>())
}

fn line(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string(value)? + "\n")
}

impl<'a> AppliedView<'a> {
    fn of(made: &'a AppliedMigration) -> Self {
        let made_at = to_the_microsecond(made.at);
        Self { version: made.version, name: &made.name, min_reader: made.min_reader, made_at }
    }
}

impl MigrationView {
    const fn of(migration: &Migration) -> Self {
        let Migration { version, name, min_reader, .. } = *migration;
        Self { version, name, min_reader, sql: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    static MIGRATIONS: [Migration; 2] = [
        Migration { version: 1, name: "the tables", min_reader: 1, sql: "CREATE TABLE users;\n" },
        Migration { version: 2, name: "signing keys", min_reader: 1, sql: "CREATE TABLE keys;\n" },
    ];

    fn status_with(applied: &[(u32, u32)]) -> SchemaStatus {
        let made = |&(version, min_reader)| AppliedMigration {
            version,
            name: format!("change {version}"),
            min_reader,
            at: Timestamp::UNIX_EPOCH,
        };
        SchemaStatus::new(&MIGRATIONS, applied.iter().map(made).collect())
    }

    #[test]
    fn the_status_says_what_to_do() {
        for (applied, says) in [
            (
                &[(1, 1)][..],
                "the database x has version 1 and lacks 1 migration; make them: roster migrate up",
            ),
            (&[(1, 1), (2, 1)], "the database x is up to date: version 2"),
            (&[(1, 1), (2, 1), (3, 1)], "has version 3, with which this Roster can work; it knows up to 2"),
            (
                &[(1, 1), (2, 1), (3, 3)],
                "has version 3, for which a Roster must know version 3; this one knows only up to 2",
            ),
        ] {
            let text = status("x", &status_with(applied));
            assert!(text.contains(says), "{text}");
        }
    }

    #[test]
    fn the_table_has_a_row_for_each_migration_of_either_version() {
        let text = status("x", &status_with(&[(1, 1), (2, 1), (3, 1)]));
        let rows: Vec<_> = text.lines().skip(3).collect();
        assert!(rows.len() == 3 && rows[2].starts_with('3') && rows[2].contains("change 3"), "{text}");
        let pending = status("x", &status_with(&[(1, 1)]));
        assert!(pending.lines().last().unwrap().contains("pending"), "{pending}");
    }

    #[test]
    fn a_plan_is_sql() {
        let text = plan(status_with(&[(1, 1)]).plan().unwrap());
        assert!(text.starts_with("-- To read"), "{text}");
        assert!(
            text.ends_with("\n\n-- Migration 2: signing keys (min reader 1)\nCREATE TABLE keys;\n\n"),
            "{text}"
        );
        assert!(plan(&[]).starts_with("-- "));
    }
}
