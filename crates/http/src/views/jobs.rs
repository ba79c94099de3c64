//! Jobs.

use super::values::{NullableRfc3339, NullableText, Rfc3339};
use crate::openapi::schema::schema;
use crate::rules::FromRaw;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_domain::JobId;
use roster_service::{ImportMode, Job, JobKind, JobStatus, UnreadList};
use serde::Serialize;
use serde_json::{Value, json};

/// A job.
#[derive(Serialize)]
pub(crate) struct JobView {
    id: JobId,
    kind: &'static str,
    status: &'static str,
    dry_run: bool,
    total: Option<usize>,
    done: usize,
    imported: usize,
    unchanged: usize,
    refused: usize,
    unmatched_role_mappings: Vec<String>,
    unread_lists: Vec<UnreadList>,
    reason: NullableText,
    created_at: Rfc3339,
    started_at: NullableRfc3339,
    finished_at: NullableRfc3339,
}

impl JobView {
    pub(crate) fn new(Job { id, state }: Job) -> Self {
        let time = |time: Option<_>| NullableRfc3339(time.map(Rfc3339));
        Self {
            id,
            kind: state.kind.as_str(),
            status: state.status.as_str(),
            dry_run: state.mode == ImportMode::DryRun,
            total: state.counts.total,
            done: state.counts.done,
            imported: state.counts.imported,
            unchanged: state.counts.unchanged,
            refused: state.counts.refused,
            unmatched_role_mappings: state.file.unmatched_role_mappings,
            unread_lists: state.file.unread_lists,
            reason: NullableText(state.reason),
            created_at: Rfc3339(state.created_at),
            started_at: time(state.started_at),
            finished_at: time(state.finished_at),
        }
    }
}

impl Schema for JobView {
    fn name() -> Option<String> {
        Some("Job".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let properties = properties();
        let names: Vec<_> = properties.as_object().into_iter().flat_map(|all| all.keys().cloned()).collect();
        let hidden = json!({
            "type": "object",
            "required": names,
            "properties": properties,
            "example": {
                "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "kind": "import", "status": "running", "dry_run": false,
                "total": 1000, "done": 512, "imported": 500, "unchanged": 10, "refused": 2,
                "unmatched_role_mappings": [], "unread_lists": [], "reason": null,
                "created_at": "2026-03-01T09:30:00.000000Z", "started_at": "2026-03-01T09:30:00.100000Z",
                "finished_at": null,
            },
        });
        DefaultSchemaRaw { name: Self::name(), description: Some("A job.".to_owned()), ..schema(&hidden) }
    }
}

fn properties() -> Value {
    let count = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    let time = |description: &str| json!({ "type": "string", "format": "date-time", "nullable": true, "description": description });
    let mut total = count("All records in the file; null until they were counted.");
    total["nullable"] = true.into();
    let list = json!({
        "type": "object", "required": ["name", "entries"],
        "properties": {
            "name": { "type": "string", "description": "Its path, with a dot between the names." },
            "entries": { "type": "integer", "minimum": 0, "description": "The number of objects in it." },
        },
    });
    json!({
        "id": JobId::schema(),
        "kind": { "type": "string", "enum": JobKind::ALL.map(JobKind::as_str), "description": "What it does." },
        "status": {
            "type": "string", "enum": JobStatus::ALL.map(JobStatus::as_str), "description": "How far it is.",
        },
        "dry_run": { "type": "boolean", "description": "Whether nothing is written." },
        "total": total,
        "done": count("The records that are dealt with: the sum of the next three."),
        "imported": count("The people who were imported."),
        "unchanged": count("The people who were here already, and stay as they are."),
        "refused": count("The records that were refused; the report says why."),
        "unmatched_role_mappings": {
            "type": "array", "items": { "type": "string" },
            "description": "Each `map_role` that matched no record. Empty until the end.",
        },
        "unread_lists": {
            "type": "array", "maxItems": 50, "items": list,
            "description": "Lists in the file that were not imported, because only people are read. Empty until the end.",
        },
        "reason": {
            "type": "string", "nullable": true,
            "description": "Why it failed. While it has not ended: why it could not go on and is tried again later.",
        },
        "created_at": { "type": "string", "format": "date-time", "description": "When the file was received." },
        "started_at": time("When it began."),
        "finished_at": time("When it ended. It is kept for seven days."),
    })
}
