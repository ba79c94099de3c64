//! A private cluster.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

use crate::absence::skip;
use crate::guardian::Guardian;
use crate::programs::Programs;
use crate::statements::run_all;

/// A running server with a data folder of its own. Dropping it stops the server and removes the folder; so does the end of
/// the process.
#[derive(Debug)]
pub struct Cluster {
    programs: Programs,
    folder: PathBuf,
    port: u16,
    _guardian: Guardian,
}

/// What a cluster is made of.
#[derive(Clone, Debug, Default)]
pub struct ClusterBuilder {
    settings: String,
    access: String,
    files: Vec<(String, String)>,
}

/// How a server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMode {
    /// Sessions are ended and transactions rolled back.
    Fast,
    /// As if the machine had lost power, except for what the operating system still writes.
    Immediate,
}

/// How often another free port is tried.
const PORTS: usize = 5;

/// Nothing survives the machine in a test, so nothing is synced.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = 32MB
fsync = off
full_page_writes = off
autovacuum_naptime = 10min
log_min_messages = warning
";

impl ClusterBuilder {
    /// Adds a setting to `postgresql.conf`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.extend([name, " = '", value, "'\n"]);
        self
    }

    /// Adds a line to `pg_hba.conf`, before the one that trusts everybody at this machine.
    #[must_use]
    pub fn access(mut self, line: &str) -> Self {
        self.access.extend([line, "\n"]);
        self
    }

    /// Adds a file to the data folder, readable by the server only.
    #[must_use]
    pub fn file(mut self, name: &str, content: &str) -> Self {
        self.files.push((name.to_owned(), content.to_owned()));
        self
    }

    /// Creates the cluster and starts it; `None` if there are no programs for it, and the test is to be skipped.
    #[must_use]
    pub fn start(self) -> Option<Cluster> {
        let Some(programs) = Programs::find() else {
            skip();
            return None;
        };
        Some(self.start_with(programs))
    }

    pub(crate) fn start_with(self, programs: Programs) -> Cluster {
        let cluster = Cluster::in_new_folder(programs);
        cluster.create(&self);
        cluster.start_at_free_port()
    }
}

impl Cluster {
    /// A cluster with the usual settings.
    #[must_use]
    pub fn builder() -> ClusterBuilder {
        ClusterBuilder::default()
    }

    /// The URL of a database, as the superuser `postgres`.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Makes an empty database, and returns its URL.
    #[must_use]
    pub fn add_database(&self, name: &str) -> String {
        run_all(self.url("postgres"), vec![format!("CREATE DATABASE {name} TEMPLATE template0")]);
        self.url(name)
    }

    /// The programs, for a process that works with the server.
    pub(crate) const fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Starts a standby that streams from this server under the name `name`, as in `synchronous_standby_names`. It waits
    /// for no standby of its own, also once it is [promoted](Self::promote).
    #[must_use]
    pub fn standby(&self, name: &str) -> Self {
        let standby = Self::in_new_folder(self.programs.clone());
        let source = format!("host=127.0.0.1 port={} user=postgres application_name={name}", self.port);
        let mut copy = self.programs.command("pg_basebackup");
        copy.args([
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
            "--dbname",
            &source,
            "--pgdata",
        ]);
        let copied = copy.arg(standby.data()).current_dir("/").status().expect("pg_basebackup is there");
        assert!(copied.success(), "the server cannot be copied: {}", self.log());
        add_to(&standby.data().join("postgresql.conf"), "", "synchronous_standby_names = ''\n");
        standby.start_at_free_port()
    }

    /// Makes a standby a server of its own, which accepts writes.
    pub fn promote(&self) {
        let promoted = self.control().args(["-w", "promote"]).status().expect("pg_ctl is there");
        assert!(promoted.success(), "the server is not promoted: {}", self.log());
    }

    /// Kills every process of the server, as if its machine were gone.
    pub fn kill(&self) {
        for process in self.processes() {
            send(process, Signal::KILL);
        }
    }

