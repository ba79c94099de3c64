//! The moves that put a restored store in place. Renaming the database is the first of them and decides; a list beside it
//! names the others, so that whoever opens the store next can make those that a kill prevented.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::lock::DatabaseLocation;

/// The ending of the folder in which a store is built.
const STAGING: &str = ".restoring";
/// The list in that folder.
const LIST: &str = "moves";

/// The moves besides that of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Moves {
    /// The folder for what is replaced, in the folder of the database.
    pub(super) replaced: String,
    /// Names that move from the folder of the database to `replaced`.
    pub(super) out: Vec<String>,
    /// Names that move from the staging folder to the folder of the database.
    pub(super) into: Vec<String>,
}

/// The folder in which a store is built.
pub(crate) fn staging(place: &DatabaseLocation) -> PathBuf {
    place.beside(STAGING)
}

/// The database in that folder.
pub(super) fn staged_database(place: &DatabaseLocation) -> PathBuf {
    staging(place).join(place.file.file_name().unwrap_or_default())
}

/// Whether a restore was decided and is not complete.
pub(crate) fn is_unfinished(place: &DatabaseLocation) -> bool {
    staging(place).join(LIST).exists() && !staged_database(place).exists()
}

/// Whether no restore is in progress, and none was interrupted.
pub(crate) fn is_at_rest(place: &DatabaseLocation) -> bool {
    !staging(place).exists()
}

/// Completes a restore that was decided, or removes what is left of one that was not.
pub(crate) fn settle(place: &DatabaseLocation) -> io::Result<()> {
    let list = staging(place).join(LIST);
    if list.exists() {
        let moves = Moves::parse(&fs::read_to_string(list)?)?;
        if is_unfinished(place) { moves.carry_out(place)? } else { moves.undo(place) }
    }
    clear(place)
}

/// Removes the staging folder.
pub(super) fn clear(place: &DatabaseLocation) -> io::Result<()> {
    match fs::remove_dir_all(staging(place)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Moves {
    /// Writes the list to the staging folder.
    pub(super) fn write(&self, place: &DatabaseLocation) -> io::Result<()> {
        let path = staging(place).join(LIST);
        let mut file = File::create(&path)?;
        writeln!(file, "replaced {}", self.replaced)?;
        for name in &self.out {
            writeln!(file, "out {name}")?;
        }
        for name in &self.into {
            writeln!(file, "into {name}")?;
        }
        file.sync_all()?;
        File::open(staging(place))?.sync_all()
    }

    fn parse(list: &str) -> io::Result<Self> {
        let mut moves = Self::default();
        for line in list.lines() {
            match line.split_once(' ') {
                Some((_, name)) if !is_plain(name) => return Err(invalid(line)),
                Some(("replaced", name)) => name.clone_into(&mut moves.replaced),
                Some(("out", name)) => moves.out.push(name.to_owned()),
                Some(("into", name)) => moves.into.push(name.to_owned()),
                _ => return Err(invalid(line)),
            }
        }
        Ok(moves)
    }

    /// Removes the second name of a database that was not replaced, and its folder.
    fn undo(&self, place: &DatabaseLocation) {
        let replaced = place.folder.join(&self.replaced);
        // Nothing depends on it, and the folder stays if it is not empty.
        let _ = fs::remove_file(replaced.join(place.file.file_name().unwrap_or_default()));
        let _ = fs::remove_dir(replaced);
    }

    /// Makes the moves that were not made yet.
    pub(super) fn carry_out(&self, place: &DatabaseLocation) -> io::Result<()> {
        let replaced = place.folder.join(&self.replaced);
        for name in &self.out {
            if !replaced.join(name).exists() {
                rename_if_there(&place.folder.join(name), &replaced.join(name))?;
            }
        }
        for name in &self.into {
            rename_if_there(&staging(place).join(name), &place.folder.join(name))?;
        }
        File::open(&place.folder)?.sync_all()
    }
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Whether this is the name of a file, and not a path that leads elsewhere.
pub(super) fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let is_name = matches!(parts.next(), Some(std::path::Component::Normal(_)));
    is_name && parts.next().is_none() && !name.contains('\n')
}

fn invalid(line: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("{line:?} is not a move of a restore"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_a_path_is_refused() {
        for line in ["out ../keys", "into /etc/passwd", "move keys", "out"] {
            assert!(Moves::parse(line).is_err(), "{line}");
        }
        let moves = Moves::parse("replaced old\nout keys\ninto keys\n").unwrap();
        assert_eq!((moves.out, moves.into), (vec!["keys".to_owned()], vec!["keys".to_owned()]));
    }
}
