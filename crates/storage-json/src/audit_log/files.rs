//! The files of the audit log: the current one and the archives.

use std::io;

use serde::Deserialize;

use crate::disk::Directory;

/// The name of the current file.
pub(crate) const AUDIT_FILE: &str = "audit.ndjson";

const PREFIX: &str = "audit-";
const SUFFIX: &str = ".ndjson";
const DIGITS: usize = 20;

/// A rotated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archive {
    pub(crate) name: String,
    /// Its records have numbers up to this one, and higher than those of the previous archive.
    pub(crate) through: u64,
}

impl Archive {
    /// The archive with records up to number `through`. Names sort like their numbers.
    pub(crate) fn new(through: u64) -> Self {
        Self { name: format!("{PREFIX}{through:0DIGITS$}{SUFFIX}"), through }
    }

    /// The archive with this name, or `None` if it is not an archive's name.
    fn named(name: &str) -> Option<Self> {
        let digits = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
        let is_number = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten().map(Self::new)
    }
}

/// The existing archives, oldest first.
pub(crate) fn archives(directory: &dyn Directory) -> io::Result<Vec<Archive>> {
    let mut archives: Vec<_> = directory.names()?.iter().filter_map(|name| Archive::named(name)).collect();
    archives.sort_unstable_by_key(|archive| archive.through);
    Ok(archives)
}

/// The number of a line.
#[derive(Deserialize)]
struct Numbered {
    sequence: u64,
}

/// The number of the newest record in the files; 0 if there is none.
pub(crate) fn newest_number(directory: &dyn Directory) -> io::Result<u64> {
    /// More than the length of two lines, so that it contains a complete one.
    const TAIL: u64 = 2 << 20;
    if let Some(view) = directory.view(AUDIT_FILE)? {
        let begin = view.len().saturating_sub(TAIL);
        let mut tail = vec![0; usize::try_from(view.len() - begin).unwrap_or(usize::MAX)];
        let read = view.read_at(begin, &mut tail)?;
        let mut lines = tail[..read].split(|byte| *byte == b'\n').rev();
        if let Some(line) = lines.find_map(|line| serde_json::from_slice::<Numbered>(line).ok()) {
            return Ok(line.sequence);
        }
    }
    Ok(archives(directory)?.last().map_or(0, |archive| archive.through))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_recognised_by_its_name() {
        assert!(Archive::new(9).name < Archive::new(10).name);
        let last = Archive::new(u64::MAX);
        assert_eq!(Archive::named(&last.name), Some(last));
        for other in [AUDIT_FILE, "audit-1.ndjson", "audit-.ndjson", "audit-+0000000000000000001.ndjson"] {
            assert_eq!(Archive::named(other), None, "{other}");
        }
    }
}
