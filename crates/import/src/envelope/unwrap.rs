//! Unwraps a record of any known system.

use crate::envelope::{directories, extended_json, typed};
use serde_json::{Map, Value};

/// Moves the fields of a record that are inside other objects to where fields are looked for.
pub(crate) fn unwrap(record: &mut Map<String, Value>) {
    typed::unwrap(record);
    directories::okta(record);
    directories::auth0(record);
    directories::cognito(record);
    directories::kratos(record);
    extended_json::simplify(record);
}
