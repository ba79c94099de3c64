//! Converts the settings to those of the HTTP server.

use roster_auth::{Entropy, SystemEntropy};
use roster_config::Settings;
use roster_http::{HttpSettings, TrustedProxies};

/// The settings of the HTTP server.
pub(crate) fn http_settings(settings: &Settings) -> HttpSettings {
    let server = &settings.server;
    let mut process = [0; 8];
    SystemEntropy.fill(&mut process);
    HttpSettings {
        workers: server.workers.map(Into::into),
        max_connections: server.max_connections,
        keep_alive: server.keep_alive,
        head_timeout: server.request_timeout,
        body_timeout: server.request_timeout,
        body_limit: server.json_limit,
        import_limit: settings.import.max_bytes,
        require_if_match: server.require_if_match,
        shutdown_timeout: server.shutdown_timeout,
        trusted_proxies: TrustedProxies::new(server.trusted_proxies.clone()),
        cors_origins: settings.cors.allowed_origins.clone(),
        cors_headers: settings.cors.allowed_headers.clone(),
        public_url: server.public_url.clone(),
        process: u64::from_ne_bytes(process),
    }
}
