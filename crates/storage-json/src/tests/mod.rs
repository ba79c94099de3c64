//! The engine on a failing disk.

mod concurrent_commits;
mod edits;
mod lists;
mod oracle;
mod power_cut;
mod preallocation;
mod replay;
mod rotation;
mod service_accounts;
mod sessions;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use roster_domain::{
    Action, Actor, AuditQuery, AuditRecord, DisplayName, Limit, RefreshChain, SealedToken, Session,
    SessionId, SessionLifetime, Target, TokenDigest, User, fixtures,
};
use roster_storage::{Change, Guard, Maintenance, UnitOfWork};

use crate::audit_log;
use crate::disk::Disk;
use crate::disk::simulated::SimulatedDisk;
use crate::draft::{Draft, DraftedGroup, Prepared};
use crate::error::OpenError;
use crate::opening::Opening;
use crate::projection::Rotate;
use crate::recovery::{Opened, open};

const USERS: &str = "users.json";
const AUDIT: &str = "audit.ndjson";

pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds.try_into().unwrap())
}

fn random(number: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    bytes
}

pub(crate) fn person(number: u64) -> User {
    fixtures::user(number.try_into().unwrap())
}

/// The record of the unit with this number. Records of different units differ.
pub(crate) fn record(action: Action, target: impl Into<Target>, number: u64) -> AuditRecord {
    let record = AuditRecord::new(at(number), random(number), Actor::System, action);
    AuditRecord { target: Some(target.into()), ..record }
}

pub(crate) fn creation(user: &User, number: u64) -> UnitOfWork {
    UnitOfWork::audited(record(Action::UserCreated, user.id, number))
        .require_names_free(user)
        .write(Change::PutUser(Arc::new(user.clone())))
}

/// The next version of the user, named after the unit.
fn renamed(user: &User, number: u64) -> User {
    let display_name = DisplayName::new(format!("Number {number}")).ok();
    user.clone().touched(at(number)).with(|user| user.display_name = display_name)
}

fn update(before: &User, after: &User, number: u64) -> UnitOfWork {
    UnitOfWork::audited(record(Action::UserUpdated, before.id, number))
        .require(Guard::UserVersion(before.id, before.version))
        .write(Change::PutUser(Arc::new(after.clone())))
}

fn removal(user: &User, number: u64) -> UnitOfWork {
    UnitOfWork::audited(record(Action::UserDeleted, user.id, number))
        .require(Guard::UserVersion(user.id, user.version))
        .write(Change::RemoveUser(user.id))
}

const LIFETIME: SessionLifetime =
    SessionLifetime { idle: SignedDuration::from_hours(1), absolute: SignedDuration::from_hours(9) };

fn token(number: u64) -> TokenDigest {
    TokenDigest::of(&number.to_be_bytes())
}

/// A login of the user. The number determines the session and its refresh token.
fn login(user: &User, number: u64) -> UnitOfWork {
    let chain = RefreshChain::new(TokenDigest::of(&random(number)), token(number));
    let id = SessionId::new(at(number), random(number));
    let session = Session::begin(id, user.id, chain, LIFETIME, at(number));
    UnitOfWork::audited(record(Action::LoggedIn, user.id, number))
        .require(Guard::UserVersion(user.id, user.version))
        .write(Change::PutSession(Arc::new(session)))
}

/// The session refreshed to the refresh token with this number.
fn refresh(session: &Session, number: u64) -> UnitOfWork {
    let grace = roster_domain::Grace { length: SignedDuration::ZERO, since: at(0) };
    let (next, sealed) = (token(number), SealedToken::new([1; 8]));
    let chain = session.refresh.clone().rotated(next, sealed, at(number), grace);
    UnitOfWork::audited(record(Action::SessionRefreshed, session.user, number))
        .require(Guard::RefreshTokenLive(session.id, session.refresh.current))
        .write(Change::PutSession(Arc::new(Session { refresh: chain, ..session.clone() })))
}

fn logout(session: &Session, number: u64) -> UnitOfWork {
    UnitOfWork::audited(record(Action::SessionRevoked, session.user, number))
        .write(Change::RemoveSession(session.id))
}

fn logout_elsewhere(session: &Session, number: u64) -> UnitOfWork {
    UnitOfWork::audited(record(Action::SessionsRevoked, session.user, number))
        .write(Change::RemoveSessionsOf { user: session.user, keep: Some(session.id) })
}

fn seen(session: &Session, number: u64) -> UnitOfWork {
    let seen = session.clone().seen(None, LIFETIME, at(number));
    UnitOfWork::maintenance(Maintenance::SessionSeen(Arc::new(seen)))
}

pub(crate) fn opened(disk: &SimulatedDisk) -> Result<Opened, OpenError> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let opening = Opening {
        folder: PathBuf::from("data"),
        users_file: USERS.to_owned(),
        now: at(1_000),
        random: [9; 10],
    };
    open(&disk, &opening)
}

/// Commits units that must all succeed.
fn commit(store: &mut Opened, units: impl IntoIterator<Item = UnitOfWork>) {
    let group = drafted(&mut store.draft, units);
    for outcome in store.committer.commit(group).outcomes {
        outcome.unwrap();
    }
}

/// The units as a group that builds on everything drafted before.
fn drafted(draft: &mut Draft, units: impl IntoIterator<Item = UnitOfWork>) -> DraftedGroup {
    for unit in units {
        draft.add(Prepared::new(unit).unwrap());
    }
    draft.take()
}

/// Writes all projections, like the projector.
fn snapshot(store: &mut Opened) {
    let checkpoint = store.committer.seal();
    store.projections.project(&checkpoint, Rotate::No).unwrap();
    remove_through(store, checkpoint.sealed.through);
}

/// What the writer does once the projections include everything up to `through`.
fn remove_through(store: &mut Opened, through: u64) {
    store.committer.remove_through(through);
    store.draft.remove_written(through);
}

/// The number and the id of every record in the audit log.
fn audit_log(disk: &SimulatedDisk) -> Vec<(u64, String)> {
    let archives = audit_log::archives(disk).unwrap().into_iter().map(|archive| archive.name);
    let files = archives.chain([AUDIT.to_owned()]);
    let content: Vec<_> = files.flat_map(|name| disk.content(&name).unwrap_or_default()).collect();
    let lines = content.split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| {
            assert!(line.ends_with(b"\n"), "half a line in the audit log");
            let line: serde_json::Value = serde_json::from_slice(line).unwrap();
            (line["sequence"].as_u64().unwrap(), line["id"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// The id of every record that a reader of the store sees, page by page.
fn audit_read(disk: &SimulatedDisk, store: &Opened, limit: u64) -> Vec<String> {
    let tail = store.published.load().audit.clone();
    let mut query = AuditQuery { limit: Limit::new(limit).unwrap(), ..AuditQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = audit_log::page(disk, &tail, &query).unwrap();
        seen.extend(page.items.iter().map(|record| record.id.to_string()));
        query.before = page.next;
        if query.before.is_none() {
            return seen;
        }
    }
}
