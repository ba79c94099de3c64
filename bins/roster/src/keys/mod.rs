//! The keys of access tokens: where they are stored, which one signs, and which are accepted.

mod backup;
mod changes;
mod database;
mod database_doctor;
mod database_store;
mod doctor;
mod files;
mod folder;
mod folder_store;
mod loading;
mod metrics;
mod place;
mod ring_store;
mod sealing;
mod settings;
mod source;
mod stamp;
mod watch;

pub(crate) use backup::{KeysToRestore, prepare, reconcile};
pub(crate) use changes::{KeyChanges, record_changes};
pub(crate) use folder::KeyFolder;
pub(crate) use metrics::KeyMetrics;
pub(crate) use place::RingPlace;
pub(crate) use ring_store::{NewKey, RingStore};
pub(crate) use settings::KeySettings;
pub(crate) use source::{KeySource, RingOverride, ephemeral_key};
pub(crate) use watch::{KeyReload, KeyWatch};
