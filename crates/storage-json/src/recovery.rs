//! Opens a store as the last run left it.

mod open_errors;

use std::io;
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use roster_domain::{Action, Actor, AuditRecord, User};
use roster_storage::{Change, Guard};

use crate::audit_log::{AUDIT_FILE, newest_number};
use crate::committer::Committer;
use crate::disk::{Disk, read_whole};
use crate::draft::Draft;
use crate::error::OpenError;
use crate::journal::{ApplyError, Journal, Replayed, StoredUnit, replay, settle};
use crate::metrics::Counters;
use crate::opening::Opening;
use crate::projection::{
    AuditFile, DocumentFile, Files, Parsed, ParsedSessions, Projections, Rotate, SESSIONS_FILE, Tail, parse,
    parse_sessions,
};
use crate::state::State;
use crate::upgrade;
use open_errors::{bad_sessions, bad_users, journal_damage, unusable, users_missing};

/// A store without its threads.
pub(crate) struct Opened {
    pub(crate) committer: Committer,
    pub(crate) draft: Draft,
    pub(crate) projections: Projections,
    pub(crate) published: Arc<ArcSwap<State>>,
    pub(crate) counters: Arc<Counters>,
    /// The last number that was found.
    pub(crate) last: u64,
}

/// The content of the files.
struct Read {
    state: State,
    replayed: Replayed,
    is_present: bool,
    is_genuine: bool,
    /// Whether a file has an older format.
    is_older: bool,
    audit_bytes: u64,
    /// The last number that the users file includes.
    checkpoint: u64,
    /// The last number that the sessions file includes.
    sessions_sequence: u64,
}

/// What was found on disk.
struct Found {
    state: State,
    files: Files,
    replayed: Replayed,
    is_genuine: bool,
    is_older: bool,
    /// Whether the audit log is newer than all other files: they were restored from an older backup.
    is_restored: bool,
    /// The last number that the users file includes.
    checkpoint: u64,
}

/// Reads the users file and then the journal. An edit made while Roster was stopped is adopted here.
///
/// # Errors
/// [`OpenError`], each with its remedy.
pub(crate) fn open(disk: &Arc<dyn Disk>, opening: &Opening) -> Result<Opened, OpenError> {
    let mut found = find(&**disk, opening)?;
    if found.replayed.units == 0 || found.is_restored {
        found.state.audit.remove_written(found.files.audit.sequence());
    }
    let counters = Arc::new(Counters::default());
    let published = Arc::new(ArcSwap::from_pointee(found.state));
    let (last, is_older) = (found.replayed.last, found.is_older);
    let adoption = (!found.is_genuine || found.is_restored)
        .then(|| found.replayed.next.max(found.files.audit.sequence() + 1));
    let (journal, files) = match adoption {
        None => (Journal::new(Arc::clone(disk), found.replayed), found.files),
        Some(number) => {
            let audit = record_adoption(&**disk, opening, found.files.audit, number)?;
            let replayed = Replayed { last: number, next: number + 1, ..found.replayed };
            (Journal::new(Arc::clone(disk), replayed), Files { audit, ..found.files })
        }
    };
    let mut projections = Projections::new(Arc::clone(disk), files, found.checkpoint, Arc::clone(&counters));
    let mut committer =
        Committer::new(Arc::clone(disk), journal, Arc::clone(&published), Arc::clone(&counters));
    if adoption.is_some() || is_older {
        let checkpoint = committer.seal();
        projections.project(&checkpoint, Rotate::No).map_err(|error| unusable(opening, error))?;
        committer.remove_through(checkpoint.sealed.through);
    }
    let draft = Draft::new(committer.base());
    Ok(Opened { committer, draft, projections, published, counters, last: adoption.unwrap_or(last) })
}

