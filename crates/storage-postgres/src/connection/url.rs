//! The URL of a database.

use std::fmt;
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::TargetSessionAttrs;
use zeroize::Zeroizing;

use super::hosts::{DatabaseHost, hosts_of};
use super::parameters::{SslMode, SslParameters};
use super::url_error::UrlError;

/// The URL of a PostgreSQL database, as libpq has it: `postgres://user:password@host:port,host:port/database?sslmode=…`.
///
/// Without `target_session_attrs`, only a server that accepts writes is used. It has no `Debug`, and `Display` shows
/// neither the password nor the parameters.
#[derive(Clone)]
pub struct DatabaseUrl {
    /// What all hosts have in common, without the password.
    pub(super) common: Config,
    pub(super) password: Option<Zeroizing<Vec<u8>>>,
    pub(super) hosts: Vec<DatabaseHost>,
    pub(super) mode: SslMode,
    pub(super) ssl: SslParameters,
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text, TargetSessionAttrs::ReadWrite)
    }
}

impl DatabaseUrl {
    /// The URL of a read replica: without `target_session_attrs`, any server is used.
    ///
    /// # Errors
    /// [`UrlError`].
    pub fn of_replica(text: &str) -> Result<Self, UrlError> {
        Self::parse(text, TargetSessionAttrs::Any)
    }

    /// Gives it a password, unless it has one.
    pub(crate) fn set_default_password(&mut self, password: &str) {
        if self.password.is_none() {
            self.password = Some(Zeroizing::new(password.as_bytes().to_vec()));
        }
    }

    fn parse(text: &str, target: TargetSessionAttrs) -> Result<Self, UrlError> {
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let rest = rest.ok_or(UrlError::Scheme)?;
        refuse_stray_at(rest)?;
        // A password may contain a question mark.
        let authority = rest.find('@').map_or(0, |at| at + 1);
        let query = rest[authority..].find('?').map_or(rest.len(), |at| authority + at);
        let parameters = rest.get(query + 1..).unwrap_or_default();
        let (ssl, target, others) = sort_out(parameters, target)?;
        let plain = Zeroizing::new(format!("postgres://{}?{others}", &rest[..query]));
        let mut config: Config = plain.parse().map_err(|error| not_understood(&error))?;
        config.target_session_attrs(target);
        let hosts = hosts_of(&config).filter(|hosts| !hosts.is_empty()).ok_or(UrlError::NoHost)?;
        let password = config.get_password().map(|password| Zeroizing::new(password.to_vec()));
        Ok(Self { common: without_host(&config), password, hosts, mode: ssl.mode()?, ssl })
    }
}

/// The first `@` ends the user and the password. If it does not, or if there is another one, part of the password would be
/// taken for a host, which messages show.
fn refuse_stray_at(rest: &str) -> Result<(), UrlError> {
    let Some((credentials, others)) = rest.split_once('@') else { return Ok(()) };
    let user = credentials.split(':').next().unwrap_or_default();
    let is_parameter = user.contains(['/', '?']) || credentials.contains("?password=");
    let is_parameter = is_parameter || credentials.contains("&password=");
    if is_parameter || others.contains('@') { Err(UrlError::UnescapedAt) } else { Ok(()) }
}

/// The parameters about TLS, the target, and the other parameters as they were.
fn sort_out(
    parameters: &str,
    mut target: TargetSessionAttrs,
) -> Result<(SslParameters, TargetSessionAttrs, String), UrlError> {
    let mut ssl = SslParameters::default();
    let mut others = Vec::new();
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if name == "target_session_attrs" {
            target = target_of(value)?;
        } else if !ssl.take(name, value)? {
            others.push(parameter);
        }
    }
    Ok((ssl, target, others.join("&")))
}

fn target_of(value: &str) -> Result<TargetSessionAttrs, UrlError> {
    match value {
        "any" => Ok(TargetSessionAttrs::Any),
        "read-write" | "primary" => Ok(TargetSessionAttrs::ReadWrite),
        "read-only" => Ok(TargetSessionAttrs::ReadOnly),
        _ => Err(UrlError::Target),
    }
}

/// The reason alone: it names a parameter, and never its value.
fn not_understood(error: &tokio_postgres::Error) -> UrlError {
    let reason = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    UrlError::Parameter(reason)
}

