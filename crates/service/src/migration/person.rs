//! Reads the person in an answer, by the rules of an import, and decides whether the answer may be used.

use parking_lot::Mutex;
use roster_domain::{EmailAddress, Login, PendingReason, RoleSet, Status, User};
use roster_import::{
    ImportFile, ImportReader, Message, NameHasher, Names, ParsedRecord, Person, ReadError, ReadRecord,
    RecordSink, Refusal, SinkClosed, Survey, UsernameOrigin,
};
use std::io::Cursor;
use std::sync::Arc;
use thiserror::Error;

/// Why an answer is not used although the password is right.
#[derive(Debug, Error)]
pub(super) enum Unusable {
    /// It is not what an import can read.
    #[error("the user in the answer cannot be read: {0}")]
    Unreadable(#[from] ReadError),
    /// It is not exactly one person.
    #[error("the user in the answer is not one person")]
    NotOne,
    /// An import would refuse the person.
    #[error("the user in the answer is not imported: {0}")]
    Refused(#[from] Refusal),
    /// The login name that was asked about is not among the names of the person.
    #[error("the user in the answer does not have the login name that was asked about")]
    AnotherLogin,
    /// The person is not the user who is here under this login name.
    #[error("the user in the answer is not the one who has this login name here")]
    AnotherUser,
    /// The person may not log in to the old system.
    #[error("the user in the answer is not active in the old system")]
    NotActive,
    /// Somebody here has the id of the person already.
    #[error("the user in the answer is here already, with another login name")]
    HereAlready,
}

/// A person who was read, with what deciding about them needs.
pub(super) struct ReadPerson {
    pub(super) record: ReadRecord,
    pub(super) survey: Arc<Survey>,
    pub(super) hasher: NameHasher,
}

/// Reads one record. Blocks for some milliseconds if it has a hash, whose cost is measured.
pub(super) fn read(reader: &ImportReader, hasher: NameHasher, user: &str) -> Result<ReadPerson, Unusable> {
    let sink = Collected::default();
    let source = Box::new(Cursor::new(format!("[{user}]").into_bytes()));
    reader.run(vec![ImportFile { name: None, source }], &sink)?;
    let (mut survey, mut records) = (None, Vec::new());
    for message in std::mem::take(&mut *sink.0.lock()) {
        match message {
            Message::Surveyed(found, _) => survey = Some(found),
            Message::Records(found) => records.extend(found),
        }
    }
    match (survey, records.pop()) {
        (Some(survey), Some(record)) if records.is_empty() => Ok(ReadPerson { record, survey, hasher }),
        _ => Err(Unusable::NotOne),
    }
}

/// Keeps what a reader sends.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<Message>>>);

impl RecordSink for Collected {
    fn send(&self, message: Message) -> Result<(), SinkClosed> {
        self.0.lock().push(message);
        Ok(())
    }

    fn is_closed(&self) -> bool {
        false
    }
}

/// Checks that the person has the login name that was asked about and may log in, and takes from the record what an
/// answer does not decide: the roles and the status.
pub(super) fn accept(record: &mut ParsedRecord, login: &Login) -> Result<(), Unusable> {
    let person = &mut record.person;
    if !has_login(person, login) {
        return Err(Unusable::AnotherLogin);
    }
    if !may_log_in(person) {
        return Err(Unusable::NotActive);
    }
    person.roles = RoleSet::ordinary();
    person.status = Status::Active;
    Ok(())
}

/// Whether a login name is one of the person's own. A username that the import made up is not.
fn has_login(person: &Person, login: &Login) -> bool {
    let names = &person.names;
    let is_own = names.username.origin == UsernameOrigin::Verbatim;
    let email = names.email.as_ref().map(EmailAddress::key);
    is_own && login.username() == Some(names.username.base.key())
        || email.is_some() && login.email() == email
        || names.login_alias.as_ref().is_some_and(|alias| alias.key() == login.alias())
}

/// Whether an import would make the person active, or pending only because the answer has no password hash.
fn may_log_in(person: &Person) -> bool {
    let settled = Status::Pending { reasons: PendingReason::NoPassword.into() };
    person.status == Status::Active || person.status == settled
}

/// Checks that the person is the pending `user`: an id or an address that both have must be the same. The login name alone
/// does not say so, because the import may have made the username up, and somebody else may have it in the old system.
pub(super) fn require_same(person: &Person, user: &User) -> Result<(), Unusable> {
    let names = &person.names;
    let both_ids = names.external_id.as_ref().zip(user.external_id.as_ref());
    let both_emails = names.email.as_ref().zip(user.email.as_ref());
    // Without an id, an import takes a name as the id.
    let is_made_up =
        |id: &str| Some(id) == names.email.as_ref().map(EmailAddress::as_str) || is_name(names, id);
    let is_same = match (both_ids, both_emails) {
        _ if names.kept_id == Some(user.id) => true,
        (Some((theirs, ours)), _) if theirs == ours => true,
        (_, Some((theirs, ours))) => theirs.key() == ours.key(),
        (Some((theirs, _)), None) => is_made_up(theirs.as_str()),
        (None, None) => true,
    };
    if is_same { Ok(()) } else { Err(Unusable::AnotherUser) }
}

fn is_name(names: &Names, id: &str) -> bool {
    let login = Login::new(id);
    login.username() == Some(names.username.base.key())
        || names.login_alias.as_ref().is_some_and(|alias| alias.key() == login.alias())
}
