//! Who calls, and whether they may.

use crate::middleware::{Caller, RequestContext};
use crate::openapi::errors::refuses;
use crate::problem::{Code, Problem};
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

/// A user with a valid access token, or a machine with an API key.
pub(crate) struct Authenticated(pub(crate) Call);

/// As [`Authenticated`], or a user who has to replace a temporary password first, with a token that lets them.
pub(crate) struct PasswordChanger(pub(crate) Call);

/// As [`MaybeAuthenticated`], where errors are those of OAuth: a user who has to replace a temporary password is told
/// that they lack the scope.
pub(crate) struct OAuthCaller(pub(crate) Call);

/// A user with a valid access token, or a machine with an API key, who holds the permission `P`.
pub(crate) struct Authorized<P> {
    pub(crate) call: Call,
    permission: PhantomData<P>,
}

/// Anyone; but whoever says who they are must be known.
pub(crate) struct MaybeAuthenticated(pub(crate) Call);

/// Anyone, whatever token they send: somebody who is about to say who they are.
pub(crate) struct AnonymousCaller(pub(crate) Call);

/// Whoever calls, looked at only if the handler asks: where a setting decides who may.
pub(crate) struct LazyCaller(HttpRequest);

/// A permission in a handler's signature.
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

/// The token of an `Authorization: Bearer` header, the only place where one is looked for.
fn token(request: &HttpRequest) -> Option<&str> {
    bearer_token(request.headers().get(header::AUTHORIZATION)?.as_bytes())
}

/// Says what to send, and to those who sent something else that it is something else.
fn unauthenticated(request: &HttpRequest) -> Problem {
    const NOTHING_SENT: &str = "Send an access token, which POST /auth/login gives, or an API key, as \
        `Authorization: Bearer …`.";
    const OTHER_SCHEME: &str = "The Authorization header has to be `Bearer`, a space, and an access token, which POST \
        /auth/login gives, or an API key. No other scheme is taken.";
    let sent = request.headers().contains_key(header::AUTHORIZATION);
    let detail = if sent { OTHER_SCHEME } else { NOTHING_SENT };
    Problem::new(Code::AuthenticationRequired).with_detail(detail)
}

/// Whether an `Authorization` header means us. `Basic` is what an OAuth client sends, or a proxy in front.
fn says_who(request: &HttpRequest) -> bool {
    let value = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let scheme = value.map(|value| value.split(|byte| *byte == b' ').next().unwrap_or_default());
    scheme.is_some_and(|scheme| !scheme.eq_ignore_ascii_case(b"basic"))
}

/// From where a request came.
fn origin(request: &HttpRequest) -> Origin {
    request.extensions().get::<RequestContext>().map(RequestContext::origin).unwrap_or_default()
}

/// Who calls; without a token, nobody in particular.
async fn call(request: &HttpRequest) -> Result<Call, Problem> {
    let Some(token) = token(request) else { return Ok(Call::anonymous(origin(request))) };
    let roster = request.app_data::<Data<Roster>>().ok_or(Code::Internal)?;
    let call = roster.authenticate(token, origin(request)).await?;
    Caller::note(request, &call.principal);
    Ok(call)
}

/// Who calls to change a password.
async fn password_changer(request: &HttpRequest) -> Result<Call, Problem> {
    let token = token(request).ok_or_else(|| unauthenticated(request))?;
    let roster = request.app_data::<Data<Roster>>().ok_or(Code::Internal)?;
    let call = roster.authenticate_to_change_password(token, origin(request)).await?;
    Caller::note(request, &call.principal);
    Ok(Call { device: device(request), ..call })
}

/// What the client calls itself.
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
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let call = call(&request).await?;
            let in_vain = call.principal.is_anonymous() && says_who(&request);
            if in_vain { Err(unauthenticated(&request)) } else { Ok(Self(call)) }
        })
    }
}

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let call = call(&request).await?;
            if call.principal.is_anonymous() { Err(unauthenticated(&request)) } else { Ok(Self(call)) }
        })
    }
}

impl FromRequest for PasswordChanger {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { password_changer(&request).await.map(Self) })
    }
}

impl FromRequest for OAuthCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = MaybeAuthenticated::from_request(request, payload);
        Box::pin(async move {
            match caller.await {
                Ok(MaybeAuthenticated(call)) => Ok(Self(call)),
                Err(problem) if problem.code() == Code::PasswordChangeRequired => {
                    Err(Problem::new(Code::PermissionDenied)
                        .with_detail(Code::PasswordChangeRequired.detail()))
                }
                Err(problem) => Err(problem),
            }
        })
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
    /// Whether the caller holds the permission.
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

crate::openapi::undocumented!(AnonymousCaller);

/// The password flow of OAuth 2.0 carries the scopes; the finishing pass describes it, and adds the plain bearer beside
/// it.
fn secured(operation: &mut DefaultOperationRaw, scopes: &[Permission]) {
    let scopes = scopes.iter().map(ToString::to_string).collect();
    operation.security.push(BTreeMap::from([("oauth2".to_owned(), scopes)]));
    refuses(operation, &[Code::InvalidToken]);
}

macro_rules! documents_its_security {
    ($({$($generics:tt)*} $ty:ty => $scopes:expr, $codes:expr;)+) => {$(
        impl $($generics)* Apiv2Schema for $ty {}

        impl $($generics)* OperationModifier for $ty {
            fn update_security(operation: &mut DefaultOperationRaw) {
                secured(operation, $scopes);
                refuses(operation, $codes);
            }
        }
    )+};
}

documents_its_security! {
    {} Authenticated => &[], &REFUSED;
    {} PasswordChanger => &[], &REFUSED;
    {} MaybeAuthenticated => &[], &[Code::AuthenticationRequired, Code::PasswordChangeRequired];
    {} OAuthCaller => &[], &[Code::AuthenticationRequired, Code::PermissionDenied];
    {} LazyCaller => &[Permission::MetricsRead], &REFUSED;
    {<P: Grant>} Authorized<P> => &[P::PERMISSION], &REFUSED;
}

/// How a caller is refused who has to say who they are.
const REFUSED: [Code; 3] =
    [Code::AuthenticationRequired, Code::PermissionDenied, Code::PasswordChangeRequired];
