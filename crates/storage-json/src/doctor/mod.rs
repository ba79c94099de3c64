//! Checks a store without changing it.

mod audit;
mod examination;
mod files;
mod people;

use std::error::Error;

use roster_storage::{Examination, Finding, Holder};

use crate::copy::refuse_incomplete;
use crate::disk::{LockError, RealDisk};
use crate::error::OpenError;
use crate::opening::Opening;
use crate::recovery::read_state;
use crate::restore::{SWITCH_FILE, check_switch, is_unfinished};
use crate::settings::JsonStoreSettings;
use crate::state::State;
use examination::place;

/// How often a store that is being written to is read before an inconsistency counts as damage.
const TRIES: u32 = 5;

/// Checks the files of a store: whether they are readable and consistent, who can read them, and which are left
/// over. It takes no lock and changes nothing, so it works while a server is running. It blocks.
///
/// # Errors
/// [`OpenError`], if the folder itself cannot be read.
pub fn examine(settings: &JsonStoreSettings) -> Result<Examination, OpenError> {
    let opening = Opening::of(settings)?;
    let failed = |source| OpenError::Io { path: opening.folder.clone(), source };
    let holder = match RealDisk::open_shared(&opening.folder) {
        Err(LockError::Held { .. }) => Holder::Process,
        Ok(_) | Err(LockError::Io(_)) => Holder::Nobody,
    };
    let Some(disk) = RealDisk::open_unlocked(&opening.folder).map_err(failed)? else {
        let place = opening.folder.display().to_string();
        let what = "there is no store";
        let remedy = "run this where the server runs, or name its settings with --config";
        return Ok(Examination { findings: vec![Finding::fault(place, what, remedy)], holder });
    };
    let mut findings = Vec::new();
    files::check(&opening, holder, &mut findings).map_err(failed)?;
    if files::check_readable(&opening, &mut findings).map_err(failed)? == files::Readable::No {
        // Nothing can be read from such a store.
        return Ok(Examination { findings, holder });
    }
    if let Err(error) = refuse_incomplete(&opening) {
        findings.push(of_error(&opening, &error));
        return Ok(Examination { findings, holder });
    }
    if is_unfinished(&opening.folder) {
        findings.push(interrupted(&opening));
        // Until then the files belong to two different stores.
        return Ok(Examination { findings, holder });
    }
    match read(&disk, &opening, holder) {
        Ok(state) => people::check(&disk, &opening, &state, holder, &mut findings).map_err(failed)?,
        Err(error) => findings.push(of_error(&opening, &error)),
    }
    audit::check(&disk, &opening, holder, &mut findings).map_err(failed)?;
    Ok(Examination { findings, holder })
}

/// A restore that was interrupted while it put a store in place, or an invalid list of moves.
fn interrupted(opening: &Opening) -> Finding {
    if let Err(error) = check_switch(&opening.folder, &opening.users_file) {
        return of_error(opening, &error);
    }
    Finding::fault(
        place(opening, SWITCH_FILE),
        "a restore was interrupted while it put the backup in its place",
        "start Roster, or run `roster user list`: either completes it",
    )
}

/// The state on disk. A server may replace files between two reads, so it is read several times.
fn read(disk: &RealDisk, opening: &Opening, holder: Holder) -> Result<State, OpenError> {
    let mut found = read_state(disk, opening);
    for _ in 1..TRIES {
        if found.is_ok() || holder == Holder::Nobody {
            break;
        }
        found = read_state(disk, opening);
    }
    found
}

/// The message of an error says what is wrong and, after a semicolon, what to do.
fn of_error(opening: &Opening, error: &OpenError) -> Finding {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text} ({source})");
        cause = source.source();
    }
    let (what, remedy) = text.split_once("; ").unwrap_or((&text, "restore a backup"));
    Finding::fault(opening.folder.display().to_string(), what, remedy)
}
