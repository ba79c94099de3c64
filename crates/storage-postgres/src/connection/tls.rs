//! TLS: the files that a URL names, and what they make of a connection.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::parameters::{RootCertificates, SslMode, SslParameters};
use super::verifier::{AnyCertificate, Check, TrustedCertificate};

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why TLS cannot be set up.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file is missing, or is not what the parameter names.
    #[error("{parameter} of the database's URL: {path}", path = path.display())]
    File {
        /// The parameter.
        parameter: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: Source,
    },
    /// The key can be read by others.
    #[error("sslkey of the database's URL: {path} may be read by others; chmod 600 it", path = .0.display())]
    OpenKey(PathBuf),
    /// Only one of `sslcert` and `sslkey` is given.
    #[error("sslcert and sslkey of the database's URL belong together")]
    Half,
    /// The operating system has no trusted certificates.
    #[error("sslrootcert=system: the operating system has no certificates")]
    NoSystemRoots,
    /// rustls rejects the settings.
    #[error("TLS cannot be set up for the database")]
    Rejected(#[source] Source),
}

/// Reads the files and prepares connections. It blocks.
pub(super) fn prepare(mode: SslMode, ssl: &SslParameters) -> Result<MakeRustlsConnect, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let check = match mode {
        SslMode::VerifyFull => Some(Check::IssuerAndHost),
        SslMode::VerifyCa => Some(Check::Issuer),
        SslMode::Disable | SslMode::Allow | SslMode::Prefer | SslMode::Require => None,
    };
    let verifier: Arc<dyn ServerCertVerifier> = match check {
        None => Arc::new(AnyCertificate(Arc::clone(&provider))),
        Some(check) => {
            let roots = roots(ssl.roots.as_ref())?;
            Arc::new(
                TrustedCertificate::new(roots, check, Arc::clone(&provider)).map_err(TlsError::Rejected)?,
            )
        }
    };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(rejected)?.dangerous().with_custom_certificate_verifier(verifier);
    let config = match identity(ssl)? {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(rejected)?,
    };
    Ok(MakeRustlsConnect::new(config))
}

fn rejected(error: rustls::Error) -> TlsError {
    TlsError::Rejected(Box::new(error))
}

fn roots(from: Option<&RootCertificates>) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    match from {
        Some(RootCertificates::File(path)) => certificates("sslrootcert", path),
        Some(RootCertificates::System) | None => {
            let found = rustls_native_certs::load_native_certs().certs;
            if found.is_empty() { Err(TlsError::NoSystemRoots) } else { Ok(found) }
        }
    }
}

/// Our certificate and its key.
fn identity(
    ssl: &SslParameters,
) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, TlsError> {
    match (&ssl.certificate, &ssl.key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            Ok(Some((certificates("sslcert", certificate)?, private_key(key)?)))
        }
        (Some(_), None) | (None, Some(_)) => Err(TlsError::Half),
    }
}

fn certificates(parameter: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |source: Source| TlsError::File { parameter, path: path.to_owned(), source };
    let read = CertificateDer::pem_file_iter(path).map_err(|error| failed(Box::new(error)))?;
    let found: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| failed(Box::new(error)))?;
    if found.is_empty() {
        return Err(failed(Box::new(io::Error::other("the file has no certificate"))));
    }
    Ok(found)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let failed = |source: Source| TlsError::File { parameter: "sslkey", path: path.to_owned(), source };
    let metadata = fs::metadata(path).map_err(|error| failed(Box::new(error)))?;
    if is_open(&metadata) {
        return Err(TlsError::OpenKey(path.to_owned()));
    }
    PrivateKeyDer::from_pem_file(path).map_err(|error| failed(Box::new(error)))
}

/// As libpq has it: only the owner may read a key; root's keys may also be read by a group.
fn is_open(metadata: &Metadata) -> bool {
    let others = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    metadata.mode() & others != 0
}
