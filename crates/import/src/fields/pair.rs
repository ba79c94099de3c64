//! Objects that are a name and its value.

use crate::naming::normalized;
use serde_json::{Map, Value};

/// The name and the value of an object that is a pair: `{"name": "locked", "value": true}`, `{"meta_key": …,
/// "meta_value": …}`.
pub(crate) fn pair(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    const NAMES: [&str; 6] = ["name", "key", "metakey", "field", "attribute", "property"];
    const VALUES: [&str; 4] = ["value", "values", "metavalue", "val"];
    let of = |names: &[&str]| object.iter().find(|(name, _)| names.contains(&&*normalized(name)));
    let (_, name) = of(&NAMES)?;
    let (_, value) = of(&VALUES)?;
    Some((name.as_str()?, value))
}
