//! Settings as `roster config show` prints them.

use crate::Origin;
use crate::secret_keys::is_secret;
use crate::value::{Entry, Value};

/// A setting with its effective value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveSetting {
    /// Its name, such as `server.port`.
    pub key: String,
    /// Its value in TOML syntax; asterisks for a secret that is set.
    pub value: String,
    /// Where it was set.
    pub origin: Origin,
}

impl EffectiveSetting {
    pub(crate) fn new(key: String, entry: &Entry) -> Self {
        let is_set = !matches!(&entry.value, Value::Text(text) if text.is_empty());
        let value =
            if is_set && is_secret(&key) { "\"********\"".to_owned() } else { shown_value(&entry.value) };
        Self { key, value, origin: entry.origin.clone() }
    }
}

/// In TOML syntax: whole numbers, `true` and `false` without quotes, everything else in quotes.
fn shown_value(value: &Value) -> String {
    match value {
        Value::Text(text) if text.parse::<i64>().is_ok() || text.parse::<bool>().is_ok() => text.to_string(),
        other => other.to_string(),
    }
}
