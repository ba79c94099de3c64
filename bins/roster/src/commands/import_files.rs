//! The input of an import: a file or a database, or several of them one after the other, with their lengths in the request.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use roster_config::import_password;
use roster_import::ImportFile;
use roster_import_sources::{DatabaseLocation, SourceReader};
use serde::{Deserialize, Serialize};

use crate::cli::Rows;
use crate::control::Input;
use crate::terminal;

/// One of several files in the input.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FilePart {
    name: String,
    len: u64,
}

/// The input for these files and databases, and its parts if there are several. A pipe or a database among several files is
/// copied to a private, unnamed file first, because its length has to be known.
///
/// # Errors
/// If a file or a database cannot be read.
pub(super) fn open(files: &[PathBuf], rows: &Rows, folder: &Path) -> anyhow::Result<(Input, Vec<FilePart>)> {
    if let [file] = files {
        return Ok((open_one(file, rows)?, Vec::new()));
    }
    let mut parts = Vec::with_capacity(files.len());
    let mut joined: Box<dyn Read + Send> = Box::new(io::empty());
    for path in files {
        let Input::File(file, _) = open_one(path, rows)?.into_seekable(folder)? else {
            bail!("cannot read {}", file_name(path))
        };
        let len = file.metadata().with_context(|| format!("cannot read {}", file_name(path)))?.len();
        parts.push(FilePart { name: shown(path), len });
        joined = Box::new(joined.chain(file.take(len)));
    }
    Ok((Input::Stream(joined, "the files".to_owned()), parts))
}

/// A file, or the rows of a database.
fn open_one(path: &Path, rows: &Rows) -> anyhow::Result<Input> {
    let Some(location) = location(path)? else {
        if rows.are_selected() {
            bail!(
                "--table and --only are for a database, such as sqlite:app.db; {} is a file",
                file_name(path)
            )
        }
        return Input::open(path);
    };
    let password = if location.is_remote() { import_password()? } else { None };
    let (name, location) = (location.to_string(), location.with_default_password(password));
    let reader =
        SourceReader::open(location, rows.selection()).with_context(|| format!("cannot read {name}"))?;
    for note in reader.notes() {
        terminal::note(&format!("note: {note}"));
    }
    Ok(Input::Stream(Box::new(reader), name))
}

fn location(path: &Path) -> anyhow::Result<Option<DatabaseLocation>> {
    Ok(path.to_str().map_or(Ok(None), DatabaseLocation::parse)?)
}

/// The name of a file, or of a database without its password.
fn shown(path: &Path) -> String {
    match location(path) {
        Ok(Some(location)) => location.to_string(),
        Ok(None) => path.display().to_string(),
        Err(_) => "the database".to_owned(),
    }
}

/// The files in the input.
///
/// # Errors
/// If the input has another length than its parts.
pub(super) fn split(input: File, parts: &[FilePart]) -> anyhow::Result<Vec<ImportFile>> {
    if parts.is_empty() {
        return Ok(vec![ImportFile { name: None, source: Box::new(input) }]);
    }
    let total: u64 = parts.iter().map(|part| part.len).sum();
    if input.metadata().context("cannot read the input")?.len() != total {
        bail!("a file changed while it was read; run the import again")
    }
    let input = Arc::new(input);
    let mut start = 0;
    let split = parts.iter().map(|part| {
        let slice = FileSlice { file: Arc::clone(&input), start, len: part.len, position: 0 };
        start += part.len;
        ImportFile { name: Some(part.name.clone()), source: Box::new(slice) }
    });
    Ok(split.collect())
}

/// The name of a file or a database in messages.
pub(super) fn file_name(path: &Path) -> String {
    match location(path) {
        Ok(None) if path == Path::new("-") => "stdin".to_owned(),
        Ok(None) => format!("\"{}\"", path.display()),
        Ok(Some(_)) | Err(_) => shown(path),
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

    #[test]
    fn the_parts_of_an_input_are_read_independently() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["first", "second"].map(|name| folder.path().join(name));
        std::fs::write(&paths[0], "abc").unwrap();
        std::fs::write(&paths[1], "defg").unwrap();
        let (input, parts) = open(&paths, &Rows::default(), folder.path()).unwrap();
        let Input::File(input, _) = input.into_seekable(folder.path()).unwrap() else { panic!("no file") };
        let mut files = split(input, &parts).unwrap();
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
    fn an_input_of_another_length_is_refused() {
        let input = tempfile::tempfile().unwrap();
        let parts = [FilePart { name: "a".to_owned(), len: 1 }];
        assert!(split(input, &parts).is_err());
    }
}
