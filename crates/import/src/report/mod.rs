//! What the report says: where a record is, what was changed, why it was refused, and the totals. A new note or
//! refusal is a variant of an enum here; its text is in the same file.

pub(crate) mod ldif_fault;
pub(crate) mod location;
pub(crate) mod no_password;
pub(crate) mod note;
pub(crate) mod outcome;
pub(crate) mod ranges;
pub(crate) mod refusal;
pub(crate) mod summary;
pub(crate) mod unread_list;
