//! The settings in the words of the HTTP server.

use roster_auth::{Entropy, SystemEntropy};
use roster_config::Settings;
use roster_http::{HttpSettings, TrustedProxies};

/// How the server listens and what it believes.
///
/// # Errors
/// If a network is none; the settings have judged that before.
pub(crate) fn http_settings(settings: &Settings) -> anyhow::Result<HttpSettings> {
    let server = &settings.server;
    let networks = server.trusted_proxies.iter().map(|network| network.to_string().parse());
    let mut process = [0; 8];
    SystemEntropy.fill(&mut process);
    Ok(HttpSettings {
        workers: server.workers.map(Into::into),
        max_connections: server.max_connections,
        keep_alive: server.keep_alive,
        head_timeout: server.request_timeout,
        body_timeout: server.request_timeout,
        body_limit: server.json_limit,
        require_if_match: server.require_if_match,
        shutdown_timeout: server.shutdown_timeout,
        trusted_proxies: TrustedProxies::new(networks.collect::<Result<_, _>>()?),
        cors_origins: settings.cors.allowed_origins.clone(),
        cors_headers: settings.cors.allowed_headers.clone(),
        public_url: server.public_url.clone(),
        process: u64::from_ne_bytes(process),
    })
}
