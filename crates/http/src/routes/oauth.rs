//! For clients that speak OAuth 2.0 and nothing else.

use super::{json, oauth};
use crate::bodies::{TokenForm, TokenParameter};
use crate::extract::{
    AUTHORIZATION_SERVER, AnonymousCaller, BaseUrl, ClientSecret, IssuerPath, OAuthCaller, OAuthForm,
};
use crate::middleware::Caller;
use crate::problem::{Code, Problem};
use crate::reply::{Empty, Reply};
use crate::views::{IntrospectionView, ServerView, TokenView};
use actix_web::HttpRequest;
use actix_web::web::Data;
use paperclip::actix::{api_v2_operation, web};
use roster_service::{Call, Roster};

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let post = "POST, OPTIONS";
    config.service(oauth(web::resource("/oauth/token").route(web::post().to(token)), post));
    config.service(oauth(web::resource("/oauth/introspect").route(web::post().to(introspect)), post));
    config.service(oauth(web::resource("/oauth/revoke").route(web::post().to(revoke)), post));
    let get = "GET, HEAD, OPTIONS";
    config.service(json(web::resource(AUTHORIZATION_SERVER).route(web::get().to(server)), get));
    let of_path = web::resource(&format!("{AUTHORIZATION_SERVER}/{{issuer_path:.*}}"));
    config.service(json(of_path.route(web::get().to(server_with_path)), get));
}

/// Gives a token.
///
/// For a name and a password, for a refresh token, or, to a service account, for one of its API keys (RFC 6749,
/// sections 4.3, 6 and 4.4). People's clients are public and need no `client_id`. A machine's token ends with its key.
/// A client that asks too often gets 429 with `slow_down`. For a temporary password there is no token here: its owner
/// replaces it by way of `POST /auth/login`.
#[api_v2_operation(operation_id = "issueToken", tags(oauth))]
async fn token(
    roster: Data<Roster>,
    caller: AnonymousCaller,
    form: OAuthForm<TokenForm>,
) -> Result<Reply<TokenView>, Problem> {
    let call = &caller.0;
    let token = match (form.asked, form.client) {
        (TokenForm::Password { username, password }, client) => {
            known(&roster, call, client).await?;
            roster.log_in(call, &username, password).await?.into()
        }
        (TokenForm::RefreshToken(token), client) => {
            known(&roster, call, client).await?;
            roster.refresh_session(call, &token).await?.into()
        }
        (TokenForm::ClientCredentials { scope }, Some(client)) => {
            roster.grant_to_machine(call, client.id, &client.secret, scope).await?.into()
        }
        (TokenForm::ClientCredentials { .. }, None) => return Err(Code::ClientInvalid.into()),
    };
    Ok(Reply::new(token))
}

/// Tells whether an access token is active.
///
/// For services that want to know of a revocation at once (RFC 7662). Needs `tokens:introspect`, by a bearer token or
/// as a service account. Any other token is inactive: one that has ended, a refresh token, an API key, a token of
/// somebody who has to replace a temporary password.
#[api_v2_operation(operation_id = "introspectToken", tags(oauth))]
async fn introspect(
    roster: Data<Roster>,
    request: HttpRequest,
    caller: OAuthCaller,
    form: OAuthForm<TokenParameter>,
) -> Result<Reply<IntrospectionView>, Problem> {
    let call = match known(&roster, &caller.0, form.client).await? {
        Some(call) => {
            Caller::note(&request, &call.principal);
            call
        }
        None if caller.0.principal.is_anonymous() => return Err(Code::AuthenticationRequired.into()),
        None => caller.0,
    };
    Ok(Reply::new(roster.introspect(&call, &form.asked.0).await?.into()))
}

/// Gives a token up.
///
/// Ends the session that it belongs to, whether it is a refresh token or an access token (RFC 7009); to hold it is
/// enough. A token that nobody knows is answered alike. What a machine holds ends when its API key is revoked: an API
/// key, live or not, and a machine's access token are an `unsupported_token_type` (section 2.2.1).
#[api_v2_operation(operation_id = "revokeToken", tags(oauth))]
async fn revoke(
    roster: Data<Roster>,
    caller: AnonymousCaller,
    form: OAuthForm<TokenParameter>,
) -> Result<Empty, Problem> {
    known(&roster, &caller.0, form.client).await?;
    roster.revoke_token(&caller.0, &form.asked.0).await?;
    Ok(Empty)
}

/// The call of the client that shows a secret, if one does. Where none is needed a wrong one is refused all the same
/// (RFC 6749, sections 4.3.2 and 6).
async fn known(roster: &Roster, call: &Call, client: Option<ClientSecret>) -> Result<Option<Call>, Problem> {
    let Some(client) = client else { return Ok(None) };
    Ok(Some(roster.call_of_client(call, client.id, &client.secret).await?))
}

/// Describes this server to clients of OAuth 2.0.
///
/// Where its endpoints are and what they take (RFC 8414).
#[api_v2_operation(operation_id = "readAuthorizationServer", tags(oauth))]
async fn server(roster: Data<Roster>, base: BaseUrl) -> Result<Reply<ServerView>, Problem> {
    Ok(Reply::new(ServerView::new(&base.0, roster.issuer())))
}

/// Describes this server to clients that know it by an issuer with a path.
///
/// The path of the issuer follows the well-known one (RFC 8414, section 3.1): the metadata of
/// `https://id.example.org/auth` is at `/.well-known/oauth-authorization-server/auth`. The path of any other issuer is a
/// 404.
#[api_v2_operation(operation_id = "readAuthorizationServerWithPath", tags(oauth))]
async fn server_with_path(
    roster: Data<Roster>,
    path: IssuerPath,
    base: BaseUrl,
) -> Result<Reply<ServerView>, Problem> {
    let server = ServerView::new(&base.0, roster.issuer());
    if path.is_of(server.issuer()) { Ok(Reply::new(server)) } else { Err(Code::NotFound.into()) }
}
