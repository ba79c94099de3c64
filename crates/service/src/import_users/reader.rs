//! Reads a file on a thread of its own, away from the asynchronous ones: twice, record by record.

use super::location::RecordLocation;
use super::options::ImportOptions;
use super::person::{self, Understood};
use super::reading::{Reading, Rules};
use super::refusal::Refusal;
use super::secret::Secret;
use super::source::{ImportSource, RawRecord, ReadError, RecordFile};
use super::survey::{NameHash, NameHasher, NameKind, Survey, SurveyBuilder};
use super::unread_lists::UnreadList;
use super::username::UsernameOrigin;
use jiff::Timestamp;
use roster_domain::ExternalId;
use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// A record that was read, and understood or refused.
pub(super) struct ReadRecord {
    pub(super) location: RecordLocation,
    pub(super) outcome: Result<Box<Understood>, Refusal>,
}

/// What the reader tells, in this order: the survey, then the records in groups.
pub(super) enum Message {
    Surveyed(Arc<Survey>, Vec<UnreadList>),
    Records(Vec<ReadRecord>),
}

/// How many records go into a message.
pub(super) const GROUP: usize = 64;

/// Reads files by the rules of one import.
pub(super) struct ImportReader {
    pub(super) options: ImportOptions,
    pub(super) now: Timestamp,
    pub(super) hasher: NameHasher,
}

impl ImportReader {
    /// Reads the file and sends what it says. Ends early when the receiver is gone. Blocks.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn run(
        &self,
        source: Box<dyn ImportSource>,
        sender: &Sender<Message>,
    ) -> Result<(), ReadError> {
        let mut file = RecordFile::open(Box::new(AwaitedSource { source, sender: sender.clone() }))?;
        let unread = file.unread_lists()?;
        let survey = Arc::new(self.survey(&mut file)?);
        if sender.blocking_send(Message::Surveyed(Arc::clone(&survey), unread)).is_err() {
            return Ok(());
        }
        let mut keys = SeenKeys { hasher: self.hasher, survey: &survey, first_lines: HashMap::new() };
        let rules = self.rules(Some(&survey));
        let mut records = file.records()?;
        let mut group = Vec::with_capacity(GROUP);
        while let Some(record) = records.next_record()? {
            let outcome = keys.check(&record.location).and_then(|()| understood(&record, &rules));
            group.push(ReadRecord { location: record.location, outcome: outcome.map(Box::new) });
            if group.len() == GROUP
                && sender.blocking_send(Message::Records(std::mem::take(&mut group))).is_err()
            {
                return Ok(());
            }
        }
        // Nobody waits for it if this fails.
        let _ = sender.blocking_send(Message::Records(group));
        Ok(())
    }

    const fn rules<'a>(&'a self, survey: Option<&'a Survey>) -> Rules<'a> {
        Rules { options: &self.options, now: self.now, hasher: self.hasher, survey }
    }

    /// The first pass.
    fn survey(&self, file: &mut RecordFile) -> Result<Survey, ReadError> {
        let rules = self.rules(None);
        let mut survey = SurveyBuilder::default();
        let mut records = file.records()?;
        while let Some(record) = records.next_record()? {
            survey.add_record();
            if let Some(key) = record.location.key() {
                survey.add_name(self.hasher.hash(NameKind::RecordKey, key));
            }
            if let Ok(reading) = person::parsed(&record, &rules) {
                self.survey_record(reading, &record.location, &mut survey);
            }
        }
        Ok(survey.finish())
    }

    fn survey_record(&self, mut reading: Reading<'_>, location: &RecordLocation, survey: &mut SurveyBuilder) {
        if reading.take_export_mark().is_err() {
            return;
        }
        let Ok(names) = reading.names(location.key()) else { return };
        let mut add = |kind, name: Option<&str>| {
            survey.add_name_of(name.map(|name| self.hasher.hash(kind, name)));
        };
        if names.username.origin == UsernameOrigin::Typed {
            add(NameKind::Username, Some(names.username.base.key().as_str()));
        }
        add(NameKind::Email, names.email.as_ref().map(|email| email.key().as_str()));
        add(NameKind::Alias, names.login_alias.as_ref().map(|alias| alias.key().as_str()));
        add(NameKind::ExternalId, names.external_id.as_ref().map(ExternalId::as_str));
        add(NameKind::Id, names.kept_id.map(|id| id.to_string()).as_deref());
        if let Secret::PlainText(_) = reading.secret() {
            survey.add_text_of(reading.text_hash);
        }
    }
}

fn understood(record: &RawRecord, rules: &Rules<'_>) -> Result<Understood, Refusal> {
    Understood::read(person::parsed(record, rules)?, &record.location)
}

/// A source that gives no more bytes once the import was dropped: nobody waits for the thread, and it must not keep a
/// process from ending.
struct AwaitedSource {
    source: Box<dyn ImportSource>,
    sender: Sender<Message>,
}

impl Read for AwaitedSource {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.sender.is_closed() {
            return Err(io::Error::other("the import was given up"));
        }
        self.source.read(buffer)
    }
}

impl Seek for AwaitedSource {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.source.seek(position)
    }
}

/// The keys of a map that were met, of those that occur more than once.
struct SeenKeys<'a> {
    hasher: NameHasher,
    survey: &'a Survey,
    first_lines: HashMap<NameHash, usize>,
}

impl SeenKeys<'_> {
    /// Refuses a record whose key an earlier one has.
    fn check(&mut self, location: &RecordLocation) -> Result<(), Refusal> {
        let Some(key) = location.key() else { return Ok(()) };
        let key = self.hasher.hash(NameKind::RecordKey, key);
        if self.survey.repeated(key).is_none() {
            return Ok(());
        }
        if let Some(first) = self.first_lines.get(&key) {
            return Err(Refusal::KeyTwice { first: *first });
        }
        self.first_lines.insert(key, location.line());
        Ok(())
    }
}
