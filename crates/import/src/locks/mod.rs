//! Whether the account in a record is active, pending or disabled. Names of fields are recognised in `recognition`, their
//! values in `value`. A field that suggests a lock but is not understood makes the account pending.

pub(crate) mod account_state;
pub(crate) mod account_words;
pub(crate) mod compounds;
pub(crate) mod field_names;
pub(crate) mod foreign_words;
pub(crate) mod known_names;
pub(crate) mod meaning;
pub(crate) mod nested;
pub(crate) mod nested_fields;
pub(crate) mod object_names;
pub(crate) mod past;
pub(crate) mod recognition;
pub(crate) mod restrictions;
pub(crate) mod status;
pub(crate) mod value;
pub(crate) mod words;

#[cfg(test)]
mod tests;
