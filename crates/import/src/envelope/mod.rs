//! Records whose fields are inside other objects, as some systems write them. They are unwrapped before the fields are
//! read.

pub(crate) mod directories;
pub(crate) mod extended_json;
pub(crate) mod typed;
pub(crate) mod unwrap;
