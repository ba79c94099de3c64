//! The parameters of the audit log, and the link to its next page.

use crate::extract::FromRaw;
use crate::extract::{FromParams, ParamReader, Parameter};
use crate::list::{next_page, place};
use crate::problem::Problem;
use actix_web::http::header::HeaderValue;
use jiff::Timestamp;
use roster_domain::{
    Action, ActorFilter, AuditFilter, AuditPosition, AuditQuery, Cursor, Limit, Outcome, UserId,
};
use serde_json::json;
use std::net::IpAddr;

/// A question for a part of the audit log.
pub(crate) struct AuditList {
    query: AuditQuery,
    cursor: Option<String>,
    /// The parameters but the cursor, for the link.
    given: Vec<(String, String)>,
}

impl FromParams for AuditList {
    const KNOWN: &'static [Parameter] = &[
        Parameter {
            name: "actor",
            description: "Only what this one did: the id of a user, a service account or an API key; or `anonymous`, \
                `operator` (the command line) or `system` (Roster itself).",
            schema: ActorFilter::schema,
        },
        Parameter {
            name: "target",
            description: "Only what was done to the user, service account or API key with this id, which may be gone.",
            schema: UserId::schema,
        },
        Parameter { name: "action", description: "Only this.", schema: Action::schema },
        Parameter { name: "outcome", description: "Only what ended so.", schema: Outcome::schema },
        Parameter {
            name: "from",
            description: "Only what was done at this time or later (RFC 3339).",
            schema: Timestamp::schema,
        },
        Parameter {
            name: "to",
            description: "Only what was done before this time (RFC 3339).",
            schema: Timestamp::schema,
        },
        Parameter { name: "ip", description: "Only what came from this address.", schema: IpAddr::schema },
        Parameter { name: "limit", description: "How many at most; 50 unless said.", schema: Limit::schema },
        Parameter {
            name: "cursor",
            description: "Where to go on: `next_cursor` of the page before.",
            schema: || json!({ "type": "string" }),
        },
    ];

    fn from_params(reader: &mut ParamReader) -> Self {
        let cursor = reader.text("cursor");
        let given = reader.left().to_vec();
        let filter = AuditFilter {
            actor: reader.value("actor"),
            target: reader.value::<UserId>("target").map(|id| *id.as_uuid()),
            action: reader.value("action"),
            outcome: reader.value("outcome"),
            from: reader.value("from"),
            to: reader.value("to"),
            ip: reader.value("ip"),
        };
        let limit = reader.value("limit").unwrap_or_default();
        Self { query: AuditQuery { filter, limit, before: None }, cursor, given }
    }

    /// A cursor belongs to the filter that made it.
    fn check(&mut self) -> Result<(), Problem> {
        self.query.before = self.cursor.as_deref().map(|text| place(text, &self.query)).transpose()?;
        Ok(())
    }
}

impl AuditList {
    pub(crate) const fn query(&self) -> &AuditQuery {
        &self.query
    }

    /// The cursor of the page that starts after `position`.
    pub(crate) fn cursor(&self, position: Option<AuditPosition>) -> Option<String> {
        position.map(|position| Cursor::new(position, &self.query).to_string())
    }

    /// The same question, further on (RFC 8288).
    pub(crate) fn link(&self, cursor: &str) -> Option<HeaderValue> {
        next_page("/audit", &self.given, cursor)
    }
}
