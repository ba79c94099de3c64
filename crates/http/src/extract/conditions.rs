//! Conditional requests (RFC 9110, section 13).

use super::entity_tag::EntityTag;
use super::in_turn::{InTurn, in_turn};
use crate::code::Code;
use crate::openapi::errors::add_errors;
use crate::openapi::success::add_response;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DataType, DefaultOperationRaw, DefaultParameterRaw, Either, ParameterIn};
use paperclip::v2::schema::Apiv2Schema;
use roster_domain::Version;
use roster_service::Precondition;
use std::future::{Ready, ready};

/// The condition for a change: `If-Match`, and `If-None-Match` if a client sends it with a change.
pub(crate) struct IfMatch(pub(crate) Precondition);

/// Whether a change needs a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMatchRule {
    /// It does not.
    Optional,
    /// It does (RFC 6585, section 3).
    Required,
}

/// The versions that the client already has: `If-None-Match`.
pub(crate) struct IfNoneMatch(Condition);

impl IfMatchRule {
    /// The rule for the setting `server.require_if_match`.
    pub(crate) const fn of(required: bool) -> Self {
        if required { Self::Required } else { Self::Optional }
    }

    /// The precondition of a request without a condition.
    const fn unconditional(self) -> Precondition {
        match self {
            Self::Optional => Precondition::None,
            Self::Required => Precondition::Missing,
        }
    }
}

impl IfNoneMatch {
    /// Whether the client has the version with this tag. The comparison is weak (section 13.1.2).
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
    type Future = InTurn<Ready<Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        in_turn(request, ready(precondition(request).map(Self)))
    }
}

/// Both headers as one condition. `If-None-Match` can only restrict what `If-Match` allows (section 13.2.2).
fn precondition(request: &HttpRequest) -> Result<Precondition, Problem> {
    let required = match condition(request, &header::IF_MATCH)? {
        Condition::Absent => request.app_data::<IfMatchRule>().ok_or(Code::Internal)?.unconditional(),
        Condition::Any => Precondition::Exists,
        // Section 13.1.1 requires a strong comparison. Roster's tags name versions, not bytes, so the weak forms that
        // compressing proxies make of them are equal: see ARCHITECTURE.md.
        Condition::Tags(tags) => Precondition::VersionIn(versions(&tags)),
    };
    Ok(match condition(request, &header::IF_NONE_MATCH)? {
        Condition::Absent => required,
        Condition::Any => Precondition::Absent,
        Condition::Tags(tags) => required.and_not(&versions(&tags)),
    })
}

fn versions(tags: &[EntityTag]) -> Vec<Version> {
    tags.iter().filter_map(EntityTag::version).collect()
}

impl FromRequest for IfNoneMatch {
    type Error = Problem;
    type Future = InTurn<Ready<Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        in_turn(request, ready(condition(request, &header::IF_NONE_MATCH).map(Self)))
    }
}

fn condition(request: &HttpRequest, name: &HeaderName) -> Result<Condition, Problem> {
    if !request.headers().contains_key(name) {
        return Ok(Condition::Absent);
    }
    let lines: Result<Vec<_>, _> = request.headers().get_all(name).map(HeaderValue::to_str).collect();
    let parsed = lines.ok().and_then(|lines| parse(&lines.join(",")));
    parsed.ok_or_else(|| {
        let detail = format!("{name} must be * or a list of entity tags such as \"7\".");
        Problem::new(Code::ConditionInvalid).with_detail(detail)
    })
}

/// Parses `*` or a non-empty list of tags. Empty elements are skipped (section 5.6.1).
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
        let if_match = "The change applies only if the current version is one of these; `*` means any version. Required if \
            `server.require_if_match` is set. The forms that compressing proxies make of a tag are accepted: `W/\"7\"`, `\"7-gzip\"`, `\"7;gzip\"`, `\"7-br\"`, \
            `\"7-zstd\"`.";
        let if_none_match = "The change applies only if the current version is none of these. `*` is rejected for anything that exists.";
        for (name, text) in [("If-Match", if_match), ("If-None-Match", if_none_match)] {
            operation.parameters.push(Either::Right(optional(name, text)));
        }
        add_errors(
            operation,
            &[Code::ConditionInvalid, Code::PreconditionFailed, Code::PreconditionRequired],
        );
    }
}

impl OperationModifier for IfNoneMatch {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let text = "The response is a 304 without a body if the current version is one of these.";
        operation.parameters.push(Either::Right(optional("If-None-Match", text)));
        add_errors(operation, &[Code::ConditionInvalid]);
        add_response(operation, 304, "It has not changed.", None);
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
    fn lists_weak_tags_and_foreign_tags_are_parsed() {
        assert_eq!(versions_in("\"7\""), [7]);
        assert_eq!(versions_in(" \"7\" ,, W/\"8\",\"a,b\", \"07\""), [7, 8]);
        assert_eq!(parse(" * "), Some(Condition::Any));
    }

    #[test]
    fn anything_but_a_list_of_tags_is_rejected() {
        for text in
            ["", " ", ",", "7", "\"7", "\"7\" \"8\"", "*, \"7\"", "\"7\", *", "w/\"7\"", "\"a b\"", "\"7\"x"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
