//! Databases of SQLite for tests.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// The password of [`HASH`].
pub(crate) const PASSWORD: &str = "csv-correct-horse";

/// A hash, made by the package that `fixtures/formats/README.md` names for people.csv.
pub(crate) const HASH: &str = "$2b$04$IF.qmhr.tW0rs4gtC4hYi.b4FBKgYDe54CLmrg5aM3lQwMuzkYmcW";

/// A database with these statements.
pub(crate) fn database(folder: &Path, statements: &str) -> PathBuf {
    let path = folder.join("app.db");
    Connection::open(&path).unwrap().execute_batch(statements).unwrap();
    path
}

/// The argument for a file.
pub(crate) fn source(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}
