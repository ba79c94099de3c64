//! Reads a text as the only file of an import.

use roster_auth::password::{BcryptCost, CostCap};
use roster_import::{
    ImportFile, ImportOptions, ImportReader, ImportedCredential, Message, NameHasher, ReadRecord, RecordSink,
    SinkClosed,
};
use std::io::Cursor;
use std::sync::mpsc;

#[derive(Clone)]
struct Sink(mpsc::Sender<Message>);

impl RecordSink for Sink {
    fn send(&self, message: Message) -> Result<(), SinkClosed> {
        self.0.send(message).map_err(|_| SinkClosed)
    }

    fn is_closed(&self) -> bool {
        false
    }
}

/// `username email id status credential` of each record, or why it is refused; then the lists that are not read.
pub(crate) fn read(text: &[u8]) -> Vec<String> {
    let now = "2027-01-15T08:00:00Z".parse().unwrap();
    let (options, hasher) = (ImportOptions::default(), NameHasher::new([0; 16]));
    let reader = ImportReader::new(options, now, hasher, CostCap::new(BcryptCost::DEFAULT));
    let (sender, messages) = mpsc::channel();
    let file = ImportFile { name: None, source: Box::new(Cursor::new(text.to_vec())) };
    if let Err(error) = reader.run(vec![file], &Sink(sender)) {
        return vec![error.to_string()];
    }
    let (mut found, mut lists) = (Vec::new(), Vec::new());
    for message in messages {
        match message {
            Message::Surveyed(_, unread) => lists = unread,
            Message::Records(records) => found.extend(records.into_iter().map(describe_record)),
        }
    }
    found.extend(lists.iter().map(ToString::to_string));
    found
}

fn describe_record(record: ReadRecord) -> String {
    record.outcome.map_or_else(|refusal| refusal.to_string(), |parsed| describe(&parsed.person))
}

fn describe(person: &roster_import::Person) -> String {
    let names = &person.names;
    let email = names.email.as_ref().map_or("-", |email| email.as_str());
    let credential = match person.credential {
        ImportedCredential::Hash(_) => "hash",
        _ => "none",
    };
    let status = person.status.kind().as_str();
    format!("{} {email} {} {status} {credential}", names.username.base.as_str(), person.identifier())
}

/// A hash of bcrypt 4.0.1 for Python.
pub(crate) const HASH: &str = "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";
