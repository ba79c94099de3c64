//! Which audit records, and where to go on.

use crate::cursor::{ListName, Paged};
use crate::{Action, Actor, ApiKeyId, AuditPosition, AuditRecord, Fault, Limit, Outcome, Page, UserId};
use jiff::Timestamp;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use thiserror::Error;
use uuid::Uuid;

/// A question for a part of the audit log, newest record first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Which records.
    pub filter: AuditFilter,
    /// How many at most.
    pub limit: Limit,
    /// Only those that were committed before this one.
    pub before: Option<AuditPosition>,
}

/// Which records a question is about: those for which every given condition holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who acted.
    pub actor: Option<ActorFilter>,
    /// To whom it was done: a user, a service account or an API key.
    pub target: Option<Uuid>,
    /// What was done.
    pub action: Option<Action>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Not before this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// From this address; an IPv4 address in IPv6 clothes is that IPv4 address.
    pub ip: Option<IpAddr>,
}

/// Which actors are meant: all of a kind that has one member, or one by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActorFilter {
    /// Whoever did not say who they are.
    Anonymous,
    /// Whoever ran the command line.
    Operator,
    /// Roster itself.
    System,
    /// The one with this id, of whatever kind; an API key stands for what was done with it.
    Id(Uuid),
}

/// Why a text names no actor.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("an actor is an id, or one of: anonymous, operator, system")]
pub struct ActorFilterFault;

/// Part of the audit log, newest record first.
pub type AuditPage = Page<Arc<AuditRecord>, AuditPosition>;

impl AuditFilter {
    /// Whether every condition holds for `record`.
    #[must_use]
    pub fn matches(&self, record: &AuditRecord) -> bool {
        let canonical = |ip: IpAddr| ip.to_canonical();
        self.actor.is_none_or(|actor| actor.matches(record.actor))
            && self
                .target
                .is_none_or(|target| record.target.is_some_and(|to| is_meant(to.id(), to.key(), target)))
            && self.action.is_none_or(|action| record.action == action)
            && self.outcome.is_none_or(|outcome| record.outcome == outcome)
            && self.from.is_none_or(|from| record.at >= from)
            && self.to.is_none_or(|to| record.at < to)
            && self.ip.is_none_or(|ip| record.origin.ip.map(canonical) == Some(canonical(ip)))
    }
}

impl ActorFilter {
    fn matches(self, actor: Actor) -> bool {
        match actor {
            Actor::Anonymous => self == Self::Anonymous,
            Actor::Operator => self == Self::Operator,
            Actor::System => self == Self::System,
            Actor::User(id) => self == Self::Id(*id.as_uuid()),
            Actor::ServiceAccount { id, key } => match self {
                Self::Id(wanted) => is_meant(*id.as_uuid(), Some(key), wanted),
                Self::Anonymous | Self::Operator | Self::System => false,
            },
        }
    }
}

/// A machine is meant by its own id, and by that of the key in question.
fn is_meant(id: Uuid, key: Option<ApiKeyId>, wanted: Uuid) -> bool {
    id == wanted || key.is_some_and(|key| *key.as_uuid() == wanted)
}

impl FromStr for ActorFilter {
    type Err = ActorFilterFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "anonymous" => Ok(Self::Anonymous),
            "operator" => Ok(Self::Operator),
            "system" => Ok(Self::System),
            id => id.parse::<UserId>().map(|id| Self::Id(*id.as_uuid())).map_err(|_| ActorFilterFault),
        }
    }
}

impl fmt::Display for ActorFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Operator => f.write_str("operator"),
            Self::System => f.write_str("system"),
            Self::Id(id) => id.hyphenated().fmt(f),
        }
    }
}

impl Fault for ActorFilterFault {
    fn code(&self) -> &'static str {
        "actor_invalid"
    }
}

impl Paged for AuditQuery {
    type Position = AuditPosition;

