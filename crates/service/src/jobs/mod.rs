//! Imports over HTTP, as jobs: they go on after their request, and after a restart.
//!
//! A job is a state that only this module understands, files that were uploaded, and a report, in a
//! [`JobStore`](roster_storage::JobStore). One server runs one job at a time. Each write of the state names the version that it
//! replaces, so a server that has lost a job to another one notices before it commits more users.

mod errors;
mod follow;
mod heartbeat;
mod ledger;
mod queue;
mod records;
mod retries;
mod run;
mod state;
mod stop;
mod submit;
mod upload;

pub use follow::JobReport;
pub use state::{Job, JobCounts, JobKind, JobState, JobStatus, Runner, Takeovers};
pub use upload::ImportUpload;
