//! What JSON must be beyond its grammar: no name twice, no number that would be rounded.
//!
//! `serde_json` refuses lone surrogates, bytes that are no UTF-8, and more than 128 levels by itself.

use crate::problem::{Code, Fault, Problem};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Checks a document.
///
/// # Errors
/// [`Code::JsonMalformed`], with the place where there is one.
pub(super) fn check(bytes: &[u8]) -> Result<(), Problem> {
    let mut twice = None;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let node = Node { pointer: String::new(), twice: &mut twice };
    let outcome = node.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    if let Some(pointer) = twice {
        let fault = Fault::new(pointer, "name_twice", "this name stands here twice");
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

/// Walks a value without keeping it.
struct Node<'a> {
    pointer: String,
    /// Where a name stood twice.
    twice: &'a mut Option<String>,
}

impl Node<'_> {
    fn below(&mut self, step: &str) -> Node<'_> {
        let step = step.replace('~', "~0").replace('/', "~1");
        Node { pointer: format!("{}/{step}", self.pointer), twice: self.twice }
    }
}

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

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let below = self.below(&name);
            if names.contains(&name) {
                *below.twice = Some(below.pointer);
                return Err(A::Error::custom("a name twice"));
            }
            map.next_value_seed(below)?;
            names.insert(name);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        while items.next_element_seed(self.below(&index.to_string()))?.is_some() {
            index += 1;
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