    /// Stops the server, which keeps its data and its port.
    pub fn stop(&self, mode: StopMode) {
        let mode = match mode {
            StopMode::Fast => "fast",
            StopMode::Immediate => "immediate",
        };
        let stopped = self.control().args(["-m", mode, "-w", "stop"]).status().expect("pg_ctl is there");
        assert!(stopped.success(), "the server does not stop: {}", self.log());
    }

    /// Starts a stopped server.
    pub fn start(&self) {
        assert!(self.try_start(), "the server does not start again: {}", self.log());
    }

    /// Pauses every process of the server until the result is dropped. Connections stay open, and nothing answers.
    #[must_use]
    pub fn pause(&self) -> Paused {
        let processes = self.processes();
        for process in &processes {
            send(*process, Signal::STOP);
        }
        Paused(processes)
    }

    /// Every process, the postmaster last. It is paused, so that it starts no other one.
    fn processes(&self) -> Vec<Pid> {
        let postmaster = self.postmaster();
        send(postmaster, Signal::STOP);
        children_of(postmaster).into_iter().chain([postmaster]).collect()
    }

    /// The end of the server's log.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn in_new_folder(programs: Programs) -> Self {
        let folder = tempfile::Builder::new().prefix("roster-postgres-").tempdir();
        // From here on the guardian removes it.
        let folder = folder.expect("a temporary folder can be made").keep();
        programs.give(&folder);
        let guardian = Guardian::of(&programs, &folder);
        Self { programs, folder, port: 0, _guardian: guardian }
    }

    fn start_at_free_port(mut self) -> Self {
        let started = (0..PORTS).any(|_| {
            self.port = free_port();
            self.try_start()
        });
        assert!(started, "the server does not start: {}", self.log());
        self
    }

    fn create(&self, builder: &ClusterBuilder) {
        let data = self.data();
        let mut initdb = self.programs.command("initdb");
        initdb.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]);
        let made = initdb.arg("--pgdata").arg(&data).current_dir("/").status().expect("initdb is there");
        assert!(made.success(), "initdb failed");
        add_to(&data.join("postgresql.conf"), "", &format!("{SETTINGS}{}", builder.settings));
        add_to(&data.join("pg_hba.conf"), &builder.access, "");
        for (name, content) in &builder.files {
            let path = data.join(name);
            fs::write(&path, content).expect("it can be written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
            self.programs.give(&path);
        }
    }

    fn try_start(&self) -> bool {
        let socket = self.folder.display();
        let options = format!("-p {} -c unix_socket_directories={socket}", self.port);
        let log = self.folder.join("log");
        let mut start = self.control();
        start.arg("-l").arg(log).args(["-o", &options, "-w", "-t", "60", "start"]);
        start.status().expect("pg_ctl is there").success()
    }

    fn control(&self) -> std::process::Command {
        let mut command = self.programs.command("pg_ctl");
        command.arg("-D").arg(self.data()).current_dir("/");
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn postmaster(&self) -> Pid {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).expect("the server runs");
        let number = file.lines().next().and_then(|line| line.parse().ok());
        number.and_then(Pid::from_raw).expect("the first line is the process")
    }
}

/// A server that is paused.
#[derive(Debug)]
pub struct Paused(Vec<Pid>);

impl Drop for Paused {
    fn drop(&mut self) {
        for process in &self.0 {
            send(*process, Signal::CONT);
        }
    }
}

/// Sends a signal; a process that has ended meanwhile needs none.
fn send(process: Pid, signal: Signal) {
    let _ = kill_process(process, signal);
}

fn children_of(process: Pid) -> Vec<Pid> {
    let number = process.as_raw_nonzero();
    let file = format!("/proc/{number}/task/{number}/children");
    let children = fs::read_to_string(Path::new(&file)).expect("Linux lists children");
    children.split_whitespace().filter_map(|child| Pid::from_raw(child.parse().ok()?)).collect()
}

/// Writes before and after what is in a file.
fn add_to(path: &Path, first: &str, last: &str) {
    let text = fs::read_to_string(path).expect("the file is there");
    fs::write(path, format!("{first}{text}{last}")).expect("it can be changed");
}

/// A port that nobody uses at the moment.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("it is bound").port()
}
