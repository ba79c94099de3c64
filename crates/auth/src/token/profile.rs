//! Optional claims about the user.

#[cfg(feature = "issue")]
use roster_domain::{RoleName, User};

/// An optional claim about the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileClaim {
    /// `username`
    Username,
    /// `email`
    Email,
    /// `email_verified`, only together with an email address.
    EmailVerified,
    /// `external_id`
    ExternalId,
    /// `display_name`
    DisplayName,
    /// `role`: `admin` for an administrator, otherwise the user's first role.
    Role,
}

/// The optional claims about the user, as of the token's issue. A claim is present if the issuer includes it and the
/// user has a value for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileClaims {
    /// The username as it was typed.
    pub username: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// Whether the address was verified.
    pub email_verified: Option<bool>,
    /// The user's id in another system.
    pub external_id: Option<String>,
    /// The display name.
    pub display_name: Option<String>,
    /// One of the roles.
    pub role: Option<String>,
}

#[cfg(feature = "issue")]
impl ProfileClaims {
    /// The `wanted` claims about `user`.
    pub(super) fn of(user: &User, wanted: &[ProfileClaim]) -> Self {
        let mut claims = Self::default();
        for claim in wanted {
            match claim {
                ProfileClaim::Username => claims.username = Some(user.username.to_string()),
                ProfileClaim::Email => claims.email = user.email.as_ref().map(ToString::to_string),
                ProfileClaim::EmailVerified => {
                    claims.email_verified = user.email.as_ref().map(|_| user.email_verified);
                }
                ProfileClaim::ExternalId => {
                    claims.external_id = user.external_id.as_ref().map(ToString::to_string);
                }
                ProfileClaim::DisplayName => {
                    claims.display_name = user.display_name.as_ref().map(ToString::to_string);
                }
                ProfileClaim::Role => {
                    let foremost = user.roles().iter().find(|role| role.as_str() == RoleName::ADMIN);
                    claims.role = foremost.or_else(|| user.roles().iter().next()).map(ToString::to_string);
                }
            }
        }
        claims
    }
}
