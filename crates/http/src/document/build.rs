//! Collects the document from all endpoints.

use super::finish::finish;
use crate::api;
use actix_web::App;
use actix_web::web::Bytes;
use paperclip::actix::OpenApiExt;
use paperclip::v2::models::{Contact, DefaultApiRaw, Info, License, Tag};
use serde_json::Value;

/// The OpenAPI 3.0.3 document of this version as indented JSON. It is the same on every machine.
///
/// It needs no server and no settings, so it can be printed at build time. It takes some milliseconds: call it once.
#[must_use]
pub fn openapi_document() -> Bytes {
    let (mut raw, mut registered) = (Value::Null, Vec::new());
    let app = App::new().wrap_api_with_spec(frame()).configure(|config| registered = api::register(config));
    let _ = app.with_raw_json_spec_v3(|app, document| {
        raw = document;
        app
    });
    serde_json::to_vec_pretty(&finish(raw, &registered)).unwrap_or_default().into()
}

/// The document without its operations.
fn license() -> License {
    License {
        name: Some("MIT OR Apache-2.0".to_owned()),
        url: Some("https://www.apache.org/licenses/LICENSE-2.0".to_owned()),
    }
}

fn frame() -> DefaultApiRaw {
    DefaultApiRaw {
        info: Info {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            title: "Roster".to_owned(),
            description: Some(INTRODUCTION.to_owned()),
            contact: Some(Contact { name: Some("The Roster developers".to_owned()), ..Contact::default() }),
            license: Some(license()),
            ..Info::default()
        },
        tags: TAGS.iter().map(|(name, text)| tag(name, text)).collect(),
        ..DefaultApiRaw::default()
    }
}

const INTRODUCTION: &str = "\
Stores an organisation's users and service accounts and authenticates them: registration, login, sessions, roles, API \
keys, audit log.

Log in with `POST /auth/login` and send the access token as `Authorization: Bearer …`. A service account sends its \
API key the same way. Bodies are JSON in snake_case, times are RFC 3339 in UTC, ids are UUIDs. Every error is a problem detail \
(RFC 9457) with a stable `code`. Every response has an `X-Request-Id`, which identifies the request in the server's log. \
`HEAD` is handled like `GET`. `OPTIONS` lists the supported methods in `Allow`, and so does the 405 for an unsupported \
method. Pages from the origins in `cors.allowed_origins` can call the API; responses to them also have \
`Access-Control-*` and `Vary` headers, which are not listed below.";

/// The tags, in the order of the docs page.
const TAGS: [(&str, &str); 9] = [
    ("auth", "Log in, refresh, log out."),
    ("oauth", "The same for clients that speak OAuth 2.0 only."),
    ("users", "Register, read, change and delete users."),
    ("sessions", "Where a user is logged in."),
    ("service_accounts", "Service accounts and their API keys."),
    ("jobs", "How far an import is, and what has become of each record."),
    ("audit", "Who did what to whom."),
    ("health", "The state of the server, for load balancers and containers."),
    ("meta", "This document, its page, the public keys and the metrics."),
];

fn tag(name: &str, description: &str) -> Tag {
    Tag { name: name.to_owned(), description: Some(description.to_owned()), external_docs: None }
}
