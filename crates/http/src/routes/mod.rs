//! Every path, and what answers there.

mod audit;
mod auth;
mod docs;
mod health;
mod keys;
mod machines;
mod meta;
mod oauth;
mod sessions;
mod users;

pub(crate) use docs::POLICY as DOCS_POLICY;
pub(crate) use keys::CACHE_CONTROL as KEY_SET_CACHE_CONTROL;
pub use keys::KEY_SET_MAX_AGE;

use crate::middleware::{json_only, oauth_errors, shield};
use crate::problem::{Code, Problem};
use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse};
use paperclip::actix::Mountable;
use paperclip::actix::web::{self, Resource, ServiceConfig};

/// Registers everything that the OpenAPI document describes, which is everything.
pub(crate) fn documented(config: &mut ServiceConfig<'_>) {
    auth::configure(config);
    oauth::configure(config);
    users::configure(config);
    sessions::configure(config);
    machines::configure(config);
    audit::configure(config);
    health::configure(config);
    keys::configure(config);
    meta::configure(config);
    docs::configure(config);
}

/// A resource whose answers are JSON.
fn json(resource: Resource, allow: &'static str) -> impl Mountable + HttpServiceFactory + 'static {
    closed(resource, allow).wrap(from_fn(json_only))
}

/// A resource for clients of OAuth, whose errors are theirs too.
fn oauth(resource: Resource, allow: &'static str) -> impl Mountable + HttpServiceFactory + 'static {
    closed(resource, allow).wrap(from_fn(json_only)).wrap(from_fn(oauth_errors))
}

/// A resource of any other kind.
fn other(resource: Resource, allow: &'static str) -> impl Mountable + HttpServiceFactory + 'static {
    closed(resource, allow).wrap(from_fn(shield))
}

/// Answers the methods that a resource does not have (RFC 9110, sections 9.3.7 and 15.5.6).
fn closed(resource: Resource, allow: &'static str) -> Resource {
    resource.default_service(web::to(move |request: HttpRequest| {
        let allow = HeaderValue::from_static(allow);
        async move {
            if request.method() == Method::OPTIONS {
                return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish());
            }
            let detail =
                format!("{} is not allowed here; {} are.", request.method(), allow.to_str().unwrap_or(""));
            Err(Problem::new(Code::MethodNotAllowed).with_detail(detail).with_header(header::ALLOW, allow))
        }
    }))
}

/// Answers every path that there is not.
pub(crate) async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Code::NotFound.into())
}
