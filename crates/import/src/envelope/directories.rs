//! Records of services that keep the fields of people in an object or a list of their own.

use serde_json::{Map, Value, json};

/// Okta's users: names under `profile`, and a hash in parts.
pub(crate) fn okta(record: &mut Map<String, Value>) {
    let has_login = record.get("profile").is_some_and(|profile| profile["login"].is_string());
    if !has_login || record.contains_key("login") || record.contains_key("username") {
        return;
    }
    if let Some(hash) = record.get("credentials").and_then(okta_hash) {
        record.remove("credentials");
        record.insert("password_hash".to_owned(), hash.into());
    }
    lift(record, "profile");
}

/// The bcrypt hash in Okta's parts.
fn okta_hash(credentials: &Value) -> Option<String> {
    let hash = &credentials["password"]["hash"];
    let is_bcrypt = hash["algorithm"].as_str()?.eq_ignore_ascii_case("bcrypt");
    let (salt, value) = (hash["salt"].as_str()?, hash["value"].as_str()?);
    let cost = hash["workFactor"].as_u64().or_else(|| hash["workFactor"].as_str()?.parse().ok())?;
    is_bcrypt.then(|| format!("$2a${cost:02}${salt}{value}"))
}

/// Auth0's `custom_password_hash`, of algorithms whose texts say everything about themselves.
pub(crate) fn auth0(record: &mut Map<String, Value>) {
    let Some(custom) = record.get("custom_password_hash") else { return };
    let is_complete =
        ["bcrypt", "argon2", "pbkdf2", "ldap"].iter().any(|known| custom["algorithm"] == *known);
    let hash = custom["hash"]["value"].as_str().filter(|_| is_complete && custom["salt"].is_null());
    if let Some(hash) = hash.map(str::to_owned) {
        record.remove("custom_password_hash");
        record.insert("password_hash".to_owned(), hash.into());
    }
}

/// Cognito's users: a list of attributes, each with a name and a value.
pub(crate) fn cognito(record: &mut Map<String, Value>) {
    if !record.contains_key("Username") {
        return;
    }
    let name = ["Attributes", "UserAttributes"].into_iter().find(|name| record.contains_key(*name));
    let Some(Value::Array(attributes)) = name.and_then(|name| record.remove(name)) else { return };
    for attribute in attributes {
        match (attribute["Name"].as_str(), &attribute["Value"]) {
            (Some("sub"), value) => _ = record.entry("id").or_insert_with(|| value.clone()),
            (Some(name), value) => _ = record.entry(name).or_insert_with(|| value.clone()),
            (None, _) => {}
        }
    }
}

/// Kratos' identities: fields under `traits`, a hash under `credentials`, and which addresses are verified.
pub(crate) fn kratos(record: &mut Map<String, Value>) {
    if !record.get("traits").is_some_and(Value::is_object) {
        return;
    }
    let hash =
        record.get("credentials").and_then(|found| found["password"]["config"]["hashed_password"].as_str());
    if let Some(hash) = hash.map(str::to_owned) {
        record.remove("credentials");
        record.insert("password_hash".to_owned(), hash.into());
    }
    lift(record, "traits");
    if let Some(Value::Object(name)) = record.get("name").cloned() {
        for (part, field) in [("first", "first_name"), ("last", "last_name")] {
            if let Some(text) = name.get(part) {
                record.insert(field.to_owned(), text.clone());
            }
        }
        record.remove("name");
    }
    let email = record.get("email").cloned().unwrap_or_default();
    let addresses = record.get("verifiable_addresses").and_then(Value::as_array);
    let verified = addresses.is_some_and(|list| {
        list.iter().any(|address| address["value"] == email && address["verified"] == json!(true))
    });
    if verified {
        record.insert("email_verified".to_owned(), json!(true));
    }
}

/// Moves the members of an object into the record. Those whose names are taken stay in the object.
fn lift(record: &mut Map<String, Value>, name: &str) {
    let Some(Value::Object(inner)) = record.remove(name) else { return };
    let mut left = Map::new();
    for (field, value) in inner {
        if record.contains_key(&field) {
            left.insert(field, value);
        } else {
            record.insert(field, value);
        }
    }
    if !left.is_empty() {
        record.insert(name.to_owned(), Value::Object(left));
    }
}
