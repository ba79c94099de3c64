//! All settings together.

use std::path::{Path, PathBuf};

use crate::effective::EffectiveSetting;
use crate::fields::SettingsReader;
use crate::layers::Layers;
use crate::sections::{
    Admin, Audit, Auth, Cors, Data, Limits, Log, Metrics, Password, Registration, Server, Session, Storage,
};
use crate::{ConfigErrors, Origin, Sources, without_userinfo};

/// Below this a hash is cheap enough to guess in numbers (OWASP Password Storage Cheat Sheet: 10 or more).
const PRUDENT_BCRYPT_COST: u32 = 10;

/// All settings, each within its limits. `config/default.toml` describes every key.
#[derive(Debug)]
pub struct Settings {
    /// Listening and the limits of a request.
    pub server: Server,
    /// Where the users are kept.
    pub storage: Storage,
    /// Where everything is kept that no other setting has a place for.
    pub data: Data,
    /// Access tokens.
    pub auth: Auth,
    /// How long a login goes on.
    pub session: Session,
    /// Passwords and their hashes.
    pub password: Password,
    /// Who may create an account.
    pub registration: Registration,
    /// How much is too much.
    pub limits: Limits,
    /// Calls from pages of other origins.
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
    /// What the layers warn of.
    noted: Vec<String>,
}

impl Settings {
    /// Reads the defaults and all of `sources`, the stronger over the weaker, and checks every value.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once: a file that cannot be read, an unknown key, a value that its
    /// setting cannot take.
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
        (settings.shown, settings.noted) = fields.finish()?;
        Ok(settings)
    }

    /// The TOML file that was read; `None` if there was none.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Every setting as it is in force, by name, secrets masked: what `roster config show` prints.
    #[must_use]
    pub fn show(&self) -> &[EffectiveSetting] {
        &self.shown
    }

    /// Whether somebody has given this setting a value, be it the default's.
    #[must_use]
    pub fn is_set(&self, key: &str) -> bool {
        let is_set = |origin: &Origin| !matches!(origin, Origin::Default | Origin::Follows { .. });
        self.shown.iter().any(|shown| shown.key == key && is_set(&shown.origin))
    }

    /// What is allowed and yet unwise or most likely a slip, a line each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let cost = self.password.bcrypt_cost;
        let cheap = cost < PRUDENT_BCRYPT_COST;
        let warning =
            format!("password.bcrypt_cost = {cost} is for tests; use {PRUDENT_BCRYPT_COST} or more");
        cheap.then_some(warning).into_iter().chain(self.noted.iter().cloned()).collect()
    }

    /// The same of what only a server does: its tokens.
    #[must_use]
    pub fn token_warnings(&self) -> Vec<String> {
        let longer = (self.auth.access_token_ttl > self.session.lifetime).then(|| {
            "auth.access_token_ttl is above session.lifetime: only machines get tokens that long, those of people end with \
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
                "auth.issuer has a username or a password in its URL, which every token shows; leave it out";
            return Some(warning.to_owned());
        }
        // A slash at the end is the client's choice: the metadata and the tokens have it too then.
        let url = self.server.public_url.as_ref().filter(|url| issuer.trim_end_matches('/') != *url)?;
        Some(format!(
            "auth.issuer = {issuer:?} is not server.public_url = {url:?}: OAuth clients that compare the issuer with the URL \
             they asked refuse the metadata or the tokens (RFC 8414, section 3.3); set auth.issuer to that URL, here and \
             wherever tokens are verified"
        ))
    }
}
