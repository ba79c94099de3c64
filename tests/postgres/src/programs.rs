//! The programs of PostgreSQL.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::environment::variable;

/// A folder with `initdb` and `pg_ctl`, and the account that runs them.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    folder: PathBuf,
    /// The user and group to switch to; `None` keeps the current ones.
    account: Option<(u32, u32)>,
}

impl Programs {
    /// Finds the programs in `PATH`, or those of the newest version in Debian's folders.
    pub(crate) fn find() -> Option<Self> {
        let folder = folders().into_iter().find(|folder| folder.join("initdb").is_file())?;
        let account = rustix::process::geteuid().is_root().then(|| (id_of("-u"), id_of("-g")));
        Some(Self { folder, account })
    }

    /// The folder of the programs.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command that runs `program` as an ordinary user. `program` may be outside the folder.
    pub(crate) fn command(&self, program: &str) -> Command {
        let path = self.folder.join(program);
        let mut command = Command::new(if path.is_file() { path } else { program.into() });
        // What is inherited would keep the test's pipes open as long as the server runs.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a file to the account.
    pub(crate) fn give(&self, path: &Path) {
        if let Some((user, group)) = self.account {
            std::os::unix::fs::chown(path, Some(user), Some(group)).expect("root may give files away");
        }
    }
}

fn folders() -> Vec<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let mut folders: Vec<_> = env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions
        .filter_map(|entry| {
            entry.file_name().to_str()?.parse::<u32>().ok().map(|number| (number, entry.path()))
        })
        .collect();
    versions.sort_unstable();
    folders.extend(versions.into_iter().rev().map(|(_, path)| path.join("bin")));
    folders
}

/// The number of the user `postgres` (`-u`) or of its group (`-g`).
fn id_of(flag: &str) -> u32 {
    let output = Command::new("id").args([flag, "postgres"]).output().expect("`id` is part of every system");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().expect("initdb refuses root: the user `postgres` must exist")
}
