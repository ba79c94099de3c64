//! The formats other than JSON, and how a format is told from the content of a file. Each of them yields raw records, as
//! JSON objects with the line on which they begin.

pub(crate) mod cells;
pub(crate) mod detect;
pub(crate) mod file_format;
pub(crate) mod header;
pub(crate) mod problem;
pub(crate) mod row_guard;
pub(crate) mod table;
pub(crate) mod table_layout;
