//! Encodes the lines of a backup.

use crate::bounds::{PRIVATE_BYTES, longest};
use crate::keys::SigningKeys;
use crate::line::{
    AuditLine, BackupDetails, Contents, FORMAT_VERSION, Header, Line, MAGIC, RingLine, Trailer,
};
use roster_storage::StoredItem;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::sync::Arc;
use zeroize::Zeroizing;
use zstd::stream::write::Encoder as Zstd;

/// A good compression ratio, faster than a disk.
const LEVEL: i32 = 3;
/// Enough bytes for most lines.
const USUAL: usize = 1 << 10;

/// A backup that is being written: lines go in, bytes come out.
pub(crate) struct Encoder {
    compressed: Zstd<'static, Vec<u8>>,
    hasher: Sha256,
    contents: Contents,
}

impl Encoder {
    pub(crate) fn begin(about: BackupDetails) -> io::Result<Self> {
        let magic = format!("{MAGIC}{FORMAT_VERSION}\n").into_bytes();
        let mut hasher = Sha256::new();
        hasher.update(&magic);
        let mut compressed = Zstd::new(magic, LEVEL)?;
        compressed.include_checksum(true)?;
        let mut encoder = Self { compressed, hasher, contents: Contents::default() };
        encoder.add(&Line::Header(Header::new(about)))?;
        Ok(encoder)
    }

    pub(crate) fn add_keys(&mut self, keys: SigningKeys) -> io::Result<()> {
        if keys.private.iter().map(|key| key.pem.len()).sum::<usize>() > PRIVATE_BYTES {
            return Err(io::Error::other("the private keys are too long for a backup"));
        }
        self.add(&Line::KeyRing(RingLine { ring: keys.ring, audited: keys.audited }))?;
        keys.private.into_iter().try_for_each(|key| self.add(&Line::PrivateKey(key)))
    }

    pub(crate) fn add_items(&mut self, items: Vec<StoredItem>) -> io::Result<()> {
        items.into_iter().try_for_each(|item| self.add(&line(item)))
    }

    /// The bytes that have not been taken yet.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.compressed.get_mut())
    }

    /// The number of bytes that have not been taken yet.
    pub(crate) fn len(&self) -> usize {
        self.compressed.get_ref().len()
    }

    /// Adds the trailer and returns the last bytes.
    pub(crate) fn finish(mut self) -> io::Result<(Vec<u8>, Contents)> {
        let sha256 = hex::encode(self.hasher.clone().finalize());
        let contents = self.contents;
        self.add(&Line::Trailer(Trailer { contents, sha256 }))?;
        Ok((self.compressed.finish()?, contents))
    }

    fn add(&mut self, line: &Line) -> io::Result<()> {
        // It may contain a private key.
        let mut bytes = Zeroizing::new(Vec::with_capacity(USUAL));
        serde_json::to_writer(&mut *bytes, line)?;
        bytes.push(b'\n');
        if bytes.len() as u64 > longest(&bytes) {
            return Err(io::Error::other("an entry is too long for a backup"));
        }
        self.hasher.update(&*bytes);
        self.contents.count(line);
        self.compressed.write_all(&bytes)
    }
}

fn line(item: StoredItem) -> Line {
    match item {
        StoredItem::User(user) => Line::User(user),
        StoredItem::ServiceAccount(account) => Line::ServiceAccount(account),
        StoredItem::Session(session) => Line::Session(session),
        StoredItem::Audit(position, record) => {
            Line::Audit(AuditLine { sequence: position.get(), record: Arc::clone(&record) })
        }
    }
}
