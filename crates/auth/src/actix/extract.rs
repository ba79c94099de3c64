//! Extractors for the caller and for permissions.

use super::authenticator::{Authenticator, Permit};
use crate::{AuthRequirement, TokenAuthenticator};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

/// A caller whose token is accepted.
pub struct Authenticated<A: Authenticator = TokenAuthenticator>(pub A::Caller);

/// A caller whose token is accepted and who holds the permission `P`.
pub struct Authorized<P, A: Authenticator = TokenAuthenticator> {
    /// The caller.
    pub caller: A::Caller,
    permit: PhantomData<P>,
}

/// Any caller. A token is optional, but one that is sent must be accepted.
///
/// An `Option<Authenticated>` would treat a bad token as none.
pub struct MaybeAuthenticated<A: Authenticator = TokenAuthenticator>(pub Option<A::Caller>);

/// The token of an `Authorization: Bearer` header (RFC 6750, section 2.1). Tokens elsewhere are ignored.
#[must_use]
pub fn bearer_token(request: &HttpRequest) -> Option<&str> {
    crate::bearer_token(request.headers().get(header::AUTHORIZATION)?.as_bytes())
}

type Extraction<T, E> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

/// The caller, if the request has a token.
async fn caller<A: Authenticator>(request: &HttpRequest) -> Result<Option<A::Caller>, A::Error> {
    let Some(token) = bearer_token(request) else { return Ok(None) };
    let authenticator = request.app_data::<Data<A>>().ok_or_else(|| {
        let missing = AuthRequirement::AuthenticatorMissing;
        tracing::error!(r#type = type_name::<Data<A>>(), path = request.path(), "{missing}");
        missing
    })?;
    authenticator.authenticate(token, request).await.map(Some)
}

impl<A: Authenticator> FromRequest for MaybeAuthenticated<A> {
    type Error = A::Error;
    type Future = Extraction<Self, A::Error>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { caller::<A>(&request).await.map(Self) })
    }
}

impl<A: Authenticator> FromRequest for Authenticated<A> {
    type Error = A::Error;
    type Future = Extraction<Self, A::Error>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = caller::<A>(&request).await?;
            Ok(Self(caller.ok_or(AuthRequirement::TokenMissing)?))
        })
    }
}

impl<P: Permit<A>, A: Authenticator> FromRequest for Authorized<P, A> {
    type Error = A::Error;
    type Future = Extraction<Self, A::Error>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = caller::<A>(&request).await?.ok_or(AuthRequirement::TokenMissing)?;
            if P::is_held_by(&caller) {
                Ok(Self { caller, permit: PhantomData })
            } else {
                Err(AuthRequirement::PermissionMissing(P::NAME).into())
            }
        })
    }
}

impl<A: Authenticator> Deref for Authenticated<A> {
    type Target = A::Caller;

    fn deref(&self) -> &A::Caller {
        &self.0
    }
}

impl<P, A: Authenticator> Deref for Authorized<P, A> {
    type Target = A::Caller;

    fn deref(&self) -> &A::Caller {
        &self.caller
    }
}

impl<A: Authenticator> fmt::Debug for Authenticated<A>
where
    A::Caller: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authenticated").field(&self.0).finish()
    }
}

impl<P, A: Authenticator> fmt::Debug for Authorized<P, A>
where
    A::Caller: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authorized").field(&self.caller).finish()
    }
}

impl<A: Authenticator> fmt::Debug for MaybeAuthenticated<A>
where
    A::Caller: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MaybeAuthenticated").field(&self.0).finish()
    }
}
