//! The audit log.

use super::values::{
    CursorText, Nullable, NullableId, NullableText, Rfc3339, Serialized, serialized_by_fields,
};
use super::words::{FieldNames, ShownWord};
use crate::openapi::schema::{nullable, schema};
use paperclip::actix::Apiv2Schema;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_domain::{
    Action, Actor, AuditId, AuditRecord, KeyId, Outcome, RequestId, Target, UserId, Username,
};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// A record of the audit log, as clients see it.
pub(crate) struct AuditRecordView(NamedRecord);

/// A record, with the usernames of its users if they were requested.
struct NamedRecord {
    record: Arc<AuditRecord>,
    names: Option<Names>,
}

/// The usernames of a record's actor and target; `None` for deleted users and for anyone who is not a user.
struct Names {
    actor: Option<Username>,
    target: Option<Username>,
}

/// Who did what to whom, when, from where, and with which outcome.
///
/// Users appear by id and fields without their values, because the record stays when the user is deleted.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "AuditRecord",
    example = r#"{
        "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "at": "2026-03-01T09:30:00.000000Z",
        "actor": {"kind": "user", "id": "0198d7a2-1c11-7a90-8a55-0c2f6a1b9e77", "api_key": null},
        "action": "user_updated",
        "target": {"kind": "user", "id": "0198d7a2-44d0-7f12-b3a6-9f8e2d7c6b5a", "api_key": null},
        "session": null, "signing_key": null, "job": null, "outcome": "success", "ip": "203.0.113.9", "request_id": "7f3c9a51-1",
        "os_user": null,
        "changed": ["roles"], "count": 1
    }"#
)]
struct AuditFields<'a> {
    /// Identifies the record.
    id: Serialized<'a, AuditId>,
    /// When the action took place. Records are in commit order, which is almost the order of their times.
    at: Rfc3339,
    /// Who did it.
    actor: ActorView,
    // No doc comment: paperclip would use it instead of the description of the schema.
    action: ShownWord<'a, Action>,
    // No doc comment, as above.
    target: MaybeTarget,
    /// The session concerned, or null.
    session: NullableId,
    /// The `kid` of the key for access tokens concerned, or null.
    signing_key: MaybeKid<'a>,
    /// The job concerned, or null.
    job: NullableId,
    // No doc comment, as above.
    outcome: ShownWord<'a, Outcome>,
    /// The client's address, behind trusted proxies; null if there was no client.
    ip: Nullable<'a, IpAddr>,
    /// The request's `X-Request-Id`; null if there was no request.
    request_id: Nullable<'a, RequestId>,
    /// The operating-system account that ran the command; null if it was not a command.
    os_user: NullableText,
    /// The names of the fields that changed.
    changed: FieldNames<'a>,
    /// How often it happened: repeated failures can be counted in one record.
    count: u32,
}

/// Who did it.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "AuditActor",
    example = r#"{"kind": "user", "id": "0198d7a2-1c11-7a90-8a55-0c2f6a1b9e77", "api_key": null}"#
)]
pub(crate) struct ActorView {
    /// `user`; `service_account`; `anonymous`, an unauthenticated client; `operator`, the command line; `system`, Roster
    /// itself.
    kind: Kind,
    /// The id; null for kinds without ids.
    id: NullableId,
    /// The id of the API key that a service account used, otherwise null.
    api_key: NullableId,
    /// The username of an existing user, otherwise null. Absent unless `include=names` was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<NullableText>,
}

/// The target.
#[derive(Serialize)]
struct TargetView {
    kind: Kind,
    id: NullableId,
    api_key: NullableId,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<NullableText>,
}

/// One page of the audit log.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "AuditPage")]
pub(crate) struct AuditPageView {
    /// The records, newest first.
    data: Vec<AuditRecordView>,
    /// Where the next page starts; null on the last page.
    next_cursor: CursorText,
    /// Whether there may be more records. A page that is not the last can have fewer records than requested, or none.
    has_more: bool,
}

