//! Asks the system that the users come from over HTTP whether a password is right.
//!
//! The request is `POST {"login": …, "password": …}`, signed as in Standard Webhooks. The answer is 200 with
//! `{"valid": true, "user": {…}}` or `{"valid": false}`. Everything else is no answer.

mod answer;
mod client;
mod signature;

use std::sync::Arc;

use anyhow::Context;
use roster_auth::Entropy;
use roster_config::Migration;
use roster_service::Clock;

use client::HttpOldSystem;
use signature::Signer;

/// The migration as the service needs it; `None` if no old system is set.
///
/// # Errors
/// If the secret is not the base64 that the settings accept.
pub(crate) fn migration(
    settings: &Migration,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<Option<roster_service::Migration>> {
    let Some(old) = &settings.old_system else { return Ok(None) };
    let signer = Signer::new(old.verify_secret.expose()).context("migration.verify_secret")?;
    let client = HttpOldSystem::new(&old.verify_url, settings.timeout, signer, clock, entropy);
    Ok(Some(roster_service::Migration { old_system: Arc::new(client), timeout: settings.timeout }))
}
