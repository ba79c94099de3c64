//! What the audit log takes.

use super::Listed;
use crate::extract::{FromRaw, ParamReader, Parameter};
use roster_domain::{
    Action, ActorFilter, AuditFilter, AuditPosition, AuditQuery, Limit, Outcome, TargetFilter, TimeOrDate,
};
use std::net::IpAddr;

impl Listed for AuditQuery {
    const PATH: &'static str = "/audit";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "actor",
            description: "Only what this one did: the id of a user, a service account or an API key; or `anonymous`, \
                `operator` (the command line) or `system` (Roster itself).",
            schema: ActorFilter::schema,
        },
        Parameter {
            name: "target",
            description: "Only what was done to the user, service account, API key or session with this id, or to the \
                key for access tokens with this `kid`; each may be gone.",
            schema: TargetFilter::schema,
        },
        Parameter { name: "action", description: "Only this.", schema: Action::schema },
        Parameter { name: "outcome", description: "Only what ended so.", schema: Outcome::schema },
        Parameter {
            name: "from",
            description: "Only what was done at this time or later: RFC 3339, the `+` of an offset written `%2B`; or a date, \
                which is 00:00 UTC of that day.",
            schema: TimeOrDate::schema,
        },
        Parameter {
            name: "to",
            description: "Only what was done before this time, written as in `from`: with a date, before that day.",
            schema: TimeOrDate::schema,
        },
        Parameter { name: "ip", description: "Only what came from this address.", schema: IpAddr::schema },
    ];

    fn read(reader: &mut ParamReader, limit: Limit) -> Self {
        let filter = AuditFilter {
            actor: reader.value("actor"),
            target: reader.value("target"),
            action: reader.value("action"),
            outcome: reader.value("outcome"),
            from: reader.value("from").map(TimeOrDate::timestamp),
            to: reader.value("to").map(TimeOrDate::timestamp),
            ip: reader.value("ip"),
        };
        Self { filter, limit, before: None }
    }

    fn go_on(&mut self, place: AuditPosition) {
        self.before = Some(place);
    }
}
