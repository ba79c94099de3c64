//! What a restore has to say.

use std::fmt::{self, Write as _};

use roster_backup::{BackupDetails, Contents, EraseAgain, Reconciled};

use super::load::Restored;
use crate::commands::backup::describe;
use crate::terminal;

/// Of a backup that is whole.
pub(super) fn of_check(about: &BackupDetails, contents: &Contents) -> String {
    format!("the backup is whole: {}\n{}\n", describe(contents), made(about))
}

/// Of a store that was restored.
pub(super) fn of_restore(
    about: &BackupDetails,
    contents: &Contents,
    restored: &Restored,
    erase_again: EraseAgain,
) -> String {
    let mut came_back = *contents;
    if let Some((_, reconciled)) = &restored.replaced {
        came_back.sessions = 0;
        if erase_again == EraseAgain::Yes {
            came_back.users = came_back.users.saturating_sub(reconciled.erased.len() as u64);
        }
    }
    let mut text = format!("restored {}\n{}\n", describe(&came_back), made(about));
    if let Some((folder, reconciled)) = &restored.replaced {
        // Writing to a string does not fail.
        let _ = writeln!(text, "the store that was there is kept in \"{}\"", folder.display());
        add_reconciled(&mut text, reconciled, erase_again);
    }
    text
}

fn made(about: &BackupDetails) -> String {
    let made_at = terminal::to_the_second(about.made_at);
    format!("it was made at {made_at} by Roster {}", terminal::printable(&about.roster))
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
    let _ =
        writeln!(text, "{ended_sessions} sessions ended, and every access token: everybody logs in again");
    if *revoked_keys > 0 {
        let _ = writeln!(text, "{revoked_keys} API keys stay revoked");
    }
    let again = match erase_again {
        EraseAgain::No => "erased since the backup, and here again (--erase-again leaves them out)",
        EraseAgain::Yes => "erased since the backup, and left out",
    };
    let people = |count, what| format!("{count} people were {what}");
    add_list(text, erased, &people(erased.len(), again));
    if *unknown > 0 {
        let _ = writeln!(
            text,
            "{unknown} more people were not in the store that was there, and its audit log does not say that they were \
             erased: they are here again"
        );
    }
    let disabled = "disabled since the backup, and stay disabled (roster user enable ID lets them in)";
    add_list(text, disabled_users, &people(disabled_users.len(), disabled));
    let accounts = format!(
        "{} service accounts were disabled since the backup, and stay disabled",
        disabled_accounts.len()
    );
    add_list(text, disabled_accounts, &format!("{accounts} (roster service-account enable NAME)"));
}

fn add_list(text: &mut String, items: &[impl fmt::Display], what: &str) {
    if !items.is_empty() {
        let _ = writeln!(text, "{what}:");
    }
    for item in items {
        let _ = writeln!(text, "  {item}");
    }
}
