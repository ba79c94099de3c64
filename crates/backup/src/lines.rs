//! Reads the lines of a backup and checks them.

use crate::bounds::{LONGEST_START, check_numbers, longest};
use crate::error::BackupError;
use crate::line::{Contents, FORMAT_VERSION, Line, MAGIC};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use zeroize::Zeroizing;
use zstd::stream::read::Decoder as Zstd;

/// More than the length of the first line.
const LONGEST_MAGIC: u64 = 64;
/// The largest accepted zstd window, as a power of two. Roster writes smaller ones.
const WINDOW_LOG: u32 = 23;
/// The beginning of the last line.
const TRAILER: &[u8] = b"{\"trailer\":";

/// The lines of a file.
pub(crate) struct Lines<R: Read> {
    decoded: BufReader<Zstd<'static, BufReader<R>>>,
    hasher: Sha256,
    contents: Contents,
}

impl<R: Read> Lines<R> {
    pub(crate) fn open(file: R) -> Result<Self, BackupError> {
        let mut file = BufReader::new(file);
        let magic = read_magic(&mut file)?;
        let mut decoder = Zstd::with_buffer(file)?.single_frame();
        decoder.window_log_max(WINDOW_LOG)?;
        let hasher = Sha256::new_with_prefix(magic);
        Ok(Self { decoded: BufReader::new(decoder), hasher, contents: Contents::default() })
    }

    /// The number of items read so far.
    pub(crate) const fn contents(&self) -> Contents {
        self.contents
    }

    /// The next line. The trailer is returned only if everything before it is intact and nothing follows it.
    pub(crate) fn next(&mut self) -> Result<Line, BackupError> {
        let bytes = self.read()?.ok_or_else(|| BackupError::damaged("its end is missing"))?;
        let line: Line = serde_json::from_slice(&bytes)
            .map_err(|error| BackupError::damaged(format!("a line cannot be read: {error}")))?;
        if let Line::Trailer(trailer) = &line {
            if !bytes.starts_with(TRAILER) || trailer.sha256 != hex::encode(self.hasher.clone().finalize()) {
                return Err(BackupError::damaged("its checksum is wrong"));
            }
            if trailer.contents != self.contents {
                return Err(BackupError::damaged("items are missing"));
            }
            self.check_end()?;
        }
        check_numbers(&line)?;
        self.hasher.update(&*bytes);
        self.contents.count(&line);
        Ok(line)
    }

    fn check_end(&mut self) -> Result<(), BackupError> {
        let follows = || BackupError::damaged("something follows its end");
        if self.read()?.is_some() {
            return Err(follows());
        }
        let rest = self.decoded.get_mut().get_mut();
        if rest.fill_buf()?.is_empty() { Ok(()) } else { Err(follows()) }
    }

    /// A line with its line break, up to the limit of its kind. It may contain a private key.
    fn read(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, BackupError> {
        let mut bytes = Zeroizing::new(Vec::new());
        self.read_up_to(LONGEST_START, &mut bytes)?;
        let longest = longest(&bytes);
        if !bytes.ends_with(b"\n") {
            self.read_up_to(longest - bytes.len() as u64, &mut bytes)?;
        }
        match bytes.len() as u64 {
            0 => Ok(None),
            _ if bytes.ends_with(b"\n") => Ok(Some(bytes)),
            length if length == longest => {
                Err(BackupError::damaged("a line is longer than any that Roster writes"))
            }
            _ => Err(BackupError::damaged("a line is incomplete")),
        }
    }

    fn read_up_to(&mut self, more: u64, bytes: &mut Vec<u8>) -> Result<(), BackupError> {
        self.decoded.by_ref().take(more).read_until(b'\n', bytes).map(drop).map_err(of_decoder)
    }
}

/// The first line, which is uncompressed.
fn read_magic(file: &mut impl BufRead) -> Result<Vec<u8>, BackupError> {
    let mut magic = Vec::new();
    file.take(LONGEST_MAGIC).read_until(b'\n', &mut magic)?;
    let rest = magic.strip_prefix(MAGIC.as_bytes()).ok_or(BackupError::NotABackup)?;
    let number = rest.strip_suffix(b"\n").and_then(|number| std::str::from_utf8(number).ok());
    let version = number.and_then(|number| number.parse::<u64>().ok());
    match version.ok_or_else(|| BackupError::damaged("its first line is invalid"))? {
        0 => Err(BackupError::damaged("its first line names version 0")),
        1..=FORMAT_VERSION => Ok(magic),
        newer => Err(BackupError::Newer(newer)),
    }
}

/// Errors of the operating system are I/O errors; all other errors of the decoder mean a damaged file.
fn of_decoder(error: io::Error) -> BackupError {
    match error.kind() {
        _ if error.raw_os_error().is_some() => BackupError::Io(error),
        ErrorKind::UnexpectedEof => BackupError::damaged("it is truncated"),
        _ => BackupError::damaged(error.to_string()),
    }
}
