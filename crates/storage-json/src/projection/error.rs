//! Why a snapshot was not finished.

use std::io::{self, ErrorKind};

use thiserror::Error;

/// Why a snapshot was not finished. It is retried.
#[derive(Debug, Error)]
pub(crate) enum ProjectionError {
    #[error("cannot write \"{file}\"")]
    Io { file: String, source: io::Error },
    #[error("\"{file}\" is a mount point, which cannot be replaced atomically; mount its folder instead")]
    Mounted { file: String, source: io::Error },
    #[error("the thread that writes the journal has ended")]
    WriterGone,
}

impl ProjectionError {
    /// For `map_err`, with the file that was being used.
    pub(super) fn io(file: &str) -> impl Fn(io::Error) -> Self {
        move |source| {
            let file = file.to_owned();
            match source.kind() {
                ErrorKind::ResourceBusy | ErrorKind::CrossesDevices => Self::Mounted { file, source },
                _ => Self::Io { file, source },
            }
        }
    }
}
