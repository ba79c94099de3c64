//! Files that are several JSON documents: one on each line, or one after the other.

use crate::file::lines::read_line;
use crate::file::shape::{DocumentShape, Shape};
use crate::file::short_tokens::ShortTokens;
use serde_json::value::RawValue;
use std::io::{self, BufRead, BufReader};

/// Whether a file that is not a JSON document has one object per line: its first line is an object, or at least half of
/// its lines are.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn is_lines(mut input: impl BufRead) -> io::Result<bool> {
    let is_object = |line: &str| line.starts_with('{') && serde_json::from_str::<&RawValue>(line).is_ok();
    let (mut lines, mut objects) = (0_u64, 0_u64);
    let mut line = Vec::new();
    while read_line(&mut input, &mut line)? {
        let text = str::from_utf8(&line).unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        lines += 1;
        objects += u64::from(is_object(text));
        if (lines, objects) == (1, 1) {
            return Ok(true);
        }
    }
    Ok(objects > 0 && objects * 2 >= lines)
}

/// Why documents in a row cannot be read.
pub(crate) enum DocumentsError {
    /// They hold lists of records.
    Lists,
    /// One of them is damaged.
    Syntax(serde_json::Error),
}

/// Checks that the input is several JSON documents in a row, each with one record. `None` if the first document is
/// damaged, or the only one.
pub(crate) fn check_documents(input: impl BufRead) -> Option<Result<(), DocumentsError>> {
    let parser = serde_json::Deserializer::from_reader(BufReader::new(ShortTokens::new(input)));
    let mut documents = parser.into_iter::<DocumentShape>();
    let first = documents.next()?.ok()?;
    let mut rest = documents.peekable();
    rest.peek()?;
    if !is_record(&first) {
        return Some(Err(DocumentsError::Lists));
    }
    Some(rest.try_for_each(|document| match document {
        Ok(document) if is_record(&document) => Ok(()),
        Ok(_) => Err(DocumentsError::Lists),
        Err(error) => Err(DocumentsError::Syntax(error)),
    }))
}

fn is_record(document: &DocumentShape) -> bool {
    match &document.0 {
        Some(Shape::Record) => true,
        Some(Shape::Map(path)) => path.is_empty(),
        _ => false,
    }
}
