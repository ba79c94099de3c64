//! How much of a file is held in memory at once.

/// The largest record that is read, in bytes. A typical one has a few hundred; embedded pictures can make it megabytes.
pub(crate) const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// The largest table that is read into memory, because it has one object for each column, in bytes.
pub(crate) const MAX_COLUMNAR_BYTES: u64 = 64 * 1024 * 1024;

/// The most columns that a table may have.
pub(crate) const MAX_COLUMNS: usize = 1_000;

/// The longest key of a record, in bytes, and how much of a string or number the syntax check passes on.
pub(crate) const MAX_TOKEN_BYTES: usize = 64 * 1024;
