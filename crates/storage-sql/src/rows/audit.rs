//! The audit log.

use std::num::NonZeroU32;

use roster_domain::{
    Actor, AuditId, AuditPosition, AuditRecord, Field, JobId, KeyId, Origin, ServiceAccountId, Target,
    UserId, Word,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::sessions::read_ip;
use crate::error::{ColumnError, RowError};
use crate::value::{Columns, Value};

/// The rows of the table `audit`.
#[derive(Clone, Copy, Debug)]
pub struct AuditRow;

impl AuditRow {
    /// The table.
    pub const TABLE: &'static str = "audit";

    /// The number of a record. It comes before [`COLUMNS`](Self::COLUMNS) where a row is read.
    pub const POSITION: &'static str = "seq";

    /// The columns after the number, in the order in which [`read`](Self::read) expects them.
    pub const COLUMNS: [&'static str; 17] = [
        "id",
        "at",
        "actor",
        "actor_id",
        "actor_key",
        "action",
        "target",
        "target_id",
        "target_key",
        "session_id",
        "signing_key",
        "outcome",
        "ip",
        "request_id",
        "os_user",
        "changed",
        "occurrences",
    ];

    /// The values of [`COLUMNS`](Self::COLUMNS).
    #[must_use]
    pub fn values(record: &AuditRecord) -> Vec<Value<'_>> {
        let target = record.target;
        let changed = (!record.changed.is_empty()).then(|| serde_json::to_string(&record.changed).ok());
        vec![
            Value::Id(*record.id.as_uuid()),
            Value::time(record.at),
            Value::text(record.actor.kind()),
            Value::OptionalId(record.actor.id()),
            Value::OptionalId(record.actor.key().map(|key| *key.as_uuid())),
            Value::text(record.action.as_str()),
            Value::optional_text(target.map(Target::kind)),
            // A job is a target without a kind. Earlier versions read that as no target, and reject unknown kinds.
            Value::OptionalId(target.map(Target::id).or(record.job.map(|job| *job.as_uuid()))),
            Value::OptionalId(target.and_then(Target::key).map(|key| *key.as_uuid())),
            Value::OptionalId(record.session.map(|session| *session.as_uuid())),
            Value::optional_text(record.signing_key.as_ref().map(KeyId::as_str)),
            Value::text(record.outcome.as_str()),
            Value::optional_text(record.origin.ip.map(|ip| ip.to_string())),
            Value::optional_text(record.origin.request_id.as_ref().map(roster_domain::RequestId::as_str)),
            Value::optional_text(record.origin.os_user.as_ref().map(roster_domain::OsUser::as_str)),
            Value::optional_text(changed.flatten()),
            Value::Number(i64::from(record.count.get())),
        ]
    }

    /// Reads the number of a record and the record.
    ///
    /// # Errors
    /// [`RowError`] names the record and the column.
    pub fn read(columns: &mut impl Columns) -> Result<(AuditPosition, AuditRecord), RowError> {
        let number =
            columns.counter(Self::POSITION).map_err(|error| RowError::new(Self::TABLE, "?", error))?;
        let record = Self::read_record(columns).map_err(|error| RowError::new(Self::TABLE, number, error))?;
        Ok((AuditPosition::from(number), record))
    }

    fn read_record(columns: &mut impl Columns) -> Result<AuditRecord, ColumnError> {
        let (id, at) = (AuditId::from(columns.id("id")?), columns.time("at")?);
        let (actor, action) = (read_actor(columns)?, columns.parsed("action")?);
        let (target, job) = read_target(columns)?;
        Ok(AuditRecord {
            id,
            at,
            actor,
            action,
            target,
            job,
            session: columns.optional_id("session_id")?.map(Into::into),
            signing_key: columns.optional_parsed("signing_key")?,
            outcome: columns.parsed("outcome")?,
            origin: Origin {
                ip: read_ip(columns, "ip")?,
                request_id: columns.optional_parsed("request_id")?,
                os_user: columns.optional_parsed("os_user")?,
            },
            changed: read_changed(columns)?,
            count: u32::try_from(columns.number("occurrences")?)
                .ok()
                .and_then(NonZeroU32::new)
                .ok_or_else(|| ColumnError::new("occurrences", "this is 1 to 4294967295"))?,
        })
    }
}

fn read_actor(columns: &mut impl Columns) -> Result<Actor, ColumnError> {
    let kind = columns.text("actor")?;
    let (id, key) = (columns.optional_id("actor_id")?, columns.optional_id("actor_key")?);
    let present = |column, id: Option<Uuid>| {
        id.ok_or_else(|| ColumnError::new(column, "an actor of this kind has an id here"))
    };
    match kind.as_str() {
        "anonymous" => Ok(Actor::Anonymous),
        "operator" => Ok(Actor::Operator),
        "system" => Ok(Actor::System),
        "user" => Ok(Actor::User(UserId::from(present("actor_id", id)?))),
        "service_account" => {
            let (id, key) = (present("actor_id", id)?, present("actor_key", key)?);
            Ok(Actor::ServiceAccount { id: id.into(), key: key.into() })
        }
        other => Err(ColumnError::new("actor", format!("there is no such kind: {other:?}"))),
    }
}

/// The target, or the job, which has no kind.
fn read_target(columns: &mut impl Columns) -> Result<(Option<Target>, Option<JobId>), ColumnError> {
    let kind = columns.optional_text("target")?;
    let (id, key) = (columns.optional_id("target_id")?, columns.optional_id("target_key")?);
    let Some(kind) = kind else { return Ok((None, id.map(JobId::from))) };
    let id = id.ok_or_else(|| ColumnError::new("target_id", "a target has an id here"))?;
    let target = match kind.as_str() {
        "user" => Target::User(UserId::from(id)),
        "service_account" => {
            Target::ServiceAccount { id: ServiceAccountId::from(id), key: key.map(Into::into) }
        }
        other => return Err(ColumnError::new("target", format!("there is no such kind: {other:?}"))),
    };
    Ok((Some(target), None))
}

fn read_changed(columns: &mut impl Columns) -> Result<Vec<Word<Field>>, ColumnError> {
    let stored = columns.optional_text("changed")?;
    stored.map_or_else(|| Ok(Vec::new()), |text| json("changed", &text))
}

fn json<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, ColumnError> {
    serde_json::from_str(text).map_err(|error| ColumnError::new(column, error))
}
