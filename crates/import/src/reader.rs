//! Reads the records of the files twice: once to survey them, once to parse and send them.

use crate::fields::parser::{RecordParser, Rules};
use crate::file::error::{ReadError, UnreadableFile};
use crate::file::record_file::RecordFile;
use crate::file::row;
use crate::file::source::{ImportFile, ImportSource};
use crate::firebase_parameters::FirebaseParameters;
use crate::mapping;
use crate::names::username::UsernameOrigin;
use crate::options::{ImportOptions, PasswordTexts};
use crate::record::{ParsedRecord, parse_fields};
use crate::report::location::RecordLocation;
use crate::report::refusal::Refusal;
use crate::report::unread_list::UnreadList;
use crate::secrets::credential::ImportedCredential;
use crate::sink::{GROUP_LEN, Message, ReadRecord, RecordSink};
use crate::survey::{NameHash, NameHasher, NameKind, Survey, SurveyBuilder};
use jiff::Timestamp;
use roster_auth::password::{CostCap, FirebaseProject, Peppers};
use roster_domain::ExternalId;
use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Reads the records of the files of one import.
pub struct ImportReader {
    pub(crate) options: ImportOptions,
    now: Timestamp,
    hasher: NameHasher,
    cost_cap: CostCap,
    firebase: Option<FirebaseProject>,
    peppers: Peppers,
    max_records: usize,
}

impl ImportReader {
    /// A reader for one import. `now` is when the import began: it decides which times are in the future, and replaces
    /// a missing time of creation. The receiver of the messages hashes names with the same `hasher`. A hash that takes
    /// longer than `cost_cap` allows is not imported.
    #[must_use]
    pub fn new(options: ImportOptions, now: Timestamp, hasher: NameHasher, cost_cap: CostCap) -> Self {
        let firebase = options.firebase.as_ref().and_then(FirebaseParameters::project);
        Self {
            options,
            now,
            hasher,
            cost_cap,
            firebase,
            peppers: Peppers::default(),
            max_records: usize::MAX,
        }
    }

    /// The same reader, for a server with these peppers.
    #[must_use]
    pub fn with_peppers(self, peppers: Peppers) -> Self {
        Self { peppers, ..self }
    }

    /// The same reader, which rejects files with more than this many records together. The survey keeps hashes of their
    /// names, so the limit bounds the memory that an import uses: see [`MAX_BYTES_PER_RECORD`](crate::MAX_BYTES_PER_RECORD).
    #[must_use]
    pub fn with_max_records(self, max_records: usize) -> Self {
        Self { max_records, ..self }
    }

    /// Reads the files from start to end and sends what they hold. Blocks on the sources and on the sink, so run it on a
    /// thread that may block. Returns early, with success, once the sink is closed.
    ///
    /// # Errors
    /// [`ReadError`] if a file cannot be read. A record that cannot be read is sent as a [`Refusal`] instead.
    pub fn run(&self, files: Vec<ImportFile>, sink: &impl RecordSink) -> Result<(), ReadError> {
        self.check_peppers()?;
        let open = |(number, file)| self.open(number, file, sink);
        let mut files = files.into_iter().enumerate().map(open).collect::<Result<Vec<_>, _>>()?;
        let (survey, unread) = self.survey(&mut files)?;
        let survey = Arc::new(survey);
        if sink.send(Message::Surveyed(Arc::clone(&survey), unread)).is_err() {
            return Ok(());
        }
        let rules = self.rules(Some(&survey));
        let mut group = Vec::with_capacity(GROUP_LEN);
        for file in &mut files {
            // Two maps may have the same keys.
            let mut keys = SeenKeys { hasher: self.hasher, survey: &survey, first_lines: HashMap::new() };
            let OpenFile { name, number, file } = file;
            let mut records = file.records().map_err(|error| error.in_file(name.as_deref()))?;
            while let Some(record) = records.next_record().map_err(|error| error.in_file(name.as_deref()))? {
                let parse = || ParsedRecord::parse(parse_fields(&record, &rules)?, &record.location);
                let outcome = keys.check(&record.location, *number).and_then(|()| parse());
                let location = row::location_of(&record).in_file(name.as_deref());
                group.push(ReadRecord { location, outcome: outcome.map(Box::new) });
                if group.len() == GROUP_LEN
                    && sink.send(Message::Records(std::mem::take(&mut group))).is_err()
                {
                    return Ok(());
                }
            }
        }
        // If the sink is closed, the records are no longer needed.
        let _ = sink.send(Message::Records(group));
        Ok(())
    }

    fn open(&self, number: usize, file: ImportFile, sink: &impl RecordSink) -> Result<OpenFile, ReadError> {
        let source = Box::new(CancellableSource { source: file.source, sink: sink.clone() });
        let opened = RecordFile::open(source, self.options.format);
        let opened = opened.map_err(|error| error.in_file(file.name.as_deref()))?;
        Ok(OpenFile { name: file.name, number, file: opened })
    }

    /// The peppers of the options are those of the server.
    pub(crate) fn check_peppers(&self) -> Result<(), UnreadableFile> {
        let found = self.options.peppers.iter().try_for_each(|id| self.peppers.find(*id).map(drop));
        found.map_err(UnreadableFile::Pepper)
    }

