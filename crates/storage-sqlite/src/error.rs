//! Why a store cannot be opened or closed, with what to do about it.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use roster_storage_sql::NewerSchema;
use thiserror::Error;

/// What to do about a file or folder that cannot be used.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on its file system",
        ErrorKind::ReadOnlyFilesystem => {
            "mount its file system for writing, or set storage.url to another place"
        }
        ErrorKind::PermissionDenied => {
            "this account may not use it: run this as root or as the account of the server"
        }
        _ => "check that it exists and that this account may read and write it",
    }
}

/// Why a store could not be opened. Each message is one line with a remedy; the source is the cause, if there is one.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process has the store open.
    #[error(
        "the store \"{}\" is held by {}; stop that server, or let that command end",
        path.display(),
        pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
    )]
    Held {
        /// The database.
        path: PathBuf,
        /// The other process, if its id is known.
        pid: Option<u32>,
    },
    /// The database or its folder cannot be read or written.
    #[error("cannot use \"{}\"; {}", path.display(), remedy(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The setting does not name a file.
    #[error("\"{}\" names no file; a SQLite store is a path such as data/roster.db", path.display())]
    NoFile {
        /// The value of the setting.
        path: PathBuf,
    },
    /// The database has another name, through which a second process would write to it.
    #[error(
        "\"{}\" has a second name (a hard link), so two servers could open it at once; remove the other name, or put a \
         copy (cp -p) in place of this one",
        path.display()
    )]
    SecondName {
        /// The file.
        path: PathBuf,
    },
    /// A copy to this place was not completed.
    #[error(
        "the copy to \"{}\" is not complete; if that `roster copy` no longer runs, run it again to go on, or remove \"{}\" to \
         give it up",
        path.display(),
        folder.display()
    )]
    Incomplete {
        /// The database that will be.
        path: PathBuf,
        /// What has been copied.
        folder: PathBuf,
    },
    /// A copy needs a place without a store.
    #[error("there is a store at \"{}\" already; name a place without one", path.display())]
    Occupied {
        /// The database.
        path: PathBuf,
    },
    /// The file is a database, or something else, that Roster did not make.
    #[error("\"{}\" was not made by Roster and is left as it is; set storage.url to another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The database was migrated by a newer Roster, and this one would misread it.
    #[error("\"{}\" cannot be opened", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The versions.
        source: NewerSchema,
    },
    /// The database was made by an older Roster, and reading it does not change it.
    #[error("\"{}\" was made by an older Roster; bring it up to date: roster migrate up", path.display())]
    NotMigrated {
        /// The file.
        path: PathBuf,
    },
    /// There is no space for the files that SQLite keeps beside an open database.
    #[error(
        "the disk is full, and SQLite needs space beside \"{}\" to open it; make room on its file system",
        path.display()
    )]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// SQLite cannot open or migrate the database.
    #[error(
        "SQLite cannot open \"{}\"; if the file is damaged, move it away and restore a backup: roster restore FILE",
        path.display()
    )]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// A thread could not be started.
    #[error("cannot start the store's threads; check the limit on processes of this account")]
    Threads(#[source] io::Error),
}

/// Why the log of a closed store was not moved into the database. Nothing is lost: the next start does it.
#[derive(Debug, Error)]
#[error("the log was not moved into the database; the next start does it")]
pub struct CloseError(#[source] pub(crate) rusqlite::Error);
