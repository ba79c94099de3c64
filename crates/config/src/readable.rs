//! Warnings about secret files that others can read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Where containers get their secrets. No other accounts exist there, and the permissions often cannot be changed.
const OF_CONTAINERS: &str = "/run/secrets";

/// The warning about a secret file that every account on the machine can read.
pub(crate) fn warning(path: &Path) -> Option<String> {
    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o004 != 0 && !path.starts_with(OF_CONTAINERS)).then(|| {
        let shown = path.display();
        format!(
            "every account on this machine can read the secrets in \"{shown}\"; run: chmod 600 \"{shown}\""
        )
    })
}
