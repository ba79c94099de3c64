//! A MariaDB server for tests, with a data folder of its own.

use std::env;
use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use roster_tests::skip;
use tempfile::TempDir;

/// The password of the user `reader`, who may only read.
pub(crate) const READER_PASSWORD: &str = "s3cret-of-the-reader";

const DEADLINE: Duration = Duration::from_mins(1);

/// Ends the server at the end of its standard input, which is when the test process ends.
const SCRIPT: &str = r#"trap '' HUP INT TERM; "$@" <&- & read -r _; kill -KILL "$!"; wait"#;

/// A running server. It ends with the process.
struct MariaDb {
    port: u16,
    folder: TempDir,
    _shell: Child,
    _lifeline: ChildStdin,
}

/// A new database with these statements, as a URL for `reader` without the password; `None` if the test is to be skipped.
pub(crate) fn database(name: &str, statements: &str) -> Option<String> {
    static SERVER: OnceLock<Option<MariaDb>> = OnceLock::new();
    let Some(server) = SERVER.get_or_init(MariaDb::start) else {
        skip("MariaDB is not installed (no mariadbd in PATH or /usr/sbin)");
        return None;
    };
    server.run(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4; USE {name};\n{statements}"));
    Some(format!("mysql://reader@127.0.0.1:{}/{name}", server.port))
}

impl MariaDb {
    fn start() -> Option<Self> {
        let program = program("mariadbd")?;
        let folder = tempfile::Builder::new().prefix("roster-mariadb-").tempdir().unwrap();
        let data = folder.path().join("data");
        let installed = Command::new(self::program("mariadb-install-db")?)
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--user={}", whoami()))
            .output()
            .unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "guardian"])
            .arg(program)
            .args(["--no-defaults", "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0"])
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", folder.path().join("socket").display()))
            .arg(format!("--port={port}"))
            .arg(format!("--user={}", whoami()))
            // Ctrl-C at a terminal must not end it together with the tests.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let lifeline = shell.stdin.take().unwrap();
        let server = Self { port, folder, _shell: shell, _lifeline: lifeline };
        server.wait_until_started();
        server.run(&format!(
            "CREATE USER reader@'%' IDENTIFIED BY '{READER_PASSWORD}'; GRANT SELECT ON *.* TO reader@'%';"
        ));
        Some(server)
    }

    fn wait_until_started(&self) {
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(began.elapsed() < DEADLINE, "the server does not start: {log}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn run(&self, statements: &str) {
        let mut client = Command::new(program("mariadb").unwrap())
            .args(["--no-defaults", "--user=root", "--default-character-set=utf8mb4"])
            .arg(format!("--socket={}", self.folder.path().join("socket").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        client.stdin.take().unwrap().write_all(statements.as_bytes()).unwrap();
        assert!(client.wait().unwrap().success());
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no settings of their own")]
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(name)).find(|program| Path::new(program).is_file())
}

fn whoami() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
