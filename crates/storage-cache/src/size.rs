//! The size of values in memory, estimated.

use std::mem::size_of;

use roster_domain::{Attributes, ServiceAccount, Session, User};
use serde_json::Value;

/// The key, the links to other entries, and the slot in the hash table.
const ENTRY: usize = 128;

/// What an allocation takes in addition to its content.
const ALLOCATION: usize = 16;

/// The size of a user.
pub(crate) fn of_user(user: &User) -> usize {
    let username = user.username.as_str().len();
    let email = user.email.as_ref().map_or(0, |email| email.as_str().len());
    // Each of them is kept as it was written and as it is compared. A digest of a password has 60 to 120 bytes.
    let names = 2 * (username + email) + 4 * ALLOCATION;
    let display_name = user.display_name.as_ref().map_or(0, |name| name.as_str().len() + ALLOCATION);
    ENTRY + size_of::<User>() + names + display_name + of_attributes(&user.attributes) + 128
}

/// The size of a session.
pub(crate) fn of_session(session: &Session) -> usize {
    let device = session.device.as_ref().map_or(0, |device| device.as_str().len() + ALLOCATION);
    let methods = session.methods.len() + ALLOCATION;
    // A replaced token has a digest, a time and its sealed successor.
    let superseded = session.refresh.superseded.len() * 160;
    ENTRY + size_of::<Session>() + device + methods + superseded
}

/// The size of a service account.
pub(crate) fn of_account(account: &ServiceAccount) -> usize {
    // A key has its description, prefix and digest.
    let keys = account.keys.len() * 320;
    ENTRY + size_of::<ServiceAccount>() + account.name.as_str().len() + 256 + keys
}

fn of_attributes(attributes: &Attributes) -> usize {
    if attributes.is_empty() { 0 } else { attributes.as_map().iter().map(of_member).sum::<usize>() + NODE }
}

/// A node of the tree that an object is kept in, which has room for eleven members.
const NODE: usize = 11 * (size_of::<String>() + size_of::<Value>()) + ALLOCATION;

fn of_member((name, value): (&String, &Value)) -> usize {
    name.len() + ALLOCATION + of_value(value)
}

/// What a value refers to. They are nested to a small depth.
fn of_value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len() + ALLOCATION,
        Value::Array(items) => items.iter().map(|item| size_of::<Value>() + of_value(item)).sum(),
        Value::Object(members) => members.iter().map(of_member).sum::<usize>() + NODE,
    }
}
