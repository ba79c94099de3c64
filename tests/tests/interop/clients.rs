//! Clients in Python and JavaScript: their packages, and how their scripts run.
//!
//! The packages come from `PyPI` and npm into folders under `target`. If they cannot be installed, the tests are skipped
//! with a message; if `CI` is set, they fail.

use roster_tests::{Server, skip};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

const PYTHON_PACKAGES: [&str; 8] = [
    "Authlib==1.6.5",
    "PyJWT[crypto]==2.10.1",
    "joserfc==1.8.0",
    "requests==2.32.5",
    "fastapi==0.165.0",
    // FastAPI's test client needs it.
    "httpx2==2.16.2",
    "Django[argon2,bcrypt]==5.2.19",
    "standardwebhooks==1.1.0",
];
const NODE_PACKAGES: [&str; 2] = ["openid-client@6.9.0", "jose@6.2.15"];

/// A Python with the packages, created once.
static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = folder.join("bin/python");
    let made = python.exists() || succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    let pip = ["-m", "pip", "install", "--quiet"];
    let ready = made && succeeds(Command::new(&python).args(pip).args(PYTHON_PACKAGES));
    ready.then_some(python)
});

/// A folder with the packages for Node.js, created once.
static NODE: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node");
    let npm = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
    let ready = succeeds(Command::new("npm").args(npm).arg(&folder).args(NODE_PACKAGES));
    ready.then_some(folder)
});

fn succeeds(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

/// Runs a script, `.py` or `.mjs`, against a server, with `variables` in its environment.
pub(crate) fn run(script: &str, server: &Server, variables: &[(&str, &str)]) {
    let Some(mut command) = command_or_skip(script) else { return };
    command.env("BASE", server.url("")).env("AUTHLIB_INSECURE_TRANSPORT", "1");
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {stderr}");
}

/// Starts a script that is a server, with pipes to it and from it. `None` if its packages cannot be installed.
pub(crate) fn start(script: &str, variables: &[(&str, &str)]) -> Option<Child> {
    let mut command = command_or_skip(script)?;
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    Some(piped.envs(variables.iter().copied()).spawn().unwrap())
}

/// The command that runs a script. `None`, with a message, if its packages cannot be installed.
fn command_or_skip(script: &str) -> Option<Command> {
    let command = command(script);
    if command.is_none() {
        skip(&format!(
            "the packages that {script} needs, {PYTHON_PACKAGES:?} or {NODE_PACKAGES:?}, cannot be installed"
        ));
    }
    command
}

fn command(script: &str) -> Option<Command> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(script);
    if Path::new(script).extension().is_some_and(|extension| extension == "py") {
        let mut command = Command::new(PYTHON.as_ref()?);
        command.arg(path);
        return Some(command);
    }
    // Node.js looks for packages in the script's folder.
    let beside = NODE.as_ref()?.join(script);
    fs::copy(path, &beside).unwrap();
    let mut command = Command::new("node");
    command.arg(beside);
    Some(command)
}
