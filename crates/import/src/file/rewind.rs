//! Starts a pass over the source.

use crate::file::encoding;
use crate::file::source::{ImportSource, Input};
use std::io::{self, BufReader, Read, SeekFrom};

/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;

/// The source from its first byte on.
pub(crate) fn rewound(source: &mut Box<dyn ImportSource>) -> io::Result<Input<'_>> {
    source.seek(SeekFrom::Start(0))?;
    Ok(BufReader::with_capacity(CHUNK, &mut **source))
}

/// The source from its first character on, after a byte order mark.
pub(crate) fn from_start(source: &mut Box<dyn ImportSource>) -> io::Result<Input<'_>> {
    let mut input = rewound(source)?;
    encoding::skip_mark(&mut input)?;
    Ok(input)
}

/// The start of the file, at most `len` bytes.
pub(crate) fn head(source: &mut Box<dyn ImportSource>, len: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    from_start(source)?.take(len).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
