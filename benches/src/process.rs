//! A server process: started, observed through /proc, and ended by its id.

use crate::accounts;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that listens on 127.0.0.1. Dropping it ends it.
pub(crate) struct Process {
    child: Child,
    /// The URL that it listens on, such as `http://127.0.0.1:4711`.
    pub(crate) base: String,
    /// The time from the start of the process to its first line.
    pub(crate) start: Duration,
}

impl Process {
    /// Starts `command` and waits for the line that names its address.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let began = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("the child has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let Some(base) = line.trim().strip_prefix("listening on ") else {
            bail!("the server did not start: {:?}", child.wait()?);
        };
        let base = base.to_owned();
        Ok(Self { child, base, start: began.elapsed() })
    }

    /// Starts Roster on the data in `folder`, without limits on clients, and with its log in a file there.
    pub(crate) fn roster(binary: &Path, folder: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        Self::serve(roster_command(binary, folder).env("ROSTER__LIMITS__ENABLED", "false"), folder, settings)
    }

    /// The same with the default limits.
    pub(crate) fn delivered(binary: &Path, folder: &Path) -> Result<Self> {
        Self::serve(&mut roster_command(binary, folder), folder, &[])
    }

    fn serve(command: &mut Command, folder: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let log = fs::File::create(folder.join("roster.log"))?;
        // The log may go to stderr or stdout; only the first line of stdout is read here.
        Self::start(command.arg("serve").envs(settings.iter().copied()).stderr(log))
    }

    /// The processor time so far, user and system.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        Ok(ProcessTimes::of(self.child.id())?.own)
    }

    /// The resident memory in MB.
    pub(crate) fn resident_mb(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("/proc/PID/status has no VmRSS line")?;
        let kb: f64 = line.split_whitespace().nth(1).context("VmRSS has no value")?.parse()?;
        Ok(kb / 1024.0)
    }

    /// The sum of a counter over all its series.
    pub(crate) fn metric(&self, name: &str) -> Result<f64> {
        let text = ureq::get(format!("{}/metrics", self.base)).call()?.body_mut().read_to_string()?;
        let values = text.lines().filter(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ') || rest.starts_with('{'))
        });
        values
            .map(|line| Ok(line.rsplit(' ').next().context("the metric has no value")?.parse::<f64>()?))
            .sum()
    }
}

/// Processor times of a process, user and system.
pub(crate) struct ProcessTimes {
    pub(crate) parent: u32,
    pub(crate) own: Duration,
    /// The time of its children that have ended.
    pub(crate) ended_children: Duration,
}

impl ProcessTimes {
    /// The times so far, from `/proc/PID/stat`.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name of the process, in parentheses, may contain spaces.
        let fields = stat.rsplit_once(')').context("unexpected format of /proc/PID/stat")?.1;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let time = |user: usize| -> Result<Duration> {
            let ticks: u64 = fields[user].parse::<u64>()? + fields[user + 1].parse::<u64>()?;
            Ok(Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second()))
        };
        Ok(Self { parent: fields[1].parse()?, own: time(11)?, ended_children: time(13)? })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(i32::try_from(self.child.id()).unwrap_or_default()) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

/// The binary, without the environment of this shell.
pub(crate) fn roster_command(binary: &Path, folder: &Path) -> Command {
    // Without a file here, an installed one would be read. If it cannot be created, the start reports it.
    let _ = fs::File::options().create(true).append(true).open(folder.join("roster.toml"));
    let mut command = Command::new(fs::canonicalize(binary).unwrap_or_else(|_| binary.to_owned()));
    command
        .current_dir(folder)
        .env_clear()
        .env("ROSTER__SERVER__PORT", "0")
        .env("ROSTER_ADMIN_USERNAME", accounts::ADMIN)
        .env("ROSTER_ADMIN_PASSWORD", accounts::PASSWORD);
    command
}
