//! Checks permissions and owners of the files, and finds leftover files.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use roster_storage::{Finding, Holder};

use super::examination::{if_there, place};
use crate::disk::LOCK_FILE;
use crate::opening::Opening;
use crate::restore::{COPYING, STAGING, is_own};

/// Checks every entry of the folder, not its subfolders.
pub(super) fn check(opening: &Opening, holder: Holder, findings: &mut Vec<Finding>) -> io::Result<()> {
    let folder = fs::metadata(&opening.folder)?;
    if folder.permissions().mode() & 0o022 != 0 {
        let here = opening.folder.display().to_string();
        let remedy = format!("chmod 700 \"{here}\"");
        findings.push(Finding::fault(here, "others may create and remove files here", remedy));
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(&opening.folder)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort_unstable();
    for name in names {
        let Some(found) = if_there(fs::symlink_metadata(opening.folder.join(&name)))? else { continue };
        let here = place(opening, &name);
        if found.is_file() && (is_own(&name, &opening.users_file) || name == LOCK_FILE) {
            findings.extend(mode(&here, &found));
            findings.extend(owner(&here, &found, &folder));
        }
        if found.is_dir() && name.starts_with("replaced-") && found.permissions().mode() & 0o077 != 0 {
            let remedy = format!("chmod 700 \"{here}\"");
            findings.push(Finding::fault(
                &here,
                "others may enter it, and it contains password hashes",
                remedy,
            ));
        }
        findings.extend(leftover(opening, &name, &here, holder));
    }
    Ok(())
}

/// Whether the files of the store can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Readable {
    Yes,
    /// One of them is a pipe, a device or a folder, or belongs to another account.
    No,
}

/// Checks that the store's file names are regular files that this account can open. It opens regular files only,
/// since opening a pipe may block.
pub(super) fn check_readable(opening: &Opening, findings: &mut Vec<Finding>) -> io::Result<Readable> {
    let mut readable = Readable::Yes;
    for entry in fs::read_dir(&opening.folder)? {
        let Ok(name) = entry?.file_name().into_string() else { continue };
        if !(is_own(&name, &opening.users_file) || name == LOCK_FILE) {
            continue;
        }
        let Some(found) = if_there(fs::metadata(opening.folder.join(&name)))? else { continue };
        if !found.is_file() {
            let here = place(opening, &name);
            let remedy = format!("move \"{here}\" away, and put the file back from a backup if it was one");
            findings.push(Finding::fault(here, "it is a pipe, a device or a folder, not a file", remedy));
            readable = Readable::No;
        } else if is_denied(File::open(opening.folder.join(&name))) {
            readable = Readable::No;
            let here = place(opening, &name);
            if !findings.iter().any(|finding| finding.place == here) {
                let remedy = "run this as root, or as the account of the server";
                findings.push(Finding::fault(here, "this account may not read it", remedy));
            }
        }
    }
    Ok(readable)
}

fn is_denied<T>(result: io::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

fn mode(here: &str, found: &Metadata) -> Option<Finding> {
    let mode = found.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        let what = format!("others may read or write it (mode {mode:04o})");
        Finding::fault(here, what, format!("chmod 600 \"{here}\""))
    })
}

fn owner(here: &str, found: &Metadata, folder: &Metadata) -> Option<Finding> {
    let (uid, gid) = (folder.uid(), folder.gid());
    (found.uid() != uid).then(|| {
        let what = format!("it belongs to account {}, and its folder to account {uid}", found.uid());
        Finding::fault(here, what, format!("chown {uid}:{gid} \"{here}\""))
    })
}

/// What an interruption or an upgrade has left behind.
fn leftover(opening: &Opening, name: &str, here: &str, holder: Holder) -> Option<Finding> {
    let own = is_own(name, &opening.users_file);
    let ends = |ending: &str| name.ends_with(ending);
    let holds_hashes = "it contains password hashes: delete it when you no longer need it";
    if own && name.contains(".edited-") {
        return Some(Finding::note(
            here,
            "an edit made while Roster was running, which was not adopted",
            holds_hashes,
        ));
    }
    if own && name.contains(".v") {
        return Some(Finding::note(here, "a file of an older version, kept by the upgrade", holds_hashes));
    }
    if name.starts_with("replaced-") {
        return Some(Finding::note(here, "a store that a backup has replaced", holds_hashes));
    }
    if name == COPYING && holder == Holder::Nobody {
        return Some(Finding::note(here, "an interrupted copy", holds_hashes));
    }
    let unfinished = own && [".new", ".swap", ".aside"].iter().any(|ending| ends(ending));
    if (unfinished || name == STAGING) && holder == Holder::Nobody {
        let remedy = "nothing: the next start removes it";
        return Some(Finding::note(here, "the remains of an interrupted write", remedy));
    }
    if name.starts_with(".roster-") && holder == Holder::Nobody {
        let remedy = format!("rm \"{here}\", if no command runs");
        return Some(Finding::note(here, "the remains of an interrupted command", remedy));
    }
    None
}
