//! Reads files to explain them.

use crate::explain::explanation::{Explanation, untaken};
use crate::explain::field_use::FieldUse;
use crate::fields::parser::{RecordParser, Rules};
use crate::file::error::ReadError;
use crate::file::record_file::RecordFile;
use crate::file::source::ImportFile;
use crate::reader::{ImportReader, OpenFile};
use crate::record::{ParsedRecord, parse_fields};
use crate::report::location::RecordLocation;
use crate::report::refusal::Refusal;

impl ImportReader {
    /// What each field of the files is taken for, file by file. Blocks on the sources.
    ///
    /// # Errors
    /// [`ReadError`] if a file cannot be read.
    pub fn explain(&self, files: Vec<ImportFile>) -> Result<Vec<Explanation>, ReadError> {
        self.check_peppers()?;
        let open = |(number, ImportFile { name, source })| {
            let opened = RecordFile::open(source, self.options.format);
            let file = opened.map_err(|error| error.in_file(name.as_deref()))?;
            Ok(OpenFile { name, number, file })
        };
        let files = files.into_iter().enumerate().map(open);
        let mut files = files.collect::<Result<Vec<_>, ReadError>>()?;
        let (survey, _) = self.survey(&mut files)?;
        let rules = self.rules(Some(&survey));
        let explained = files.into_iter().map(|OpenFile { name, mut file, .. }| {
            let explained = explain_file(&mut file, &rules);
            let mut explanation = explained.map_err(|error| error.in_file(name.as_deref()))?;
            explanation.file = name;
            Ok(explanation)
        });
        explained.collect()
    }
}

fn explain_file(file: &mut RecordFile, rules: &Rules<'_>) -> Result<Explanation, ReadError> {
    let mut explanation = Explanation::new(file.format().title());
    let mut records = file.records()?;
    while let Some(record) = records.next_record()? {
        explanation.records += 1;
        let explained = parse_fields(&record, rules)
            .and_then(|parser| explain_record(parser, &record.location, &mut explanation));
        explanation.refused += usize::from(explained.is_err());
    }
    Ok(explanation)
}

/// Notes what the fields of a record are taken for.
fn explain_record(
    parser: RecordParser<'_>,
    location: &RecordLocation,
    explanation: &mut Explanation,
) -> Result<(), Refusal> {
    let mut left = untaken(&parser.fields);
    let parsed = ParsedRecord::parse_observed(parser, location, &mut |field_use, fields| {
        explanation.add_taken(&mut left, fields, field_use);
    })?;
    let kept = parsed.person.attributes.as_map();
    for (name, value) in left {
        let field_use = if kept.contains_key(&name) || name == "attributes" {
            FieldUse::Attribute
        } else {
            FieldUse::Dropped
        };
        explanation.add(&name, &value, field_use);
    }
    Ok(())
}
