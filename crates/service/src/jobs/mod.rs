//! Imports over HTTP, as jobs: they go on after their request, and after a restart.
//!
//! A job is a state that only this module understands, files that were uploaded, and a report, in a
//! [`JobStore`](roster_storage::JobStore). One server runs one job at a time. Each write of the state names the version that it
//! replaces, so a server that has lost a job to another one notices before it commits more users.

mod follow;
mod ledger;
mod records;
mod run;
mod state;
mod submit;
mod upload;

pub use follow::JobReport;
pub use state::{Job, JobCounts, JobKind, JobState, JobStatus, Runner};
pub use upload::ImportUpload;
