//! Who calls, and with which permission.

use super::in_turn::{FirstInTurn, first_in_turn};
use crate::code::Code;
use crate::middleware::{Caller, RequestContext};
use crate::openapi::errors::add_errors;
use crate::openapi::schema::undocumented;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::DefaultOperationRaw;
use paperclip::v2::schema::Apiv2Schema;
use roster_auth::bearer_token;
use roster_domain::{DeviceLabel, Origin, Permission, policy};
use roster_service::{Call, Error, Roster};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;

/// A user with a valid access token, or a service account with a valid API key.
pub(crate) struct Authenticated(pub(crate) Call);

/// An [`Authenticated`] caller, or a user with a password-change token.
pub(crate) struct PasswordChanger(pub(crate) Call);

/// An [`Authenticated`] caller with the permission `P`.
pub(crate) struct Authorized<P> {
    pub(crate) call: Call,
    permission: PhantomData<P>,
}

/// Anyone. Credentials are optional, but must be valid if they are sent.
pub(crate) struct MaybeAuthenticated(pub(crate) Call);

/// Anyone. A token is ignored, since the caller is about to authenticate in another way.
pub(crate) struct AnonymousCaller(pub(crate) Call);

/// A caller who is authenticated only if the handler asks, because a setting decides who may call.
pub(crate) struct LazyCaller(HttpRequest);

/// A permission, as a type for a handler's signature.
pub(crate) trait Grant: 'static {
    const PERMISSION: Permission;
}

/// `audit:read`
pub(crate) struct AuditRead;

impl Grant for AuditRead {
    const PERMISSION: Permission = Permission::AuditRead;
}

/// `service_accounts:manage`
pub(crate) struct ServiceAccountsManage;

impl Grant for ServiceAccountsManage {
    const PERMISSION: Permission = Permission::ServiceAccountsManage;
}

/// `users:read`
pub(crate) struct UsersRead;

impl Grant for UsersRead {
    const PERMISSION: Permission = Permission::UsersRead;
}

/// `users:export`
pub(crate) struct UsersExport;

impl Grant for UsersExport {
    const PERMISSION: Permission = Permission::UsersExport;
}

/// `users:import`
pub(crate) struct UsersImport;

impl Grant for UsersImport {
    const PERMISSION: Permission = Permission::UsersImport;
}

/// The token of an `Authorization: Bearer` header. A token in any other place is ignored.
fn token(request: &HttpRequest) -> Option<&str> {
    bearer_token(request.headers().get(header::AUTHORIZATION)?.as_bytes())
}

/// Says what to send, and what is wrong with an `Authorization` header of another scheme.
fn unauthenticated(request: &HttpRequest) -> Problem {
    const NOTHING_SENT: &str = "Send an access token from POST /auth/login, or an API key, as \
        `Authorization: Bearer TOKEN`.";
    const OTHER_SCHEME: &str = "The Authorization header must be `Bearer`, a space, and an access token from POST \
        /auth/login or an API key. Other schemes are not supported.";
    let sent = request.headers().contains_key(header::AUTHORIZATION);
    let detail = if sent { OTHER_SCHEME } else { NOTHING_SENT };
    Problem::new(Code::AuthenticationRequired).with_detail(detail)
}

/// Whether the `Authorization` header is for Roster. `Basic` comes from an OAuth client, or is for a proxy in front.
fn has_credentials(request: &HttpRequest) -> bool {
    let value = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let scheme = value.map(|value| value.split(|byte| *byte == b' ').next().unwrap_or_default());
    scheme.is_some_and(|scheme| !scheme.eq_ignore_ascii_case(b"basic"))
}

/// Where the request comes from.
fn origin(request: &HttpRequest) -> Origin {
    request.extensions().get::<RequestContext>().map(RequestContext::origin).unwrap_or_default()
}

/// The caller; anonymous without a token.
async fn call(request: &HttpRequest) -> Result<Call, Problem> {
    let Some(token) = token(request) else { return Ok(Call::anonymous(origin(request))) };
    let roster = request.app_data::<Data<Roster>>().ok_or(Code::Internal)?;
    let call = roster.authenticate(token, origin(request)).await?;
    Caller::note(request, &call.principal);
    Ok(call)
}

