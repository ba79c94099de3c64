//! The inner steps of extractors, for tests without a request.

use super::body::{self, Input};
use super::json;
use super::params::{FromParams, ParamReader};
use crate::problem::Problem;
use roster_auth::password::PasswordPolicy;

pub(crate) fn parse<T: Input>(text: &str) -> Result<T, Problem> {
    json::parse(text.as_bytes())
}

pub(crate) fn validate<T: Input>(body: T) -> Result<T, Problem> {
    body::validate_by(PasswordPolicy::default(), &body).map(|()| body)
}

pub(crate) fn params<T: FromParams>(query: &str) -> Result<T, Problem> {
    ParamReader::read(query)
}
