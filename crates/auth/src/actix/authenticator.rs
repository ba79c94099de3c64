//! The basis of the extractors.

use crate::token::Claims;
use crate::{AuthError, AuthRequirement, TokenAuthenticator};
use actix_web::{Error, HttpRequest};
use std::sync::Arc;

/// Identifies the caller by a bearer token.
///
/// The extractors use [`TokenAuthenticator`], which goes by the token's claims, unless you name another. A service
/// with its own session store implements this trait to consult it.
pub trait Authenticator: 'static {
    /// What is known about a caller.
    type Caller: 'static;

    /// Why a request is rejected.
    type Error: From<AuthRequirement> + Into<Error>;

    /// Identifies the caller of `request` by its `token`.
    ///
    /// # Errors
    /// If the token is not accepted or cannot be checked.
    fn authenticate(
        &self,
        token: &str,
        request: &HttpRequest,
    ) -> impl Future<Output = Result<Self::Caller, Self::Error>>;

    /// Whether `caller` holds the permission `permission`.
    fn holds(caller: &Self::Caller, permission: &str) -> bool;
}

/// A permission in a handler's signature.
///
/// ```
/// use roster_auth::actix::Permit;
/// use roster_auth::token::Claims;
/// use std::sync::Arc;
///
/// /// Granted by the token's scope.
/// struct ReadInvoices;
///
/// impl Permit for ReadInvoices {
///     const NAME: &'static str = "invoices:read";
/// }
///
/// /// Granted by a role.
/// struct PostInvoices;
///
/// impl Permit for PostInvoices {
///     const NAME: &'static str = "invoices:post";
///
///     fn is_held_by(caller: &Arc<Claims>) -> bool {
///         caller.roles.contains("accountant")
///     }
/// }
/// ```
pub trait Permit<A: Authenticator = TokenAuthenticator>: 'static {
    /// The name of the permission. A caller who lacks it is told the name (RFC 6750, section 3), so it has the
    /// characters of a scope: ASCII without spaces, `"` and `\`.
    const NAME: &'static str;

    /// Whether `caller` holds it; by default, the authenticator decides.
    fn is_held_by(caller: &A::Caller) -> bool {
        A::holds(caller, Self::NAME)
    }
}

impl Authenticator for TokenAuthenticator {
    type Caller = Arc<Claims>;
    type Error = AuthError;

    async fn authenticate(&self, token: &str, _: &HttpRequest) -> Result<Arc<Claims>, AuthError> {
        self.authenticate(token).await
    }

    /// Whether the token's scope includes it.
    fn holds(caller: &Arc<Claims>, permission: &str) -> bool {
        caller.scope.contains(permission)
    }
}
