//! The list of moves that a restore writes before it makes them.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::folders::invalid;
use super::names::{SWITCH_FILE, is_moved};
use crate::error::OpenError;

const FORMAT: &str = "roster-restore";
const VERSION: u64 = 1;
/// Roster writes no longer list: it would name several hundred thousand files.
const LONGEST: u64 = 1 << 24;
/// The prefix of the folder for the replaced files.
const REPLACED: &str = "replaced-";
/// The moves, by names in the data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveList {
    format: String,
    version: u64,
    /// The folder for the replaced files.
    replaced: String,
    /// What is moved from the data folder to `replaced`, first.
    pub(super) out: Vec<String>,
    /// What is moved from `restore.new/` to the data folder.
    #[serde(rename = "in")]
    pub(super) into: Vec<String>,
}

impl MoveList {
    /// # Errors
    /// [`ErrorKind::InvalidData`] for a name that a restore never moves.
    pub(crate) fn new(
        replaced: &str,
        out: Vec<String>,
        into: Vec<String>,
        users_file: &str,
    ) -> io::Result<Self> {
        let list =
            Self { format: FORMAT.to_owned(), version: VERSION, replaced: replaced.to_owned(), out, into };
        list.check(users_file)?;
        Ok(list)
    }

    /// The folder for the replaced files, if there are any.
    pub(super) fn replaced_folder(&self) -> Option<&str> {
        (!self.out.is_empty()).then_some(&*self.replaced)
    }

    fn check(&self, users_file: &str) -> io::Result<()> {
        if self.format != FORMAT || self.version != VERSION {
            return Err(invalid(format!("it is not of the format {FORMAT} {VERSION}")));
        }
        let is_plain = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !self.replaced.strip_prefix(REPLACED).is_some_and(is_plain) {
            return Err(invalid(format!(
                "\"{}\" is not the folder of a replaced store",
                self.replaced.escape_debug()
            )));
        }
        match self.out.iter().chain(&self.into).find(|name| !is_moved(name, users_file)) {
            Some(name) => Err(invalid(format!("a restore never moves \"{}\"", name.escape_debug()))),
            None => Ok(()),
        }
    }
}

/// The first members of every list.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

/// Reads the list of a folder; `None` if there is none.
///
/// # Errors
/// [`OpenError::BadMoves`], if it is invalid; [`OpenError::Newer`], if a newer Roster wrote it; otherwise I/O errors.
pub(super) fn read(folder: &Path, users_file: &str) -> Result<Option<MoveList>, OpenError> {
    let failed = |source| failed(folder, source);
    let Some(content) = read_file(folder).map_err(failed)? else { return Ok(None) };
    if let Ok(Head { format, version }) = serde_json::from_slice(&content)
        && format == FORMAT
        && version > VERSION
    {
        return Err(OpenError::Newer { path: folder.join(SWITCH_FILE), version, known: VERSION });
    }
    let list: MoveList = serde_json::from_slice(&content).map_err(|error| failed(invalid(error)))?;
    list.check(users_file).map_err(failed)?;
    Ok(Some(list))
}

fn read_file(folder: &Path) -> io::Result<Option<Vec<u8>>> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match File::options().read(true).custom_flags(flags).open(folder.join(SWITCH_FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            return Err(invalid("it is a link"));
        }
        Err(error) => return Err(error),
    };
    let found = file.metadata()?;
    if !found.is_file() || found.len() > LONGEST {
        return Err(invalid("it is not a file, or too long"));
    }
    let mut content = Vec::new();
    file.take(LONGEST).read_to_end(&mut content)?;
    Ok(Some(content))
}

pub(super) fn failed(folder: &Path, source: io::Error) -> OpenError {
    let path = folder.join(SWITCH_FILE);
    match source.kind() {
        ErrorKind::InvalidData => OpenError::BadMoves { path, source },
        _ => OpenError::Io { path, source },
    }
}