/// The caller who changes a password.
async fn password_changer(request: &HttpRequest) -> Result<Call, Problem> {
    let token = token(request).ok_or_else(|| unauthenticated(request))?;
    let roster = request.app_data::<Data<Roster>>().ok_or(Code::Internal)?;
    let call = roster.authenticate_to_change_password(token, origin(request)).await?;
    Caller::note(request, &call.principal);
    Ok(Call { device: device(request), ..call })
}

/// The `User-Agent` of the client.
fn device(request: &HttpRequest) -> Option<DeviceLabel> {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    agent.map(DeviceLabel::new).filter(|label| !label.as_str().is_empty())
}

impl FromRequest for AnonymousCaller {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Call { device: device(request), ..Call::anonymous(origin(request)) })))
    }
}

impl FromRequest for MaybeAuthenticated {
    type Error = Problem;
    type Future = FirstInTurn<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let own = request.clone();
        let extraction = async move {
            let call = call(&own).await?;
            let is_rejected = call.principal.is_anonymous() && has_credentials(&own);
            if is_rejected { Err(unauthenticated(&own)) } else { Ok(Self(call)) }
        };
        first_in_turn(request, Box::pin(extraction))
    }
}

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = FirstInTurn<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let own = request.clone();
        let extraction = async move {
            let call = call(&own).await?;
            if call.principal.is_anonymous() { Err(unauthenticated(&own)) } else { Ok(Self(call)) }
        };
        first_in_turn(request, Box::pin(extraction))
    }
}

impl FromRequest for PasswordChanger {
    type Error = Problem;
    type Future = FirstInTurn<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let own = request.clone();
        let extraction = async move { password_changer(&own).await.map(Self) };
        first_in_turn(request, Box::pin(extraction))
    }
}

impl FromRequest for LazyCaller {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.clone())))
    }
}

impl LazyCaller {
    /// Authenticates the caller and checks the permission.
    ///
    /// # Errors
    /// [`Code::AuthenticationRequired`], [`Code::InvalidToken`], [`Code::PermissionDenied`].
    pub(crate) async fn authorize(&self, permission: Permission) -> Result<(), Problem> {
        let Authenticated(call) = Authenticated::extract(&self.0).await?;
        policy::require(&call.principal, permission).map_err(Error::from)?;
        Ok(())
    }
}

impl<P: Grant> FromRequest for Authorized<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let authenticated = Authenticated::from_request(request, payload);
        Box::pin(async move {
            let Authenticated(call) = authenticated.await?;
            policy::require(&call.principal, P::PERMISSION).map_err(Error::from)?;
            Ok(Self { call, permission: PhantomData })
        })
    }
}

undocumented!(AnonymousCaller);

/// Documents the scopes as those of the password flow of OAuth 2.0. The finishing pass describes the flow, and adds the
/// plain bearer scheme.
pub(crate) fn secured(operation: &mut DefaultOperationRaw, scopes: &[Permission]) {
    let scopes = scopes.iter().map(ToString::to_string).collect();
    operation.security.push(BTreeMap::from([("oauth2".to_owned(), scopes)]));
    add_errors(operation, &[Code::InvalidToken]);
}

macro_rules! describes_its_security {
    ($({$($generics:tt)*} $ty:ty => $scopes:expr, $codes:expr;)+) => {$(
        impl $($generics)* Apiv2Schema for $ty {}

        impl $($generics)* OperationModifier for $ty {
            fn update_security(operation: &mut DefaultOperationRaw) {
                secured(operation, $scopes);
                add_errors(operation, $codes);
            }
        }
    )+};
}

describes_its_security! {
    {} Authenticated => &[], &REFUSED;
    {} PasswordChanger => &[], &REFUSED;
    {} MaybeAuthenticated => &[], &[Code::AuthenticationRequired, Code::PasswordChangeRequired];
    {} LazyCaller => &[Permission::MetricsRead], &REFUSED;
    {<P: Grant>} Authorized<P> => &[P::PERMISSION], &REFUSED;
}

/// The errors for callers who must authenticate.
const REFUSED: [Code; 3] =
    [Code::AuthenticationRequired, Code::PermissionDenied, Code::PasswordChangeRequired];
