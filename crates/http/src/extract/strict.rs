//! What JSON must be beyond its grammar: no name twice, no number that would be rounded.
//!
//! `serde_json` refuses lone surrogates, bytes that are no UTF-8, and more than 128 levels by itself.

use crate::problem::{Code, FieldViolation, Problem};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Checks a document.
///
/// # Errors
/// [`Code::JsonMalformed`], with the place where there is one.
pub(super) fn check(bytes: &[u8]) -> Result<(), Problem> {
    let mut twice = Twice::default();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let outcome = Node(&mut twice).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    if let Some(pointer) = twice.pointer() {
        let fault = FieldViolation::new(pointer, "name_twice", "this name stands here twice");
        return Err(Problem::new(Code::JsonMalformed).with_faults(vec![fault]));
    }
    outcome.map_err(|error| Problem::new(Code::JsonMalformed).with_detail(error.to_string()))?;
    match unholdable(bytes) {
        Some(number) => {
            let detail = format!("{number} fits neither a 64-bit integer nor a double; send it as a string");
            Err(Problem::new(Code::JsonMalformed).with_detail(detail))
        }
        None => Ok(()),
    }
}

/// Where a name stood twice: the steps that lead there, the last one first. They are put down on the way back
/// up, so that a document without such a name pays nothing for its depth or for the length of its names.
#[derive(Default)]
struct Twice(Vec<String>);

impl Twice {
    fn pointer(&self) -> Option<String> {
        let escaped = |step: &String| step.replace('~', "~0").replace('/', "~1");
        let pointer = self.0.iter().rev().fold(String::new(), |pointer, step| pointer + "/" + &escaped(step));
        (!self.0.is_empty()).then_some(pointer)
    }

    /// Notes the step to what failed, if it failed because of a name.
    fn lies_below(&mut self, step: impl FnOnce() -> String) {
        if !self.0.is_empty() {
            self.0.push(step());
        }
    }
}

/// Walks a value without keeping it.
struct Node<'a>(&'a mut Twice);

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
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if names.contains(&name) {
                self.0.0.push(name);
                return Err(A::Error::custom("a name twice"));
            }
            if let Err(error) = map.next_value_seed(Node(self.0)) {
                self.0.lies_below(|| name);
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
                    self.0.lies_below(|| index.to_string());
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

/// The first integer of a valid document that would not survive being read.
fn unholdable(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        rest = match first {
            b'"' => after_string(tail),
            b'-' | b'0'..=b'9' => {
                let end =
                    rest.iter().position(|byte| !b"+-.eE0123456789".contains(byte)).unwrap_or(rest.len());
                let (token, tail) = rest.split_at(end);
                let token = String::from_utf8_lossy(token);
                if !is_holdable(&token) {
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

/// A fraction or an exponent asks for a double and gets the nearest; an integer must be met exactly.
fn is_holdable(token: &str) -> bool {
    token.contains(['.', 'e', 'E'])
        || token.parse::<i64>().is_ok()
        || token.parse::<u64>().is_ok()
        || token.parse::<f64>().is_ok_and(|double| format!("{double:.0}") == token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn plain_json_passes() {
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
    fn a_name_that_stands_twice_is_pointed_at() {
        let problem = check(br#"{"a":[{"b/c":1,"b/c":2}]}"#).unwrap_err();
        assert_eq!(problem.faults()[0].pointer, "/a/0/b~1c");
    }

    #[test]
    fn a_long_name_costs_nothing_for_each_element_below_it() {
        let begin = Instant::now();
        let document = format!(r#"{{"{}":[1{}]}}"#, "n".repeat(1 << 20), ",1".repeat(1 << 19));
        assert!(check(document.as_bytes()).is_ok());
        // A copy of the name for each would be half a terabyte.
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    }

    #[test]
    fn numbers_that_would_be_rounded_are_refused() {
        for text in
            ["18446744073709551617", "-9223372036854775809", "[123456789012345678901234567890]", "1e999"]
        {
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused_without_a_panic() {
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
