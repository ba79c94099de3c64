//! The HTTP client, with strict limits.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use hex::encode;
use roster_auth::Entropy;
use roster_auth::password::Password;
use roster_service::{Clock, NoAnswer, OldSystem, OldSystemAnswer};
use serde::Serialize;
use thiserror::Error;
use ureq::Agent;
use ureq::http::{StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use zeroize::Zeroizing;

use super::answer;
use super::signature::Signer;

/// The largest answer in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// The old system behind a URL.
pub(super) struct HttpOldSystem {
    agent: Agent,
    url: String,
    signer: Signer,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// The body of the request.
#[derive(Serialize)]
struct Question<'a> {
    login: &'a str,
    password: &'a str,
}

/// The old system answered with another status than 200. A redirect is one of these.
#[derive(Debug, Error)]
#[error("it responded with {0}")]
struct Status(StatusCode);

impl HttpOldSystem {
    /// Gives up after `timeout`. Trusts the operating system's root certificates.
    pub(super) fn new(
        url: &str,
        timeout: Duration,
        signer: Signer,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
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
            .user_agent(concat!("roster/", env!("CARGO_PKG_VERSION")));
        if url.starts_with("http:") {
            // A proxy from the environment could read the passwords.
            config = config.proxy(None);
        }
        Self { agent: config.build().new_agent(), url: url.to_owned(), signer, clock, entropy }
    }

    fn ask(&self, login: &str, password: &Password) -> Result<OldSystemAnswer, Box<dyn Error + Send + Sync>> {
        let body = body(&Question { login, password: password.expose_as_typed() })?;
        let (id, now) = (self.message_id(), self.clock.now());
        let request = self
            .agent
            .post(&self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header("Webhook-Id", &id)
            .header("Webhook-Timestamp", now.as_second().to_string())
            .header("Webhook-Signature", self.signer.sign(&id, now, &body)?);
        let mut response = request.send(&body[..])?;
        if response.status() != StatusCode::OK {
            return Err(Status(response.status()).into());
        }
        let text = response.body_mut().with_config().limit(MAX_BYTES).read_to_string()?;
        Ok(answer::parse(&Zeroizing::new(text))?)
    }

    /// A new id for each question, so that the old system can reject one that is sent again.
    fn message_id(&self) -> String {
        let mut random = [0; 16];
        self.entropy.fill(&mut random);
        format!("msg_{}", encode(random))
    }
}

impl OldSystem for HttpOldSystem {
    fn verify(&self, login: &str, password: &Password) -> Result<OldSystemAnswer, NoAnswer> {
        self.ask(login, password).map_err(NoAnswer)
    }
}

/// The body of the request, in a buffer that never moves, so that no copy of the password stays behind.
fn body(question: &Question<'_>) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    // A character takes six bytes at most: `\u0000`.
    let len = 32 + 6 * (question.login.len() + question.password.len());
    let mut body = Zeroizing::new(Vec::with_capacity(len));
    serde_json::to_writer(&mut *body, question)?;
    Ok(body)
}
