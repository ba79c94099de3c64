//! The files of a store that is being restored.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Seek as _, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

use roster_domain::{AuditRecord, ServiceAccount, Session, User};
use roster_storage::{Guard, RestoreError, StoredItem};
use serde::{Deserialize, Serialize};

use super::folders::{create, make_private_folder, sync};
use crate::audit_log::AUDIT_FILE;
use crate::projection::{AuditLine, LAST_NUMBER, SESSIONS_FILE, write_sessions, write_users};
use crate::state::State;

/// Users and sessions are kept in memory, as in the engine; the audit log is written as it arrives.
pub(crate) struct Staging {
    folder: PathBuf,
    state: State,
    audit: BufWriter<File>,
    written: AuditEnd,
}

/// How far the audit log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuditEnd {
    /// The length of the file.
    pub(crate) audit_bytes: u64,
    /// The number of the last record.
    pub(crate) sequence: u64,
}

impl Staging {
    /// Starts empty, in a folder that does not exist yet.
    pub(crate) fn begin(folder: PathBuf) -> io::Result<Self> {
        make_private_folder(&folder)?;
        let audit = BufWriter::new(create(&folder.join(AUDIT_FILE))?);
        Ok(Self { folder, state: State::default(), audit, written: AuditEnd::default() })
    }

    /// Goes on with the audit log in a folder, up to this end. Nothing else is read from it.
    pub(crate) fn resume(folder: PathBuf, written: AuditEnd) -> io::Result<Self> {
        let mut audit = File::options().append(true).open(folder.join(AUDIT_FILE))?;
        if audit.metadata()?.len() < written.audit_bytes {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        audit.set_len(written.audit_bytes)?;
        audit.seek(SeekFrom::End(0))?;
        Ok(Self { folder, state: State::default(), audit: BufWriter::new(audit), written })
    }

    /// Syncs the audit log, and returns how far it is written.
    pub(crate) fn sync_audit(&mut self) -> io::Result<AuditEnd> {
        self.audit.flush()?;
        self.audit.get_ref().sync_all()?;
        Ok(self.written)
    }

    pub(crate) fn add(&mut self, item: &StoredItem) -> Result<(), RestoreError> {
        match item {
            StoredItem::User(user) => self.add_user(user),
            StoredItem::ServiceAccount(account) => self.add_account(account),
            StoredItem::Session(session) => self.add_session(session),
            StoredItem::Audit(position, record) => self.add_record(position.get(), record),
        }
    }

    /// Writes what is in memory, syncs everything, and returns the names of the files.
    pub(crate) fn finish(mut self, users_file: &str) -> io::Result<Vec<String>> {
        let AuditEnd { audit_bytes, sequence } = self.sync_audit()?;
        let state = &self.state;
        self.write(SESSIONS_FILE, &|out| write_sessions(out, sequence, state))?;
        self.write(users_file, &|out| write_users(out, sequence, audit_bytes, state))?;
        sync(&self.folder)?;
        Ok([AUDIT_FILE, SESSIONS_FILE, users_file].map(str::to_owned).to_vec())
    }

    fn write(&self, name: &str, content: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut file = create(&self.folder.join(name))?;
        content(&mut file)?;
        file.sync_all()
    }

    fn add_user(&mut self, user: &Arc<User>) -> Result<(), RestoreError> {
        if self.state.user(user.id).is_some() {
            return Err(twice("user", user.id));
        }
        reject_clash(self.state.clash(user), || format!("user {}", user.id))?;
        self.state.put(user);
        Ok(())
    }

    fn add_account(&mut self, account: &Arc<ServiceAccount>) -> Result<(), RestoreError> {
        if self.state.service_accounts().account(account.id).is_some() {
            return Err(twice("service account", account.id));
        }
        reject_clash(self.state.service_accounts().clash(account), || {
            format!("service account {}", account.id)
        })?;
        self.state.put_service_account(account);
        Ok(())
    }

    fn add_session(&mut self, session: &Arc<Session>) -> Result<(), RestoreError> {
        if self.state.user(session.user).is_none() {
            return Err(RestoreError::Order(format!("session {} has no user", session.id)));
        }
        let sessions = self.state.sessions();
        if sessions.get(session.id).is_some() || sessions.by_family(session.refresh.family).is_some() {
            return Err(twice("session", session.id));
        }
        self.state.put_session(session);
        Ok(())
    }

    fn add_record(&mut self, sequence: u64, record: &AuditRecord) -> Result<(), RestoreError> {
        if sequence > LAST_NUMBER {
            return Err(RestoreError::Order(format!(
                "audit record {} has the number {sequence}, which Roster never assigns",
                record.id
            )));
        }
        if sequence <= self.written.sequence {
            return Err(RestoreError::Order(format!("audit record {} is out of order", record.id)));
        }
        let unavailable = |error: io::Error| RestoreError::Unavailable(Box::new(error));
        let mut line =
            serde_json::to_vec(&AuditLine { sequence, record }).map_err(|error| unavailable(error.into()))?;
        line.push(b'\n');
        self.audit.write_all(&line).map_err(unavailable)?;
        self.written = AuditEnd { audit_bytes: self.written.audit_bytes + line.len() as u64, sequence };
        Ok(())
    }
}

fn reject_clash(clash: Option<Guard>, item: impl Fn() -> String) -> Result<(), RestoreError> {
    clash.map_or(Ok(()), |taken| Err(RestoreError::Clash { item: item(), taken }))
}

fn twice(kind: &str, id: impl std::fmt::Display) -> RestoreError {
    RestoreError::Order(format!("{kind} {id} occurs twice"))
}
