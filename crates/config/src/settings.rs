//! All settings together.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::effective::EffectiveSetting;
use crate::fields::SettingsReader;
use crate::layers::Layers;
use crate::sections::{
    Admin, Audit, Auth, Cors, Data, Import, Limits, Log, Metrics, Migration, Password, Registration, Server,
    Session, Storage,
};
use crate::{Origin, SettingError, Sources, without_userinfo};

/// Below this cost, hashes are cheap to brute-force (OWASP Password Storage Cheat Sheet: 10 or more).
const PRUDENT_BCRYPT_COST: u32 = 10;

/// All settings, validated. `config/default.toml` describes every key.
#[derive(Debug)]
pub struct Settings {
    /// The HTTP server.
    pub server: Server,
    /// The storage engine.
    pub storage: Storage,
    /// The data folder.
    pub data: Data,
    /// Access tokens.
    pub auth: Auth,
    /// Sessions.
    pub session: Session,
    /// Passwords and their hashes.
    pub password: Password,
    /// Registration.
    pub registration: Registration,
    /// Imports over HTTP.
    pub import: Import,
    /// Asking the old system at a first login.
    pub migration: Migration,
    /// Rate limits.
    pub limits: Limits,
    /// CORS.
    pub cors: Cors,
    /// Logs.
    pub log: Log,
    /// The metrics page.
    pub metrics: Metrics,
    /// The files of the audit log.
    pub audit: Audit,
    /// The first administrator.
    pub admin: Admin,
    file: Option<PathBuf>,
    shown: Vec<EffectiveSetting>,
    /// Warnings from the layers.
    noted: Vec<String>,
}

impl Settings {
    /// Reads the defaults and `sources` in order of precedence and checks every value.
    ///
    /// # Errors
    ///
    /// All errors at once: unreadable files, unknown keys and invalid values.
    pub fn load(sources: Sources) -> Result<Self, ConfigErrors> {
        let mut layers = Layers::read(sources);
        let file = layers.file.take();
        let mut fields = SettingsReader::new(layers);
        let reader = &mut fields;
        let data = Data::read(reader);
        let mut settings = Self {
            server: Server::read(reader),
            storage: Storage::read(reader, &data),
            data,
            auth: Auth::read(reader),
            session: Session::read(reader),
            password: Password::read(reader),
            registration: Registration::read(reader),
            import: Import::read(reader),
            migration: Migration::read(reader),
            limits: Limits::read(reader),
            cors: Cors::read(reader),
            log: Log::read(reader),
            metrics: Metrics::read(reader),
            audit: Audit::read(reader),
            admin: Admin::read(reader),
            file,
            shown: Vec::new(),
            noted: Vec::new(),
        };
        let errors;
        (settings.shown, settings.noted, errors) = fields.finish();
        ConfigErrors::check(errors, settings)
    }

    /// The TOML file that was read; `None` if there was none.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Every setting with its effective value, by name, with secrets masked: what `roster config show` prints.
    #[must_use]
    pub fn show(&self) -> &[EffectiveSetting] {
        &self.shown
    }

    /// Whether this setting was set explicitly, even to its default.
    #[must_use]
    pub fn is_set(&self, key: &str) -> bool {
        let is_set = |origin: &Origin| !matches!(origin, Origin::Default | Origin::Follows { .. });
        self.shown.iter().any(|shown| shown.key == key && is_set(&shown.origin))
    }

    /// Warnings about values that are valid but unwise or probably a mistake, one line each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let cost = self.password.bcrypt_cost;
        let cheap = cost < PRUDENT_BCRYPT_COST;
        let warning =
            format!("password.bcrypt_cost = {cost} is for tests; use {PRUDENT_BCRYPT_COST} or more");
        cheap.then_some(warning).into_iter().chain(self.noted.iter().cloned()).collect()
    }

    /// Warnings about tokens, which only a server issues.
    #[must_use]
    pub fn token_warnings(&self) -> Vec<String> {
        let longer = (self.auth.access_token_ttl > self.session.lifetime).then(|| {
            "auth.access_token_ttl is above session.lifetime: only the tokens of service accounts last that long, those of users end with \
             their session"
                .to_owned()
        });
        let no_audience = self.auth.audience.is_none().then(|| {
            "auth.audience is empty: tokens do not say which service they are for, so every service that trusts this issuer \
             and its key accepts them"
                .to_owned()
        });
        [self.issuer_warning(), no_audience, longer].into_iter().flatten().collect()
    }

    fn issuer_warning(&self) -> Option<String> {
        let issuer = &self.auth.issuer;
        if without_userinfo(issuer) != *issuer {
            let warning =
                "auth.issuer has a username or a password in its URL, which every token contains; remove it";
            return Some(warning.to_owned());
        }
        // A trailing slash is fine: the metadata and the tokens then have it too.
        let url = self.server.public_url.as_ref().filter(|url| issuer.trim_end_matches('/') != *url)?;
        Some(format!(
            "auth.issuer = {issuer:?} is not server.public_url = {url:?}: OAuth clients that compare the issuer with the URL \
             they asked reject the metadata or the tokens (RFC 8414, section 3.3); set auth.issuer to that URL, here and \
             wherever tokens are verified"
        ))
    }
}

/// All errors, at least one. Its text has a line for each.
#[derive(Debug)]
pub struct ConfigErrors {
    errors: Vec<SettingError>,
    settings: Box<Settings>,
}

impl ConfigErrors {
    /// `settings`, if there are no errors.
    pub(crate) fn check(errors: Vec<SettingError>, settings: Settings) -> Result<Settings, Self> {
        if errors.is_empty() { Ok(settings) } else { Err(Self { errors, settings: Box::new(settings) }) }
    }

    /// The errors, ordered by layer and key.
    #[must_use]
    pub fn errors(&self) -> &[SettingError] {
        &self.errors
    }

    /// The settings, for checks by other crates of the sections without an error. An invalid value is replaced by a
    /// placeholder.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the values of a section, such as `log`, are all valid.
    #[must_use]
    pub fn is_section_valid(&self, section: &str) -> bool {
        let is_in_section = |key: &str| key.split('.').next() == Some(section);
        self.errors.iter().all(|error| match error {
            SettingError::Invalid { key, .. } => !is_in_section(key),
            SettingError::Contradiction { low, high } => {
                !is_in_section(&low.key) && !is_in_section(&high.key)
            }
            SettingError::IndistinguishableTokens => section != "auth",
            // An unknown name changes no value.
            SettingError::Unknown { .. } => true,
            // A value may be missing in any section.
            SettingError::Unreadable { .. }
            | SettingError::UnreadableSecret { .. }
            | SettingError::Syntax { .. }
            | SettingError::Ambiguous { .. } => false,
        })
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
