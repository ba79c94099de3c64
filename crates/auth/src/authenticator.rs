//! Whom a bearer token stands for.

use crate::token::{Claims, TokenVerifier};
use crate::{Clock, Refusal, SystemClock, Unmet};
use std::fmt;
use std::sync::Arc;

/// Tells whom a bearer token stands for. The extractors of the `actix` feature stand on one.
///
/// [`TokenAuthenticator`] goes by the token alone, and is what they use unless told otherwise. Roster's own server
/// asks its store at every request.
pub trait Authenticator: 'static {
    /// What is known of a caller.
    type Caller: 'static;

    /// Why somebody is refused.
    type Error: From<Unmet>;

    /// Whom `token` stands for.
    ///
    /// # Errors
    /// If it stands for nobody, or nobody can tell.
    fn authenticate(&self, token: &str) -> impl Future<Output = Result<Self::Caller, Self::Error>>;

    /// Whether `caller` holds the permission that goes by this name.
    fn holds(caller: &Self::Caller, permission: &str) -> bool;
}

/// A permission in a handler's signature.
///
/// ```
/// # #[cfg(feature = "verify")] {
/// use roster_auth::{Permit, token::Claims};
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
/// # }
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

/// Goes by what the token says: cheap, and true as of the token's issue. Cloning shares it.
#[derive(Clone)]
pub struct TokenAuthenticator(Arc<Inner>);

struct Inner {
    verifier: TokenVerifier,
    clock: Box<dyn Clock>,
}

impl TokenAuthenticator {
    /// Accepts what `verifier` accepts, by the machine's clock.
    #[must_use]
    pub fn new(verifier: TokenVerifier) -> Self {
        Self::with_clock(verifier, SystemClock)
    }

    /// Accepts what `verifier` accepts, by another clock.
    #[must_use]
    pub fn with_clock(verifier: TokenVerifier, clock: impl Clock + 'static) -> Self {
        Self(Arc::new(Inner { verifier, clock: Box::new(clock) }))
    }

    /// What `token` says.
    ///
    /// # Errors
    /// [`Refusal::Rejected`].
    #[expect(clippy::unused_async, reason = "an issuer will be asked")]
    pub async fn authenticate(&self, token: &str) -> Result<Arc<Claims>, Refusal> {
        Ok(self.0.verifier.verify(token, self.0.clock.now())?)
    }
}

impl Authenticator for TokenAuthenticator {
    type Caller = Arc<Claims>;
    type Error = Refusal;

    async fn authenticate(&self, token: &str) -> Result<Arc<Claims>, Refusal> {
        self.authenticate(token).await
    }

    /// Whether the token's scope names it.
    fn holds(caller: &Arc<Claims>, permission: &str) -> bool {
        caller.scope.contains(permission)
    }
}

impl fmt::Debug for TokenAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAuthenticator").finish_non_exhaustive()
    }
}
