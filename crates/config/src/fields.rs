//! Reads settings from the layers and collects the errors.

use crate::effective::EffectiveSetting;
use crate::layers::Layers;
use crate::secret_keys::is_confidential;
use crate::userinfo::without_credentials;
use crate::value::{Entry, Value};
use crate::{Origin, SettingError, SettingValue};

/// What a setting accepts; completes "must be …".
pub(crate) type Expectation = String;

/// Parses values by key. For an invalid value it records an error and returns a placeholder. The placeholder is
/// never in effect, since [`Settings::load`](crate::Settings::load) then fails.
pub(crate) struct SettingsReader(Layers);

impl SettingsReader {
    pub(crate) fn new(layers: Layers) -> Self {
        Self(layers)
    }

    /// A required setting.
    pub(crate) fn one<T: Default>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, Expectation>,
    ) -> T {
        let (origin, parsed) = match self.0.entries.get(key) {
            None => (Origin::Default, Err("a setting that config/default.toml names".to_owned())),
            Some(Entry { value: Value::Text(text), origin }) => (origin.clone(), parse(text)),
            Some(Entry { origin, .. }) => (origin.clone(), Err("a single value, not a list".to_owned())),
        };
        parsed.unwrap_or_else(|allowed| {
            let value = self.0.entries.get(key).map(|entry| rejected(&entry.value));
            self.note(key, value, origin, allowed);
            T::default()
        })
    }

    /// An optional setting: empty is `None`.
    pub(crate) fn optional<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, Expectation>,
    ) -> Option<T> {
        self.one(key, |text| if text.is_empty() { Ok(None) } else { parse(text).map(Some) })
    }

    /// A list: a TOML list or, in a variable, text with commas.
    pub(crate) fn list<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, Expectation>) -> Vec<T> {
        let Some(entry) = self.0.entries.get(key) else {
            return self.one(key, |_| Ok(Vec::new()));
        };
        let origin = entry.origin.clone();
        let items: Vec<String> = match &entry.value {
            Value::List(items) => items.clone(),
            Value::Text(text) if text.trim() == "[]" => Vec::new(),
            Value::Text(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match parse(&item) {
                Ok(value) => values.push(value),
                Err(allowed) => {
                    self.note(key, Some(rejected_text(&item)), origin.clone(), allowed);
                }
            }
        }
        values
    }

    /// The value of `low`, which must not exceed that of `high`; both were read before. If it does, a default is
    /// lowered, and a value that was set is an error. Values that are already invalid are not compared.
    pub(crate) fn at_most<T: PartialOrd + Copy>(&mut self, low: (&str, T), high: (&str, T)) -> T {
        let is_good = |key: &str| {
            !self
                .0
                .errors
                .iter()
                .any(|fault| matches!(fault, SettingError::Invalid { key: bad, .. } if bad == key))
        };
        if low.1 <= high.1 || !is_good(low.0) || !is_good(high.0) {
            return low.1;
        }
        let (Some(set), Some(bound)) = (self.setting_value(low.0), self.setting_value(high.0)) else {
            return low.1;
        };
        if set.origin != Origin::Default {
            self.0.errors.push(SettingError::Contradiction { low: set, high: bound });
            return low.1;
        }
        let lowered = self.0.entries.get(high.0).map(|entry| entry.value.clone());
        if let (Some(entry), Some(value)) = (self.0.entries.get_mut(low.0), lowered) {
            entry.value = value;
        }
        high.1
    }

    /// Records that settings are valid by themselves but not together.
    pub(crate) fn reject(&mut self, fault: SettingError) {
        self.0.errors.push(fault);
    }

    /// Records the value that an unset setting gets from another one, `leader`.
    pub(crate) fn follow(&mut self, key: &str, value: String, leader: &'static str) {
        let entry = Entry { value: Value::Text(value.into()), origin: Origin::Follows { leader } };
        self.0.entries.insert(key.to_owned(), entry);
    }

    fn setting_value(&self, key: &str) -> Option<SettingValue> {
        let Entry { value, origin } = self.0.entries.get(key)?;
        Some(SettingValue { key: key.to_owned(), value: value.to_string(), origin: origin.clone() })
    }

    fn note(&mut self, key: &str, value: Option<String>, origin: Origin, allowed: Expectation) {
        let value = value.filter(|_| !is_confidential(key));
        self.0.errors.push(SettingError::Invalid { key: key.to_owned(), value, origin, allowed });
    }

    /// The effective settings, the warnings and the errors.
    pub(crate) fn finish(self) -> (Vec<EffectiveSetting>, Vec<String>, Vec<SettingError>) {
        let shown = self.0.entries.into_iter().map(|(key, entry)| EffectiveSetting::new(key, &entry));
        (shown.collect(), self.0.warnings, self.0.errors)
    }
}

/// A rejected value as it is shown.
fn rejected(value: &Value) -> String {
    match value {
        Value::Text(text) => rejected_text(text),
        Value::List(_) => value.to_string(),
    }
}

fn rejected_text(text: &str) -> String {
    format!("{:?}", without_credentials(text))
}
