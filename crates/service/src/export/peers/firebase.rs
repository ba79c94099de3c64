//! Firebase: the JSON of `firebase auth:import`.

use super::hash::KnownHash;
use super::peer::{Converted, HashUse, Peer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roster_domain::{RoleName, User, UserField};
use serde_json::json;

/// Firebase. Whoever is not active is disabled there. Its users have no usernames: the username and the roles become
/// custom claims.
pub(in super::super) struct Firebase;

/// The maximum length of all custom claims of a user.
const MAX_CLAIMS_BYTES: usize = 1000;

impl Peer for Firebase {
    const OPENING: &'static str = r#"{"users": ["#;
    const KEPT: &'static [UserField] = &[
        UserField::Id,
        UserField::Username,
        UserField::Email,
        UserField::EmailVerified,
        UserField::DisplayName,
        UserField::Status,
        UserField::Roles,
        UserField::CreatedAt,
        UserField::LastLoginAt,
    ];

    fn convert(&mut self, user: &User, hash: Option<&str>) -> Converted {
        let roles: Vec<_> = user.roles().iter().map(RoleName::as_str).collect();
        let mut left_out = Vec::new();
        let mut record = json!({
            "localId": user.id,
            "disabled": !user.is_active(),
            "createdAt": user.created_at.as_millisecond().to_string(),
        });
        let claims = json!({"username": user.username.as_str(), "roles": roles}).to_string();
        if claims.len() > MAX_CLAIMS_BYTES {
            left_out.extend([UserField::Username, UserField::Roles]);
        } else {
            record["customAttributes"] = claims.into();
        }
        if let Some(email) = &user.email {
            record["email"] = email.as_str().into();
            record["emailVerified"] = user.email_verified.into();
        }
        if let Some(name) = &user.display_name {
            record["displayName"] = name.as_str().into();
        }
        if let Some(time) = user.last_login_at {
            record["lastSignedInAt"] = time.as_millisecond().to_string().into();
        }
        let bcrypt = hash.and_then(|hash| KnownHash::new(hash)?.bcrypt());
        let hash = HashUse::of(hash, bcrypt.as_ref());
        if let Some(bcrypt) = bcrypt {
            record["passwordHash"] = STANDARD.encode(bcrypt).into();
        }
        Converted { records: vec![record], left_out, hash }
    }

    fn closing(&self) -> String {
        "]}".to_owned()
    }
}
