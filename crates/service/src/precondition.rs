//! What a client says must hold before a change.

use crate::Error;
use roster_domain::{User, Version};

/// What must hold of the present state (RFC 9110, sections 13.1.1 and 13.1.2, `If-Match` and `If-None-Match`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// Nothing was said, where something has to be: it never holds.
    Missing,
    /// It exists.
    Exists,
    /// It does not exist.
    Absent,
    /// It has one of these versions.
    VersionIn(Vec<Version>),
    /// It has none of these versions.
    VersionNotIn(Vec<Version>),
}

impl Precondition {
    /// This condition, and that the version is none of `versions`.
    #[must_use]
    pub fn and_not(self, versions: &[Version]) -> Self {
        match self {
            Self::None | Self::Exists => Self::VersionNotIn(versions.to_vec()),
            Self::VersionIn(mut wanted) => {
                wanted.retain(|version| !versions.contains(version));
                Self::VersionIn(wanted)
            }
            Self::VersionNotIn(others) => Self::VersionNotIn([others.as_slice(), versions].concat()),
            Self::Missing | Self::Absent => self,
        }
    }

    /// Whether it holds for `user`.
    ///
    /// # Errors
    /// As [`Self::check_version`].
    pub(crate) fn check(&self, user: &User) -> Result<(), Error> {
        self.check_version(user.version)
    }

    /// Whether it holds for something that exists and has this version.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`], [`Error::PreconditionMissing`]; [`Error::ExistsAlready`], if it should not exist or
    /// should have another version.
    pub(crate) fn check_version(&self, version: Version) -> Result<(), Error> {
        match self {
            Self::None | Self::Exists => Ok(()),
            Self::VersionIn(versions) if versions.contains(&version) => Ok(()),
            Self::VersionNotIn(versions) if !versions.contains(&version) => Ok(()),
            Self::Missing => Err(Error::PreconditionMissing),
            Self::VersionIn(_) => Err(Error::PreconditionFailed),
            Self::Absent | Self::VersionNotIn(_) => Err(Error::ExistsAlready),
        }
    }
}
