//! A small HTTP client with strict limits.

use super::endpoint::Endpoint;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body};

/// The maximum size of a response in bytes: a JWK Set has a few kilobytes.
const MAX_BYTES: u64 = 256 * 1024;

/// A client for one endpoint.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    endpoint: Endpoint,
}

/// Why there is no response, for the log.
#[derive(Debug, Error)]
pub(super) enum AskFailed {
    /// The connection, TLS or the timeout failed, or the response is too long.
    #[error("no response: {0}")]
    Transport(#[from] ureq::Error),
    /// The status is not 200. A redirect is one of these.
    #[error("responded with {0}")]
    Status(StatusCode),
}

impl Client {
    /// Gives up after `timeout`. Trusts the operating system's root certificates.
    pub(super) fn new(endpoint: Endpoint, timeout: Duration) -> Self {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .build();
        let mut config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(timeout))
            .user_agent(concat!("roster-auth/", env!("CARGO_PKG_VERSION")));
        if endpoint.is_http() {
            // A proxy from the environment could read unencrypted requests.
            config = config.proxy(None);
        }
        Self { agent: config.build().new_agent(), endpoint }
    }

    pub(super) const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a `GET` request.
    pub(super) fn get(&self) -> Result<String, AskFailed> {
        let request = self.agent.get(self.endpoint.uri()).header(header::ACCEPT, "application/json");
        read(request.call()?)
    }

    /// Sends a `POST` request with one form field.
    pub(super) fn post(&self, headers: &HeaderMap, name: &str, value: &str) -> Result<String, AskFailed> {
        let mut request = self.agent.post(self.endpoint.uri()).header(header::ACCEPT, "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        read(request.send_form([(name, value)])?)
    }
}

fn read(mut response: Response<Body>) -> Result<String, AskFailed> {
    if response.status() != StatusCode::OK {
        return Err(AskFailed::Status(response.status()));
    }
    Ok(response.body_mut().with_config().limit(MAX_BYTES).read_to_string()?)
}
