//! Query parameters.

use super::rules::{FromRaw, RawError};
use crate::openapi::errors::refuses;
use crate::problem::{Code, FieldViolation, Problem};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DataTypeFormat, DefaultOperationRaw, DefaultParameterRaw, Either, ParameterIn};
use paperclip::v2::schema::Apiv2Schema;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::borrow::Cow;
use std::future::{Ready, ready};

/// Query parameters, read as a whole: every fault is told at once.
pub(crate) struct Params<T>(pub(crate) T);

/// No query parameters: whoever sends one is mistaken, and is told so.
pub(crate) type NoParams = Params<Nothing>;

/// What is read where there is nothing to read.
pub(crate) struct Nothing;

/// What can be read from a query.
pub(crate) trait FromParams: Sized + 'static {
    /// All that there are. Any other is refused.
    fn known() -> impl Iterator<Item = &'static Parameter>;

    /// Reads them. Faults are left with the reader.
    fn from_params(reader: &mut ParamReader) -> Self;

    /// What can be said only once every parameter is known.
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

/// A query parameter, as the document shows it.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) schema: fn() -> Value,
}

/// Hands out parameters and gathers their faults.
pub(crate) struct ParamReader {
    pairs: Vec<(String, String)>,
    faults: Vec<FieldViolation>,
}

impl ParamReader {
    /// The parameter as text, if it is there.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(given, _)| given == name)?;
        Some(self.pairs.swap_remove(at).1)
    }

    /// What no one has taken yet.
    pub(crate) fn left(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The parameter as a value with a rule.
    pub(crate) fn value<T: FromRaw<Raw = String>>(&mut self, name: &str) -> Option<T> {
        self.parsed(name, T::from_raw)
    }

    /// The parameter as whatever `parse` makes of it.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&String) -> Result<T, RawError>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let parsed = parse(&text);
        parsed.map_err(|fault| self.faults.push(FieldViolation::new(name, fault.code, fault.message))).ok()
    }

    pub(super) fn read<T: FromParams>(query: &str) -> Result<T, Problem> {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if percent_decode_str(query).decode_utf8().is_err() {
            return Err(Problem::new(Code::ParameterInvalid).with_detail("The query is not UTF-8."));
        }
        let mut reader = Self { pairs, faults: Vec::new() };
        let mut value = T::from_params(&mut reader);
        let unknown = reader.refuse_the_rest::<T>();
        if !reader.faults.is_empty() {
            let code = if unknown { Code::UnknownParameter } else { Code::ParameterInvalid };
            return Err(Problem::new(code).with_faults(reader.faults));
        }
        value.check()?;
        Ok(value)
    }

    /// What was not taken is unknown or given twice. Gives back whether any is unknown.
    fn refuse_the_rest<T: FromParams>(&mut self) -> bool {
        if self.pairs.is_empty() {
            return false;
        }
        let names: Vec<_> = T::known().map(|parameter| parameter.name).collect();
        let mut any = false;
        for (name, _) in std::mem::take(&mut self.pairs) {
            if names.contains(&name.as_str()) {
                self.faults.push(FieldViolation::new(
                    name,
                    "parameter_twice",
                    "this parameter is given twice",
                ));
            } else {
                any = true;
                let message = match names[..] {
                    [] => Cow::Borrowed("this operation takes no parameters"),
                    _ => format!("known are {}", names.join(", ")).into(),
                };
                self.faults.push(FieldViolation::new(name, "unknown_parameter", message));
            }
        }
        any
    }
}

impl<T: FromParams> FromRequest for Params<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(ParamReader::read(request.query_string()).map(Self))
    }
}

impl<T> Apiv2Schema for Params<T> {}

impl<T: FromParams> OperationModifier for Params<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let parameters = T::known().map(|parameter| Either::Right(parameter.documented()));
        operation.parameters.extend(parameters);
        let invalid: &[Code] = if T::known().next().is_some() { &[Code::ParameterInvalid] } else { &[] };
        refuses(operation, &[Code::UnknownParameter]);
        refuses(operation, invalid);
    }
}

impl Parameter {
    /// paperclip's parameters have words for all but the example and the default.
    fn documented(&self) -> DefaultParameterRaw {
        let schema = (self.schema)();
        let count = |word: &str| schema.get(word).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        #[expect(clippy::cast_precision_loss, reason = "bounds are small integers")]
        let bound = |word: &str| count(word).map(|number| number as f32);
        let word = |word: &str| schema.get(word).cloned();
        DefaultParameterRaw {
            name: self.name.to_owned(),
            description: Some(self.description.to_owned()),
            in_: ParameterIn::Query,
            data_type: word("type").and_then(|kind| serde_json::from_value(kind).ok()),
            format: word("format")
                .and_then(|format| serde_json::from_value(format).ok())
                .filter(|format| *format != DataTypeFormat::Other),
            enum_: word("enum").and_then(|values| values.as_array().cloned()).unwrap_or_default(),
            pattern: schema.get("pattern").and_then(Value::as_str).map(str::to_owned),
            min_length: count("minLength"),
            max_length: count("maxLength"),
            minimum: bound("minimum"),
            maximum: bound("maximum"),
            ..DefaultParameterRaw::default()
        }
    }
}
