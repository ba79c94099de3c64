//! What a token says of a person besides what it has to.

#[cfg(feature = "issue")]
use roster_domain::{RoleName, User};

/// A claim about a person that an issuer can be told to add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileClaim {
    /// `username`
    Username,
    /// `email`
    Email,
    /// `email_verified`, beside an email address only.
    EmailVerified,
    /// `external_id`
    ExternalId,
    /// `display_name`
    DisplayName,
    /// `role`: `admin` for who has that role, else the first of their roles.
    Role,
}

/// What a token says of a person besides what it has to, as it was when the token was issued. Only what the issuer adds
/// and the person has is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileClaims {
    /// The name to log in with, as it was typed.
    pub username: Option<String>,
    /// Where mail goes.
    pub email: Option<String>,
    /// Whether the address is known to be theirs.
    pub email_verified: Option<bool>,
    /// What another system calls the person.
    pub external_id: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
    /// One of the roles.
    pub role: Option<String>,
}

#[cfg(feature = "issue")]
impl ProfileClaims {
    /// What `wanted` claims say of `user`.
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
