//! The report of a restore.

use std::fmt::{self, Write as _};

use roster_backup::{BackupDetails, Contents, EraseAgain, Reconciled};

use super::load::Restored;
use crate::commands::backup::describe;
use crate::terminal;

/// The report of a check.
pub(super) fn of_check(about: &BackupDetails, contents: &Contents) -> String {
    format!("the backup is intact: {}\n{}\n", describe(contents), made(about))
}

/// The report of a restore.
pub(super) fn of_restore(
    about: &BackupDetails,
    contents: &Contents,
    restored: &Restored,
    erase_again: EraseAgain,
) -> String {
    let mut restored_contents = *contents;
    if let Some((_, reconciled)) = &restored.replaced {
        restored_contents.sessions = 0;
        if erase_again == EraseAgain::Yes {
            restored_contents.users = restored_contents.users.saturating_sub(reconciled.erased.len() as u64);
        }
    }
    let mut text = format!("restored {}\n{}\n", describe(&restored_contents), made(about));
    if let Some((kept_in, reconciled)) = &restored.replaced {
        // Writing to a string does not fail.
        let _ = writeln!(text, "the previous store is kept in {kept_in}");
        add_reconciled(&mut text, reconciled, erase_again);
    }
    text
}

fn made(about: &BackupDetails) -> String {
    let made_at = terminal::to_the_second(about.made_at);
    format!("created at {made_at} by Roster {}", terminal::printable(&about.roster))
}

fn add_reconciled(text: &mut String, reconciled: &Reconciled, erase_again: EraseAgain) {
    let Reconciled {
        ended_sessions,
        revoked_keys,
        erased,
        unknown,
        disabled_users,
        disabled_accounts,
        last_audit: _,
    } = reconciled;
    let _ = writeln!(
        text,
        "{} ended and all access tokens are invalid: all users must log in again",
        terminal::counted(*ended_sessions, "session")
    );
    if *revoked_keys > 0 {
        let _ = writeln!(text, "{} still revoked", terminal::counted(*revoked_keys, "API key"));
    }
    let again = match erase_again {
        EraseAgain::No => {
            "restored although deleted after the backup (delete again with: roster user delete ID)"
        }
        EraseAgain::Yes => "left out, because deleted after the backup",
    };
    add_list(text, erased, &format!("{} {again}", terminal::counted(erased.len() as u64, "user")));
    if *unknown > 0 {
        let _ = writeln!(
            text,
            "{} restored without a trace in the previous store: its audit log does not say whether they were deleted",
            terminal::counted(*unknown, "more user")
        );
    }
    add_disabled(text, "user", disabled_users, "roster user enable ID");
    add_disabled(text, "service account", disabled_accounts, "roster service-account enable NAME");
}

fn add_disabled(text: &mut String, kind: &str, disabled: &[impl fmt::Display], remedy: &str) {
    let count = terminal::counted(disabled.len() as u64, kind);
    let what = format!("{count} disabled after the backup and still disabled (enable with: {remedy})");
    add_list(text, disabled, &what);
}

fn add_list(text: &mut String, items: &[impl fmt::Display], what: &str) {
    if !items.is_empty() {
        let _ = writeln!(text, "{what}:");
    }
    for item in items {
        let _ = writeln!(text, "  {item}");
    }
}
