//! Puts a restored store in the place of another, so that a kill at any moment leaves one of the two.
//!
//! The restored store is made whole in `restore.new/`. Then `restore.json` is written, which lists what moves out of the
//! way and what moves in. From then on the restored store is the one that counts: whoever opens the folder next carries
//! out the moves that are left. Without `restore.json`, `restore.new/` is what an interrupted restore left, and goes.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::staging::create;
use crate::disk::Owner;

/// The folder in which a restored store is made.
pub(crate) const STAGING: &str = "restore.new";
/// The list of moves, while they are made.
pub(crate) const SWITCH_FILE: &str = "restore.json";

const FORMAT: &str = "roster-restore";
const VERSION: u64 = 1;

/// What moves, by paths in the data folder, or absolute ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    format: String,
    version: u64,
    /// Moves out of the way, done first.
    out: Vec<Move>,
    /// Moves in.
    #[serde(rename = "in")]
    into: Vec<Move>,
}

/// A file or folder that gets another path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
}

impl Switch {
    pub(crate) fn new(out: Vec<Move>, into: Vec<Move>) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, out, into }
    }

    /// Decides for the restored store, which is whole and synced, and makes the moves.
    ///
    /// # Errors
    /// Whatever the disk says. Where the list is in its place already, [`finish`] goes on.
    pub(crate) fn make(&self, folder: &Path, owner: Owner) -> io::Result<()> {
        for place in self.parents(folder).iter().filter(|place| !place.exists()) {
            owner.make_folder(place)?;
        }
        write_whole(folder, owner, &serde_json::to_vec_pretty(self)?)?;
        self.carry_out(folder)
    }

    /// Makes the moves that are left. Each is made once, however often this is called.
    fn carry_out(&self, folder: &Path) -> io::Result<()> {
        for step in &self.out {
            // Where both are there, the first is the restored one already.
            step.make(folder).or_else(|error| unless(error, ErrorKind::AlreadyExists))?;
        }
        self.sync(folder)?;
        for step in &self.into {
            step.make(folder)?;
        }
        self.sync(folder)?;
        clear_staging(folder)?;
        fs::remove_file(folder.join(SWITCH_FILE))?;
        sync(folder)
    }

    fn sync(&self, folder: &Path) -> io::Result<()> {
        let sources = self.out.iter().chain(&self.into).filter_map(|step| step.from.parent());
        let sources = sources.map(|place| folder.join(place));
        let places: BTreeSet<_> = self.parents(folder).into_iter().chain(sources).collect();
        places.iter().filter(|place| place.exists()).try_for_each(|place| sync(place))
    }

    /// The folders that something moves to.
    fn parents(&self, folder: &Path) -> BTreeSet<PathBuf> {
        let targets = self.out.iter().chain(&self.into).filter_map(|step| step.to.parent());
        targets.map(|place| folder.join(place)).collect()
    }
}

impl Move {
    /// A move that was made already is no failure.
    fn make(&self, folder: &Path) -> io::Result<()> {
        let (from, to) = (folder.join(&self.from), folder.join(&self.to));
        rename_new(&from, &to).or_else(|error| unless(error, ErrorKind::NotFound))
    }
}

/// Whether a restore was decided for and is not carried out yet.
pub(crate) fn is_under_way(folder: &Path) -> bool {
    folder.join(SWITCH_FILE).exists()
}

/// Carries out the moves of a restore that was interrupted, or clears away one that had not come as far. The caller
/// holds the folder's lock. Says whether moves were left.
///
/// # Errors
/// What the disk says; [`ErrorKind::InvalidData`], if the list of moves makes no sense.
pub(crate) fn finish(folder: &Path) -> io::Result<bool> {
    let list = match fs::read(folder.join(SWITCH_FILE)) {
        Ok(list) => list,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            clear_staging(folder)?;
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    let switch: Switch = serde_json::from_slice(&list).map_err(invalid)?;
    if switch.format != FORMAT || switch.version != VERSION {
        return Err(invalid(format!("\"{SWITCH_FILE}\" was written by another version of Roster")));
    }
    tracing::warn!(folder = %folder.display(), "a restore was interrupted; it is carried out now");
    switch.carry_out(folder)?;
    Ok(true)
}

/// Makes the names in a folder durable.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn clear_staging(folder: &Path) -> io::Result<()> {
    fs::remove_dir_all(folder.join(STAGING)).or_else(|error| unless(error, ErrorKind::NotFound))
}

