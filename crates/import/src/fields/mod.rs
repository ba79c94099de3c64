//! The fields of a record: looking them up by name, and reading their values. The parser that the other modules
//! extend is here.

pub(crate) mod field;
pub(crate) mod numbers;
pub(crate) mod own_export;
pub(crate) mod pair;
pub(crate) mod parser;
pub(crate) mod times;
pub(crate) mod values;
