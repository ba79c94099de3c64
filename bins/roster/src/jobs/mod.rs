//! Where jobs are kept: in the data folder, or in a database that servers share.

mod blocking;
mod database;
mod files;
mod upload;

pub(crate) use database::DatabaseJobs;
pub(crate) use files::JobFiles;
