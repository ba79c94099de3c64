//! The input of an import: a file or a database, or several of them one after the other, with their lengths in the request.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use roster_config::import_password;
use roster_import::{FileFormat, FilePart, ImportFile, may_say_locked};
use roster_import_sources::{DatabaseLocation, SourceReader};

use crate::cli::Rows;
use crate::control::Input;

/// What an import reads, before it is sent to where the store is.
pub(super) struct Files {
    pub(super) input: Input,
    /// The files in the input, if there are several.
    pub(super) parts: Vec<FilePart>,
    /// What the operator should know about the databases among them.
    pub(super) notes: Vec<String>,
}

/// A file or a database that is open, or a pipe or stdin, which is opened when it is read.
pub(crate) struct Source {
    path: PathBuf,
    opened: Option<Input>,
}

/// Opens these files and databases as one input. A pipe or a database among several files is copied to a private, unnamed
/// file first, because its length has to be known.
///
/// # Errors
/// If a file or a database cannot be read.
pub(super) fn open(paths: &[PathBuf], rows: &Rows, folder: &Path) -> anyhow::Result<Files> {
    let mut notes = Vec::new();
    if let [path] = paths {
        return Ok(Files { input: open_one(path, rows, &mut notes)?, parts: Vec::new(), notes });
    }
    let mut parts = Vec::with_capacity(paths.len());
    let mut joined: Box<dyn Read + Send> = Box::new(io::empty());
    for path in paths {
        let file = seekable(open_one(path, rows, &mut notes)?, path, folder)?;
        let len = file.metadata().with_context(|| format!("cannot read {}", file_name(path)))?.len();
        parts.push(FilePart { name: shown(path), len });
        joined = Box::new(joined.chain(file.take(len)));
    }
    Ok(Files { input: Input::Stream(joined, "the files".to_owned()), parts, notes })
}

/// Opens regular files and databases, before anything is created for the import. A pipe is opened when it is read, because its
/// writer may write to the first reader only.
///
/// # Errors
/// If a file or a database cannot be read.
pub(crate) fn open_early(
    paths: &[PathBuf],
    rows: &Rows,
    notes: &mut Vec<String>,
) -> anyhow::Result<Vec<Source>> {
    let open = |path: &PathBuf| {
        let is_late = location(path)?.is_none() && is_pipe(path)?;
        let opened = if is_late { None } else { Some(open_one(path, rows, notes)?) };
        Ok(Source { path: path.clone(), opened })
    };
    paths.iter().map(open).collect()
}

/// The files of an import in this process. Blocks while pipes and databases are copied to private, unnamed files, because an
/// import reads its files several times.
///
/// # Errors
/// If a file or a database cannot be read.
pub(crate) fn read(sources: Vec<Source>, folder: &Path) -> anyhow::Result<Vec<ImportFile>> {
    let are_several = sources.len() > 1;
    let read = |Source { path, opened }| {
        let input = opened.map_or_else(|| Input::open(&path), Ok)?;
        let source = Box::new(seekable(input, &path, folder)?);
        Ok(ImportFile { name: are_several.then(|| shown(&path)), source })
    };
    sources.into_iter().map(read).collect()
}

fn is_pipe(path: &Path) -> anyhow::Result<bool> {
    if path == Path::new("-") {
        return Ok(true);
    }
    let found = fs::metadata(path).and_then(|found| match found.file_type() {
        kind if kind.is_dir() => Err(ErrorKind::IsADirectory.into()),
        kind => Ok(!kind.is_file()),
    });
    found.with_context(|| format!("cannot read {}", file_name(path)))
}

fn seekable(input: Input, path: &Path, folder: &Path) -> anyhow::Result<File> {
    match input.into_seekable(folder)? {
        Input::File(file, _) => Ok(file),
        Input::None | Input::Stream(..) => bail!("cannot read {}", file_name(path)),
    }
}

/// The format of these files, if the system that they come from has only one.
///
/// # Errors
/// If that system writes no file with its users.
pub(crate) fn format_of(paths: &[PathBuf], rows: &Rows) -> anyhow::Result<Option<FileFormat>> {
    let Some(preset) = rows.system() else { return Ok(None) };
    for path in paths {
        if location(path)?.is_none() && preset.files().is_empty() {
            bail!(
                "--from {} names the tables of a database, such as sqlite:app.db or postgres://USER@HOST/DATABASE, and {} is a \
                 file; to import the file, omit --from and check with --explain what each field is taken for",
                preset.name,
                file_name(path)
            )
        }
    }
    Ok(match preset.files() {
        [format] => format.parse().ok(),
        _ => None,
    })
}

/// A file, or the rows of a database.
fn open_one(path: &Path, rows: &Rows, notes: &mut Vec<String>) -> anyhow::Result<Input> {
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
    let reader = SourceReader::open(location, rows.selection(), may_say_locked)
        .with_context(|| format!("cannot read {name}"))?;
    notes.extend_from_slice(reader.notes());
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
    Ok(ImportFile::split(input, parts))
}

/// The name of a file or a database in messages.
pub(crate) fn file_name(path: &Path) -> String {
    match location(path) {
        Ok(None) if path == Path::new("-") => "stdin".to_owned(),
        Ok(None) => format!("\"{}\"", path.display()),
        Ok(Some(_)) | Err(_) => shown(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek as _, SeekFrom};

    #[test]
    fn several_files_are_one_input() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["first", "second"].map(|name| folder.path().join(name));
        std::fs::write(&paths[0], "abc").unwrap();
        std::fs::write(&paths[1], "defg").unwrap();
        let Files { input, parts, .. } = open(&paths, &Rows::default(), folder.path()).unwrap();
        let input = seekable(input, &paths[0], folder.path()).unwrap();
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
