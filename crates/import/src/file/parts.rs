//! Several files one after the other in one.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::file::source::ImportFile;

/// One of several files that are stored one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePart {
    /// Its name in the report.
    pub name: String,
    /// Its length in bytes.
    pub len: u64,
}

impl ImportFile {
    /// The files that `joined` holds from its start on. A single one has no name in the report.
    #[must_use]
    pub fn split(joined: File, parts: &[FilePart]) -> Vec<Self> {
        let joined = Arc::new(joined);
        let mut start = 0;
        let split = parts.iter().map(|part| {
            let slice = FileSlice { file: Arc::clone(&joined), start, len: part.len, position: 0 };
            start += part.len;
            let name = (parts.len() > 1).then(|| part.name.clone());
            Self { name, source: Box::new(slice) }
        });
        split.collect()
    }
}

/// A part of a file. The parts of a file are read independently of each other.
struct FileSlice {
    file: Arc<File>,
    start: u64,
    len: u64,
    position: u64,
}

impl Read for FileSlice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.len.saturating_sub(self.position);
        let len = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = self.file.read_at(&mut buffer[..len], self.start + self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for FileSlice {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.len.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn part(name: &str, len: u64) -> FilePart {
        FilePart { name: name.to_owned(), len }
    }

    #[test]
    fn the_parts_of_a_file_are_read_independently() {
        let mut joined = tempfile::tempfile().unwrap();
        joined.write_all(b"abcdefg and more").unwrap();
        let mut files = ImportFile::split(joined, &[part("first", 3), part("second", 4)]);
        for _ in 0..2 {
            for (file, expected) in files.iter_mut().zip(["abc", "defg"]) {
                let mut text = String::new();
                file.source.seek(SeekFrom::Start(0)).unwrap();
                file.source.read_to_string(&mut text).unwrap();
                assert_eq!(text, expected);
            }
        }
    }

    #[test]
    fn a_single_file_has_no_name_in_the_report() {
        let files = ImportFile::split(tempfile::tempfile().unwrap(), &[part("a", 0)]);
        assert!(files[0].name.is_none());
    }
}
