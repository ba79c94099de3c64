//! The records of a file, in any format.

use crate::envelope::typed::other_type;
use crate::file::error::ReadError;
use crate::file::layout::{Layout, Typed};
use crate::file::rewind::from_start;
use crate::file::snippet::RawRecord;
use crate::file::source::ImportSource;
use crate::file::splitter::RecordSplitter;
use crate::format::account_lines::AccountReader;
use crate::format::ldif::LdifReader;
use crate::format::skipped::Skipped;
use crate::format::table::TableReader;
use crate::format::xmpp::XmppReader;
use crate::report::unread_list::UnreadList;

/// Reads the records of a file, one after the other.
pub(crate) enum Records<'a> {
    Json(RecordSplitter<'a>),
    /// Records that name their type. Those that are no people are skipped.
    Typed(RecordSplitter<'a>, Skipped),
    Table(Box<TableReader<'a>>),
    Accounts(AccountReader<'a>),
    Ldif(LdifReader<'a>),
    Xmpp(Box<XmppReader<'a>>),
}

impl<'a> Records<'a> {
    /// Moves to the first record.
    ///
    /// # Errors
    /// If the file cannot be read, or has changed.
    pub(crate) fn new(source: &'a mut Box<dyn ImportSource>, layout: &'a Layout) -> Result<Self, ReadError> {
        Ok(match layout {
            Layout::Json(shape, Typed::No) => Self::Json(RecordSplitter::new(source, shape)?),
            Layout::Json(shape, Typed::Yes) => {
                Self::Typed(RecordSplitter::new(source, shape)?, Skipped::default())
            }
            Layout::Accounts(format) => Self::Accounts(AccountReader::new(from_start(source)?, *format)),
            Layout::Ldif => Self::Ldif(LdifReader::new(from_start(source)?)),
            Layout::Xmpp => Self::Xmpp(Box::new(XmppReader::new(from_start(source)?))),
            Layout::Table(format, layout) => {
                Self::Table(Box::new(TableReader::new(from_start(source)?, layout, *format)?))
            }
        })
    }

    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// If the rest of the file cannot be read.
    pub(crate) fn next_record(&mut self) -> Result<Option<RawRecord>, ReadError> {
        match self {
            Self::Json(records) => records.next_record(),
            Self::Typed(records, skipped) => next_person(records, skipped),
            Self::Table(records) => records.next_record(),
            Self::Accounts(records) => records.next_record(),
            Self::Ldif(records) => records.next_record(),
            Self::Xmpp(records) => records.next_record(),
        }
    }

    /// What was skipped so far, because it is not about people.
    pub(crate) fn skipped(&self) -> Vec<UnreadList> {
        match self {
            Self::Json(_) | Self::Table(_) => Vec::new(),
            Self::Typed(_, skipped) => skipped.lists(),
            Self::Accounts(records) => records.skipped(),
            Self::Ldif(records) => records.skipped(),
            Self::Xmpp(records) => records.skipped(),
        }
    }
}

fn next_person(
    records: &mut RecordSplitter<'_>,
    skipped: &mut Skipped,
) -> Result<Option<RawRecord>, ReadError> {
    while let Some(record) = records.next_record()? {
        match record.body.as_ref().ok().and_then(other_type) {
            Some(name) => skipped.add(&name),
            None => return Ok(Some(record)),
        }
    }
    Ok(None)
}
