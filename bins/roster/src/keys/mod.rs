//! The keys of access tokens: where they are stored, which one signs, and which are accepted.

mod backup;
mod changes;
mod doctor;
mod files;
mod folder;
mod metrics;
mod settings;
mod source;
mod watch;

pub(crate) use backup::{KeysToRestore, prepare};
pub(crate) use changes::{KeyChanges, record_changes};
pub(crate) use folder::KeyFolder;
pub(crate) use metrics::KeyMetrics;
pub(crate) use settings::KeySettings;
pub(crate) use source::{KeySource, RingOverride, ephemeral_key};
pub(crate) use watch::{KeyReload, KeyWatch};
