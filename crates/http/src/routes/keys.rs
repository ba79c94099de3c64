//! The public keys.

use crate::code::Code;
use crate::extract::{IfNoneMatch, quoted};
use crate::openapi::endpoint::{Endpoint, Header};
use crate::problem::Problem;
use crate::reply::{Conditional, Reply};
use crate::router::{Resource, Router};
use crate::views::keys::KeySetView;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use paperclip::actix::api_v2_operation;
use roster_service::Roster;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.other(Resource::at("/.well-known/jwks.json").get(key_set, KEY_SET));
}

/// How many seconds other services may cache the published keys (`/.well-known/jwks.json`). A new key should be
/// published this long before it signs.
pub const KEY_SET_MAX_AGE: u32 = 300;

/// The same as a header.
const CACHE_CONTROL: &str = "public, max-age=300";

const KEY_SET: Endpoint =
    Endpoint::failing_with(&[]).with_headers(&[Header::ETag]).with_cache_control(CACHE_CONTROL);

/// Returns the public keys.
///
/// A JWK Set (RFC 7517) with the keys of all accepted access tokens and the keys that will sign next. It never has a
/// shared secret, and is empty if there is no other key.
#[api_v2_operation(operation_id = "readKeySet", tags(meta))]
async fn key_set(roster: Data<Roster>, known: IfNoneMatch) -> Result<Conditional<KeySetView>, Problem> {
    let published = roster.published_keys();
    let etag = quoted(published.tag());
    let view = serde_json::from_str::<KeySetView>(published.json());
    let view = view.map_err(|cause| Problem::new(Code::Internal).with_cause(cause))?;
    let reply = Reply::new(view).with_header(header::ETAG, etag);
    Ok(reply.with_header(header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL)).unless(&known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_published_maximum_age() {
        assert_eq!(CACHE_CONTROL, format!("public, max-age={KEY_SET_MAX_AGE}"));
    }
}
