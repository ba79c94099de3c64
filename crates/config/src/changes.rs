//! Differences between two versions of the settings.

use crate::Settings;

/// Settings that a running server can apply; a trailing dot means the whole section.
const LIVE: [&str; 5] = ["log.level", "limits.", "cors.", "auth.key_files", "server.trusted_proxies"];

/// Settings of those sections that need a restart all the same.
const NOT_LIVE: [&str; 1] = ["limits.shared"];

/// The names of the changed settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Those that a running server can apply.
    pub live: Vec<String>,
    /// Those that need a restart.
    pub restart: Vec<String>,
}

impl Settings {
    /// The differences from `self` to `newer`.
    #[must_use]
    pub fn changes_to(&self, newer: &Self) -> Changes {
        let mut changes = Changes::default();
        for (old, new) in self.show().iter().zip(newer.show()) {
            if old.value != new.value || self.secret_differs(newer, &new.key) {
                let names = if is_live(&new.key) { &mut changes.live } else { &mut changes.restart };
                names.push(new.key.clone());
            }
        }
        changes
    }

    /// Whether a secret, or the credentials of a URL, differ. Both look the same when shown.
    fn secret_differs(&self, newer: &Self, key: &str) -> bool {
        match key {
            "auth.jwt_secret" => self.auth.jwt_secret != newer.auth.jwt_secret,
            "storage.sealing_key" => self.storage.sealing_key != newer.storage.sealing_key,
            "admin.password" => self.admin.password != newer.admin.password,
            "migration.verify_secret" => self.migration.secret() != newer.migration.secret(),
            "migration.devise_pepper" => self.migration.devise_pepper != newer.migration.devise_pepper,
            "migration.flask_security_salt" => {
                self.migration.flask_security_salt != newer.migration.flask_security_salt
            }
            "auth.issuer" => self.auth.issuer != newer.auth.issuer,
            _ => false,
        }
    }
}

fn is_live(key: &str) -> bool {
    !NOT_LIVE.contains(&key)
        && LIVE.iter().any(|live| if live.ends_with('.') { key.starts_with(live) } else { *live == key })
}
