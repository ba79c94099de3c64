//! Compressed files, told by their first bytes and expanded while they are read.

use crate::file::error::UnreadableFile;
use crate::file::source::ImportSource;
use flate2::read::MultiGzDecoder;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// The most bytes that a compressed file may expand to. A million people take about 300 MB.
const MAX_EXPANDED_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// The largest window of Zstandard, as a power of two: 128 MiB of memory, which is what the `zstd` command accepts.
const MAX_WINDOW_LOG: u32 = 27;

type Raw = BufReader<Box<dyn ImportSource>>;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    Gzip,
    Zstd,
}

/// The source itself, or what it expands to if it is compressed.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn expanded(mut source: Box<dyn ImportSource>) -> io::Result<Box<dyn ImportSource>> {
    source.seek(SeekFrom::Start(0))?;
    let mut start = Vec::new();
    (&mut source).take(4).read_to_end(&mut start)?;
    let compression = match start.as_slice() {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
        _ => return Ok(source),
    };
    Ok(Box::new(ExpandedSource::new(source, compression, MAX_EXPANDED_BYTES)?))
}

/// A compressed source. It can be rewound, and read from the start again.
struct ExpandedSource {
    compression: Compression,
    decoder: Decoder,
    /// The expanded bytes since the start.
    position: u64,
    max: u64,
}

enum Decoder {
    Gzip(MultiGzDecoder<Raw>),
    Zstd(zstd::Decoder<'static, Raw>),
    /// While the source is rewound.
    None,
}

impl Decoder {
    fn new(mut source: Box<dyn ImportSource>, compression: Compression) -> io::Result<Self> {
        source.seek(SeekFrom::Start(0))?;
        let raw = BufReader::new(source);
        Ok(match compression {
            Compression::Gzip => Self::Gzip(MultiGzDecoder::new(raw)),
            Compression::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(raw)?;
                decoder.window_log_max(MAX_WINDOW_LOG)?;
                Self::Zstd(decoder)
            }
        })
    }

    fn into_source(self) -> Option<Box<dyn ImportSource>> {
        match self {
            Self::Gzip(decoder) => Some(decoder.into_inner().into_inner()),
            Self::Zstd(decoder) => Some(decoder.finish().into_inner()),
            Self::None => None,
        }
    }
}

impl ExpandedSource {
    fn new(source: Box<dyn ImportSource>, compression: Compression, max: u64) -> io::Result<Self> {
        let decoder = Decoder::new(source, compression)?;
        Ok(Self { compression, decoder, position: 0, max })
    }

    fn name(&self) -> &'static str {
        match self.compression {
            Compression::Gzip => "gzip",
            Compression::Zstd => "Zstandard",
        }
    }
}

impl Read for ExpandedSource {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.decoder {
            Decoder::Gzip(decoder) => decoder.read(buffer),
            Decoder::Zstd(decoder) => decoder.read(buffer),
            Decoder::None => Ok(0),
        };
        let read = read.map_err(|error| match error.get_ref() {
            // The source itself failed, such as an import that was cancelled.
            None if error.raw_os_error().is_some() => error,
            _ => io::Error::other(UnreadableFile::Compressed { format: self.name() }),
        })?;
        self.position += read as u64;
        if self.position > self.max {
            return Err(io::Error::other(UnreadableFile::ExpandsTooFar { max: self.max }));
        }
        Ok(read)
    }
}

impl Seek for ExpandedSource {
    /// Only the start and the current position can be sought: the reader needs no others.
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match position {
            SeekFrom::Current(0) => {}
            SeekFrom::Start(0) => {
                let source = std::mem::replace(&mut self.decoder, Decoder::None).into_source();
                let source = source.ok_or_else(|| io::Error::other("an earlier attempt to rewind failed"))?;
                self.decoder = Decoder::new(source, self.compression)?;
                self.position = 0;
            }
            _ => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::write::GzEncoder;
    use std::io::{Cursor, Write};

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 1).unwrap()
    }

    fn read(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut source = expanded(Box::new(Cursor::new(bytes)))?;
        let mut pass = || -> io::Result<Vec<u8>> {
            let mut all = Vec::new();
            source.seek(SeekFrom::Start(0))?;
            source.read_to_end(&mut all)?;
            Ok(all)
        };
        let all = pass()?;
        assert!(all == pass()?, "a second pass reads something else");
        Ok(all)
    }

    #[test]
    fn a_compressed_file_is_expanded_in_each_pass() {
        let text = b"{\"a\": 1}".repeat(10_000);
        assert!(read(text.clone()).unwrap() == text);
        assert!(read(gzip(&text)).unwrap() == text);
        assert!(read(zstd(&text)).unwrap() == text);
        assert!(read([gzip(&text), gzip(b"x")].concat()).unwrap() == [&text[..], b"x"].concat());
        assert!(read([zstd(&text), zstd(b"x")].concat()).unwrap() == [&text[..], b"x"].concat());
    }

    #[test]
    fn a_damaged_or_truncated_file_is_named() {
        let text = b"{\"a\": 1}".repeat(10_000);
        for (bytes, name) in [(gzip(&text), "gzip"), (zstd(&text), "Zstandard")] {
            let error = read(bytes[..bytes.len() - 9].to_vec()).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("damaged"), "{error}");
        }
    }

    #[test]
    fn a_file_that_expands_without_end_is_stopped() {
        let bomb = gzip(&vec![b' '; 1_000_000]);
        let source = Box::new(Cursor::new(bomb));
        let mut source = ExpandedSource::new(source, Compression::Gzip, 100_000).unwrap();
        let error = io::copy(&mut source, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("expands to more than"), "{error}");
    }
}
