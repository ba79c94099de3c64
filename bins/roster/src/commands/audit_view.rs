//! The command-line view of an audit record: the same fields as in the API.

use roster_domain::{Actor, AuditRecord, KeyId, OsUser, RequestId, Target, Word};
use roster_service::PartyNames;
use serde::Serialize;

use crate::terminal::{printable, to_the_microsecond, to_the_second};

/// The headings of the table.
pub(crate) const HEADINGS: [&str; 7] = ["AT", "ACTION", "OUTCOME", "ACTOR", "TARGET", "IP", "DETAILS"];

/// The fields of a record, in display order.
#[derive(Serialize)]
pub(crate) struct AuditView<'a> {
    id: String,
    at: String,
    actor: Party<'a>,
    action: &'a str,
    target: Option<Party<'a>>,
    session: Option<String>,
    signing_key: Option<&'a str>,
    job: Option<String>,
    outcome: &'a str,
    ip: Option<String>,
    request_id: Option<&'a str>,
    os_user: Option<&'a str>,
    changed: Vec<&'a str>,
    count: u32,
}

/// The actor or the target of a record.
#[derive(Serialize)]
struct Party<'a> {
    kind: &'static str,
    id: Option<String>,
    api_key: Option<String>,
    /// `None` if the party no longer exists.
    name: Option<&'a str>,
}

impl<'a> AuditView<'a> {
    pub(crate) fn new(record: &'a AuditRecord, names: &'a PartyNames) -> Self {
        Self {
            id: record.id.to_string(),
            at: to_the_microsecond(record.at),
            actor: actor(record.actor, names),
            action: record.action.as_str(),
            target: record.target.map(|to| target(to, names)),
            session: record.session.map(|id| id.to_string()),
            signing_key: record.signing_key.as_ref().map(KeyId::as_str),
            job: record.job.map(|id| id.to_string()),
            outcome: record.outcome.as_str(),
            ip: record.origin.ip.map(|ip| ip.to_string()),
            request_id: record.origin.request_id.as_ref().map(RequestId::as_str),
            os_user: record.origin.os_user.as_ref().map(OsUser::as_str),
            changed: record.changed.iter().map(Word::as_str).collect(),
            count: record.count.get(),
        }
    }

    /// One line of JSON, without a line break.
    ///
    /// # Errors
    /// None in practice: every field can be serialized.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

/// A row of the table.
pub(crate) fn row(record: &AuditRecord, names: &PartyNames) -> [String; HEADINGS.len()] {
    let view = AuditView::new(record, names);
    let shown = |party: Party<'_>| {
        let name = party.name.map(printable);
        name.or(party.id).unwrap_or_else(|| party.kind.to_owned())
    };
    let none = || "-".to_owned();
    let details = details(&view);
    let times = if view.count > 1 { format!(" x{}", view.count) } else { String::new() };
    [
        to_the_second(record.at),
        format!("{}{times}", view.action),
        view.outcome.to_owned(),
        shown(view.actor),
        view.target.map(shown).or(view.signing_key.map(str::to_owned)).unwrap_or_else(none),
        view.ip.unwrap_or_else(none),
        details,
    ]
}

/// The remaining details: API keys, operating system user, session, job and changed fields.
fn details(view: &AuditView<'_>) -> String {
    let key = |name, party: Option<&Party<'_>>| Some(format!("{name} {}", party?.api_key.as_ref()?));
    let parts = [
        key("by key", Some(&view.actor)),
        key("key", view.target.as_ref()),
        view.os_user.map(|user| format!("by {user}")),
        view.session.as_ref().map(|session| format!("session {session}")),
        view.job.as_ref().map(|job| format!("job {job}")),
        (!view.changed.is_empty()).then(|| view.changed.join(",")),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join("; ") }
}

fn actor(actor: Actor, names: &PartyNames) -> Party<'_> {
    let (id, key) = (actor.id(), actor.key());
    Party {
        kind: actor.kind(),
        id: id.map(|id| id.to_string()),
        api_key: key.map(|key| key.to_string()),
        name: id.and_then(|id| names.get(id)),
    }
}

fn target(target: Target, names: &PartyNames) -> Party<'_> {
    let (id, key) = (target.id(), target.key());
    Party {
        kind: target.kind(),
        id: Some(id.to_string()),
        api_key: key.map(|key| key.to_string()),
        name: names.get(id),
    }
}