/// The same settings for any host, without the password.
fn without_host(config: &Config) -> Config {
    let mut common = Config::new();
    common
        .application_name(config.get_application_name().unwrap_or("roster"))
        .keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .ssl_negotiation(config.get_ssl_negotiation())
        .channel_binding(config.get_channel_binding())
        .target_session_attrs(config.get_target_session_attrs());
    if let Some(user) = config.get_user() {
        common.user(user);
    }
    if let Some(database) = config.get_dbname() {
        common.dbname(database);
    }
    if let Some(options) = config.get_options() {
        common.options(options);
    }
    if let Some(interval) = config.get_keepalives_interval() {
        common.keepalives_interval(interval);
    }
    if let Some(retries) = config.get_keepalives_retries() {
        common.keepalives_retries(retries);
    }
    common
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.common.get_user() {
            write!(f, "{user}@")?;
        }
        for (at, host) in self.hosts.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{host}")?;
        }
        self.common.get_dbname().map_or(Ok(()), |database| write!(f, "/{database}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameters::RootCertificates;
    use super::*;

    fn parse(text: &str) -> Result<DatabaseUrl, UrlError> {
        text.parse()
    }

    fn error(text: &str) -> UrlError {
        parse(text).err().expect("it is not a URL of a database")
    }

    #[test]
    fn a_url_names_several_hosts() {
        let url = parse("postgresql://anna:s3cret@one:5433,[::1],two/people").unwrap();
        assert_eq!(url.to_string(), "postgres://anna@one:5433,[::1]:5432,two:5432/people");
        assert_eq!(url.password.as_deref().map(Vec::as_slice), Some(&b"s3cret"[..]));
        assert_eq!(url.common.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    }

    #[test]
    fn a_socket_is_a_folder() {
        let url = parse("postgres://%2Frun%2Fpostgresql/people").unwrap();
        assert_eq!(url.to_string(), "postgres:///run/postgresql:5432/people");
        assert!(url.hosts[0].is_local());
    }

    #[test]
    fn a_password_may_contain_any_character() {
        let url = parse("postgres://anna:a%40b?c/d@host/people?sslmode=disable").unwrap();
        assert_eq!(url.password.as_deref().map(Vec::as_slice), Some(&b"a@b?c/d"[..]));
        assert_eq!(
            (url.to_string().as_str(), url.mode),
            ("postgres://anna@host:5432/people", SslMode::Disable)
        );
    }

    #[test]
    fn no_error_shows_the_password() {
        for text in [
            "mysql://anna:s3cret@host/db",
            "postgres://anna:s3cret@/db",
            "postgres://anna:s3cret@host:port/db",
            "postgres://anna:s3cret@host/db?colour=s3cret",
            "postgres://anna:s3cret@host/db?sslmode=s3cret",
            "postgres://anna:s3cret@host/db?target_session_attrs=s3cret",
            "postgres://anna:s3cret@host/db?keepalives_idle=s3cret",
            "postgres://host/db?password=s3cret&sslcert=%ff",
            "postgres://anna:a@s3cret@127.0.0.1:1/db",
            "postgres://anna:a@s3/cret@127.0.0.1:1/db",
            "postgres://anna:a@b?s3cret@127.0.0.1:1/db",
            "postgres://anna:a@one,anna:s3cret@two/db",
            "postgres://host/db?password=a@s3cret",
            "postgres://host:5432/db?password=a@s3cret",
        ] {
            let error = error(text);
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn the_mode_is_that_of_libpq() {
        let mode = |parameters: &str| parse(&format!("postgres://host/db?{parameters}")).map(|url| url.mode);
        assert_eq!(mode(""), Ok(SslMode::Prefer));
        assert_eq!(mode("sslmode=require"), Ok(SslMode::Require));
        assert_eq!(mode("sslmode=require&sslrootcert=/ca.pem"), Ok(SslMode::VerifyCa));
        assert_eq!(mode("sslrootcert=system"), Ok(SslMode::VerifyFull));
        assert_eq!(mode("sslmode=require&sslrootcert=system"), Err(UrlError::WeakMode));
        assert_eq!(mode("sslmode=verify-full"), Err(UrlError::NoRoots));
        assert_eq!(mode("sslmode=Require"), Err(UrlError::Mode));
    }

    #[test]
    fn the_files_of_tls_are_named_by_parameters() {
        let url =
            parse("postgres://h/d?sslmode=verify-ca&sslrootcert=/a%20b.pem&sslcert=c&sslkey=k").unwrap();
        assert_eq!(url.ssl.roots, Some(RootCertificates::File("/a b.pem".into())));
        assert_eq!((url.ssl.certificate, url.ssl.key), (Some("c".into()), Some("k".into())));
    }
}
