//! The formats other than JSON, and how a format is told from the content of a file. Each of them yields raw records, as
//! JSON objects with the line on which they begin.

pub(crate) mod account_line;
pub(crate) mod account_lines;
pub(crate) mod bounded_lines;
pub(crate) mod cells;
pub(crate) mod detect;
pub(crate) mod file_format;
pub(crate) mod formula;
pub(crate) mod header;
pub(crate) mod htpasswd;
pub(crate) mod ldif;
pub(crate) mod ldif_entry;
pub(crate) mod ldif_value;
pub(crate) mod problem;
pub(crate) mod row_guard;
pub(crate) mod shadow;
pub(crate) mod skipped;
pub(crate) mod table;
pub(crate) mod table_layout;
pub(crate) mod text_lines;
pub(crate) mod xmpp;
pub(crate) mod xmpp_user;