    pub(crate) fn rules<'a>(&'a self, survey: Option<&'a Survey>) -> Rules<'a> {
        Rules {
            options: &self.options,
            now: self.now,
            hasher: self.hasher,
            survey,
            cost_cap: &self.cost_cap,
            firebase: self.firebase.as_ref(),
            peppers: &self.peppers,
        }
    }

    /// The first pass, with the lists that are not read.
    pub(crate) fn survey(&self, files: &mut [OpenFile]) -> Result<(Survey, Vec<UnreadList>), ReadError> {
        let mut survey = SurveyBuilder::default();
        let mut matched = vec![false; self.options.field_mappings.len()];
        let mut unread = Vec::new();
        for file in files.iter_mut() {
            let found = self.survey_file(file, &mut survey, &mut matched);
            let found = found.map_err(|error| error.in_file(file.name.as_deref()))?;
            unread.extend(found.into_iter().map(|list| list.in_file(file.name.as_deref())));
        }
        if let Some(mapping) = mapping::unmatched(&self.options.field_mappings, &matched) {
            return Err(UnreadableFile::NoColumn { mapping: mapping.to_string() }.into());
        }
        Ok((survey.finish(), unread))
    }

    fn survey_file(
        &self,
        file: &mut OpenFile,
        survey: &mut SurveyBuilder,
        matched: &mut [bool],
    ) -> Result<Vec<UnreadList>, ReadError> {
        let rules = self.rules(None);
        let mut unread = file.file.unread_lists()?;
        let mut records = file.file.records()?;
        while let Some(record) = records.next_record()? {
            if survey.add_record() > self.max_records {
                return Err(UnreadableFile::TooManyRecords { max: self.max_records }.into());
            }
            if let Some(key) = record.location.key() {
                survey.add_name(record_key(self.hasher, key, file.number));
            }
            if let Ok(parser) = parse_fields(&record, &rules) {
                for index in &parser.matched_columns {
                    matched[*index] = true;
                }
                self.survey_record(parser, &record.location, survey);
            }
        }
        unread.extend(records.skipped());
        Ok(unread)
    }

    fn survey_record(
        &self,
        mut parser: RecordParser<'_>,
        location: &RecordLocation,
        survey: &mut SurveyBuilder,
    ) {
        if parser.take_export_mark().is_err() {
            return;
        }
        let Ok(names) = parser.names(location.key()) else { return };
        let mut add = |kind, name: Option<&str>| {
            if let Some(name) = name {
                survey.add_name(self.hasher.hash(kind, name));
            }
        };
        if names.username.origin == UsernameOrigin::Verbatim {
            add(NameKind::Username, Some(names.username.base.key().as_str()));
        }
        add(NameKind::Email, names.email.as_ref().map(|email| email.key().as_str()));
        add(NameKind::Alias, names.login_alias.as_ref().map(|alias| alias.key().as_str()));
        add(NameKind::ExternalId, names.external_id.as_ref().map(ExternalId::as_str));
        add(NameKind::Id, names.kept_id.map(|id| id.to_string()).as_deref());
        // Only an accepted text counts, and to recognise a credential takes longer than all names.
        if self.options.texts == PasswordTexts::Accept
            && let (ImportedCredential::PlainText(_), Some(hash)) = (parser.credential(), parser.text_hash)
        {
            survey.add_text(hash);
        }
    }
}

/// A source that fails once the sink is closed. A cancelled import ends at its next read, so that it cannot delay the
/// end of the process.
struct CancellableSource<S> {
    source: Box<dyn ImportSource>,
    sink: S,
}

impl<S: RecordSink> Read for CancellableSource<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.sink.is_closed() {
            return Err(io::Error::other("the import was cancelled"));
        }
        self.source.read(buffer)
    }
}

impl<S: RecordSink> Seek for CancellableSource<S> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.source.seek(position)
    }
}

/// The hash of a key in a map, which identifies a record only within its file.
fn record_key(hasher: NameHasher, key: &str, file: usize) -> NameHash {
    hasher.hash(NameKind::RecordKey, &format!("{file} {key}"))
}

/// A file of the import, checked.
pub(crate) struct OpenFile {
    pub(crate) name: Option<String>,
    /// Its number among the files.
    pub(crate) number: usize,
    pub(crate) file: RecordFile,
}

/// The keys read so far in a map, of those that occur more than once.
struct SeenKeys<'a> {
    hasher: NameHasher,
    survey: &'a Survey,
    first_lines: HashMap<NameHash, usize>,
}

impl SeenKeys<'_> {
    /// Refuses a record if an earlier one has the same key.
    fn check(&mut self, location: &RecordLocation, file: usize) -> Result<(), Refusal> {
        let Some(key) = location.key() else { return Ok(()) };
        let key = record_key(self.hasher, key, file);
        if self.survey.repeated(key).is_none() {
            return Ok(());
        }
        if let Some(first) = self.first_lines.get(&key) {
            return Err(Refusal::DuplicateKey { first: *first });
        }
        self.first_lines.insert(key, location.line());
        Ok(())
    }
}
