//! The conditions in a request's `If-Match` and `If-None-Match`.

use crate::Error;
use roster_domain::{User, Version};

/// A condition on the current state (RFC 9110, sections 13.1.1 and 13.1.2, `If-Match` and `If-None-Match`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// No condition.
    None,
    /// The request has no condition although one is required. It never holds.
    Missing,
    /// The resource exists.
    Exists,
    /// The resource does not exist.
    Absent,
    /// The resource has one of these versions.
    VersionIn(Vec<Version>),
    /// The resource has none of these versions.
    VersionNotIn(Vec<Version>),
}

impl Precondition {
    /// This condition, plus that the version is none of `versions`.
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

    /// Checks the condition for `user`.
    ///
    /// # Errors
    /// As [`Self::check_version`].
    pub(crate) fn check(&self, user: &User) -> Result<(), Error> {
        self.check_version(user.version)
    }

    /// Checks the condition for an existing resource of this version.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`], [`Error::PreconditionMissing`]; [`Error::ExistsAlready`] if the resource should not
    /// exist or should have another version.
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
