//! PgBouncer in front of a cluster.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::absence::skip_without;
use crate::cluster::{Cluster, free_port};
use crate::environment::variable;

/// A running PgBouncer. Dropping it ends it; so does the end of the process.
#[derive(Debug)]
pub struct Pgbouncer {
    port: u16,
    server: u16,
    shell: Child,
    /// `None` only while it is dropped.
    lifeline: Option<ChildStdin>,
    folder: TempDir,
}

/// For how long a client has the same connection of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    /// Until the client leaves.
    Session,
    /// Until the transaction ends.
    Transaction,
}

/// Ends the pooler at the end of its standard input, which is when the test process ends or drops the pooler.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
"$1" "$2" <&- &
read -r _
kill -INT "$!"
"#;

const DEADLINE: Duration = Duration::from_secs(30);

impl Pgbouncer {
    /// Starts a pooler that lends at most `connections` of each database of this cluster, each client another one if it
    /// can; `None` if there is no PgBouncer, and the test is to be skipped.
    #[must_use]
    pub fn before(cluster: &Cluster, mode: PoolMode, connections: usize) -> Option<Self> {
        Self::start(cluster, mode, connections, None)
    }

    /// The same, with a certificate and its key, as PEM, for clients. It accepts only those that use TLS.
    #[must_use]
    pub fn with_tls(
        cluster: &Cluster,
        mode: PoolMode,
        connections: usize,
        certificate: (&str, &str),
    ) -> Option<Self> {
        Self::start(cluster, mode, connections, Some(certificate))
    }

    fn start(
        cluster: &Cluster,
        mode: PoolMode,
        connections: usize,
        certificate: Option<(&str, &str)>,
    ) -> Option<Self> {
        let Some(program) = program() else {
            skip_without("PgBouncer is not installed (no pgbouncer in PATH or /usr/sbin)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("roster-pgbouncer-").tempdir();
        let folder = folder.expect("a temporary folder can be made");
        let (port, server) = (free_port(), cluster.port());
        let programs = cluster.programs();
        let write = |name: &str, content: &str| {
            let path = folder.path().join(name);
            fs::write(&path, content).expect("it can be written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
            programs.give(&path);
            path
        };
        let mut settings = settings(folder.path(), (port, server), mode, connections);
        if let Some((certificate, key)) = certificate {
            let (certificate, key) = (write("server.crt", certificate), write("server.key", key));
            settings.extend([
                "client_tls_sslmode = require\nclient_tls_cert_file = ",
                &certificate.to_string_lossy(),
            ]);
            settings.extend(["\nclient_tls_key_file = ", &key.to_string_lossy(), "\n"]);
        }
        let file = write("pgbouncer.ini", &settings);
        programs.give(folder.path());
        let mut command = programs.command("sh");
        command.args(["-c", SCRIPT, "pooler"]).arg(program).arg(&file).current_dir("/");
        // Ctrl-C at a terminal must not end it together with the tests.
        command.process_group(0);
        let mut shell = command.stdin(Stdio::piped()).spawn().expect("there is a shell");
        let lifeline = shell.stdin.take();
        let pooler = Self { port, server, shell, lifeline, folder };
        pooler.wait_until_started();
        Some(pooler)
    }

    /// The URL of a database of the cluster, by way of the pooler.
    #[must_use]
    pub fn url(&self, direct: &str) -> String {
        direct.replace(&format!(":{}/", self.server), &format!(":{}/", self.port))
    }

    fn wait_until_started(&self) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(began.elapsed() < DEADLINE, "the pooler does not start: {log}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Pgbouncer {
    fn drop(&mut self) {
        self.lifeline = None;
        let _ = self.shell.wait();
    }
}

fn program() -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file())
}

fn settings(folder: &Path, (port, server): (u16, u16), mode: PoolMode, connections: usize) -> String {
    let mode = match mode {
        PoolMode::Session => "session",
        PoolMode::Transaction => "transaction",
    };
    let folder = folder.display();
    format!(
        "[databases]\n* = host=127.0.0.1 port={server} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
         listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n\
         default_pool_size = {connections}\nserver_round_robin = 1\nserver_idle_timeout = 2\nlogfile = {folder}/log\n"
    )
}
