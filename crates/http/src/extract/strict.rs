//! Rules for JSON beyond its grammar: no duplicate names, no numbers that would be rounded.
//!
//! `serde_json` itself rejects lone surrogates, invalid UTF-8, and more than 128 levels.

use crate::code::Code;
use crate::problem::{FieldViolation, Problem};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

/// Checks a document.
///
/// # Errors
/// [`Code::JsonMalformed`], with a pointer to a duplicate name.
pub(super) fn check(bytes: &[u8]) -> Result<(), Problem> {
    let mut duplicate = Duplicate::default();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let outcome = Node(&mut duplicate).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    if let Some(pointer) = duplicate.pointer() {
        let violation = FieldViolation::new(pointer, "name_twice", "this object has the name twice");
        return Err(Problem::new(Code::JsonMalformed).with_violations(vec![violation]));
    }
    outcome.map_err(|error| Problem::new(Code::JsonMalformed).with_detail(repair(&error)))?;
    match inexact_integer(bytes) {
        Some(number) => {
            let detail =
                format!("{number} does not fit into a 64-bit integer or a double; send it as a string");
            Err(Problem::new(Code::JsonMalformed).with_detail(detail))
        }
        None => Ok(()),
    }
}

/// What is wrong, where, and what to do.
fn repair(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let (what, _) = text.split_once(" at line ").unwrap_or((&text, ""));
    let place = format!("line {} column {}", error.line(), error.column());
    if error.is_eof() {
        return format!("The JSON ends too early, at {place} ({what}). Send the whole document.");
    }
    format!("The JSON is not valid at {place}: {what}. Correct it there.")
}

/// The path to a duplicate name, last step first. The steps are recorded on the way back up, so that a document without
/// a duplicate costs nothing for its depth or for the length of its names.
#[derive(Default)]
struct Duplicate(Vec<String>);

impl Duplicate {
    fn pointer(&self) -> Option<String> {
        let escaped = |step: &String| step.replace('~', "~0").replace('/', "~1");
        let pointer = self.0.iter().rev().fold(String::new(), |pointer, step| pointer + "/" + &escaped(step));
        (!self.0.is_empty()).then_some(pointer)
    }

    /// Records a step if the failure was a duplicate name.
    fn record_step(&mut self, step: impl FnOnce() -> String) {
        if !self.0.is_empty() {
            self.0.push(step());
        }
    }
}

/// Visits a value without keeping it.
struct Node<'a>(&'a mut Duplicate);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            if names.contains(&name) {
                self.0.0.push(name.0.into_owned());
                return Err(A::Error::custom("a duplicate name"));
            }
            if let Err(error) = map.next_value_seed(Node(self.0)) {
                self.0.record_step(|| name.0.into_owned());
                return Err(error);
            }
            names.insert(name);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            match items.next_element_seed(Node(self.0)) {
                Ok(Some(())) => {}
                Ok(None) => break,
                Err(error) => {
                    self.0.record_step(|| index.to_string());
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The name of a member, borrowed unless it contains escapes.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The first integer of a valid document that would be rounded.
fn inexact_integer(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        rest = match first {
            b'"' => after_string(tail),
            b'-' | b'0'..=b'9' => {
                let end =
                    rest.iter().position(|byte| !b"+-.eE0123456789".contains(byte)).unwrap_or(rest.len());
                let (token, tail) = rest.split_at(end);
                let token = String::from_utf8_lossy(token);
                if !is_exact(&token) {
                    return Some(token.into_owned());
                }
                tail
            }
            _ => tail,
        };
    }
    None
}

fn after_string(mut rest: &[u8]) -> &[u8] {
    loop {
        match rest {
            [b'"', tail @ ..] => return tail,
            [b'\\', _, tail @ ..] | [_, tail @ ..] => rest = tail,
            [] => return rest,
        }
    }
}

/// A number with a fraction or an exponent becomes the nearest double. An integer must be represented exactly.
fn is_exact(token: &str) -> bool {
    token.contains(['.', 'e', 'E'])
        || token.parse::<i64>().is_ok()
        || token.parse::<u64>().is_ok()
        || token.parse::<f64>().is_ok_and(|double| format!("{double:.0}") == token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_json_is_told_what_to_do() {
        let detail = |bytes: &[u8]| check(bytes).unwrap_err().detail().to_owned();
        let cut = detail(b"{\"login\": \"a\"");
        assert!(
            cut.contains("ends too early, at line 1 column 13") && cut.contains("Send the whole"),
            "{cut}"
        );
        let wrong = detail(b"{login: 1}");
        assert!(wrong.contains("not valid at line 1 column 2") && wrong.contains("Correct it"), "{wrong}");
    }
    use std::time::{Duration, Instant};

    #[test]
    fn valid_json_passes() {
        for text in [
            "{}",
            "null",
            r#"{"a":[1,-2,0.1,1e300,true,null,"\"12345678901234567890123"],"b":{"a":1}}"#,
            "18446744073709551615",
            "-9223372036854775808",
            "18446744073709551616",
            "-0",
        ] {
            assert!(check(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_duplicate_name_is_located() {
        let problem = check(br#"{"a":[{"b/c":1,"b/c":2}]}"#).unwrap_err();
        assert_eq!(problem.violations()[0].pointer, "/a/0/b~1c");
    }

    #[test]
    fn a_long_name_costs_nothing_per_element_below_it() {
        let begin = Instant::now();
        let document = format!(r#"{{"{}":[1{}]}}"#, "n".repeat(1 << 20), ",1".repeat(1 << 19));
        assert!(check(document.as_bytes()).is_ok());
        // One copy of the name per element would be half a terabyte.
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    }

    #[test]
    fn numbers_that_would_be_rounded_are_rejected() {
        for text in
            ["18446744073709551617", "-9223372036854775809", "[123456789012345678901234567890]", "1e999"]
        {
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn invalid_json_is_rejected_without_a_panic() {
        let deep = "[".repeat(10_000);
        let bad: [&[u8]; 9] = [
            b"",
            b"{",
            b"{}x",
            b"NaN",
            b"\"\\ud800\"",
            b"\"\xc0\xaf\"",
            b"\xff",
            b"\"\x00\"",
            deep.as_bytes(),
        ];
        for bytes in bad {
            assert_eq!(check(bytes).unwrap_err().code(), Code::JsonMalformed, "{bytes:?}");
        }
    }
}
