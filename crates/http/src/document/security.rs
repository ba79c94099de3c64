//! The security schemes.

use roster_domain::Permission;
use serde_json::{Map, Value, json};

/// A token can be pasted, or fetched by the password form of OAuth 2.0, which the docs page supports.
pub(super) fn schemes() -> Value {
    let scopes = Permission::ALL.map(|permission| (permission.to_string(), permission.allows().into()));
    json!({
        "bearerAuth": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token from `POST /auth/login`, or an API key of a service account.",
        },
        "client": {
            "type": "http",
            "scheme": "basic",
            "description": "The id of a service account and one of its API keys.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "Username and password, exchanged for an access token at `/auth/login`. Users always get all \
                permissions of their roles, whatever scopes they request.",
            "flows": { "password": { "tokenUrl": "/auth/login", "scopes": Map::from_iter(scopes) } },
        },
    })
}
