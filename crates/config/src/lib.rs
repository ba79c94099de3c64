//! Roster's settings: typed, in layers, each value with its origin.
//!
//! `config/default.toml` is built in, names every key and is the reference for operators. A TOML file, `.env` and the
//! environment override it, in increasing precedence. [`Settings::load`] reads them all, checks every value, and
//! returns either valid settings or every error at once, each with its location.
//!
//! The caller passes in the [`Sources`], so tests do not depend on the machine they run on. Only
//! [`Sources::from_process`] reads the environment of the process, and [`import_password`], whose value belongs to one
//! command and not to the settings.
//!
//! ```
//! use roster_config::{Settings, Sources};
//!
//! let sources = Sources::none().with_environment([("ROSTER__SERVER__PORT", "9000")]);
//! let settings = Settings::load(sources)?;
//! assert_eq!(settings.server.port, 9000);
//! # Ok::<(), roster_config::ConfigErrors>(())
//! ```
//!
//! The crate does not depend on the other crates. A log filter or a username is passed on as text, and the binary hands
//! it to the crate that validates it.

mod changes;
mod document;
mod dotenv;
mod effective;
mod environment;
mod errors;
mod fields;
mod import_password;
mod layers;
mod loader;
mod misspelt;
mod nearest;
mod origin;
mod rate;
mod readable;
mod rules;
mod secret;
mod secret_keys;
mod sections;
mod settings;
mod sources;
mod userinfo;
mod value;

pub use changes::Changes;
pub use effective::EffectiveSetting;
pub use errors::{SettingError, SettingValue};
pub use import_password::{ImportPasswordError, import_password};
pub use ipnet::IpNet;
pub use origin::Origin;
pub use rate::Rate;
pub use secret::Secret;
pub use sections::{
    Admin, Audit, Auth, Cors, Data, GeneratedKeyAlgorithm, Import, Limits, Log, LogFormat, Metrics,
    MetricsAccess, Migration, OldSystem, Password, Pooler, Registration, RegistrationMode, Server, Session,
    SharedLimits, Storage, StorageUrl, StorageUrlError, TokenClaim, TokenType,
};
pub use settings::{ConfigErrors, Settings};
pub use sources::{ConfigFile, Sources};
pub use userinfo::without_userinfo;
