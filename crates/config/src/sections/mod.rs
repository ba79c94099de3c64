//! The sections of the settings, one file each. `config/default.toml` documents the meaning and the limits of each
//! setting for operators; here are the types, with notes for readers of the code where needed.

mod admin;
mod audit;
mod auth;
mod cors;
mod data;
mod import;
mod limits;
mod log;
mod metrics;
mod migration;
mod password;
mod registration;
mod server;
mod session;
mod storage;

pub use admin::Admin;
pub use audit::Audit;
pub use auth::{Auth, GeneratedKeyAlgorithm, TokenClaim, TokenType};
pub use cors::Cors;
pub use data::Data;
pub use import::Import;
pub use limits::{Limits, SharedLimits};
pub use log::{Log, LogFormat};
pub use metrics::{Metrics, MetricsAccess};
pub use migration::{Migration, OldSystem};
pub use password::Password;
pub use registration::{Registration, RegistrationMode};
pub use server::Server;
pub use session::Session;
pub use storage::{Pooler, Storage, StorageUrl, StorageUrlError};
