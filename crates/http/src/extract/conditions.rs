//! Conditional requests (RFC 9110, section 13).

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
use roster_domain::{User, Version};
use roster_service::Precondition;
use std::fmt;
use std::future::{Ready, ready};

/// What must hold of the user before a change: `If-Match`.
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

/// The strong entity tag of a user: the version, and the last login, which leaves the version alone and yet
/// is shown. A condition for a change looks at the version only, so that a login spoils no edit.
pub(crate) fn etag(user: &User) -> HeaderValue {
    quoted(Opaque(user))
}

/// The strong entity tag of what its version tells all of.
pub(crate) fn version_tag(version: Version) -> HeaderValue {
    quoted(version)
}

/// The strong entity tag with this between its quotes, which no quote or space may be.
pub(crate) fn quoted(opaque: impl fmt::Display) -> HeaderValue {
    HeaderValue::try_from(format!("\"{opaque}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// What stands between the quotes of a user's tag.
struct Opaque<'a>(&'a User);

impl fmt::Display for Opaque<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.last_login_at {
            Some(at) => write!(f, "{}.{}", self.0.version, at.as_microsecond()),
            None => write!(f, "{}", self.0.version),
        }
    }
}

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
        let opaque = current.as_bytes().strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        match &self.0 {
            Condition::Absent => false,
            Condition::Any => true,
            Condition::Tags(tags) => tags.iter().any(|tag| Some(tag.opaque.as_bytes()) == opaque),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Absent,
    Any,
    Tags(Vec<Tag>),
}

#[derive(Debug, PartialEq, Eq)]
struct Tag {
    weak: bool,
    /// What stands between the quotes.
    opaque: String,
    /// `None` for a tag that no version has.
    version: Option<Version>,
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(precondition(request).map(Self))
    }
}

fn precondition(request: &HttpRequest) -> Result<Precondition, Problem> {
    match condition(request, &header::IF_MATCH)? {
        Condition::Absent => Ok(request.app_data::<IfMatchRule>().ok_or(Code::Internal)?.unconditional()),
        Condition::Any => Ok(Precondition::Exists),
        // The comparison is strong (section 13.1.1): a weak tag never matches.
        Condition::Tags(tags) => {
            let strong = tags.into_iter().filter(|tag| !tag.weak);
            Ok(Precondition::VersionIn(strong.filter_map(|tag| tag.version).collect()))
        }
    }
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
        let (tag, after) = tag(rest)?;
        tags.push(tag);
        let after = after.trim_start_matches([' ', '\t']);
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        rest = after.trim_start_matches([',', ' ', '\t']);
    }
    (!tags.is_empty()).then_some(Condition::Tags(tags))
}

/// One entity tag (section 8.8.3), and what follows it.
fn tag(text: &str) -> Option<(Tag, &str)> {
    let strong = text.strip_prefix("W/");
    let (opaque, rest) = strong.unwrap_or(text).strip_prefix('"')?.split_once('"')?;
    let allowed = opaque.bytes().all(|byte| byte == 0x21 || (0x23..0x7f).contains(&byte));
    let tag = Tag { weak: strong.is_some(), opaque: opaque.to_owned(), version: version(opaque) };
    allowed.then_some((tag, rest))
}

/// The version that a tag of ours begins with. It has one spelling: "07" is no tag of ours.
fn version(opaque: &str) -> Option<Version> {
    let digits = opaque.split_once('.').map_or(opaque, |(version, _)| version);
    digits.parse::<u64>().ok().filter(|number| number.to_string() == digits).map(Version::from)
}

impl Apiv2Schema for IfMatch {}
impl Apiv2Schema for IfNoneMatch {}

impl OperationModifier for IfMatch {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let text = "Change only if it still has one of these versions, or, with `*`, exists. Needed if a setting says so.";
        operation.parameters.push(Either::Right(optional("If-Match", text)));
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

    fn tags(text: &str) -> Vec<(bool, Option<u64>)> {
        match parse(text) {
            Some(Condition::Tags(tags)) => {
                tags.iter().map(|tag| (tag.weak, tag.version.map(Version::get))).collect()
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn lists_weak_tags_and_foreign_tags_are_read() {
        assert_eq!(tags("\"7\""), [(false, Some(7))]);
        assert_eq!(tags("\"7.1700000000000000\""), [(false, Some(7))]);
        assert_eq!(
            tags(" \"7\" ,, W/\"8\",\"a,b\", \"07\""),
            [(false, Some(7)), (true, Some(8)), (false, None), (false, None)]
        );
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
