//! The claims of a token.

use super::profile::ProfileClaims;
use super::rejection::Rejection;
use super::scope::Scope;
use super::subject::Subject;
use jiff::Timestamp;
use roster_identity::{ApiKeyId, AuthEpoch, RoleSet, SessionId};
use serde::{Deserialize, Serialize};

/// The claims of an access token, with the names of RFC 9068, section 2.2, and Roster's own `epoch` and, for service
/// accounts, `key`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The subject.
    pub sub: Subject,
    /// The audience: it must include the verifier. Empty if the token names none.
    pub aud: Vec<String>,
    /// The end, in whole seconds: the token is rejected from then on.
    pub exp: Timestamp,
    /// The beginning, in whole seconds: the token is rejected before.
    pub nbf: Option<Timestamp>,
    /// The time of issue, in whole seconds.
    pub iat: Timestamp,
    /// The token's own id.
    pub jti: String,
    /// The client that the token was issued to; a service account's own id.
    pub client_id: String,
    /// The subject's epoch at the time of issue. Roster rejects the token when the epoch has changed.
    pub epoch: AuthEpoch,
    /// The session that the token belongs to and ends with. Service accounts have none.
    pub sid: Option<SessionId>,
    /// When the user last authenticated, in whole seconds (RFC 9068, section 2.2.1).
    pub auth_time: Option<Timestamp>,
    /// How the user authenticated, with the names of RFC 8176.
    pub amr: Vec<String>,
    /// The user's roles at the time of issue.
    pub roles: RoleSet,
    /// The permissions that these roles granted.
    pub scope: Scope,
    /// Further claims about the user, if the issuer is configured to add them.
    pub profile: ProfileClaims,
}

/// The claims as JSON. Deserialising rejects repeated claims and ignores unknown ones.
#[derive(Serialize, Deserialize)]
pub(super) struct WireClaims {
    iss: String,
    sub: String,
    /// Only service accounts have one, so it shows whether `sub` is the id of a user or of a service account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<ApiKeyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aud: Option<Audience>,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    iat: i64,
    jti: String,
    client_id: String,
    epoch: AuthEpoch,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amr: Vec<String>,
    #[serde(default)]
    roles: RoleSet,
    #[serde(default)]
    scope: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
}

/// One name or a list of names (RFC 7519, section 4.1.3).
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims {
    /// Parses the second part of a token.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, Rejection> {
        let wire: WireClaims = serde_json::from_slice(json).map_err(|_| Rejection::Claims)?;
        let time = |second| Timestamp::from_second(second).map_err(|_| Rejection::Claims);
        let sub = Subject::from_wire(&wire.sub, wire.key).ok_or(Rejection::Claims)?;
        // RFC 9068, section 5: a client acting in its own name must not be mistaken for a user.
        if wire.key.is_some() && (wire.client_id != wire.sub || wire.sid.is_some()) {
            return Err(Rejection::Claims);
        }
        if wire.jti.is_empty() {
            return Err(Rejection::Claims);
        }
        Ok(Self {
            iss: wire.iss,
            sub,
            aud: match wire.aud {
                None => Vec::new(),
                Some(Audience::One(one)) => vec![one],
                Some(Audience::Many(many)) => many,
            },
            exp: time(wire.exp)?,
            nbf: wire.nbf.map(time).transpose()?,
            iat: time(wire.iat)?,
            jti: wire.jti,
            client_id: wire.client_id,
            epoch: wire.epoch,
            sid: wire.sid,
            auth_time: wire.auth_time.map(time).transpose()?,
            amr: wire.amr,
            roles: wire.roles,
            scope: wire.scope.into(),
            profile: ProfileClaims {
                username: wire.username,
                email: wire.email,
                email_verified: wire.email_verified,
                external_id: wire.external_id,
                display_name: wire.display_name,
                role: wire.role,
            },
        })
    }

    #[cfg(feature = "issue")]
    pub(super) fn into_wire(self) -> WireClaims {
        WireClaims {
            iss: self.iss,
            sub: self.sub.to_string(),
            key: self.sub.key(),
            aud: match <[String; 1]>::try_from(self.aud) {
                Ok([one]) => Some(Audience::One(one)),
                Err(none) if none.is_empty() => None,
                Err(many) => Some(Audience::Many(many)),
            },
            exp: self.exp.as_second(),
            nbf: self.nbf.map(Timestamp::as_second),
            iat: self.iat.as_second(),
            jti: self.jti,
            client_id: self.client_id,
            epoch: self.epoch,
            sid: self.sid,
            auth_time: self.auth_time.map(Timestamp::as_second),
            amr: self.amr,
            roles: self.roles,
            scope: self.scope.as_str().to_owned(),
            username: self.profile.username,
            email: self.profile.email,
            email_verified: self.profile.email_verified,
            external_id: self.profile.external_id,
            display_name: self.profile.display_name,
            role: self.profile.role,
        }
    }
}
