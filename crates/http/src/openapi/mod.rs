//! The OpenAPI document: paperclip collects it from the handlers' signatures, a finishing pass completes it.
//!
//! paperclip's model is that of Swagger 2.0, converted. It has no words for string constraints, `nullable` or
//! problem details. So a value type puts what is missing under `x-schema` in its example (see [`schema`]), an
//! extractor notes the codes that it may refuse with (see [`errors`]), and [`finish`] turns both into
//! OpenAPI 3.0.3.

pub(crate) mod errors;
mod examples;
mod finish;
mod headers;
mod oauth;
pub(crate) mod schema;
mod security;

use crate::routes;
use actix_web::App;
use actix_web::web::Bytes;
use paperclip::actix::OpenApiExt;
use paperclip::v2::models::{Contact, DefaultApiRaw, Info, License, Tag};
use std::cell::RefCell;

/// Marks types that take part in an operation without being seen in its description.
macro_rules! undocumented {
    ($($ty:ty),+) => {$(
        impl paperclip::v2::schema::Apiv2Schema for $ty {}
        impl paperclip::actix::OperationModifier for $ty {}
    )+};
}
pub(crate) use undocumented;

/// The OpenAPI 3.0.3 document of this version as indented JSON, the same on every machine.
///
/// It needs no server and no settings, so it can be printed at build time. Making it takes some
/// milliseconds: call it once.
#[must_use]
pub fn openapi_document() -> Bytes {
    let raw = RefCell::new(serde_json::Value::Null);
    let _ = App::new().wrap_api_with_spec(frame()).configure(routes::documented).with_raw_json_spec_v3(
        |app, document| {
            raw.replace(document);
            app
        },
    );
    let document = finish::finish(raw.into_inner());
    serde_json::to_vec_pretty(&document).unwrap_or_default().into()
}

/// What the document says beside its operations.
fn frame() -> DefaultApiRaw {
    DefaultApiRaw {
        info: Info {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            title: "Roster".to_owned(),
            description: Some(INTRODUCTION.to_owned()),
            contact: Some(Contact { name: Some("The Roster developers".to_owned()), ..Contact::default() }),
            license: Some(License {
                name: Some("MIT OR Apache-2.0".to_owned()),
                url: Some("https://www.apache.org/licenses/LICENSE-2.0".to_owned()),
            }),
            ..Info::default()
        },
        tags: TAGS.iter().map(|(name, text)| tag(name, text)).collect(),
        ..DefaultApiRaw::default()
    }
}

const INTRODUCTION: &str = "\
Keeps the users of an organisation and its machines: registration, login, sessions, roles, service accounts, audit.

Log in with `POST /auth/login` and send the access token as `Authorization: Bearer …`; a machine sends its API key \
the same way. Bodies are JSON in \
snake_case, times RFC 3339 in UTC, ids UUIDs. Every error is a problem detail (RFC 9457) with a stable `code`; \
every answer carries an `X-Request-Id` under which the server's log tells more. `HEAD` is answered as `GET`, `OPTIONS` \
with the methods that there are, in `Allow`, as is a method that there is not (405). Pages of the origins that \
`cors.allowed_origins` names may call: their answers have `Access-Control-*` and `Vary` besides what is listed.";

/// The tags, in the order in which a page shows them.
const TAGS: [(&str, &str); 8] = [
    ("auth", "Logging in, going on, logging out."),
    ("oauth", "The same for clients that speak OAuth 2.0 and nothing else."),
    ("users", "The people: registering, reading, changing, deleting."),
    ("sessions", "Where somebody is logged in."),
    ("machines", "Service accounts and their API keys."),
    ("audit", "Who did what to whom."),
    ("health", "Whether the server is well, for load balancers and containers."),
    ("meta", "What is here: this document, its page, and the metrics."),
];

fn tag(name: &str, description: &str) -> Tag {
    Tag { name: name.to_owned(), description: Some(description.to_owned()), external_docs: None }
}
