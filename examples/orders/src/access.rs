//! Where the keys come from, and which tokens are accepted.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use roster_auth::TokenAuthenticator;
use roster_auth::fetch::{Endpoint, Introspector, IntrospectorSettings, KeyFetcher, KeyFetcherSettings};
use roster_auth::token::{KeySet, TokenVerifier, VerifierSettings, VerifyingKey};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The three sources of Roster's keys, and whether to ask Roster about each token as well.
#[derive(Args)]
pub(crate) struct Access {
    /// Roster's `auth.issuer`.
    #[arg(long, default_value = "roster")]
    issuer: String,

    /// Roster's `auth.audience`.
    #[arg(long, default_value = "roster")]
    audience: String,

    /// Fetch the keys from this URL, and follow their rotation: /.well-known/jwks.json at Roster.
    #[arg(long, conflicts_with_all = ["jwks_file", "secret_file"])]
    jwks_url: Option<String>,

    /// The shortest time between two fetches, in seconds.
    #[arg(long, default_value_t = 10, requires = "jwks_url")]
    jwks_floor: u64,

    /// Read the keys from this file.
    #[arg(long, conflicts_with = "secret_file")]
    jwks_file: Option<PathBuf>,

    /// Read the secret that Roster signs with (`JWT_SECRET`) from this file.
    #[arg(long)]
    secret_file: Option<PathBuf>,

    /// Ask at this URL whether a token was revoked: /oauth/introspect at Roster.
    #[arg(long, requires = "introspect_key_file")]
    introspect_url: Option<String>,

    /// Read the API key for introspection from this file.
    #[arg(long, requires = "introspect_url")]
    introspect_key_file: Option<PathBuf>,

    /// How long a response is cached, in seconds.
    #[arg(long, default_value_t = 5, requires = "introspect_url")]
    introspect_every: u64,
}

/// Builds the authenticator.
pub(crate) fn authenticator(access: &Access) -> Result<TokenAuthenticator> {
    let offline = offline(access)?;
    let (Some(url), Some(file)) = (&access.introspect_url, &access.introspect_key_file) else {
        return Ok(offline);
    };
    let mut settings = IntrospectorSettings::bearer(Endpoint::new(url)?, read(file)?);
    settings.cache_for = Duration::from_secs(access.introspect_every);
    Ok(offline.asking(Introspector::start(settings)?))
}

fn offline(access: &Access) -> Result<TokenAuthenticator> {
    let settings = VerifierSettings::new(&*access.issuer, &*access.audience);
    if let Some(url) = &access.jwks_url {
        let mut fetching = KeyFetcherSettings::new(Endpoint::new(url)?);
        fetching.floor = Duration::from_secs(access.jwks_floor);
        let verifier = TokenVerifier::new(KeySet::default(), settings);
        return Ok(TokenAuthenticator::fetching(KeyFetcher::start(verifier, fetching)?));
    }
    let keys = match (&access.jwks_file, &access.secret_file) {
        (Some(file), _) => KeySet::from_jwks(&read(file)?)?,
        (_, Some(file)) => VerifyingKey::from_secret(read(file)?.as_bytes())?.into(),
        _ => bail!("one of --jwks-url, --jwks-file and --secret-file is required"),
    };
    Ok(TokenAuthenticator::new(TokenVerifier::new(keys, settings)))
}

fn read(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    Ok(text.trim_end().to_owned())
}
