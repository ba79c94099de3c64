//! What the audit log takes.

use super::Listed;
use crate::extract::{FromRaw, Include, ParamReader, Parameter, Party};
use roster_domain::{
    Action, ActorFilter, AuditFilter, AuditPosition, AuditQuery, Limit, ListName, Login, Outcome, Paged,
    TargetFilter, TimeOrDate,
};
use roster_service::AuditParties;
use std::net::IpAddr;

/// A question about the audit log, as it is asked.
#[derive(Default)]
pub(crate) struct AuditRequest {
    /// All of it but the people whom it names.
    pub(crate) query: AuditQuery,
    /// These.
    pub(crate) parties: AuditParties,
    /// What is wanted besides the records.
    pub(crate) include: Option<Include>,
}

impl Paged for AuditRequest {
    type Position = AuditPosition;

    fn name(&self, name: &mut ListName) {
        self.query.name(name);
        let AuditParties { actor, target } = &self.parties;
        if actor.is_some() || target.is_some() {
            name.part(actor.as_ref().map(Login::key));
            name.part(target.as_ref().map(Login::key));
        }
    }
}

impl Listed for AuditRequest {
    const PATH: &'static str = "/audit";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "actor",
            description: "Only what this one did: the id of a user, a service account or an API key; or `anonymous`, \
                `operator` (the command line) or `system` (Roster itself); with `users:read` also the username or the \
                email address of somebody who is still here.",
            schema: Party::<ActorFilter>::schema,
        },
        Parameter {
            name: "target",
            description: "Only what was done to the user, service account, API key or session with this id, or to the \
                key for access tokens with this `kid`; each may be gone. With `users:read` also to the user with this username or email address, who is \
                still here.",
            schema: Party::<TargetFilter>::schema,
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
        Parameter {
            name: "include",
            description: "`names` adds the username of each person who is still here. Needs `users:read`.",
            schema: Include::schema,
        },
    ];

    fn read(reader: &mut ParamReader, limit: Limit) -> Self {
        let (actor, acted_as) = Party::apart(reader.value("actor"));
        let (target, done_to) = Party::apart(reader.value("target"));
        let filter = AuditFilter {
            actor,
            target,
            action: reader.value("action"),
            outcome: reader.value("outcome"),
            from: reader.value("from").map(TimeOrDate::timestamp),
            to: reader.value("to").map(TimeOrDate::timestamp),
            ip: reader.value("ip"),
        };
        Self {
            query: AuditQuery { filter, limit, before: None },
            parties: AuditParties { actor: acted_as, target: done_to },
            include: reader.value("include"),
        }
    }

    fn go_on(&mut self, place: AuditPosition) {
        self.query.before = Some(place);
    }
}
