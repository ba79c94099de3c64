//! What is checked, and what the inner service learns.

use crate::token::Claims;
use crate::{AuthError, AuthRequirement, TokenAuthenticator, bearer_token};
use http::{HeaderMap, header};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Lets a request through only with an accepted token and, if you say so, a permission. Cheap to clone.
#[derive(Clone)]
pub struct AuthLayer {
    authenticator: Arc<TokenAuthenticator>,
    requirement: Requirement,
}

/// The caller of a request, as its token describes them: among the request's extensions behind an [`AuthLayer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(pub Arc<Claims>);

/// What a request needs besides a token that is accepted if there is one.
#[derive(Clone)]
enum Requirement {
    Nothing,
    Token,
    Permission { name: &'static str, is_held_by: Arc<dyn Fn(&Claims) -> bool + Send + Sync> },
}

impl AuthLayer {
    /// Requires a token that `authenticator` accepts.
    #[must_use]
    pub fn new(authenticator: impl Into<Arc<TokenAuthenticator>>) -> Self {
        Self { authenticator: authenticator.into(), requirement: Requirement::Token }
    }

    /// Lets requests without a token through too. They have no [`Caller`]; a token that is sent must be accepted.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { requirement: Requirement::Nothing, ..self }
    }

    /// Requires that the token's scope contains `name`.
    #[must_use]
    pub fn with_scope(self, name: &'static str) -> Self {
        self.with_permission(name, move |claims| claims.scope.contains(name))
    }

    /// Requires a permission that `is_held_by` decides on, by a role for example. A caller who lacks it is told its
    /// `name` (RFC 6750, section 3), so that has the characters of a scope: ASCII without spaces, `"` and `\`.
    #[must_use]
    pub fn with_permission(
        self,
        name: &'static str,
        is_held_by: impl Fn(&Claims) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { requirement: Requirement::Permission { name, is_held_by: Arc::new(is_held_by) }, ..self }
    }

    pub(super) async fn check(&self, headers: &HeaderMap) -> Result<Option<Caller>, AuthError> {
        let authorization = headers.get(header::AUTHORIZATION);
        let Some(token) = authorization.and_then(|value| bearer_token(value.as_bytes())) else {
            return match self.requirement {
                Requirement::Nothing => Ok(None),
                Requirement::Token | Requirement::Permission { .. } => {
                    Err(AuthRequirement::TokenMissing.into())
                }
            };
        };
        let claims = self.authenticator.authenticate(token).await?;
        match &self.requirement {
            Requirement::Permission { name, is_held_by } if !is_held_by(&claims) => {
                Err(AuthRequirement::PermissionMissing(name).into())
            }
            _ => Ok(Some(Caller(claims))),
        }
    }
}

impl Deref for Caller {
    type Target = Claims;

    fn deref(&self) -> &Claims {
        &self.0
    }
}

impl fmt::Debug for AuthLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requirement = match self.requirement {
            Requirement::Nothing => "nothing",
            Requirement::Token => "a token",
            Requirement::Permission { name, .. } => name,
        };
        f.debug_struct("AuthLayer").field("requirement", &requirement).finish_non_exhaustive()
    }
}
