//! Authentication by bearer token.

#[cfg(feature = "fetch")]
use crate::fetch::{Introspector, IssuerUnavailable, KeyFetcher};
use crate::token::{Claims, TokenVerifier};
use crate::{AuthError, Clock, SystemClock};
use std::fmt;
use std::sync::Arc;

/// Authenticates by a token's claims: cheap, and as of the token's issue. It can also ask the issuer.
pub struct TokenAuthenticator {
    keys: Keys,
    #[cfg(feature = "fetch")]
    introspector: Option<Introspector>,
    clock: Box<dyn Clock>,
}

/// The source of the keys.
enum Keys {
    Fixed(Box<TokenVerifier>),
    #[cfg(feature = "fetch")]
    Fetched(KeyFetcher),
}

impl TokenAuthenticator {
    /// Accepts what `verifier` accepts.
    #[must_use]
    pub fn new(verifier: TokenVerifier) -> Self {
        Self::by(Keys::Fixed(Box::new(verifier)))
    }

    /// Accepts tokens that are signed with fetched keys.
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

    /// Also asks the issuer whether a verified token is still active.
    #[cfg(feature = "fetch")]
    #[must_use]
    pub fn asking(self, introspector: Introspector) -> Self {
        Self { introspector: Some(introspector), ..self }
    }

    /// Uses another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Authenticates by `token` and returns its claims. Needs no runtime: any executor can await it.
    ///
    /// # Errors
    /// Why the token is not accepted or cannot be checked.
    #[cfg_attr(
        not(feature = "fetch"),
        expect(clippy::unused_async, reason = "one signature, whether keys are fetched or not")
    )]
    pub async fn authenticate(&self, token: &str) -> Result<Arc<Claims>, AuthError> {
        let now = self.clock.now();
        let claims = match &self.keys {
            Keys::Fixed(verifier) => verifier.verify(token, now)?,
            #[cfg(feature = "fetch")]
            Keys::Fetched(fetcher) => fetcher.verify(token, now).await?,
        };
        #[cfg(feature = "fetch")]
        self.ask(token).await?;
        Ok(claims)
    }

    #[cfg(feature = "fetch")]
    async fn ask(&self, token: &str) -> Result<(), AuthError> {
        match &self.introspector {
            None => Ok(()),
            Some(introspector) => match introspector.is_active(token).await {
                Ok(true) => Ok(()),
                Ok(false) => {
                    tracing::debug!(
                        "an access token is rejected: its issuer says that it is no longer active"
                    );
                    Err(AuthError::Revoked)
                }
                Err(IssuerUnavailable) => Err(AuthError::Unavailable { retry_after: Introspector::PAUSE }),
            },
        }
    }
}

impl fmt::Debug for TokenAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAuthenticator").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
