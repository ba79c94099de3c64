//! Errors of sealing.

use thiserror::Error;

/// Why a text is not a list of sealing keys. It does not contain the text.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SealingKeyError {
    /// There is no key.
    #[error("there is no sealing key")]
    None,
    /// A key is not 32 bytes in base64.
    #[error("sealing key {0} is not 32 bytes in base64; generate one with: openssl rand -base64 32")]
    Form(usize),
}

/// Why a value cannot be opened.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NotOpened {
    /// None of the keys has sealed it.
    #[error("it was sealed with another sealing key")]
    OtherKey,
    /// It was changed, belongs elsewhere, or has the form of a newer version.
    #[error("the sealed value is damaged")]
    Damaged,
}

/// The library did not encrypt. It rejects only keys and lengths of other sizes.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the value cannot be sealed")]
pub struct NotSealed;
