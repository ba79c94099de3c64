//! The credentials of an OAuth client.

use crate::code::Code;
use crate::problem::Problem;
use actix_web::http::header::{self, HeaderMap};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use roster_domain::ServiceAccountId;
use zeroize::Zeroizing;

/// A client and its secret: a service account and one of its keys. It has no `Debug`.
pub(super) struct ClientSecret {
    pub(super) id: ServiceAccountId,
    pub(super) secret: Zeroizing<String>,
}

/// A parameter of the form, if it was sent.
type Sent = Option<Zeroizing<String>>;

/// The client, by HTTP Basic or by the parameters `client_id` and `client_secret`, but not by both (RFC 6749, section
/// 2.3).
pub(super) fn client(
    headers: &HeaderMap,
    (id, secret): (Sent, Sent),
) -> Result<Option<ClientSecret>, Problem> {
    let both =
        || Problem::new(Code::RequestMalformed).with_detail("A client must authenticate in one way only.");
    let authorization = headers.get(header::AUTHORIZATION);
    if authorization.is_some() && secret.is_some() {
        return Err(both());
    }
    let basic = authorization.and_then(|value| value.to_str().ok()?.split_once(' '));
    let basic = basic.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    match (basic, secret) {
        (Some((_, encoded)), _) => {
            let (user, secret) = decode(encoded).ok_or(Code::ClientInvalid)?;
            if id.is_some_and(|id| id != user) {
                return Err(both());
            }
            // Libraries send the id of a public client with an empty secret.
            if secret.is_empty() { Ok(None) } else { parse(&user, secret).map(Some) }
        }
        (None, Some(secret)) => parse(&id.ok_or(Code::ClientInvalid)?, secret).map(Some),
        (None, None) => Ok(None),
    }
}

fn parse(id: &str, secret: Zeroizing<String>) -> Result<ClientSecret, Problem> {
    Ok(ClientSecret { id: id.parse().map_err(|_| Code::ClientInvalid)?, secret })
}

/// The id and the secret, each form-encoded before they were joined (RFC 6749, section 2.3.1).
fn decode(encoded: &str) -> Option<(Zeroizing<String>, Zeroizing<String>)> {
    let pair = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let (id, secret) = str::from_utf8(&pair).ok()?.split_once(':')?;
    Some((decode_half(id)?, decode_half(secret)?))
}

fn decode_half(text: &str) -> Option<Zeroizing<String>> {
    let spaced = Zeroizing::new(text.replace('+', " "));
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(Zeroizing::new(decoded.into_owned()))
}
