//! Queries of the audit log.

mod parties;

pub use parties::{ActorFilter, ActorFilterError, TargetFilter, TargetFilterError};

use crate::cursor::{ListName, Paged};
use crate::{Action, AuditPosition, AuditRecord, Limit, Outcome, Page};
use jiff::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;

/// A query for a part of the audit log, newest record first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// The filter.
    pub filter: AuditFilter,
    /// The page size.
    pub limit: Limit,
    /// Only records that were committed before this one.
    pub before: Option<AuditPosition>,
}

/// Which records a query is about: those that match every given condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The actor.
    pub actor: Option<ActorFilter>,
    /// The target.
    pub target: Option<TargetFilter>,
    /// The action.
    pub action: Option<Action>,
    /// The outcome.
    pub outcome: Option<Outcome>,
    /// At or after this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// From this address. An IPv4-mapped IPv6 address counts as the IPv4 address.
    pub ip: Option<IpAddr>,
}

/// A page of the audit log, newest record first.
pub type AuditPage = Page<Arc<AuditRecord>, AuditPosition>;

impl AuditFilter {
    /// Whether `record` matches every condition.
    #[must_use]
    pub fn matches(&self, record: &AuditRecord) -> bool {
        let canonical = |ip: IpAddr| ip.to_canonical();
        self.actor.is_none_or(|actor| actor.matches(record.actor))
            && self.target.as_ref().is_none_or(|target| target.matches(record))
            && self.action.is_none_or(|action| record.action == action)
            && self.outcome.is_none_or(|outcome| record.outcome == outcome)
            && self.from.is_none_or(|from| record.at >= from)
            && self.to.is_none_or(|to| record.at < to)
            && self.ip.is_none_or(|ip| record.origin.ip.map(canonical) == Some(canonical(ip)))
    }
}

impl Paged for AuditQuery {
    type Position = AuditPosition;

    fn name(&self, name: &mut ListName) {
        let filter = &self.filter;
        name.part(Some("audit"));
        name.part(filter.actor.map(|actor| actor.to_string()).as_deref());
        name.part(filter.target.as_ref().map(ToString::to_string).as_deref());
        name.part(filter.action.map(Action::as_str));
        name.part(filter.outcome.map(Outcome::as_str));
        name.part(filter.from.map(|from| from.to_string()).as_deref());
        name.part(filter.to.map(|to| to.to_string()).as_deref());
        name.part(filter.ip.map(|ip| ip.to_canonical().to_string()).as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Actor, ApiKeyId, Cursor, CursorError, JobId, KeyId, Origin, ServiceAccountId, SessionId, Target,
        UserId,
    };
    use uuid::Uuid;

    fn user() -> UserId {
        UserId::new(Timestamp::UNIX_EPOCH, [1; 10])
    }

    fn a_record() -> AuditRecord {
        let at = Timestamp::from_second(1_000).unwrap();
        AuditRecord {
            target: Some(user().into()),
            origin: Origin { ip: Some("::ffff:192.0.2.1".parse().unwrap()), ..Origin::default() },
            ..AuditRecord::new(at, [2; 10], Actor::User(user()), Action::UserUpdated)
        }
    }

    /// Filters with one condition each: first those that match the record, then those that do not.
    fn filters() -> [Vec<AuditFilter>; 2] {
        let none = AuditFilter::default;
        let at = |second| Timestamp::from_second(second).ok();
        let actor = |text: &str| AuditFilter { actor: text.parse().ok(), ..none() };
        let other = UserId::new(Timestamp::UNIX_EPOCH, [3; 10]);
        let holding = vec![
            none(),
            actor(&user().to_string()),
            AuditFilter { target: user().to_string().parse().ok(), ..none() },
            AuditFilter { action: Some(Action::UserUpdated), ..none() },
            AuditFilter { outcome: Some(Outcome::Success), ..none() },
            AuditFilter { from: at(1_000), ..none() },
            AuditFilter { to: at(1_001), ..none() },
            AuditFilter { ip: "192.0.2.1".parse().ok(), ..none() },
        ];
        let failing = vec![
            actor("anonymous"),
            actor("operator"),
            actor("system"),
            actor(&other.to_string()),
            AuditFilter { target: other.to_string().parse().ok(), ..none() },
            AuditFilter { action: Some(Action::LoggedIn), ..none() },
            AuditFilter { outcome: Some(Outcome::NotActive), ..none() },
            AuditFilter { from: at(1_001), ..none() },
            AuditFilter { to: at(1_000), ..none() },
            AuditFilter { ip: "192.0.2.2".parse().ok(), ..none() },
        ];
        [holding, failing]
    }

    #[test]
    fn a_record_matches_when_every_condition_holds() {
        let [holding, failing] = filters();
        for filter in holding {
            assert!(filter.matches(&a_record()), "{filter:?}");
        }
        for filter in failing {
            assert!(!filter.matches(&a_record()), "{filter:?}");
        }
    }

    #[test]
    fn a_service_account_is_found_by_its_id_and_by_its_key() {
        let (id, key) = (ServiceAccountId::from(Uuid::from_u128(1)), ApiKeyId::from(Uuid::from_u128(2)));
        let record = AuditRecord {
            actor: Actor::ServiceAccount { id, key },
            target: Some(Target::ServiceAccount { id, key: Some(key) }),
            ..a_record()
        };
        for (wanted, found) in [(1, true), (2, true), (3, false)] {
            let wanted = Uuid::from_u128(wanted);
            let by_actor = AuditFilter { actor: Some(ActorFilter::Id(wanted)), ..AuditFilter::default() };
            let by_target = AuditFilter { target: Some(TargetFilter::Id(wanted)), ..AuditFilter::default() };
            assert_eq!((by_actor.matches(&record), by_target.matches(&record)), (found, found), "{wanted}");
        }
        let operator = AuditFilter { actor: Some(ActorFilter::Operator), ..AuditFilter::default() };
        assert!(!operator.matches(&record));
    }

    #[test]
    fn a_session_a_signing_key_and_a_job_are_targets_too() {
        let session = SessionId::new(Timestamp::UNIX_EPOCH, [4; 10]);
        let kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        let target =
            |text: &str| AuditFilter { target: Some(text.parse().unwrap()), ..AuditFilter::default() };
        let of_session = AuditRecord { session: Some(session), ..a_record() };
        let of_key = AuditRecord { target: None, signing_key: KeyId::new(kid).ok(), ..a_record() };
        let job = JobId::new(Timestamp::UNIX_EPOCH, [5; 10]);
        let of_job = AuditRecord { target: None, job: Some(job), ..a_record() };
        assert!(target(&job.to_string()).matches(&of_job) && !target(&job.to_string()).matches(&a_record()));
        for (record, by_session, by_key) in
            [(of_session, true, false), (of_key, false, true), (a_record(), false, false)]
        {
            assert_eq!(target(&session.to_string()).matches(&record), by_session, "{record:?}");
            assert_eq!(target(kid).matches(&record), by_key, "{record:?}");
        }
    }

    #[test]
    fn a_cursor_depends_on_every_condition() {
        let cursor = Cursor::new(AuditPosition::from(7), &AuditQuery::default()).to_string();
        for filter in filters().concat().into_iter().filter(|filter| *filter != AuditFilter::default()) {
            let query = AuditQuery { filter, ..AuditQuery::default() };
            assert_eq!(Cursor::parse(&cursor, &query), Err(CursorError::OtherQuery), "{query:?}");
            let own = Cursor::new(AuditPosition::from(7), &query).to_string();
            assert_eq!(Cursor::parse(&own, &query).unwrap().into_position().get(), 7);
        }
    }
}
