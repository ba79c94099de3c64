//! The audit log.

use super::page::Listed;
use crate::extract::{ParamReader, Parameter};
use crate::rules::{FromRaw, Include, Party};
use roster_domain::{
    Action, ActorFilter, AuditFilter, AuditPosition, AuditQuery, Limit, ListName, Login, Outcome, Paged,
    TargetFilter, TimeOrDate,
};
use roster_service::AuditParties;
use std::net::IpAddr;

/// A query of the audit log.
#[derive(Default)]
pub(crate) struct AuditRequest {
    /// The query without the parties that are given by login.
    pub(crate) query: AuditQuery,
    /// The parties that are given by login.
    pub(crate) parties: AuditParties,
    /// What to include in addition to the records.
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
            description: "Only actions of this actor: the id of a user, a service account or an API key, or `anonymous`, \
                `operator` (the command line) or `system` (Roster itself). With `users:read` also the username or \
                email address of an existing user.",
            schema: Party::<ActorFilter>::schema,
        },
        Parameter {
            name: "target",
            description: "Only actions on this target: the id of a user, a service account, an API key or a session, or the \
                `kid` of a key for access tokens. The target may have been deleted. With `users:read` also the \
                username or email address of an existing user.",
            schema: Party::<TargetFilter>::schema,
        },
        Parameter { name: "action", description: "Only this action.", schema: Action::schema },
        Parameter { name: "outcome", description: "Only this outcome.", schema: Outcome::schema },
        Parameter {
            name: "from",
            description: "Only actions at this time or later: an RFC 3339 timestamp, with the `+` of an offset as `%2B`, or \
                a date, which means 00:00 UTC.",
            schema: TimeOrDate::schema,
        },
        Parameter {
            name: "to",
            description: "Only actions before this time, in the same form as `from`. A date excludes that day.",
            schema: TimeOrDate::schema,
        },
        Parameter { name: "ip", description: "Only requests from this address.", schema: IpAddr::schema },
        Parameter {
            name: "include",
            description: "`names` adds the usernames of existing users. Requires `users:read`.",
            schema: Include::schema,
        },
    ];

    fn read(reader: &mut ParamReader, limit: Limit) -> Self {
        let (actor, actor_login) = Party::split(reader.value("actor"));
        let (target, target_login) = Party::split(reader.value("target"));
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
            parties: AuditParties { actor: actor_login, target: target_login },
            include: reader.value("include"),
        }
    }

    fn start_after(&mut self, position: AuditPosition) {
        self.query.before = Some(position);
    }
}
