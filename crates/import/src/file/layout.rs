//! Finds out how a file holds its records, in any format.

use crate::envelope::typed::is_typed;
use crate::file::error::{ReadError, UnreadableFile};
use crate::file::php_my_admin;
use crate::file::rewind::{from_start, head};
use crate::file::row;
use crate::file::sequence::{self, DocumentsError};
use crate::file::shape::{self, Shape};
use crate::file::source::ImportSource;
use crate::file::splitter::RecordSplitter;
use crate::file::unread_lists;
use crate::format::detect::detect;
use crate::format::file_format::FileFormat;
use crate::format::problem::FormatProblem;
use crate::format::table_layout::{TableLayout, delimiter_of};
use crate::report::unread_list::UnreadList;
use std::io;

/// How a file holds its records.
pub(crate) enum Layout {
    Json(Shape, Typed),
    Table(FileFormat, TableLayout),
    /// One account on each line.
    Accounts(FileFormat),
    Ldif,
    Xmpp,
}

/// Whether the records name their types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    Yes,
    No,
}

/// How much of the start of a file decides about its format. The header of a table has to fit.
const HEAD_BYTES: u64 = 256 * 1024;

/// How much of the start of a file is searched for the traces of another format.
const TRACES_BYTES: u64 = 4096;

impl Layout {
    /// The layout of the source, in this format or in the one that its content tells.
    ///
    /// # Errors
    /// If the source cannot be read in this format.
    pub(crate) fn of(
        source: &mut Box<dyn ImportSource>,
        format: Option<FileFormat>,
    ) -> Result<Self, ReadError> {
        let head = head(source, HEAD_BYTES)?;
        if row::begins(&head) {
            return Ok(Self::Json(Shape::Lines, Typed::No));
        }
        let format = format.unwrap_or_else(|| detect(&head));
        let damaged =
            |(line, problem): (usize, FormatProblem)| UnreadableFile::Damaged { format, line, problem };
        Ok(match format {
            FileFormat::Json => {
                let shape = json_shape(source)?;
                let first = RecordSplitter::new(source, &shape)?.next_record()?;
                let first = first.and_then(|record| record.body.ok());
                let typed =
                    if first.is_some_and(|record| is_typed(&record)) { Typed::Yes } else { Typed::No };
                Self::Json(shape, typed)
            }
            FileFormat::Ldif => Self::Ldif,
            FileFormat::Xmpp => Self::Xmpp,
            FileFormat::Htpasswd | FileFormat::Shadow => Self::Accounts(format),
            FileFormat::FirebaseCsv => Self::Table(format, TableLayout::firebase()),
            FileFormat::Tsv => Self::Table(format, TableLayout::with_header(&head, b'\t').map_err(damaged)?),
            FileFormat::Csv => {
                let first = head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                let delimiter = delimiter_of(first).unwrap_or(b',');
                Self::Table(format, TableLayout::with_header(&head, delimiter).map_err(damaged)?)
            }
        })
    }

    /// The format of the source.
    pub(crate) const fn format(&self) -> FileFormat {
        match self {
            Self::Json(..) => FileFormat::Json,
            Self::Table(format, _) | Self::Accounts(format) => *format,
            Self::Ldif => FileFormat::Ldif,
            Self::Xmpp => FileFormat::Xmpp,
        }
    }

    /// The lists of objects next to the one that holds the records.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn unread_lists(
        &self,
        source: &mut Box<dyn ImportSource>,
    ) -> Result<Vec<UnreadList>, ReadError> {
        match self {
            Self::Json(Shape::Array(path) | Shape::Map(path), _) if !path.is_empty() => {
                unread_lists::next_to(path, from_start(source)?)
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn json_shape(source: &mut Box<dyn ImportSource>) -> Result<Shape, ReadError> {
    let shape = match shape::of_document(from_start(source)?) {
        Ok(shape) => shape.ok_or(UnreadableFile::NoUsers)?,
        Err(error) if error.is_io() => return Err(io::Error::from(error).into()),
        Err(error) => shape_of_sequence(source, error)?,
    };
    match &shape {
        Shape::Array(path) if path.is_empty() => {
            Ok(php_my_admin::table_of_users(from_start(source)?)?.map_or(shape, Shape::Array))
        }
        _ => Ok(shape),
    }
}

/// The shape of what is no single document, as `error` says.
fn shape_of_sequence(
    source: &mut Box<dyn ImportSource>,
    error: serde_json::Error,
) -> Result<Shape, ReadError> {
    if sequence::is_lines(from_start(source)?)? {
        return Ok(Shape::Lines);
    }
    let syntax_error = match sequence::check_documents(from_start(source)?) {
        Some(Ok(())) => return Ok(Shape::Documents),
        Some(Err(DocumentsError::Lists)) => return Err(UnreadableFile::SeveralLists.into()),
        Some(Err(DocumentsError::Syntax(later))) => later,
        None => {
            // The shape is found with long texts cut, so the position of the error comes from a second parse.
            let position = |error: &serde_json::Error| (error.line(), error.column());
            let whole = shape::syntax_error(from_start(source)?);
            whole.filter(|whole| position(whole) != position(&error)).unwrap_or(error)
        }
    };
    Err(UnreadableFile::of_syntax(&syntax_error, &head(source, TRACES_BYTES)?).into())
}