    fn name(&self, name: &mut ListName) {
        let filter = &self.filter;
        name.part(Some("audit"));
        name.part(filter.actor.map(|actor| actor.to_string()).as_deref());
        name.part(filter.target.map(|target| target.to_string()).as_deref());
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
    use crate::{AuditId, Cursor, CursorFault, Origin, ServiceAccountId, Target};

    fn user() -> UserId {
        UserId::new(Timestamp::UNIX_EPOCH, [1; 10])
    }

    fn a_record() -> AuditRecord {
        AuditRecord {
            id: AuditId::new(Timestamp::UNIX_EPOCH, [2; 10]),
            at: Timestamp::from_second(1_000).unwrap(),
            actor: Actor::User(user()),
            action: Action::UserUpdated,
            target: Some(user().into()),
            session: None,
            signing_key: None,
            outcome: Outcome::Success,
            origin: Origin { ip: Some("::ffff:192.0.2.1".parse().unwrap()), request_id: None },
            changed: Vec::new(),
            count: AuditRecord::ONCE,
        }
    }

    /// Filters of one condition each: first those that hold for the record, then those that do not.
    fn filters() -> [Vec<AuditFilter>; 2] {
        let none = AuditFilter::default;
        let at = |second| Timestamp::from_second(second).ok();
        let actor = |text: &str| AuditFilter { actor: text.parse().ok(), ..none() };
        let other = UserId::new(Timestamp::UNIX_EPOCH, [3; 10]);
        let holding = vec![
            none(),
            actor(&user().to_string()),
            AuditFilter { target: Some(*user().as_uuid()), ..none() },
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
            AuditFilter { target: Some(*other.as_uuid()), ..none() },
            AuditFilter { action: Some(Action::LoggedIn), ..none() },
            AuditFilter { outcome: Some(Outcome::NotActive), ..none() },
            AuditFilter { from: at(1_001), ..none() },
            AuditFilter { to: at(1_000), ..none() },
            AuditFilter { ip: "192.0.2.2".parse().ok(), ..none() },
        ];
        [holding, failing]
    }

    #[test]
    fn a_record_passes_when_every_condition_holds() {
        let [holding, failing] = filters();
        for filter in holding {
            assert!(filter.matches(&a_record()), "{filter:?}");
        }
        for filter in failing {
            assert!(!filter.matches(&a_record()), "{filter:?}");
        }
    }

    #[test]
    fn a_machine_is_found_by_its_account_and_by_its_key() {
        let (id, key) = (ServiceAccountId::from(Uuid::from_u128(1)), ApiKeyId::from(Uuid::from_u128(2)));
        let record = AuditRecord {
            actor: Actor::ServiceAccount { id, key },
            target: Some(Target::ServiceAccount { id, key: Some(key) }),
            ..a_record()
        };
        for (wanted, found) in [(1, true), (2, true), (3, false)] {
            let wanted = Uuid::from_u128(wanted);
            let by_actor = AuditFilter { actor: Some(ActorFilter::Id(wanted)), ..AuditFilter::default() };
            let by_target = AuditFilter { target: Some(wanted), ..AuditFilter::default() };
            assert_eq!((by_actor.matches(&record), by_target.matches(&record)), (found, found), "{wanted}");
        }
        let operator = AuditFilter { actor: Some(ActorFilter::Operator), ..AuditFilter::default() };
        assert!(!operator.matches(&record));
    }

    #[test]
    fn every_condition_binds_the_cursor() {
        let cursor = Cursor::new(AuditPosition::from(7), &AuditQuery::default()).to_string();
        for filter in filters().concat().into_iter().filter(|filter| *filter != AuditFilter::default()) {
            let query = AuditQuery { filter, ..AuditQuery::default() };
            assert_eq!(Cursor::parse(&cursor, &query), Err(CursorFault::OtherQuery), "{query:?}");
            let own = Cursor::new(AuditPosition::from(7), &query).to_string();
            assert_eq!(Cursor::parse(&own, &query).unwrap().into_position().get(), 7);
        }
    }

    #[test]
    fn an_actor_is_a_word_or_an_id() {
        for text in ["anonymous", "operator", "system", &user().to_string()] {
            assert_eq!(text.parse::<ActorFilter>().unwrap().to_string(), text);
        }
        for text in ["", "user", "Anonymous", "ada", "0198d7a2"] {
            assert_eq!(text.parse::<ActorFilter>(), Err(ActorFilterFault), "{text}");
        }
    }
}