/// Writes the list of moves, which appears under its name only when it is whole.
fn write_whole(folder: &Path, owner: Owner, list: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(STAGING).join(SWITCH_FILE);
    let mut file = create(&unfinished, owner)?;
    file.write_all(list)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(SWITCH_FILE))?;
    sync(folder)
}

/// Renames to a name that nothing has.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if fs::symlink_metadata(from).is_ok() => {
            // A file system that cannot promise it. The folder's lock keeps others from making the name meanwhile.
            if fs::symlink_metadata(to).is_ok() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        outcome => Ok(outcome?),
    }
}

fn unless(error: io::Error, kind: ErrorKind) -> io::Result<()> {
    if error.kind() == kind { Ok(()) } else { Err(error) }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(from: &str, to: &str) -> Move {
        Move { from: from.into(), to: to.into() }
    }

    /// A folder with an old store of two files and a folder, and a restored one.
    fn place() -> (tempfile::TempDir, Switch) {
        let place = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("users.json", "old"),
            ("journal-1", "old"),
            ("keys/a.pem", "old"),
            ("restore.new/users.json", "new"),
            ("restore.new/audit.ndjson", "new"),
            ("restore.new/keys/b.pem", "new"),
        ] {
            let path = place.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let out = ["users.json", "journal-1", "keys"].map(|name| step(name, &format!("replaced/{name}")));
        let into =
            ["users.json", "audit.ndjson", "keys"].map(|name| step(&format!("restore.new/{name}"), name));
        (place, Switch::new(out.to_vec(), into.to_vec()))
    }

    fn assert_switched(folder: &Path) {
        let read = |path: &str| fs::read_to_string(folder.join(path)).unwrap();
        for (path, text) in [
            ("users.json", "new"),
            ("audit.ndjson", "new"),
            ("keys/b.pem", "new"),
            ("replaced/users.json", "old"),
            ("replaced/journal-1", "old"),
            ("replaced/keys/a.pem", "old"),
        ] {
            assert_eq!(read(path), text, "{path}");
        }
        for gone in ["restore.new", "restore.json", "journal-1", "keys/a.pem"] {
            assert!(!folder.join(gone).exists(), "{gone}");
        }
    }

    #[test]
    fn a_switch_that_is_interrupted_after_any_move_is_carried_out_later() {
        for made in 0..=6 {
            let (place, switch) = place();
            let folder = place.path();
            let owner = Owner::of(&File::open(folder).unwrap()).unwrap();
            owner.make_folder(&folder.join("replaced")).unwrap();
            write_whole(folder, owner, &serde_json::to_vec(&switch).unwrap()).unwrap();
            for step in switch.out.iter().chain(&switch.into).take(made) {
                step.make(folder).unwrap();
            }
            assert!(finish(folder).unwrap(), "after {made} moves");
            assert_switched(folder);
            assert!(!finish(folder).unwrap(), "a second time there is nothing to do");
        }
    }

    #[test]
    fn what_was_not_decided_for_is_cleared_away() {
        let (place, _) = place();
        assert!(!finish(place.path()).unwrap());
        assert_eq!(fs::read_to_string(place.path().join("users.json")).unwrap(), "old");
        assert!(!place.path().join(STAGING).exists());
    }

    #[test]
    fn a_switch_overwrites_nothing() {
        let (place, switch) = place();
        let without_out = Switch { out: Vec::new(), ..switch };
        let owner = Owner::of(&File::open(place.path()).unwrap()).unwrap();
        let refused = without_out.make(place.path(), owner).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(place.path().join("users.json")).unwrap(), "old");
        assert_eq!(fs::read_to_string(place.path().join("restore.new/users.json")).unwrap(), "new");
    }
}
