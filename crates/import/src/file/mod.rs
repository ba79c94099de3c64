//! From a file to its records: checking its encoding and syntax, finding what holds the records, splitting it, and
//! locating errors. JSON is read here; the other formats are in `format`.

pub(crate) mod columns;
pub(crate) mod compression;
pub(crate) mod cursor;
pub(crate) mod encoding;
pub(crate) mod error;
pub(crate) mod layout;
pub(crate) mod lines;
pub(crate) mod parts;
pub(crate) mod path;
pub(crate) mod php_my_admin;
pub(crate) mod record_file;
pub(crate) mod records;
pub(crate) mod rewind;
pub(crate) mod row;
pub(crate) mod scalar;
pub(crate) mod scan;
pub(crate) mod sequence;
pub(crate) mod shape;
pub(crate) mod short_tokens;
pub(crate) mod snippet;
pub(crate) mod source;
pub(crate) mod splitter;
pub(crate) mod strict;
pub(crate) mod unread_lists;
