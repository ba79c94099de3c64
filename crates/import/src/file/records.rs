//! The records of a file, in any format.

use crate::file::error::ReadError;
use crate::file::layout::Layout;
use crate::file::snippet::RawRecord;
use crate::file::source::Input;
use crate::file::splitter::RecordSplitter;
use crate::format::account_lines::AccountReader;
use crate::format::ldif::LdifReader;
use crate::format::table::TableReader;
use crate::report::unread_list::UnreadList;

/// Reads the records of a file, one after the other.
pub(crate) enum Records<'a> {
    Json(RecordSplitter<'a>),
    Table(Box<TableReader<'a>>),
    Accounts(AccountReader<'a>),
    Ldif(LdifReader<'a>),
}

impl<'a> Records<'a> {
    /// Moves to the first record.
    ///
    /// # Errors
    /// If the file cannot be read, or has changed.
    pub(crate) fn new(input: Input<'a>, layout: &'a Layout) -> Result<Self, ReadError> {
        Ok(match layout {
            Layout::Json(shape) => Self::Json(RecordSplitter::new(input, shape)?),
            Layout::Accounts(format) => Self::Accounts(AccountReader::new(input, *format)),
            Layout::Ldif => Self::Ldif(LdifReader::new(input)),
            Layout::Table(format, layout) => Self::Table(Box::new(TableReader::new(input, layout, *format)?)),
        })
    }

    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// If the rest of the file cannot be read.
    pub(crate) fn next_record(&mut self) -> Result<Option<RawRecord>, ReadError> {
        match self {
            Self::Json(records) => records.next_record(),
            Self::Table(records) => records.next_record(),
            Self::Accounts(records) => records.next_record(),
            Self::Ldif(records) => records.next_record(),
        }
    }

    /// What was skipped so far, because it is not about people.
    pub(crate) fn skipped(&self) -> Vec<UnreadList> {
        match self {
            Self::Json(_) | Self::Table(_) => Vec::new(),
            Self::Accounts(records) => records.skipped(),
            Self::Ldif(records) => records.skipped(),
        }
    }
}
