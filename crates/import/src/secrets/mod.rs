//! Passwords and other secrets: which field holds the password, what kind of hash it is, and which fields must not
//! become attributes. A new hash format is recognised in `secret_text` or by the schemes of `roster-auth`.

pub(crate) mod composed;
pub(crate) mod credential;
pub(crate) mod markers;
pub(crate) mod nested_passwords;
pub(crate) mod password;
pub(crate) mod password_names;
pub(crate) mod placeholders;
pub(crate) mod randomness;
pub(crate) mod secret_name;
pub(crate) mod secret_text;
pub(crate) mod secret_words;
pub(crate) mod token;

#[cfg(test)]
mod tests;
