//! Checks the users, sessions and service accounts.

use std::io;

use roster_domain::KeyCreator;
use roster_storage::{Finding, Holder};

use super::examination::place;
use crate::disk::{Disk, RealDisk, read_whole};
use crate::opening::Opening;
use crate::projection::{SESSIONS_FILE, is_genuine, parse, parse_sessions};
use crate::state::State;

/// Checks more than loading does: `state` was loaded, so its names and ids are unique and its values are valid.
pub(super) fn check(
    disk: &RealDisk,
    opening: &Opening,
    state: &State,
    holder: Holder,
    findings: &mut Vec<Finding>,
) -> io::Result<()> {
    let users = place(opening, &opening.users_file);
    if state.len() > 0 && !state.has_active_admin() {
        findings.push(Finding::no_active_admin(&users));
    }
    check_users_file(disk, opening, &users, findings)?;
    check_keys(state, &users, findings);
    check_sessions(disk, opening, state, holder, findings)
}

fn check_users_file(
    disk: &dyn Disk,
    opening: &Opening,
    users: &str,
    findings: &mut Vec<Finding>,
) -> io::Result<()> {
    let Some(content) = read_whole(disk, &opening.users_file)? else { return Ok(()) };
    if !is_genuine(&content) {
        findings.push(Finding::fault(
            users,
            "another program has changed it: its digest does not match its content",
            "the next start adopts the change and ends every session; to undo it, put the old file back, or restore a backup",
        ));
    }
    if parse(&content).is_ok_and(|parsed| parsed.is_older()) {
        findings.push(Finding::note(users, "it has an older format", "nothing: the next start upgrades it"));
    }
    Ok(())
}

/// A key grants only what its creator holds.
fn check_keys(state: &State, users: &str, findings: &mut Vec<Finding>) {
    for account in state.service_accounts().iter() {
        for key in &account.keys {
            if let KeyCreator::User(creator) = key.created_by
                && state.user(creator).is_none()
            {
                let (prefix, account) = (key.prefix.as_str(), account.name.as_str());
                findings.push(Finding::key_without_creator(users, prefix, account));
            }
        }
    }
}

fn check_sessions(
    disk: &dyn Disk,
    opening: &Opening,
    state: &State,
    holder: Holder,
    findings: &mut Vec<Finding>,
) -> io::Result<()> {
    let here = place(opening, SESSIONS_FILE);
    let content = read_whole(disk, SESSIONS_FILE)?;
    let users = read_whole(disk, &opening.users_file)?;
    let Some(content) = content else {
        if state.len() > 0 && users.is_some() && holder == Holder::Nobody {
            let remedy = "put it back to keep users logged in; without it everyone has to log in again";
            findings.push(Finding::fault(&here, "it is missing", remedy));
        }
        return Ok(());
    };
    if !is_genuine(&content) {
        let what = "another program has changed it: its digest does not match its content";
        let remedy = "restore a backup, or remove the file: then everyone has to log in again";
        findings.push(Finding::fault(&here, what, remedy));
    }
    let Ok(parsed) = parse_sessions(&content) else { return Ok(()) };
    // The journal may have removed a user that the file still has, and a snapshot may be in progress.
    let strays = parsed.sessions.iter().filter(|session| state.user(session.user).is_none()).count();
    let is_folded = !disk.names()?.iter().any(|name| crate::journal::is_segment(name));
    if strays > 0 && is_folded {
        let remedy = "nothing: the next start removes them";
        findings.push(Finding::fault(&here, format!("{strays} sessions belong to no user"), remedy));
    }
    let users = users.and_then(|users| parse(&users).ok());
    let behind = users.is_some_and(|users| parsed.sequence < users.sequence);
    if behind && holder == Holder::Nobody {
        let remedy = "put the right one back; otherwise the next start makes everyone log in again";
        findings.push(Finding::fault(&here, format!("it is older than {}", opening.users_file), remedy));
    }
    Ok(())
}
