//! What each field of a file is taken for, with masked examples.

pub(crate) mod explanation;
pub(crate) mod field_use;
pub(crate) mod files;
pub(crate) mod mask;
