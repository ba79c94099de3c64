//! Why a store cannot be opened or closed, with what to do about it.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use thiserror::Error;

/// What to do about a file or folder that cannot be used.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on its file system",
        ErrorKind::ReadOnlyFilesystem => {
            "mount its file system for writing, or set data.dir to another folder"
        }
        ErrorKind::PermissionDenied => {
            "this account may not use it: run this as root or as the account of the server; `roster doctor` says which \
             file belongs to another account"
        }
        _ => "check that it exists and that this account may read and write it",
    }
}

/// Why a store could not be opened. Each message is one line with a remedy; the source is the cause, if there is one.
/// Nothing in the data folder was changed.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process has the store open.
    #[error(
        "the store in \"{}\" is held by {}; stop that server, or wait for that command to end",
        folder.display(),
        pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
    )]
    Held {
        /// The data folder.
        folder: PathBuf,
        /// The other process, if its id is known.
        pid: Option<u32>,
    },
    /// The data folder, or a file in it, cannot be read or written.
    #[error("cannot use \"{}\"; {}", path.display(), remedy(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The setting does not name a file.
    #[error("\"{}\" names no file; a JSON store is a path such as data/users.json", path.display())]
    NoFile {
        /// The value of the setting.
        path: PathBuf,
    },
    /// A copy to this folder was not completed.
    #[error(
        "the copy to \"{}\" is not complete; if that `roster copy` no longer runs, run it again to go on, or remove \"{}\" to \
         give it up",
        path.display(),
        folder.display()
    )]
    Incomplete {
        /// The users file that will be.
        path: PathBuf,
        /// What has been copied.
        folder: PathBuf,
    },
    /// A copy needs a folder without a store.
    #[error("there is a store in \"{}\" already; name a folder without one", folder.display())]
    Occupied {
        /// The data folder.
        folder: PathBuf,
    },
    /// The file was not written by Roster.
    #[error(
        "\"{}\" was not written by Roster and is left as it is; to take its users over, move it to another \
         place and run: roster import FILE", path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer Roster.
    #[error(
        "\"{}\" has format version {version}, and this Roster knows only up to {known}; use the Roster that wrote \
         it, or a later one",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        version: u64,
        /// The newest version that this Roster reads.
        known: u64,
    },
    /// The content of the file is invalid, most likely after an edit.
    #[error(
        "\"{}\" cannot be read as users: {fault}; correct it, or put back the file as it was",
        path.display()
    )]
    BadUsers {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        fault: String,
    },
    /// The sessions file cannot be read.
    #[error(
        "\"{}\" cannot be read as sessions; put back the file as it was, or move it away: then all users have to \
         log in again",
        path.display()
    )]
    BadSessions {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Another program changed the file while the journal still had changes for it.
    #[error(
        "\"{}\" was edited while {units} changes were still only in the journal; put back the file as it was, \
         start and stop Roster, and edit again (or, to give up those changes, move the journal-*.ndjson files away)",
        path.display()
    )]
    EditedBeforeSnapshot {
        /// The file.
        path: PathBuf,
        /// The number of changes in the journal.
        units: u64,
    },
    /// The file is missing, although the audit log has records of it.
    #[error(
        "\"{}\" is missing, though \"{}\" records changes to it; put it back from a backup, or move \
         that file away to begin with an empty store",
        path.display(),
        audit.display()
    )]
    UsersMissing {
        /// The file.
        path: PathBuf,
        /// The audit log.
        audit: PathBuf,
    },
    /// The list of moves of an interrupted restore is invalid, or its folders are.
    #[error(
        "\"{}\" is not what an interrupted restore leaves, and nothing was moved; remove it, and restore the backup again",
        path.display()
    )]
    BadMoves {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The file is a mount point, so it cannot be replaced atomically.
    #[error("\"{}\" is a mount point, which cannot be replaced atomically; mount its folder instead", path.display())]
    Mounted {
        /// The file.
        path: PathBuf,
    },
    /// Acknowledged units are missing from the journal.
    #[error(
        "the journal is damaged at \"{}\", line {line}; restore the data folder from a backup (or, to give up \
         everything from that line on, move this and all later journal-*.ndjson files away)",
        path.display()
    )]
    Journal {
        /// The segment.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A thread could not be started.
    #[error("cannot start the store's threads; check the limit on processes of this account")]
    Threads(#[source] io::Error),
}

/// Why a store was closed without its last snapshot. Nothing is lost: the changes are in the journal, and the next
/// start reads them.
#[derive(Debug, Error)]
#[error("the last snapshot was not written; the journal keeps the changes")]
pub struct CloseError(#[source] pub(crate) Box<dyn Error + Send + Sync>);