/// The name of a kind of actor or target.
#[derive(Serialize)]
struct Kind(&'static str);

/// The `kid` of a key for access tokens, or null.
#[derive(Serialize)]
struct MaybeKid<'a>(Option<&'a str>);

/// A target, or null.
struct MaybeTarget(Option<TargetView>);

impl<'a> AuditFields<'a> {
    fn of(NamedRecord { record, names }: &'a NamedRecord) -> Self {
        Self {
            id: Serialized(&record.id),
            at: Rfc3339(record.at),
            actor: ActorView {
                username: names.as_ref().map(|names| NullableText::of(names.actor.as_ref())),
                ..ActorView::of(record.actor)
            },
            action: ShownWord(&record.action),
            target: MaybeTarget(record.target.map(|target| TargetView {
                username: names.as_ref().map(|names| NullableText::of(names.target.as_ref())),
                ..TargetView::of(target)
            })),
            session: NullableId::of(record.session),
            signing_key: MaybeKid(record.signing_key.as_ref().map(KeyId::as_str)),
            job: NullableId::of(record.job),
            // No doc comment, as above.
            outcome: ShownWord(&record.outcome),
            ip: Nullable(record.origin.ip.as_ref()),
            request_id: Nullable(record.origin.request_id.as_ref()),
            os_user: NullableText(record.origin.os_user.as_ref().map(ToString::to_string)),
            changed: FieldNames(&record.changed),
            count: record.count.get(),
        }
    }
}

impl ActorView {
    pub(crate) fn of(actor: Actor) -> Self {
        let (id, api_key) = (NullableId::of(actor.id()), NullableId::of(actor.key()));
        Self { kind: Kind(actor.kind()), id, api_key, username: None }
    }
}

impl TargetView {
    fn of(target: Target) -> Self {
        let id = NullableId::of(Some(target.id()));
        Self { kind: Kind(target.kind()), id, api_key: NullableId::of(target.key()), username: None }
    }
}

impl Kind {
    fn example() -> Value {
        json!({ "type": "string", "example": "user" })
    }
}

impl Names {
    fn of(record: &AuditRecord, known: &HashMap<UserId, Username>) -> Self {
        let actor = match record.actor {
            Actor::User(id) => known.get(&id).cloned(),
            Actor::Anonymous | Actor::ServiceAccount { .. } | Actor::Operator | Actor::System => None,
        };
        let target = match record.target {
            Some(Target::User(id)) => known.get(&id).cloned(),
            Some(Target::ServiceAccount { .. }) | None => None,
        };
        Self { actor, target }
    }
}

impl AuditPageView {
    /// The records, with usernames if there are any.
    pub(crate) fn new(
        records: Vec<Arc<AuditRecord>>,
        names: Option<&HashMap<UserId, Username>>,
        next_cursor: Option<String>,
    ) -> Self {
        let has_more = next_cursor.is_some();
        let view = |record: Arc<AuditRecord>| {
            let names = names.map(|known| Names::of(&record, known));
            AuditRecordView(NamedRecord { record, names })
        };
        Self { data: records.into_iter().map(view).collect(), next_cursor: CursorText(next_cursor), has_more }
    }
}

serialized_by_fields! {
    AuditRecordView => AuditFields;
}

impl Serialize for MaybeTarget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Schema for Kind {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&Self::example())
    }
}

impl Schema for MaybeKid<'_> {
    fn raw_schema() -> DefaultSchemaRaw {
        let example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        nullable(schema(&json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{43}$", "example": example })))
    }
}

impl Schema for MaybeTarget {
    fn raw_schema() -> DefaultSchemaRaw {
        let id = |nullable: bool| json!({ "type": "string", "format": "uuid", "nullable": nullable });
        schema(&json!({
            "description": "The target: a user, or a service account with the API key concerned. Null if there is no known \
                target. `username` is as in `actor`.",
            "type": "object", "nullable": true, "additionalProperties": false,
            "required": ["kind", "id", "api_key"],
            "properties": {
                "kind": Kind::example(), "id": id(false), "api_key": id(true),
                "username": { "type": "string", "nullable": true },
            },
        }))
    }
}
