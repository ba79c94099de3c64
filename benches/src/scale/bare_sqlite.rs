//! The least that an import needs of SQLite: a loop that inserts the same rows.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

const GROUP: usize = 10_000;

/// Seconds of a loop that inserts the rows of the imported database into another one, and then makes the indexes.
pub(super) fn import(imported: &Path) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let from = Connection::open(imported)?;
    let mut to = Connection::open(folder.path().join("bare.db"))?;
    to.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    to.pragma_update(None, "synchronous", "full")?;
    to.pragma_update(None, "cache_size", -65_536)?;
    let began = Instant::now();
    create(&from, &to, "type = 'table'")?;
    for table in ["users", "login_names", "user_roles", "audit"] {
        copy(&from, &mut to, table)?;
    }
    create(&from, &to, "type = 'index'")?;
    to.execute_batch("INSERT INTO user_search (user_search) VALUES ('rebuild')")?;
    Ok(began.elapsed().as_secs_f64())
}

/// Creates what meets the condition, apart from the tables that a search index makes itself.
fn create(from: &Connection, to: &Connection, condition: &str) -> Result<()> {
    let mut schema = from.prepare(&format!(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'user_search_*' \
         AND name NOT GLOB 'sqlite_*' AND {condition} ORDER BY rowid"
    ))?;
    for sql in schema.query_map([], |row| row.get::<_, String>(0))? {
        to.execute_batch(&sql?)?;
    }
    Ok(())
}

fn copy(from: &Connection, to: &mut Connection, table: &str) -> Result<()> {
    let mut rows = from.prepare(&format!("SELECT * FROM {table}"))?;
    let width = rows.column_count();
    let insert = format!("INSERT INTO {table} VALUES ({})", vec!["?"; width].join(", "));
    let values =
        |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>();
    let mut rows = rows.query_map([], values)?;
    loop {
        let group = rows.by_ref().take(GROUP).collect::<Result<Vec<_>, _>>()?;
        if group.is_empty() {
            return Ok(());
        }
        let transaction = to.transaction()?;
        for row in group {
            transaction.prepare_cached(&insert)?.execute(params_from_iter(row))?;
        }
        transaction.commit()?;
    }
}
