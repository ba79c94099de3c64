//! The roles of a person, and the privileges of other systems that become roles by a mapping only.

pub(crate) mod misspelt;
pub(crate) mod named_roles;
pub(crate) mod nested;
pub(crate) mod privileges;
pub(crate) mod record_privileges;
pub(crate) mod record_roles;
pub(crate) mod spelling;
