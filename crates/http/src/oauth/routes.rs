//! The OAuth 2.0 endpoints.

use super::caller::OAuthCaller;
use super::client::ClientSecret;
use super::form::OAuthForm;
use super::issuer_path::IssuerPath;
use super::layer::oauth_errors;
use super::requests::{TokenForm, TokenParameter};
use super::views::{AUTHORIZATION_SERVER, IntrospectionView, ServerView, TokenView};
use crate::code::Code;
use crate::extract::{AnonymousCaller, BaseUrl};
use crate::middleware::Caller;
use crate::openapi::endpoint::{Endpoint, Security};
use crate::problem::Problem;
use crate::reply::{Empty, Reply};
use crate::router::{Resource, Router};
use actix_web::HttpRequest;
use actix_web::web::Data;
use paperclip::actix::api_v2_operation;
use roster_service::{Call, Roster};

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.json_inside(oauth_errors, Resource::at("/oauth/token").post(token, TOKEN));
    router.json_inside(oauth_errors, Resource::at("/oauth/introspect").post(introspect, INTROSPECT));
    router.json_inside(oauth_errors, Resource::at("/oauth/revoke").post(revoke, REVOKE));
    router.json(Resource::at(AUTHORIZATION_SERVER).get(server, SERVER));
    let with_path = Resource::at(&format!("{AUTHORIZATION_SERVER}/{{issuer_path:.*}}"));
    router.json(with_path.get(server_with_path, SERVER_WITH_PATH));
}

const TOKEN: Endpoint = Endpoint::failing_with(&[
    Code::GrantTypeUnsupported,
    Code::ScopeInvalid,
    Code::CredentialsInvalid,
    Code::RefreshTokenInvalid,
    Code::AccountDisabled,
    Code::AccountPending,
    Code::PasswordChangeRequired,
    Code::ChangedMeanwhile,
    Code::TooManyRequests,
    Code::Unavailable,
    Code::Busy,
    Code::OutcomeUnknown,
])
.for_oauth();

/// Issues a token.
///
/// For a username and password, for a refresh token, or, to a service account, for one of its API keys (RFC 6749,
/// sections 4.3, 6 and 4.4). The clients of users are public and need no `client_id`. A service account's token ends
/// with its key. Too many requests get 429 with `slow_down`. A temporary password gets no token here; its owner
/// replaces it after `POST /auth/login`.
#[api_v2_operation(operation_id = "issueToken", tags(oauth))]
async fn token(
    roster: Data<Roster>,
    caller: AnonymousCaller,
    form: OAuthForm<TokenForm>,
) -> Result<Reply<TokenView>, Problem> {
    let call = &caller.0;
    let token = match (form.request, form.client) {
        (TokenForm::Password { username, password }, client) => {
            authenticate(&roster, call, client).await?;
            roster.log_in(call, &username, password).await?.into()
        }
        (TokenForm::RefreshToken(token), client) => {
            authenticate(&roster, call, client).await?;
            roster.refresh_session(call, &token).await?.into()
        }
        (TokenForm::ClientCredentials { scope }, Some(client)) => {
            roster.grant_to_service_account(call, client.id, &client.secret, scope).await?.into()
        }
        (TokenForm::ClientCredentials { .. }, None) => return Err(Code::ClientInvalid.into()),
    };
    Ok(Reply::new(token))
}

const INTROSPECT: Endpoint = Endpoint::failing_with(&[
    Code::AuthenticationRequired,
    Code::PermissionDenied,
    Code::TooManyRequests,
    Code::Unavailable,
])
.with_security(Security::OrClient)
.for_oauth();

/// Tells whether an access token is active.
///
/// For services that must notice a revocation immediately (RFC 7662). Requires `tokens:introspect`, with a bearer token
/// or as a service account. All other tokens are inactive: expired ones, refresh tokens, API keys, and tokens of users
/// who must replace a temporary password.
#[api_v2_operation(operation_id = "introspectToken", tags(oauth))]
async fn introspect(
    roster: Data<Roster>,
    request: HttpRequest,
    caller: OAuthCaller,
    form: OAuthForm<TokenParameter>,
) -> Result<Reply<IntrospectionView>, Problem> {
    let call = match authenticate(&roster, &caller.0, form.client).await? {
        Some(call) => {
            Caller::note(&request, &call.principal);
            call
        }
        None if caller.0.principal.is_anonymous() => return Err(no_caller()),
        None => caller.0,
    };
    Ok(Reply::new(roster.introspect(&call, &form.request.0).await?.into()))
}

/// Says how to authenticate, in agreement with [`Code::ClientInvalid`].
fn no_caller() -> Problem {
    Problem::new(Code::AuthenticationRequired).with_detail(
        "Send the id of a service account and one of its valid API keys, by HTTP Basic or as `client_id` and \
         `client_secret`, or an access token as `Authorization: Bearer TOKEN`.",
    )
}

const REVOKE: Endpoint = Endpoint::failing_with(&[
    Code::TokenTypeUnsupported,
    Code::TooManyRequests,
    Code::Unavailable,
    Code::OutcomeUnknown,
])
.for_oauth();

/// Revokes a token.
///
/// Ends the session of a refresh token or an access token (RFC 7009). Requires nothing but the token. An unknown token
/// gets the same response. A service account's tokens end when its API key is revoked, so an API key, valid or not,
/// and a service account's access token get `unsupported_token_type` (section 2.2.1).
#[api_v2_operation(operation_id = "revokeToken", tags(oauth))]
async fn revoke(
    roster: Data<Roster>,
    caller: AnonymousCaller,
    form: OAuthForm<TokenParameter>,
) -> Result<Empty, Problem> {
    authenticate(&roster, &caller.0, form.client).await?;
    roster.revoke_token(&caller.0, &form.request.0).await?;
    Ok(Empty)
}

/// The call of the client, if it sent a secret. A wrong secret is rejected even where none is required (RFC 6749,
/// sections 4.3.2 and 6).
async fn authenticate(
    roster: &Roster,
    call: &Call,
    client: Option<ClientSecret>,
) -> Result<Option<Call>, Problem> {
    let Some(client) = client else { return Ok(None) };
    Ok(Some(roster.call_of_client(call, client.id, &client.secret).await?))
}

const SERVER: Endpoint = Endpoint::failing_with(&[]);

/// Describes this server to OAuth 2.0 clients.
///
/// Lists its endpoints and what they support (RFC 8414).
#[api_v2_operation(operation_id = "readAuthorizationServer", tags(oauth))]
async fn server(roster: Data<Roster>, base: BaseUrl) -> Result<Reply<ServerView>, Problem> {
    Ok(Reply::new(ServerView::new(&base.0, roster.issuer())))
}

const SERVER_WITH_PATH: Endpoint =
    Endpoint::failing_with(&[]).with_example_path("/.well-known/oauth-authorization-server/auth");

/// Describes this server to clients whose issuer has a path.
///
/// The path of the issuer follows the well-known path (RFC 8414, section 3.1): the metadata of
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