/// The state on disk, including the journal. Nothing is changed.
///
/// # Errors
/// [`OpenError`], each with its remedy.
pub(crate) fn read_state(disk: &dyn Disk, opening: &Opening) -> Result<State, OpenError> {
    let failed = |source| OpenError::Io { path: opening.folder.clone(), source };
    let mut read = read(disk, opening)?;
    if read.replayed.units == 0 {
        // Records that a server adds later are not part of this state.
        read.state.audit.remove_written(newest_number(disk).map_err(failed)?);
    }
    let is_empty = !read.is_present && read.replayed.units == 0;
    if is_empty && disk.identity(AUDIT_FILE).map_err(failed)?.is_some_and(|file| file.len > 0) {
        return Err(users_missing(opening));
    }
    Ok(read.state)
}

fn read(disk: &dyn Disk, opening: &Opening) -> Result<Read, OpenError> {
    let path = || opening.folder.join(&opening.users_file);
    let parsed = read_users(disk, opening)?;
    let is_present = parsed.is_some();
    let parsed = parsed.unwrap_or(Parsed::NOTHING);
    let is_older = parsed.is_older();
    let Parsed { is_genuine, sequence: checkpoint, audit_bytes, .. } = parsed;
    let mut state = load(parsed).map_err(|fault| OpenError::BadUsers { path: path(), fault })?;
    let sessions = read_sessions(disk, opening)?.unwrap_or_default();
    let sessions_sequence = sessions.sequence;
    if sessions_sequence >= checkpoint {
        sessions.sessions.iter().for_each(|session| state.put_session(session));
    }
    state.audit.remove_written(checkpoint);
    let replayed = replay(disk, checkpoint, &mut |number, body| apply(&mut state, number, body))
        .map_err(|error| journal_damage(opening, error))?;
    if !is_genuine && replayed.units > 0 {
        return Err(OpenError::EditedBeforeSnapshot { path: path(), units: replayed.units });
    }
    let is_older = is_older || replayed.is_older;
    Ok(Read { state, replayed, is_present, is_genuine, is_older, audit_bytes, checkpoint, sessions_sequence })
}

fn find(disk: &dyn Disk, opening: &Opening) -> Result<Found, OpenError> {
    let failed = |source| OpenError::Io { path: opening.folder.clone(), source };
    let read = read(disk, opening)?;
    let Read { mut state, replayed, is_genuine, is_older, checkpoint, sessions_sequence, .. } = read;
    // In an edited file, `audit_bytes` is not trusted.
    let audit_bytes = if is_genuine { read.audit_bytes } else { 0 };
    let audit = |tail| AuditFile::open(disk, audit_bytes, checkpoint, tail).map_err(failed);
    let known = audit(Tail::Kept)?;
    let is_restored = known.sequence() > replayed.last;
    let audit = if replayed.units > 0 && !is_restored { audit(Tail::Rewritten)? } else { known };
    if !read.is_present && replayed.units == 0 && audit.sequence() > 0 {
        return Err(users_missing(opening));
    }
    // A restored journal may start a session again that the sessions file knows to have ended.
    let covers_audit = replayed.units == 0 && sessions_sequence >= audit.sequence();
    let is_current = sessions_sequence >= checkpoint && (!is_restored || covers_audit);
    // It is unknown whose password or status an edit has changed.
    if !is_current || !is_genuine {
        let ended = state.end_sessions();
        let why = if is_genuine { "they are older than the rest" } else { "the users were edited" };
        tracing::warn!(
            file = SESSIONS_FILE,
            ended,
            why,
            "all sessions are ended: everyone has to log in again"
        );
    }
    if is_older {
        keep_older(disk, opening, &replayed).map_err(failed)?;
    }
    settle(disk, &replayed).map_err(failed)?;
    let open = |name: &str, sequence| {
        DocumentFile::clear_leftovers(disk, name, sequence)?;
        DocumentFile::open(disk, name, sequence)
    };
    let users = open(&opening.users_file, checkpoint).map_err(failed)?;
    let sessions = open(SESSIONS_FILE, sessions_sequence).map_err(failed)?;
    let files = Files { users, sessions, audit };
    Ok(Found { state, files, replayed, is_genuine, is_older, is_restored, checkpoint })
}

/// Keeps copies of the files of the older format, since the files are replaced next.
fn keep_older(disk: &dyn Disk, opening: &Opening, replayed: &Replayed) -> io::Result<()> {
    let documents = [opening.users_file.clone(), SESSIONS_FILE.to_owned()];
    let segments = replayed.segments.iter().map(|segment| segment.name.clone());
    upgrade::keep(disk, &documents.into_iter().chain(segments).collect::<Vec<_>>(), 1)
}

