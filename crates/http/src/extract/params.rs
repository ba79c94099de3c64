//! Query parameters.

use super::in_turn::{InTurn, in_turn};
use crate::code::Code;
use crate::openapi::errors::add_errors;
use crate::problem::{FieldViolation, Problem};
use crate::rules::{FromRaw, RawError};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DataTypeFormat, DefaultOperationRaw, DefaultParameterRaw, Either, ParameterIn};
use paperclip::v2::schema::Apiv2Schema;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::borrow::Cow;
use std::future::{Ready, ready};

/// Query parameters, read together so that all errors are reported at once.
pub(crate) struct Params<T>(pub(crate) T);

/// No query parameters: any parameter is an error.
pub(crate) type NoParams = Params<Nothing>;

/// The empty set of parameters.
pub(crate) struct Nothing;

/// A type that can be read from a query.
pub(crate) trait FromParams: Sized + 'static {
    /// All known parameters. Others are rejected.
    fn known() -> impl Iterator<Item = &'static Parameter>;

    /// Reads them. The reader collects the errors.
    fn from_params(reader: &mut ParamReader) -> Self;

    /// Checks what needs several parameters.
    fn check(&mut self) -> Result<(), Problem> {
        Ok(())
    }
}

impl FromParams for Nothing {
    fn known() -> impl Iterator<Item = &'static Parameter> {
        [].iter()
    }

    fn from_params(_: &mut ParamReader) -> Self {
        Self
    }
}

/// A query parameter and its description in the document.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) schema: fn() -> Value,
}

/// Reads parameters and collects their errors.
pub(crate) struct ParamReader {
    pairs: Vec<(String, String)>,
    violations: Vec<FieldViolation>,
}

impl ParamReader {
    /// The parameter as text, if it was sent.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(sent, _)| sent == name)?;
        Some(self.pairs.swap_remove(at).1)
    }

    /// Every value of a parameter that may be repeated, in the order in which they were sent.
    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        let (sent, rest) = std::mem::take(&mut self.pairs).into_iter().partition(|(sent, _)| sent == name);
        self.pairs = rest;
        let sent: Vec<(String, String)> = sent;
        sent.into_iter().map(|(_, value)| value).collect()
    }

    /// Every value of a parameter that may be repeated, as parsed by `parse`.
    pub(crate) fn each<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, RawError>) -> Vec<T> {
        let mut parsed = Vec::new();
        for text in self.texts(name) {
            match parse(&text) {
                Ok(value) => parsed.push(value),
                Err(RawError { code, message }) => {
                    self.violations.push(FieldViolation::new(name, code, message));
                }
            }
        }
        parsed
    }

    /// The parameters that have not been read yet.
    pub(crate) fn unread(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The parameter as a value of the domain.
    pub(crate) fn value<T: FromRaw<Raw = String>>(&mut self, name: &str) -> Option<T> {
        self.parsed(name, T::from_raw)
    }

    /// The parameter as parsed by `parse`.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(String) -> Result<T, RawError>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let violation = |error: RawError| FieldViolation::new(name, error.code, error.message);
        parse(text).map_err(|error| self.violations.push(violation(error))).ok()
    }

    pub(super) fn read<T: FromParams>(query: &str) -> Result<T, Problem> {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if percent_decode_str(query).decode_utf8().is_err() {
            return Err(Problem::new(Code::ParameterInvalid).with_detail("The query is not valid UTF-8."));
        }
        let mut reader = Self { pairs, violations: Vec::new() };
        let mut value = T::from_params(&mut reader);
        let has_unknown = reader.reject_unread::<T>();
        if !reader.violations.is_empty() {
            let code = if has_unknown { Code::UnknownParameter } else { Code::ParameterInvalid };
            return Err(Problem::new(code).with_violations(reader.violations));
        }
        value.check()?;
        Ok(value)
    }

    /// Rejects the parameters that were not read: they are unknown or sent twice. Returns whether any is unknown.
    fn reject_unread<T: FromParams>(&mut self) -> bool {
        if self.pairs.is_empty() {
            return false;
        }
        let names: Vec<_> = T::known().map(|parameter| parameter.name).collect();
        let mut has_unknown = false;
        for (name, _) in std::mem::take(&mut self.pairs) {
            if names.contains(&name.as_str()) {
                let message = "this parameter is sent twice";
                self.violations.push(FieldViolation::new(name, "parameter_twice", message));
            } else {
                has_unknown = true;
                let message = match names[..] {
                    [] => Cow::Borrowed("this operation has no query parameters"),
                    _ => format!("known parameters are {}", names.join(", ")).into(),
                };
                self.violations.push(FieldViolation::new(name, "unknown_parameter", message));
            }
        }
        has_unknown
    }
}

impl<T: FromParams> FromRequest for Params<T> {
    type Error = Problem;
    type Future = InTurn<Ready<Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        in_turn(request, ready(ParamReader::read(request.query_string()).map(Self)))
    }
}

impl<T> Apiv2Schema for Params<T> {}

impl<T: FromParams> OperationModifier for Params<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let parameters = T::known().map(|parameter| Either::Right(parameter.documented()));
        operation.parameters.extend(parameters);
        let invalid: &[Code] = if T::known().next().is_some() { &[Code::ParameterInvalid] } else { &[] };
        add_errors(operation, &[Code::UnknownParameter]);
        add_errors(operation, invalid);
    }
}

impl Parameter {
    /// Describes the parameter, without example and default, which paperclip's model lacks.
    fn documented(&self) -> DefaultParameterRaw {
        let schema = (self.schema)();
        let count = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        #[expect(clippy::cast_precision_loss, reason = "bounds are small integers")]
        let bound = |key: &str| count(key).map(|number| number as f32);
        let member = |key: &str| schema.get(key).cloned();
        DefaultParameterRaw {
            name: self.name.to_owned(),
            description: Some(self.description.to_owned()),
            in_: ParameterIn::Query,
            data_type: member("type").and_then(|kind| serde_json::from_value(kind).ok()),
            format: member("format")
                .and_then(|format| serde_json::from_value(format).ok())
                .filter(|format| *format != DataTypeFormat::Other),
            enum_: member("enum").and_then(|values| values.as_array().cloned()).unwrap_or_default(),
            pattern: schema.get("pattern").and_then(Value::as_str).map(str::to_owned),
            min_length: count("minLength"),
            max_length: count("maxLength"),
            minimum: bound("minimum"),
            maximum: bound("maximum"),
            ..DefaultParameterRaw::default()
        }
    }
}
