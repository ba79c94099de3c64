//! What the targets share.

use jiff::Timestamp;
use roster_auth::password::{BcryptCost, CostCap};
use roster_import::{
    FileFormat, ImportFile, ImportOptions, ImportReader, Message, NameHasher, PasswordTexts, RecordSink,
    SinkClosed, WeakHashes,
};
use std::io::Cursor;

/// Reads a file as an import does, up to the report of each record. It accepts everything that an operator can, so that
/// as much code as possible sees the input.
pub struct Import(ImportReader);

impl Import {
    /// An import of one format; `None` to tell it by the content.
    #[must_use]
    pub fn new(format: Option<FileFormat>) -> Self {
        let options = ImportOptions {
            format,
            texts: PasswordTexts::Accept,
            weak_hashes: WeakHashes::Accept,
            ..ImportOptions::default()
        };
        let now = Timestamp::new(1_800_000_000, 0).unwrap_or(Timestamp::UNIX_EPOCH);
        let cap = CostCap::new(BcryptCost::DEFAULT);
        Self(ImportReader::new(options, now, NameHasher::new([7; 16]), cap))
    }

    /// Reads `bytes`, and explains them as `--explain` does.
    pub fn read(&self, bytes: &[u8]) {
        let files = || vec![ImportFile { name: None, source: Box::new(Cursor::new(bytes.to_vec())) }];
        let read = self.0.run(files(), &Printed).map_err(|error| error.to_string());
        let explained = self.0.explain(files());
        assert_eq!(read.is_err(), explained.is_err(), "an import and its explanation disagree");
    }
}

/// Writes each record as the report does, to nowhere.
#[derive(Clone)]
struct Printed;

impl RecordSink for Printed {
    fn send(&self, message: Message) -> Result<(), SinkClosed> {
        let Message::Records(records) = message else { return Ok(()) };
        for record in records {
            let text = match record.outcome {
                Ok(parsed) => parsed.notes.iter().map(ToString::to_string).collect(),
                Err(refusal) => refusal.to_string(),
            };
            std::hint::black_box((record.location.to_string(), text));
        }
        Ok(())
    }

    fn is_closed(&self) -> bool {
        false
    }
}
