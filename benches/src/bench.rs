//! What every part of the benchmark needs.

use std::path::PathBuf;

/// The binaries to measure, and the parameters of the measurement.
pub(crate) struct Bench {
    pub(crate) roster: PathBuf,
    pub(crate) baseline: Option<PathBuf>,
    pub(crate) seconds: u64,
    pub(crate) cores: usize,
}
