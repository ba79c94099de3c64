//! The public keys.

use super::other;
use crate::extract::{IfNoneMatch, quoted};
use crate::problem::{Code, Problem};
use crate::reply::{Fresh, Reply};
use crate::views::KeySetView;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use paperclip::actix::{api_v2_operation, web};
use roster_service::Roster;

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let allow = "GET, HEAD, OPTIONS";
    config.service(other(web::resource("/.well-known/jwks.json").route(web::get().to(key_set)), allow));
}

/// For how many seconds others may keep the published keys (`/.well-known/jwks.json`): as long as a new key should be
/// next before it signs.
pub const KEY_SET_MAX_AGE: u32 = 300;

/// The same, as the header says it.
pub(crate) const CACHE_CONTROL: &str = "public, max-age=300";

/// Gives the public keys.
///
/// A JWK Set (RFC 7517): every key whose access tokens are accepted, and those that will sign next. A shared secret is
/// never among them; where nothing else signs, the set is empty.
#[api_v2_operation(operation_id = "readKeySet", tags(meta))]
async fn key_set(roster: Data<Roster>, known: IfNoneMatch) -> Result<Fresh<KeySetView>, Problem> {
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
    fn the_header_says_what_others_are_told() {
        assert_eq!(CACHE_CONTROL, format!("public, max-age={KEY_SET_MAX_AGE}"));
    }
}
