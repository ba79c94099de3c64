//! Identifiers and counters.

use jiff::Timestamp;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a UUIDv7 (RFC 9562, section 5.7) from the time and ten random bytes.
            ///
            /// Times before 1970 count as 1970.
            #[must_use]
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The identifier with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The identifier as a UUID.
            #[must_use]
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            /// Accepts the hyphenated form only, so that an id has one spelling.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let hyphenated = uuid::fmt::Hyphenated::from_str(text)?;
                Ok(Self(hyphenated.into_uuid()))
            }
        }

        /// By the same rules as [`FromStr`].
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(IdVisitor(PhantomData))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

/// Parses an id without allocating.
struct IdVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for IdVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a UUID with hyphens")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

uuid_id! {
    /// Identifies a user permanently; never reused.
    UserId
}

uuid_id! {
    /// Identifies a record of the audit log.
    AuditId
}

uuid_id! {
    /// Identifies a session.
    SessionId
}

uuid_id! {
    /// Identifies a service account permanently; never reused.
    ServiceAccountId
}

uuid_id! {
    /// Identifies an API key permanently; never reused.
    ApiKeyId
}

uuid_id! {
    /// Identifies a job, such as an import over HTTP.
    JobId
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The value that every counter starts with.
            pub const FIRST: Self = Self(1);

            /// The next value. Saturates at `u64::MAX`.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl From<u64> for $name {
            fn from(number: u64) -> Self {
                Self(number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

counter! {
    /// Counts the changes to a user's profile; HTTP shows it as the `ETag`.
    ///
    /// A login, a rehash and a last-seen mark do not change the profile, so they do not count.
    Version
}

counter! {
    /// Counts the events that end all earlier access tokens: a changed password or role, a disabled account. A token
    /// is rejected when its epoch differs from its user's.
    AuthEpoch
}

counter! {
    /// A position in the audit log: the number under which the record was committed. Later records have greater
    /// numbers; numbers may be skipped.
    AuditPosition
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = UserId::new(Timestamp::from_second(1_000).unwrap(), [255; 10]);
        let late = UserId::new(Timestamp::from_second(1_001).unwrap(), [0; 10]);
        assert!(early < late);
        assert_eq!(late.as_uuid().get_version_num(), 7);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = UserId::new(Timestamp::UNIX_EPOCH, [7; 10]);
        assert_eq!(id.to_string().parse::<UserId>().unwrap(), id);
        assert!(id.as_uuid().simple().to_string().parse::<UserId>().is_err());
        assert!(id.as_uuid().urn().to_string().parse::<UserId>().is_err());
    }

    #[test]
    fn a_stored_id_has_the_spelling_of_a_request() {
        let read = |text: String| serde_json::from_value::<UserId>(text.into());
        let id = UserId::new(Timestamp::UNIX_EPOCH, [7; 10]);
        assert_eq!(read(id.to_string()).unwrap(), id);
        for other in [id.as_uuid().simple().to_string(), id.as_uuid().braced().to_string()] {
            assert!(read(other).unwrap_err().to_string().contains("a UUID with hyphens"));
        }
    }
}
