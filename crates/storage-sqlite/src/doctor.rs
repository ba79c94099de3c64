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
use crate::copy::refuse_incomplete;
use crate::error::OpenError;
use crate::failure::Failure;
use crate::lock::{DatabaseLocation, Lock};
use crate::opening::{database_error, migration_error};
use crate::settings::SqliteStoreSettings;
use crate::{audit, copy, migrations, restore, service_accounts, sessions, users};

statements! {
    /// What SQLite says about the structure; `ok`, or a line for each fault.
    CHECK = "PRAGMA quick_check(5)";
    STRAY_NAMES = "SELECT count(*) FROM login_names l WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = l.user_id)";
    NAMELESS = "SELECT count(*) FROM users u WHERE NOT EXISTS
        (SELECT 1 FROM login_names l WHERE l.name = u.username_key AND l.user_id = u.id)";
    /// Whether there are users, and none of them is an active administrator.
    LACKS_ADMIN = "SELECT EXISTS (SELECT 1 FROM users u)
        AND NOT EXISTS (SELECT 1 FROM users u WHERE u.active_admin = 1)";
    /// API keys whose creators no longer exist, with the names of their accounts.
    IDLE_KEYS = "SELECT k.prefix, a.name FROM api_keys k JOIN service_accounts a ON a.id = k.account_id
        WHERE json_type(k.created_by) = 'object' AND NOT EXISTS (SELECT 1 FROM users u
            WHERE u.id = unhex(replace(json_extract(k.created_by, '$.user'), '-', '')))
        ORDER BY k.prefix";
    STRAY_SESSIONS = "SELECT count(*) FROM sessions s WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = s.user_id)";
}

/// So many rows are read at once.
const PIECE: usize = 1_000;
const CACHE_KIB: u32 = 8 * 1024;
const RESTORE: &str = "restore a backup: roster restore FILE --replace";
/// For a store that a restore cannot compare with the backup.
const RESTORE_ANEW: &str = "move it away, with the files beside it whose names end with -wal and -shm, and restore a backup: \
    roster restore FILE; revoked sessions and API keys in the backup then work again";

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
    if let Err(error) = refuse_incomplete(&place) {
        findings.push(of_error(&place, &error));
    } else if place.file.is_file() {
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
    } else if holder == Holder::Nobody && !restore::is_at_rest(place) {
        let here = restore::staging(place).display().to_string();
        let remedy = "nothing: the next start removes it";
        findings.push(Finding::note(here, "the remains of an interrupted restore", remedy));
    }
    if let Some(folder) = copy::remains(place) {
        let remedy = "it contains password hashes: delete it when no `roster copy` runs";
        findings.push(Finding::note(
            folder.display().to_string(),
            "the remains of an interrupted copy",
            remedy,
        ));
    }
    check_replaced(place, findings);
}

/// Stores that a backup has replaced.
fn check_replaced(place: &DatabaseLocation, findings: &mut Vec<Finding>) {
    let entries = fs::read_dir(&place.folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    for name in names.iter().filter(|name| name.starts_with("replaced-")) {
        let path = place.folder.join(name);
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        let here = path.display().to_string();
        if found.is_dir() && found.permissions().mode() & 0o077 != 0 {
            let (what, remedy) = ("others may enter it, and it contains password hashes", "chmod 700");
            findings.push(Finding::fault(&here, what, format!("{remedy} \"{here}\"")));
        }
        let remedy = "it contains password hashes: delete it when you no longer need it";
        findings.push(Finding::note(here, "a store that a backup has replaced", remedy));
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
            check_content(&connection, &here, findings);
            if !has_log {
                remove_log_at_the_end(&connection);
            }
        }
        Err(error) => findings.push(of_error(place, &error)),
    }
}

/// A damaged file is reported once: whatever reads it then fails too.
fn check_content(connection: &Connection, here: &str, findings: &mut Vec<Finding>) {
    let damage = damage(connection, here).unwrap_or_else(|failure| vec![unreadable(here, &failure)]);
    if !damage.is_empty() {
        findings.extend(damage);
        return;
    }
    findings.extend(relations(connection, here).unwrap_or_else(|failure| vec![unreadable(here, &failure)]));
    if let Err(failure) = read_everything(connection) {
        findings.push(unreadable(here, &failure));
    }
}

/// What SQLite says of the structure of the file.
fn damage(connection: &Connection, here: &str) -> Result<Vec<Finding>, Failure> {
    let mut statement = connection.prepare(CHECK.text())?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let of_line = |line| Finding::fault(here, format!("the database is damaged: {line}"), RESTORE_ANEW);
    Ok(lines.into_iter().filter(|line| line != "ok").map(of_line).collect())
}

/// Whether the rows fit together.
fn relations(connection: &Connection, here: &str) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    if connection.query_row(LACKS_ADMIN.text(), [], |row| row.get(0))? {
        findings.push(Finding::no_active_admin(here));
    }
    let mut statement = connection.prepare(IDLE_KEYS.text())?;
    let keys = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    for key in keys {
        let (prefix, name) = key?;
        findings.push(Finding::key_without_creator(here, &prefix, &name));
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
    Finding::fault(here, chain(failure), RESTORE_ANEW)
}

/// The message of an error says what is wrong and, after a semicolon, what to do.
fn of_error(place: &DatabaseLocation, error: &OpenError) -> Finding {
    let message = error.to_string();
    let (what, remedy) = message.split_once("; ").unwrap_or((&message, RESTORE_ANEW));
    let here = match error {
        OpenError::Io { source, .. } if source.kind() == ErrorKind::NotFound => &place.folder,
        _ => &place.file,
    };
    Finding::fault(here.display().to_string(), with_causes(what, error), remedy)
}

fn chain(error: &dyn Error) -> String {
    with_causes(&error.to_string(), error)
}

fn with_causes(what: &str, error: &dyn Error) -> String {
    let mut text = what.to_owned();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text} ({source})");
        cause = source.source();
    }
    text
}
