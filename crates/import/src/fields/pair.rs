//! Objects that are a name and its value.

use crate::naming::normalized;
use serde_json::{Map, Value};

/// The name and the value of a pair, such as `{"name": "locked", "value": true}`.
pub(crate) fn pair(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    const NAMES: [&str; 6] = ["name", "key", "metakey", "field", "attribute", "property"];
    const VALUES: [&str; 4] = ["value", "values", "metavalue", "val"];
    let find = |names: &[&str]| object.iter().find(|(name, _)| names.contains(&&*normalized(name)));
    let (_, name) = find(&NAMES)?;
    let (_, value) = find(&VALUES)?;
    Some((name.as_str()?, value))
}
