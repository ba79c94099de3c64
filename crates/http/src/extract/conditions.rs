//! Conditional requests (RFC 9110, section 13).

use super::entity_tag::EntityTag;
use crate::openapi::errors::refuses;
use crate::problem::{Code, Problem};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{
    DataType, DefaultOperationRaw, DefaultParameterRaw, DefaultResponseRaw, Either, ParameterIn,
};
use paperclip::v2::schema::Apiv2Schema;
use roster_domain::Version;
use roster_service::Precondition;
use std::future::{Ready, ready};

/// What must hold before a change: `If-Match`, and `If-None-Match` where a client sends it with a change.
pub(crate) struct IfMatch(pub(crate) Precondition);

/// Whether a change may come without a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMatchRule {
    /// It may.
    Optional,
    /// It may not (RFC 6585, section 3).
    Required,
}

/// What the client already has: `If-None-Match`.
pub(crate) struct IfNoneMatch(Condition);

impl IfMatchRule {
    /// The rule by its setting.
    pub(crate) const fn of(required: bool) -> Self {
        if required { Self::Required } else { Self::Optional }
    }

    /// What a request without a condition is to it.
    const fn unconditional(self) -> Precondition {
        match self {
            Self::Optional => Precondition::None,
            Self::Required => Precondition::Missing,
        }
    }
}

impl IfNoneMatch {
    /// Whether the client has what this tag stands for. The comparison is weak (section 13.1.2).
    pub(crate) fn names(&self, current: &HeaderValue) -> bool {
        match &self.0 {
            Condition::Absent => false,
            Condition::Any => true,
            Condition::Tags(tags) => tags.iter().any(|tag| tag.is_weakly(current)),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Absent,
    Any,
    Tags(Vec<EntityTag>),
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(precondition(request).map(Self))
    }
}

/// Both headers as one condition. `If-None-Match` may only take away from what `If-Match` allows (section 13.2.2).
fn precondition(request: &HttpRequest) -> Result<Precondition, Problem> {
    let wanted = match condition(request, &header::IF_MATCH)? {
        Condition::Absent => request.app_data::<IfMatchRule>().ok_or(Code::Internal)?.unconditional(),
        Condition::Any => Precondition::Exists,
        // Section 13.1.1 asks for a strong comparison. A tag of Roster names a version and not bytes, so the weak form
        // that a compressing proxy makes of it says the same: ARCHITECTURE.md.
        Condition::Tags(tags) => Precondition::VersionIn(versions(&tags)),
    };
    Ok(match condition(request, &header::IF_NONE_MATCH)? {
        Condition::Absent => wanted,
        Condition::Any => Precondition::Absent,
        Condition::Tags(tags) => wanted.and_not(&versions(&tags)),
    })
}

fn versions(tags: &[EntityTag]) -> Vec<Version> {
    tags.iter().filter_map(EntityTag::version).collect()
}

impl FromRequest for IfNoneMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(condition(request, &header::IF_NONE_MATCH).map(Self))
    }
}

fn condition(request: &HttpRequest, name: &HeaderName) -> Result<Condition, Problem> {
    if !request.headers().contains_key(name) {
        return Ok(Condition::Absent);
    }
    let lines: Result<Vec<_>, _> = request.headers().get_all(name).map(HeaderValue::to_str).collect();
    let parsed = lines.ok().and_then(|lines| parse(&lines.join(",")));
    parsed.ok_or_else(|| {
        let detail = format!("{name} is * or a list of entity tags such as \"7\".");
        Problem::new(Code::ConditionInvalid).with_detail(detail)
    })
}

/// `*`, or a list of tags with something in it; empty elements are passed over (section 5.6.1).
fn parse(text: &str) -> Option<Condition> {
    if text.trim() == "*" {
        return Some(Condition::Any);
    }
    let mut tags = Vec::new();
    let mut rest = text.trim_start_matches([',', ' ', '\t']);
    while !rest.is_empty() {
        let (tag, after) = EntityTag::split_from(rest)?;
        tags.push(tag);
        let after = after.trim_start_matches([' ', '\t']);
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        rest = after.trim_start_matches([',', ' ', '\t']);
    }
    (!tags.is_empty()).then_some(Condition::Tags(tags))
}

impl Apiv2Schema for IfMatch {}
impl Apiv2Schema for IfNoneMatch {}

impl OperationModifier for IfMatch {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let if_match = "Change only if it still has one of these versions, or, with `*`, exists. Needed if a setting says so. The \
            forms that compressing proxies make of a tag are taken too: `W/\"7\"`, `\"7-gzip\"`, `\"7;gzip\"`, `\"7-br\"`, `\"7-zstd\"`.";
        let if_none_match =
            "Change only if it has none of these versions. `*` is refused for anything that exists.";
        for (name, text) in [("If-Match", if_match), ("If-None-Match", if_none_match)] {
            operation.parameters.push(Either::Right(optional(name, text)));
        }
        refuses(operation, &[Code::ConditionInvalid, Code::PreconditionFailed, Code::PreconditionRequired]);
    }
}

impl OperationModifier for IfNoneMatch {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let text = "Answer 304, without a body, if it still has one of these versions.";
        operation.parameters.push(Either::Right(optional("If-None-Match", text)));
        refuses(operation, &[Code::ConditionInvalid]);
        let description = Some("It has not changed.".to_owned());
        let response = DefaultResponseRaw { description, ..DefaultResponseRaw::default() };
        operation.responses.insert("304".to_owned(), Either::Right(response));
    }
}

fn optional(name: &str, description: &str) -> DefaultParameterRaw {
    DefaultParameterRaw {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        in_: ParameterIn::Header,
        data_type: Some(DataType::String),
        ..DefaultParameterRaw::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions_in(text: &str) -> Vec<u64> {
        match parse(text) {
            Some(Condition::Tags(tags)) => versions(&tags).into_iter().map(Version::get).collect(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn lists_weak_tags_and_foreign_tags_are_read() {
        assert_eq!(versions_in("\"7\""), [7]);
        assert_eq!(versions_in(" \"7\" ,, W/\"8\",\"a,b\", \"07\""), [7, 8]);
        assert_eq!(parse(" * "), Some(Condition::Any));
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for text in
            ["", " ", ",", "7", "\"7", "\"7\" \"8\"", "*, \"7\"", "\"7\", *", "w/\"7\"", "\"a b\"", "\"7\"x"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
