//! Reads JSON into a type, and explains why it does not fit.

use super::fields::pointer;
use super::strict;
use crate::code::Code;
use crate::problem::{FieldViolation, Problem};
use serde::de::DeserializeOwned;

/// Reads a JSON object.
///
/// # Errors
/// [`Code::JsonMalformed`], [`Code::UnknownField`], [`Code::BodyInvalid`].
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    strict::check(bytes)?;
    // serde would read the fields of a struct from an array, by their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        let violation = FieldViolation::new("", "shape_invalid", "expected an object");
        return Err(Problem::new(Code::BodyInvalid).with_violations(vec![violation]));
    }
    // Keeping track of the path costs more than reading, so only a body that does not fit is read with it.
    serde_json::from_slice(bytes).or_else(|_| parse_tracking_path(bytes))
}

fn parse_tracking_path<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| wrong_shape(&error))
}

/// Says where the shape is wrong and what was expected, but never the value, which may be a password.
fn wrong_shape(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let text = error.inner().to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let path = error.path().to_string();
    let pointer = if path == "." { String::new() } else { pointer(&path) };
    if let Some((name, known)) = text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
        return unknown_field(&pointer, name, known);
    }
    let expected = text.rsplit_once("expected ").map_or("another shape", |(_, expected)| expected);
    let expected = format!("expected {}", json_type(expected));
    let violation = FieldViolation::new(pointer, "shape_invalid", expected);
    Problem::new(Code::BodyInvalid).with_violations(vec![violation])
}

/// `known` is serde's list of the fields that it expected.
fn unknown_field(pointer: &str, name: &str, known: &str) -> Problem {
    let known = known.trim_start_matches(", ");
    let known =
        known.replace("expected one of", "known fields are").replace("expected", "the only known field is");
    let parent = pointer.strip_suffix(&format!("/{name}")).unwrap_or(pointer);
    let violation = FieldViolation::new(format!("{parent}/{name}"), "unknown_field", known);
    Problem::new(Code::UnknownField).with_violations(vec![violation])
}

/// What serde expects, in the terms of JSON (RFC 8259, section 1).
fn json_type(expected: &str) -> &str {
    match expected {
        "a sequence" => "an array",
        "a map" => "an object",
        "a boolean" => "true or false",
        "u64" => "an integer of 0 or more",
        other => other,
    }
}
