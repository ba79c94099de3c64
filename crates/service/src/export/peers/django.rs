//! Django: a fixture for `loaddata`.

use super::hash::KnownHash;
use super::peer::{Converted, HashUse, Peer};
use roster_auth::password::Scheme;
use roster_domain::{RoleName, User, UserField};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Django's `auth.User` and `auth.Group`. Whoever is not active is inactive there. Roles become groups without
/// permissions, and nobody becomes staff or a superuser.
#[derive(Default)]
pub(in super::super) struct Django {
    /// The groups that have a record already.
    groups: BTreeSet<RoleName>,
}

impl Peer for Django {
    const OPENING: &'static str = "[";
    const KEPT: &'static [UserField] = &[
        UserField::Username,
        UserField::Email,
        UserField::DisplayName,
        UserField::Status,
        UserField::Roles,
        UserField::CreatedAt,
        UserField::LastLoginAt,
    ];

    fn convert(&mut self, user: &User, hash: Option<&str>) -> Converted {
        let new: Vec<_> = user.roles().iter().filter(|role| self.groups.insert((*role).clone())).collect();
        let mut records: Vec<_> = new
            .iter()
            .map(|role| json!({"model": "auth.group", "fields": {"name": role.as_str()}}))
            .collect();
        let password = hash.and_then(encoded_password);
        let hash = HashUse::of(hash, password.as_ref());
        records.push(user_record(user, password));
        Converted { records, left_out: Vec::new(), hash }
    }

    fn closing(&self) -> String {
        "]".to_owned()
    }
}

/// Names instead of numbers say which groups are meant (natural keys).
fn user_record(user: &User, password: Option<String>) -> Value {
    let groups: Vec<_> = user.roles().iter().map(|role| [role.as_str()]).collect();
    // Django takes a password that begins with an exclamation mark for unusable.
    let unusable = || format!("!{}", user.id.as_uuid().simple());
    json!({
        "model": "auth.user",
        "fields": {
            "username": user.username.as_str(),
            "password": password.unwrap_or_else(unusable),
            "email": user.email.as_ref().map_or("", |email| email.as_str()),
            "first_name": user.display_name.as_ref().map_or("", |name| name.as_str()),
            "last_name": "",
            "is_active": user.is_active(),
            "is_staff": false,
            "is_superuser": false,
            "date_joined": format!("{:.6}", user.created_at),
            "last_login": user.last_login_at.map(|time| format!("{time:.6}")),
            "groups": groups,
            "user_permissions": [],
        },
    })
}

/// The hash with the name of Django's hasher before it.
fn encoded_password(text: &str) -> Option<String> {
    let known = KnownHash::new(text)?;
    if let Some(bcrypt) = known.bcrypt() {
        return Some(format!("bcrypt${bcrypt}"));
    }
    match known.scheme {
        Scheme::Argon2 => Some(format!("argon2{}", known.argon2()?)),
        Scheme::DjangoPbkdf2 | Scheme::DjangoBcryptSha256 | Scheme::DjangoScrypt => {
            Some(known.text.to_owned())
        }
        _ => None,
    }
}
