//! Whom a bearer token stands for.

#[cfg(feature = "fetch")]
use crate::fetch::{Introspector, IssuerUnavailable, KeyFetcher};
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

/// Goes by what the token says: cheap, and true as of the token's issue. It can ask the issuer besides.
pub struct TokenAuthenticator {
    keys: Keys,
    #[cfg(feature = "fetch")]
    introspector: Option<Introspector>,
    clock: Box<dyn Clock>,
}

/// Who verifies.
enum Keys {
    Given(TokenVerifier),
    #[cfg(feature = "fetch")]
    Fetched(KeyFetcher),
}

impl TokenAuthenticator {
    /// Accepts what `verifier` accepts.
    #[must_use]
    pub fn new(verifier: TokenVerifier) -> Self {
        Self::by(Keys::Given(verifier))
    }

    /// Accepts what is verified with fetched keys.
    #[cfg(feature = "fetch")]
    #[must_use]
    pub fn fetching(fetcher: KeyFetcher) -> Self {
        Self::by(Keys::Fetched(fetcher))
    }

    fn by(keys: Keys) -> Self {
        Self {
            keys,
            #[cfg(feature = "fetch")]
            introspector: None,
            clock: Box::new(SystemClock),
        }
    }

    /// Has the issuer asked whether a token that was verified is still active, too.
    #[cfg(feature = "fetch")]
    #[must_use]
    pub fn asking(self, introspector: Introspector) -> Self {
        Self { introspector: Some(introspector), ..self }
    }

    /// Goes by another clock than the machine's.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// What `token` says. Belongs to no runtime: any executor can await it.
    ///
    /// # Errors
    /// Why the token is not accepted, or cannot be checked.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<Claims>, Refusal> {
        let now = self.clock.now();
        let claims = match &self.keys {
            Keys::Given(verifier) => verifier.verify(token, now)?,
            #[cfg(feature = "fetch")]
            Keys::Fetched(fetcher) => fetcher.verify(token, now).await?,
        };
        #[cfg(feature = "fetch")]
        self.ask(token).await?;
        Ok(claims)
    }

    #[cfg(feature = "fetch")]
    async fn ask(&self, token: &str) -> Result<(), Refusal> {
        match &self.introspector {
            None => Ok(()),
            Some(introspector) => match introspector.is_active(token).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(Refusal::Revoked),
                Err(IssuerUnavailable) => Err(Refusal::Unavailable { retry_after: Introspector::PAUSE }),
            },
        }
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

#[cfg(test)]
mod tests;
