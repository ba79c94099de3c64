#![doc = include_str!("../README.md")]

mod catalog;
mod cell;
mod database;
mod dialect;
mod error;
mod feed;
mod line;
mod location;
mod lookup;
mod mysql;
mod mysql_url;
mod mysql_value;
mod php;
mod plan;
mod postgres;
mod preset;
mod presets;
mod recognition;
mod sql;
mod sqlite;

pub use catalog::TableName;
pub use error::SourceError;
pub use feed::SourceReader;
pub use location::DatabaseLocation;
pub use plan::Selection;
pub use preset::Preset;
pub use presets::{PRESETS, preset};
