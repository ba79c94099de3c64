//! What is wrong with a file that is not JSON.

use crate::limits::{MAX_COLUMNS, MAX_RECORD_BYTES};
use crate::report::location::Escaped;
use thiserror::Error;

/// Why a file cannot be read in its format, and what to do about it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FormatProblem {
    /// The first line has values instead of names.
    #[error(
        "the first line holds values ({}), not the names of the columns; put them there \
         (sed -i '1i id,username,email,password_hash' FILE)",
        Escaped(.0)
    )]
    NoHeader(String),
    /// Two columns have the same name.
    #[error("two columns are called {}; rename one of them in the first line", Escaped(.0))]
    DuplicateColumn(String),
    /// A column between others has no name.
    #[error("column {0} has no name; give it one in the first line")]
    UnnamedColumn(usize),
    /// The header has too many columns.
    #[error("{0} columns, more than {MAX_COLUMNS}; write only the columns that are about people")]
    TooManyColumns(usize),
    /// A quoted value has no end.
    #[error(
        "a quotation mark opens a value that nothing closes; close it, or double a mark that is part of a value"
    )]
    OpenQuote,
    /// LDIF that changes entries.
    #[error("a change of a directory, not an entry; export the entries (ldapsearch -LLL or slapcat)")]
    ChangeRecord,
    /// LDIF of another version.
    #[error("a version of LDIF other than 1; export the entries again (ldapsearch -LLL or slapcat)")]
    LdifVersion,
    /// XML that is damaged, or cut off.
    #[error("{}; export it again", Escaped(.0))]
    Xml(String),
    /// A record is too long.
    #[error("a record of more than {} MiB; is a quotation mark or a line break missing?", MAX_RECORD_BYTES >> 20)]
    TooLong,
}
