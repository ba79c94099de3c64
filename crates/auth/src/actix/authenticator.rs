//! What the extractors stand on.

use crate::token::Claims;
use crate::{AuthRequirement, Refusal, TokenAuthenticator};
use actix_web::{Error, HttpRequest};
use std::sync::Arc;

/// Tells whom a bearer token stands for.
///
/// [`TokenAuthenticator`] goes by the token, and is what the extractors use unless told otherwise. A service that has
/// its own store of sessions writes one that asks it.
pub trait Authenticator: 'static {
    /// What is known of a caller.
    type Caller: 'static;

    /// Why somebody is refused.
    type Error: From<AuthRequirement> + Into<Error>;

    /// Whom `token`, which came with `request`, stands for.
    ///
    /// # Errors
    /// If it stands for nobody, or nobody can tell.
    fn authenticate(
        &self,
        token: &str,
        request: &HttpRequest,
    ) -> impl Future<Output = Result<Self::Caller, Self::Error>>;

    /// Whether `caller` holds the permission that goes by this name.
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
    /// The name of the permission. Whoever lacks it is told (RFC 6750, section 3), so it has the characters of a
    /// scope: ASCII without spaces, `"` and `\`.
    const NAME: &'static str;

    /// Whether `caller` holds it: by default, if the authenticator says so.
    fn is_held_by(caller: &A::Caller) -> bool {
        A::holds(caller, Self::NAME)
    }
}

impl Authenticator for TokenAuthenticator {
    type Caller = Arc<Claims>;
    type Error = Refusal;

    async fn authenticate(&self, token: &str, _: &HttpRequest) -> Result<Arc<Claims>, Refusal> {
        self.authenticate(token).await
    }

    /// Whether the token's scope names it.
    fn holds(caller: &Arc<Claims>, permission: &str) -> bool {
        caller.scope.contains(permission)
    }
}
