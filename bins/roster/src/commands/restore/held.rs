//! How to stop whatever has the store.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use roster_storage_json::OpenError;

/// How long a restore waits for a command that has the store.
const MAX_WAIT: Duration = Duration::from_secs(3);

/// Calls `open` again while another process has the store, for a while. Then the error names the command that stops that
/// process.
pub(super) fn patiently<T>(open: impl Fn() -> Result<T, OpenError>) -> anyhow::Result<T> {
    let give_up = Instant::now() + MAX_WAIT;
    loop {
        match open() {
            Err(OpenError::Held { .. }) if Instant::now() < give_up => thread::sleep(MAX_WAIT / 30),
            Err(error) => return Err(explained(error)),
            Ok(opened) => return Ok(opened),
        }
    }
}

fn explained(error: OpenError) -> anyhow::Error {
    let OpenError::Held { folder, pid } = &error else { return error.into() };
    let stop = pid.map_or_else(|| "stop it as it was started".to_owned(), stop_command);
    anyhow!(
        "the store in \"{}\" is held by a running server or command, and nothing was changed; {stop}",
        folder.display()
    )
}

fn stop_command(pid: u32) -> String {
    match fs::read_to_string(format!("/proc/{pid}/cgroup")) {
        Ok(groups) => match unit(&groups) {
            Some(unit) => format!("stop it first: systemctl stop {unit}"),
            None => format!("stop it first: kill {pid}"),
        },
        // A number of another namespace.
        Err(_) => format!("stop it first (it is process {pid} of a container or of another machine)"),
    }
}

/// The unit of systemd that a process belongs to, if it is a service's.
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
