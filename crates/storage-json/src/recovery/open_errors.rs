//! The errors of a store that cannot be opened.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use crate::audit_log::AUDIT_FILE;
use crate::error::OpenError;
use crate::journal::{self, Damage, ReplayError};
use crate::opening::Opening;
use crate::projection::ParseError;

pub(super) fn bad_users(path: PathBuf, error: &ParseError) -> OpenError {
    match *error {
        ParseError::Foreign => OpenError::Foreign { path },
        ParseError::Newer { version, known } => OpenError::Newer { path, version, known },
        ParseError::Sequence(_) | ParseError::Bad(_) => {
            OpenError::BadUsers { path, fault: error.to_string() }
        }
    }
}

pub(super) fn bad_sessions(path: PathBuf, error: ParseError) -> OpenError {
    match error {
        ParseError::Newer { version, known } => OpenError::Newer { path, version, known },
        ParseError::Foreign | ParseError::Sequence(_) | ParseError::Bad(_) => {
            OpenError::BadSessions { path, source: Box::new(error) }
        }
    }
}

pub(super) fn users_missing(opening: &Opening) -> OpenError {
    OpenError::UsersMissing {
        path: opening.folder.join(&opening.users_file),
        audit: opening.folder.join(AUDIT_FILE),
    }
}

pub(super) fn unusable(opening: &Opening, error: impl Error + Send + Sync + 'static) -> OpenError {
    OpenError::Io { path: opening.folder.clone(), source: io::Error::other(error) }
}

pub(super) fn journal_damage(opening: &Opening, error: ReplayError) -> OpenError {
    let path = |file: &str| opening.folder.join(file);
    match error {
        ReplayError::Io { file, source } => OpenError::Io { path: path(&file), source },
        ReplayError::Damaged { file, damage: Damage::Newer(version), .. } => {
            OpenError::Newer { path: path(&file), version, known: journal::VERSION }
        }
        ReplayError::Damaged { file, line, damage } => {
            OpenError::Journal { path: path(&file), line, source: Box::new(damage) }
        }
    }
}
