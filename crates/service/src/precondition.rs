//! What a client says must hold before a change.

use crate::Error;
use roster_domain::{User, Version};

/// What must hold of the present state (RFC 9110, section 13.1.1, `If-Match`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// Nothing was said, where something has to be: it holds of nobody.
    Missing,
    /// The user exists.
    Exists,
    /// The user has one of these versions.
    VersionIn(Vec<Version>),
}

impl Precondition {
    /// Whether it holds for `user`.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`], [`Error::PreconditionMissing`].
    pub(crate) fn check(&self, user: &User) -> Result<(), Error> {
        self.check_version(user.version)
    }

    /// Whether it holds for whatever has this version.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`], [`Error::PreconditionMissing`].
    pub(crate) fn check_version(&self, version: Version) -> Result<(), Error> {
        match self {
            Self::None | Self::Exists => Ok(()),
            Self::VersionIn(versions) if versions.contains(&version) => Ok(()),
            Self::Missing => Err(Error::PreconditionMissing),
            Self::VersionIn(_) => Err(Error::PreconditionFailed),
        }
    }
}
