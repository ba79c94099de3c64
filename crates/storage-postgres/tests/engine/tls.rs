//! `sslmode` as libpq has it, against a server with a certificate.

use std::path::{Path, PathBuf};
use std::{fs, os::unix::fs::PermissionsExt};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use roster_storage::Store;
use roster_storage_postgres::{OpenError, Pooler, PostgresStore, PostgresStoreSettings, TlsError};
use roster_test_postgres::{Cluster, Pgbouncer, PoolMode};
use tempfile::TempDir;

use crate::setup::{add, client, settings};

/// A certificate authority, its certificates, and a folder with them.
struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn certificate_pem(certificate: &Certificate) -> String {
    pem("CERTIFICATE", certificate.der())
}

fn key_pem(key: &KeyPair) -> String {
    pem("PRIVATE KEY", key.serialized_der())
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".into()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

impl Authority {
    fn new() -> Self {
        let (key, folder) = (KeyPair::generate().unwrap(), tempfile::tempdir().unwrap());
        let certificate = authority_params().self_signed(&key).unwrap();
        fs::write(folder.path().join("ca.pem"), certificate_pem(&certificate)).unwrap();
        Self { folder, issuer: Issuer::new(authority_params(), key) }
    }

    /// A certificate for this name, and its key.
    fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate_pem(&certificate), key_pem(&key))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that only its owner may read.
    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.file(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}

/// A server with this certificate. The lines decide who may connect how.
fn server(certificate: &(String, String), authority: &Authority, access: &[&str]) -> Option<Cluster> {
    let trusted = fs::read_to_string(authority.file("ca.pem")).unwrap();
    let builder = Cluster::builder().setting("ssl", "on").setting("ssl_ca_file", "ca.pem");
    let builder = builder.file("server.crt", &certificate.0).file("server.key", &certificate.1);
    access.iter().fold(builder.file("ca.pem", &trusted), |builder, line| builder.access(line)).start()
}

/// Opens a store, and tells whether its connections are encrypted.
async fn connect(cluster: &Cluster, host: &str, parameters: &str) -> Result<bool, OpenError> {
    let url = format!("postgres://postgres@{host}:{}/postgres?{parameters}", cluster.port());
    let store = PostgresStore::open(settings(&url)).await?;
    let past = client(&cluster.url("postgres")).await;
    let encrypted = "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
        WHERE a.application_name = 'roster'";
    let is_encrypted = past.query_one(encrypted, &[]).await.unwrap().get(0);
    store.close();
    drop(store);
    Ok(is_encrypted)
}

fn roots(path: &Path) -> String {
    format!("sslrootcert={}", path.display())
}

#[tokio::test]
async fn each_mode_encrypts_and_checks_what_libpq_does() {
    let authority = Authority::new();
    let Some(cluster) = server(&authority.issue("localhost"), &authority, &[]) else { return };
    let (ours, others) =
        (roots(&authority.file("ca.pem")), roots(&Authority::new().folder.keep().join("ca.pem")));
    let connect = async |host, parameters: String| connect(&cluster, host, &parameters).await;
    for (mode, is_encrypted) in [("disable", false), ("allow", false), ("prefer", true), ("require", true)] {
        let found = connect("127.0.0.1", format!("sslmode={mode}")).await.unwrap();
        assert_eq!(found, is_encrypted, "{mode}");
    }
    assert!(connect("127.0.0.1", format!("sslmode=verify-ca&{ours}")).await.unwrap());
    assert!(connect("localhost", format!("sslmode=verify-full&{ours}")).await.unwrap());
    for (host, parameters) in [
        ("127.0.0.1", format!("sslmode=verify-full&{ours}")),
        ("localhost", format!("sslmode=verify-full&{others}")),
        ("localhost", format!("sslmode=verify-ca&{others}")),
        ("localhost", format!("sslmode=require&{others}")),
        ("localhost", "sslrootcert=system".to_owned()),
    ] {
        let error = connect(host, parameters.clone()).await.expect_err(&parameters);
        let reason = std::error::Error::source(&error).unwrap().to_string();
        assert!(reason.contains("certificate"), "{parameters}: {reason}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_vouches_for_itself() {
    let authority = Authority::new();
    let key = KeyPair::generate().unwrap();
    let own = authority_params().self_signed(&key).unwrap();
    let certificate = (certificate_pem(&own), key_pem(&key));
    let Some(cluster) = server(&certificate, &authority, &[]) else { return };
    let trusted = roots(&authority.write("own.pem", &certificate.0));
    assert!(connect(&cluster, "localhost", &format!("sslmode=verify-full&{trusted}")).await.unwrap());
    assert!(connect(&cluster, "127.0.0.1", &format!("sslmode=verify-ca&{trusted}")).await.unwrap());
    let error = connect(&cluster, "127.0.0.1", &format!("sslmode=verify-full&{trusted}")).await;
    assert!(error.is_err(), "another host");
}

#[tokio::test]
async fn a_mode_falls_back_to_what_the_server_accepts() {
    let authority = Authority::new();
    let certificate = authority.issue("localhost");
    let only_tls = ["hostnossl all all 127.0.0.1/32 reject"];
    if let Some(cluster) = server(&certificate, &authority, &only_tls) {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.port());
        for (mode, is_accepted) in [("disable", false), ("allow", true), ("prefer", true)] {
            let opened = PostgresStore::open(settings(&format!("{url}?sslmode={mode}"))).await;
            assert_eq!(opened.is_ok(), is_accepted, "{mode}: {opened:?}");
        }
    }
    let no_tls = ["hostssl all all 127.0.0.1/32 reject"];
    if let Some(cluster) = server(&certificate, &authority, &no_tls) {
        assert!(!connect(&cluster, "127.0.0.1", "sslmode=prefer").await.unwrap());
        assert!(connect(&cluster, "127.0.0.1", "sslmode=require").await.is_err());
    }
}

#[tokio::test]
async fn a_server_without_tls_is_rejected_if_tls_is_required() {
    let Some(cluster) = Cluster::builder().start() else { return };
    assert!(!connect(&cluster, "127.0.0.1", "sslmode=prefer").await.unwrap());
    let error = connect(&cluster, "127.0.0.1", "sslmode=require").await.unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.contains("does not support TLS"), "{reason}");
}

#[tokio::test]
async fn a_client_certificate_is_presented() {
    let authority = Authority::new();
    let access = ["hostssl all postgres ::1/128 cert", "hostssl people all 127.0.0.1/32 cert"];
    let Some(cluster) = server(&authority.issue("localhost"), &authority, &access) else { return };
    client(&cluster.url("postgres")).await.batch_execute("CREATE DATABASE people").await.unwrap();
    let (certificate, key) = authority.issue("postgres");
    let (certificate, key) =
        (authority.write("client.pem", &certificate), authority.write("client.key", &key));
    let url = format!("postgres://postgres@127.0.0.1:{}/people?sslmode=require", cluster.port());
    assert!(PostgresStore::open(settings(&url)).await.is_err(), "a certificate is required");
    let url = format!("{url}&sslcert={}&sslkey={}", certificate.display(), key.display());
    PostgresStore::open(settings(&url)).await.unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let error = PostgresStore::open(settings(&url)).await.unwrap_err();
    assert!(matches!(error, OpenError::Tls(TlsError::OpenKey(_))), "{error:?}");
}

/// The pooler has the certificate; the database behind it has none.
#[tokio::test]
async fn the_certificate_of_a_pooler_is_verified_with_its_host() {
    let authority = Authority::new();
    let Some(cluster) = Cluster::builder().start() else { return };
    for (name, is_accepted) in [("localhost", true), ("elsewhere.example.org", false)] {
        let (certificate, key) = authority.issue(name);
        let pooler = Pgbouncer::with_tls(&cluster, PoolMode::Transaction, 2, (&certificate, &key));
        let Some(pooler) = pooler else { return };
        let url = pooler.url(&cluster.url("postgres")).replace("127.0.0.1", "localhost");
        let open = async |parameters: &str| {
            let settings = settings(&format!("{url}?{parameters}"));
            PostgresStore::open(PostgresStoreSettings { pooler: Pooler::Transaction, ..settings }).await
        };
        assert!(open("sslmode=disable").await.is_err(), "the pooler accepts only TLS");
        let roots = authority.file("ca.pem").display().to_string();
        let opened = open(&format!("sslmode=verify-full&sslrootcert={roots}")).await;
        assert_eq!(opened.is_ok(), is_accepted, "{name}: {opened:?}");
        if let Ok(store) = opened {
            let user = add(&store, 1).await;
            assert_eq!(store.user(user.id).await.unwrap(), Some(user));
        }
        open(&format!("sslmode=verify-ca&sslrootcert={roots}")).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_is_missing_is_named() {
    let url = "postgres://localhost/people?sslmode=verify-full&sslrootcert=/nonexistent/ca.pem";
    let error = PostgresStore::open(settings(url)).await.unwrap_err();
    assert!(error.to_string().contains("/nonexistent/ca.pem"), "{error}");
}
