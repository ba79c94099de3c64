//! Where the bytes of an import come from.

use std::io::{BufReader, Read, Seek};

/// What an import reads: a file, or a spooled copy of what came through a pipe. It is read several times.
pub trait ImportSource: Read + Seek + Send + 'static {}

impl<T: Read + Seek + Send + 'static> ImportSource for T {}

/// One of the files of an import.
pub struct ImportFile {
    /// Its name in the report; `None` if it is the only one.
    pub name: Option<String>,
    /// Its content.
    pub source: Box<dyn ImportSource>,
}

/// The source as each pass reads it: buffered, after a byte order mark.
pub(crate) type Input<'a> = BufReader<&'a mut dyn ImportSource>;
