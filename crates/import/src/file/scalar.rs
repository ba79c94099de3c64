//! Skips a value, and tells what kind it was.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// What a member whose name is that of a field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberKind {
    Scalar,
    Array,
    /// An object; whether its first key is a number, as in the columns of pandas.
    Object {
        numbered: bool,
    },
}

impl<'de> Deserialize<'de> for MemberKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = MemberKind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<MemberKind, E> {
        Ok(MemberKind::Scalar)
    }

    fn visit_bool<E>(self, _: bool) -> Result<MemberKind, E> {
        Ok(MemberKind::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<MemberKind, E> {
        Ok(MemberKind::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<MemberKind, E> {
        Ok(MemberKind::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<MemberKind, E> {
        Ok(MemberKind::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<MemberKind, E> {
        Ok(MemberKind::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<MemberKind, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(MemberKind::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<MemberKind, A::Error> {
        let first = entries.next_entry::<String, IgnoredAny>()?;
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        let is_number = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        Ok(MemberKind::Object { numbered: first.is_some_and(|(key, _)| is_number(&key)) })
    }
}
