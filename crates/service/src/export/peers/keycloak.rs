//! Keycloak: a realm file.

use super::hash::KnownHash;
use super::peer::{Converted, HashUse, Peer};
use roster_auth::password::Scheme;
use roster_domain::{RoleName, User, UserField};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Keycloak. Whoever is not active is disabled there. Roles become realm roles, which grant nothing by themselves.
#[derive(Default)]
pub(in super::super) struct Keycloak {
    roles: BTreeSet<RoleName>,
}

impl Peer for Keycloak {
    const OPENING: &'static str = r#"{"realm": "roster", "enabled": true, "users": ["#;
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
        UserField::CreatedAt,
        UserField::MustChangePassword,
    ];

    fn convert(&mut self, user: &User, hash: Option<&str>) -> Converted {
        self.roles.extend(user.roles().iter().cloned());
        let roles: Vec<_> = user.roles().iter().map(RoleName::as_str).collect();
        let actions: &[_] = if user.must_change_password { &["UPDATE_PASSWORD"] } else { &[] };
        let mut record = json!({
            "id": user.id,
            "username": user.username.as_str(),
            "enabled": user.is_active(),
            "emailVerified": user.email_verified,
            "createdTimestamp": user.created_at.as_millisecond(),
            "requiredActions": actions,
            "realmRoles": roles,
            "attributes": attributes(user),
        });
        if let Some(email) = &user.email {
            record["email"] = email.as_str().into();
        }
        if let Some(name) = &user.display_name {
            record["firstName"] = name.as_str().into();
        }
        let credential = hash.and_then(credential);
        let hash = HashUse::of(hash, credential.as_ref());
        if let Some(credential) = credential {
            record["credentials"] = json!([credential]);
        }
        Converted { records: vec![record], left_out: Vec::new(), hash }
    }

    fn closing(&self) -> String {
        let roles: Vec<_> = self.roles.iter().map(|role| json!({"name": role.as_str()})).collect();
        format!(r#"], "roles": {}}}"#, json!({"realm": roles}))
    }
}

/// Attributes are lists of texts there. What is no text becomes JSON.
fn attributes(user: &User) -> Map<String, Value> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let own = user.attributes.as_map().iter().map(|(name, value)| (name.clone(), json!([text(value)])));
    let external = user.external_id.as_ref().map(|id| ("external_id".to_owned(), json!([id.as_str()])));
    own.chain(external).collect()
}

/// A credential, whose data is JSON in texts. Keycloak verifies argon2 and PBKDF2 itself, and bcrypt with an extension.
fn credential(text: &str) -> Option<Value> {
    let known = KnownHash::new(text)?;
    let (secret, data) = if let Some(bcrypt) = known.bcrypt() {
        let cost: u32 = bcrypt.get(4..6)?.parse().ok()?;
        (json!({"value": bcrypt, "salt": ""}), json!({"algorithm": "bcrypt", "hashIterations": cost}))
    } else {
        let phc = known.phc()?;
        let secret = json!({"value": phc.digest, "salt": phc.salt});
        let iterations = |name| phc.parameter(name)?.parse::<u32>().ok();
        let data = match known.scheme {
            Scheme::Argon2 if known.argon2().is_some() => json!({
                "algorithm": "argon2",
                "hashIterations": iterations("t")?,
                "additionalParameters": {
                    "type": [phc.algorithm.strip_prefix("argon2")?],
                    "version": [if phc.version == Some("19") { "1.3" } else { "1.0" }],
                    "hashLength": [phc.digest_len.to_string()],
                    "memory": [phc.parameter("m")?],
                    "parallelism": [phc.parameter("p")?],
                },
            }),
            Scheme::PhcPbkdf2 => {
                let algorithm = if phc.algorithm == "pbkdf2-sha1" { "pbkdf2" } else { phc.algorithm };
                json!({"algorithm": algorithm, "hashIterations": iterations("i")?})
            }
            _ => return None,
        };
        (secret, data)
    };
    Some(json!({"type": "password", "secretData": secret.to_string(), "credentialData": data.to_string()}))
}
