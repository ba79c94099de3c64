//! Auth0: the JSON of its bulk import.

use super::hash::KnownHash;
use super::peer::{Converted, HashUse, Peer};
use roster_auth::password::Scheme;
use roster_domain::{RoleName, User, UserField};
use serde_json::{Value, json};

/// Auth0. Whoever is not active is blocked. Roles are data there, so that they grant nothing by themselves.
pub(in super::super) struct Auth0;

impl Peer for Auth0 {
    const OPENING: &'static str = "[";
    const KEPT: &'static [UserField] = &[
        UserField::Id,
        UserField::Username,
        UserField::Email,
        UserField::EmailVerified,
        UserField::DisplayName,
        UserField::Status,
        UserField::Roles,
        UserField::Attributes,
        UserField::ExternalId,
    ];

    fn convert(&mut self, user: &User, hash: Option<&str>) -> Converted {
        let roles: Vec<_> = user.roles().iter().map(RoleName::as_str).collect();
        let mut record = json!({
            "user_id": user.id,
            "username": user.username.as_str(),
            "blocked": !user.is_active(),
            "app_metadata": {"roles": roles},
        });
        if let Some(email) = &user.email {
            record["email"] = email.as_str().into();
            record["email_verified"] = user.email_verified.into();
        }
        if let Some(name) = &user.display_name {
            record["name"] = name.as_str().into();
        }
        if let Some(id) = &user.external_id {
            record["app_metadata"]["external_id"] = id.as_str().into();
        }
        if !user.attributes.is_empty() {
            record["user_metadata"] = Value::Object(user.attributes.as_map().clone());
        }
        let password = hash.and_then(custom_password_hash);
        let hash = HashUse::of(hash, password.as_ref());
        if let Some(password) = password {
            record["custom_password_hash"] = password;
        }
        Converted { records: vec![record], left_out: Vec::new(), hash }
    }

    fn closing(&self) -> String {
        "]".to_owned()
    }
}

/// `custom_password_hash`: bcrypt, argon2 and PBKDF2 in the PHC string format.
fn custom_password_hash(text: &str) -> Option<Value> {
    let known = KnownHash::new(text)?;
    if let Some(bcrypt) = known.bcrypt() {
        return Some(json!({"algorithm": "bcrypt", "hash": {"value": bcrypt}}));
    }
    let (algorithm, value) = match known.scheme {
        Scheme::Argon2 => ("argon2", known.argon2()?),
        Scheme::PhcPbkdf2 => ("pbkdf2", known.text.to_owned()),
        _ => return None,
    };
    Some(json!({"algorithm": algorithm, "hash": {"value": value, "encoding": "utf8"}}))
}
