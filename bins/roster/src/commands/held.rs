//! Waits for the store, and explains how to stop the process that holds it.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;

use crate::engine::OpenError;

/// How long a restore or a copy waits for a command that holds the store.
pub(crate) const STORE_TIMEOUT: Duration = Duration::from_secs(3);
/// How often it tries again.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// Retries `open` for a few seconds while another process holds the store. After that, the error contains the command that
/// stops the process.
pub(crate) fn retry_while_held<T>(open: impl Fn() -> Result<T, OpenError>) -> anyhow::Result<T> {
    retry_while_held_for(STORE_TIMEOUT, open)
}

/// Like [`retry_while_held`], for another time.
pub(crate) fn retry_while_held_for<T>(
    limit: Duration,
    open: impl Fn() -> Result<T, OpenError>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        match open() {
            Err(OpenError::Held(_)) if Instant::now() < deadline => thread::sleep(RETRY_INTERVAL),
            Err(error) => return Err(explain(error)),
            Ok(opened) => return Ok(opened),
        }
    }
}

/// Adds the command that stops the process that holds the store, if one does.
pub(crate) fn explain(error: OpenError) -> anyhow::Error {
    let OpenError::Held(held) = &error else { return error.into() };
    let stop = held.pid.map_or_else(|| "stop that process first".to_owned(), stop_command);
    anyhow!(
        "the store in \"{}\" is in use by a running server or command, and nothing was changed; {stop}",
        held.folder.display()
    )
}

fn stop_command(pid: u32) -> String {
    match fs::read_to_string(format!("/proc/{pid}/cgroup")) {
        Ok(groups) => match unit(&groups) {
            Some(unit) => format!("stop it first: systemctl stop {unit}"),
            None => format!("stop it first: kill {pid}"),
        },
        // The pid belongs to another namespace.
        Err(_) => format!("stop it first (it is process {pid} in a container or on another machine)"),
    }
}

/// The systemd service that a process belongs to, if any.
fn unit(groups: &str) -> Option<&str> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let unit = path.rsplit('/').next()?;
    (unit.ends_with(".service") && !unit.starts_with("user@")).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_stopped_by_its_unit() {
        assert_eq!(unit("0::/system.slice/roster.service\n"), Some("roster.service"));
        assert_eq!(unit("0::/user.slice/user-1000.slice/session-2.scope\n"), None);
        assert_eq!(unit("0::/\n"), None);
    }
}
