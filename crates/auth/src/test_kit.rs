//! Tokens for the tests of a service that verifies them.
//!
//! A [`TestIssuer`] replaces a Roster server: it has its own key and mints any token a test needs, good or bad. No
//! server runs and nothing is fetched.
//!
//! ```
//! use roster_auth::test_kit::TestIssuer;
//!
//! let issuer = TestIssuer::new("orders");
//! let authenticator = issuer.authenticator(); // for the service under test
//! let good = issuer.token().roles(["clerk"]).scope("orders:read").mint();
//! let late = issuer.token().expired().mint();
//! # let now = { use roster_auth::Clock; roster_auth::SystemClock.now() };
//! # assert!(issuer.verifier().verify(&good, now).is_ok());
//! # assert!(issuer.verifier().verify(&late, now).is_err());
//! # drop(authenticator);
//! ```
#![expect(clippy::missing_panics_doc, reason = "a test fails by panicking, and this is the tests' kit")]
#![expect(clippy::expect_used, reason = "a test fails by panicking, and this is the tests' kit")]

use crate::token::{
    Claims, KeyAlgorithm, KeySet, ProfileClaims, Scope, SigningKey, Subject, TokenIssuer, TokenType,
    TokenVerifier, VerifierSettings, sign,
};
use crate::{Clock as _, SystemClock, SystemEntropy, TokenAuthenticator};
use jiff::Timestamp;
use roster_domain::{
    ApiKeyId, AuthEpoch, AuthenticationMethod, RoleName, RoleSet, ServiceAccountId, SessionId, UserId,
};
use std::time::Duration;

/// Mints tokens as a Roster server would.
#[derive(Debug)]
pub struct TestIssuer {
    key: SigningKey,
    issuer: String,
    audience: String,
}

/// A token to be minted: a good one, unless you change it.
#[derive(Clone, Debug)]
#[must_use = "nothing is minted before `mint`"]
pub struct TestToken<'a> {
    key: &'a SigningKey,
    claims: Claims,
}

impl TestIssuer {
    /// The default issuer of its tokens.
    pub const ISSUER: &'static str = "https://roster.test";

    /// Issues tokens for `audience` with a new Ed25519 key.
    #[must_use]
    pub fn new(audience: &str) -> Self {
        let pem = SigningKey::generate_pem(KeyAlgorithm::EdDsa, &SystemEntropy).expect("a key can be made");
        let key = SigningKey::from_pem(&pem).expect("a key that was just made is a key");
        Self::with_key(key, Self::ISSUER, audience)
    }

    /// Issues tokens with this key, such as the secret that the service shares with a real server.
    #[must_use]
    pub fn with_key(key: SigningKey, issuer: &str, audience: &str) -> Self {
        Self { key, issuer: issuer.to_owned(), audience: audience.to_owned() }
    }

    /// Begins a token that is valid for the next 15 minutes, for a user with the role `user`.
    pub fn token(&self) -> TestToken<'_> {
        let now = SystemClock.now();
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: Self::user().into(),
            aud: vec![self.audience.clone()],
            exp: now.saturating_add(Duration::from_mins(15)).expect("the clock is far from its end"),
            nbf: Some(now),
            iat: now,
            jti: "a-test-token".to_owned(),
            client_id: TokenIssuer::CLIENT_ID.to_owned(),
            epoch: AuthEpoch::FIRST,
            sid: Some(Self::session()),
            auth_time: Some(now),
            amr: vec![AuthenticationMethod::Password.as_str().to_owned()],
            roles: RoleSet::ordinary(),
            scope: Scope::default(),
            profile: ProfileClaims::default(),
        };
        TestToken { key: &self.key, claims }
    }

    /// The default user of a token.
    #[must_use]
    pub fn user() -> UserId {
        UserId::new(Timestamp::UNIX_EPOCH, [1; 10])
    }

    /// The public key as a JWK Set, as a server publishes it. Empty with a shared secret.
    #[must_use]
    pub fn jwks(&self) -> String {
        KeySet::from(self.key.verifying_key().clone()).to_jwks(SystemClock.now())
    }

    /// The default session of a token.
    #[must_use]
    pub fn session() -> SessionId {
        SessionId::new(Timestamp::UNIX_EPOCH, [2; 10])
    }

    /// A verifier that accepts these tokens.
    #[must_use]
    pub fn verifier(&self) -> TokenVerifier {
        let settings = VerifierSettings::new(&*self.issuer, &*self.audience);
        TokenVerifier::new(self.key.verifying_key().clone(), settings)
    }

    /// An authenticator that accepts these tokens, for the service under test.
    #[must_use]
    pub fn authenticator(&self) -> TokenAuthenticator {
        TokenAuthenticator::new(self.verifier())
    }
}

impl TestToken<'_> {
    /// For this user.
    pub fn user(mut self, id: UserId) -> Self {
        self.claims.sub = id.into();
        self
    }

    /// For this service account in its own name, as `client_credentials` gives it: no session, no roles.
    pub fn service_account(mut self, id: ServiceAccountId, key: ApiKeyId) -> Self {
        self.claims = Claims {
            sub: Subject::ServiceAccount { id, key },
            client_id: id.to_string(),
            sid: None,
            auth_time: None,
            amr: Vec::new(),
            roles: RoleSet::default(),
            ..self.claims
        };
        self
    }

    /// With these roles.
    ///
    /// # Panics
    /// If a name is not a valid role, or there are too many.
    pub fn roles<'r>(mut self, roles: impl IntoIterator<Item = &'r str>) -> Self {
        let names = roles.into_iter().map(|name| RoleName::new(name).expect("a role name"));
        self.claims.roles = RoleSet::new(names).expect("not too many roles");
        self
    }

    /// With these permissions, separated by spaces.
    pub fn scope(mut self, names: &str) -> Self {
        self.claims.scope = names.to_owned().into();
        self
    }

    /// From another issuer.
    pub fn issuer(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.claims.iss);
        self
    }

    /// For another audience.
    pub fn audience(mut self, audience: &str) -> Self {
        self.claims.aud = vec![audience.to_owned()];
        self
    }

    /// Expired a minute ago.
    pub fn expired(self) -> Self {
        let end = SystemClock.now().saturating_sub(Duration::from_mins(1));
        self.ends_at(end.expect("the clock is far from its start"))
    }

    /// Ends at this time.
    pub fn ends_at(mut self, exp: Timestamp) -> Self {
        self.claims.exp = exp;
        self
    }

    /// With any changes to the claims.
    pub fn claims(mut self, change: impl FnOnce(&mut Claims)) -> Self {
        change(&mut self.claims);
        self
    }

    /// The token.
    #[must_use]
    pub fn mint(self) -> String {
        sign(self.claims, TokenType::AccessToken, self.key).expect("the key signs").to_string()
    }
}