/// The users of a users file, without its journal.
///
/// # Errors
/// [`OpenError`], if it is invalid.
pub(crate) fn read_alone(path: &Path, content: &[u8]) -> Result<State, OpenError> {
    load(parse_users(path, content)?).map_err(|fault| OpenError::BadUsers { path: path.to_owned(), fault })
}

fn read_users(disk: &dyn Disk, opening: &Opening) -> Result<Option<Parsed>, OpenError> {
    let path = opening.folder.join(&opening.users_file);
    match read_whole(disk, &opening.users_file) {
        Ok(content) => content.map(|content| parse_users(&path, &content)).transpose(),
        Err(source) => Err(OpenError::Io { path, source }),
    }
}

fn parse_users(path: &Path, content: &[u8]) -> Result<Parsed, OpenError> {
    parse(content).map_err(|error| bad_users(path.to_owned(), &error))
}

/// `None` if there is no such file: then only the sessions in the journal exist.
fn read_sessions(disk: &dyn Disk, opening: &Opening) -> Result<Option<ParsedSessions>, OpenError> {
    let path = opening.folder.join(SESSIONS_FILE);
    let content = match read_whole(disk, SESSIONS_FILE) {
        Ok(content) => content,
        Err(source) => return Err(OpenError::Io { path, source }),
    };
    content.map(|content| parse_sessions(&content)).transpose().map_err(|error| bad_sessions(path, error))
}

/// The state of the users file, if all unique values are unique.
fn load(parsed: Parsed) -> Result<State, String> {
    let mut state = match State::of(&parsed.users) {
        Some(state) => state,
        None => one_by_one(parsed.users)?,
    };
    for account in parsed.service_accounts {
        if state.service_accounts().account(account.id).is_some() {
            return Err(format!("the id {} occurs twice", account.id));
        }
        if let Some(clash) = state.service_accounts().clash(&account) {
            return Err(format!(
                "the service account {} has {} that belongs to another",
                account.id,
                taken(&clash)
            ));
        }
        state.put_service_account(&account);
    }
    Ok(state)
}

/// The state of users in any order, or the first who has the id or a name of another.
fn one_by_one(users: Vec<Arc<User>>) -> Result<State, String> {
    let mut state = State::default();
    for user in users {
        if state.user(user.id).is_some() {
            return Err(format!("the id {} occurs twice", user.id));
        }
        if let Some(clash) = state.clash(&user) {
            return Err(format!("the user {} has {} that belongs to another", user.id, taken(&clash)));
        }
        state.put(&user);
    }
    Ok(state)
}

fn apply(state: &mut State, number: u64, body: &[u8]) -> Result<(), ApplyError> {
    let unit: StoredUnit = serde_json::from_slice(body)?;
    if let Some(record) = unit.audit {
        state.audit.push(number, record);
    }
    for change in unit.changes {
        state.apply(&Change::from(change));
    }
    Ok(())
}

/// Records that an edited users file is adopted.
fn record_adoption(
    disk: &dyn Disk,
    opening: &Opening,
    mut audit: AuditFile,
    number: u64,
) -> Result<AuditFile, OpenError> {
    let record = AuditRecord::new(opening.now, opening.random, Actor::Operator, Action::EditAdopted);
    audit.add(disk, number, &record).map_err(|error| unusable(opening, error))?;
    tracing::warn!(file = %opening.users_file, "adopted an edit of the users file made while Roster was stopped");
    Ok(audit)
}

/// The name of a unique value.
fn taken(clash: &Guard) -> &'static str {
    match clash {
        Guard::UsernameFree(..) => "a username",
        Guard::EmailFree(..) => "an email address",
        Guard::AliasFree(..) => "an old login",
        Guard::ExternalIdFree(..) => "an external id",
        Guard::ServiceAccountNameFree(..) => "a name",
        Guard::ApiKeyPrefixFree(..) => "an API key",
        _ => "something",
    }
}
