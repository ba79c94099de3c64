//! Checks a database without changing it.

use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use roster_storage::{Examination, Finding, Holder};
use roster_storage_sql::statements;
use rusqlite::Connection;

use crate::connection::{Purpose, open, remove_log_at_the_end};
use crate::error::OpenError;
use crate::failure::Failure;
use crate::lock::{DatabaseLocation, Lock};
use crate::opening::{database_error, migration_error};
use crate::settings::SqliteStoreSettings;
use crate::{audit, migrations, restore, service_accounts, sessions, users};

statements! {
    /// What SQLite says about the structure; `ok`, or a line for each fault.
    CHECK = "PRAGMA quick_check(5)";
    STRAY_NAMES = "SELECT count(*) FROM login_names l WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = l.user_id)";
    NAMELESS = "SELECT count(*) FROM users u WHERE NOT EXISTS
        (SELECT 1 FROM login_names l WHERE l.name = u.username_key AND l.user_id = u.id)";
    STRAY_SESSIONS = "SELECT count(*) FROM sessions s WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = s.user_id)";
}

/// So many rows are read at once.
const PIECE: usize = 1_000;
const CACHE_KIB: u32 = 8 * 1024;
const RESTORE: &str = "restore a backup: roster restore FILE --replace";

/// Checks the files of a store and every row: whether they are readable and consistent, and who can read them. It takes no
/// lock and changes nothing, so it works while a server is running. It blocks.
///
/// # Errors
/// [`OpenError`], if the path names no file.
pub fn examine(settings: &SqliteStoreSettings) -> Result<Examination, OpenError> {
    let place = DatabaseLocation::of(&settings.path)?;
    let holder = match Lock::share(&place) {
        Err(OpenError::Held { .. }) => Holder::Process,
        Ok(_) | Err(_) => Holder::Nobody,
    };
    let mut findings = Vec::new();
    check_files(&place, holder, &mut findings);
    if place.file.is_file() {
        check_database(&place, &mut findings);
    } else {
        let remedy = "run this where the server runs, or name its settings with --config";
        findings.push(Finding::fault(place.file.display().to_string(), "there is no store", remedy));
    }
    Ok(Examination { findings, holder })
}

fn check_files(place: &DatabaseLocation, holder: Holder, findings: &mut Vec<Finding>) {
    let mode = |path: &Path| fs::metadata(path).map(|found| found.permissions().mode()).ok();
    let private = |path: PathBuf, forbidden: u32, what: &str, right: &str| {
        let here = path.display().to_string();
        let remedy = format!("chmod {right} \"{here}\"");
        mode(&path).filter(|mode| mode & forbidden != 0).map(|_| Finding::fault(here, what, remedy))
    };
    findings.extend(private(place.folder.clone(), 0o022, "others may create and remove files here", "700"));
    for suffix in ["", "-wal", "-shm", ".lock"] {
        findings.extend(private(place.beside(suffix), 0o077, "others may read or write it", "600"));
    }
    // A restore that replaces the database gives it a second name for a moment.
    if restore::is_at_rest(place)
        && let Err(error) = place.refuse_second_name()
    {
        findings.push(of_error(place, &error));
    }
    if holder == Holder::Nobody && restore::is_unfinished(place) {
        let what = "a restore was interrupted while it put the backup in its place";
        let here = place.folder.display().to_string();
        findings.push(Finding::fault(here, what, "start Roster: it completes the restore"));
    }
}

fn check_database(place: &DatabaseLocation, findings: &mut Vec<Finding>) {
    let has_log = place.has_log();
    let checked = open(&place.file, Purpose::Read, CACHE_KIB)
        .map_err(|error| database_error(place, error))
        .and_then(|connection| {
            let lacking = migrations::lacking(&connection).map_err(|error| migration_error(place, error))?;
            if lacking.is_empty() {
                Ok(connection)
            } else {
                Err(OpenError::NotMigrated { path: place.file.clone() })
            }
        });
    match checked {
        Ok(connection) => {
            let here = place.file.display().to_string();
            findings.extend(
                structure(&connection, &here).unwrap_or_else(|failure| vec![unreadable(&here, &failure)]),
            );
            if let Err(failure) = read_everything(&connection) {
                findings.push(unreadable(&here, &failure));
            }
            if !has_log {
                remove_log_at_the_end(&connection);
            }
        }
        Err(error) => findings.push(of_error(place, &error)),
    }
}

fn structure(connection: &Connection, here: &str) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    let mut statement = connection.prepare(CHECK.text())?;
    for line in statement.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            findings.push(Finding::fault(here, format!("the database is damaged: {line}"), RESTORE));
        }
    }
    for (sql, what) in [
        (&STRAY_NAMES, "login names belong to nobody"),
        (&NAMELESS, "users cannot be found by their username"),
        (&STRAY_SESSIONS, "sessions belong to nobody"),
    ] {
        let count: i64 = connection.query_row(sql.text(), [], |row| row.get(0))?;
        if count > 0 {
            findings.push(Finding::fault(here, format!("{count} {what}"), RESTORE));
        }
    }
    Ok(findings)
}

/// Reads every row through the constructors of the domain.
fn read_everything(connection: &Connection) -> Result<(), Failure> {
    let mut last = None;
    while let Some(user) = users::users_after(connection, last, PIECE)?.last() {
        last = Some(user.id);
    }
    let mut last = None;
    while let Some(account) = service_accounts::accounts_after(connection, last, PIECE)?.last() {
        last = Some(account.id);
    }
    let mut last = None;
    while let Some(session) = sessions::sessions_after(connection, last, PIECE)?.last() {
        last = Some(session.id);
    }
    let mut last = 0;
    while let Some((number, _)) = audit::records_after(connection, last, PIECE)?.last() {
        last = i64::try_from(number.get()).unwrap_or(i64::MAX);
    }
    Ok(())
}

fn unreadable(here: &str, failure: &Failure) -> Finding {
    Finding::fault(here, chain(failure), RESTORE)
}

/// The message of an error says what is wrong and, after a semicolon, what to do.
fn of_error(place: &DatabaseLocation, error: &OpenError) -> Finding {
    let text = chain(error);
    let (what, remedy) = text.split_once("; ").unwrap_or((&text, RESTORE));
    let here = match error {
        OpenError::Io { source, .. } if source.kind() == ErrorKind::NotFound => &place.folder,
        _ => &place.file,
    };
    Finding::fault(here.display().to_string(), what, remedy)
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text} ({source})");
        cause = source.source();
    }
    text
}
