//! Versions of the schema, and which Roster can work with which.

use thiserror::Error;

/// One step from a version of the schema to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The version after it: 1 for the first, and so on without a gap.
    pub version: u32,
    /// What it does, as a sentence without its full stop.
    pub name: &'static str,
    /// The oldest schema version that a Roster must know to work with a store that has this migration. It rises only
    /// if an older Roster would misread the store, for example because it does not know a status.
    pub min_reader: u32,
    /// The statements.
    pub sql: &'static str,
}

/// The version that a store has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The last migration; 0 for an empty database.
    pub version: u32,
    /// What a Roster must know to work with it.
    pub min_reader: u32,
}

/// A store that this Roster must not open.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "the database has schema version {found}, for which a Roster must know version {min_reader}, and this one knows \
     only up to {known}; use the Roster that migrated it, or a later one"
)]
pub struct NewerSchema {
    /// The version of the database.
    pub found: u32,
    /// What a Roster must know.
    pub min_reader: u32,
    /// What this Roster knows.
    pub known: u32,
}

/// The migrations that a store lacks, in order. A store with a newer schema lacks none if this Roster may work with it.
///
/// # Errors
/// [`NewerSchema`] if it may not.
pub fn pending(
    migrations: &'static [Migration],
    found: SchemaVersion,
) -> Result<&'static [Migration], NewerSchema> {
    let known = migrations.last().map_or(0, |last| last.version);
    if found.min_reader > known {
        return Err(NewerSchema { found: found.version, min_reader: found.min_reader, known });
    }
    let first = migrations.iter().position(|migration| migration.version > found.version);
    Ok(first.map_or(&[], |first| &migrations[first..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIGRATIONS: [Migration; 2] = [
        Migration { version: 1, name: "one", min_reader: 1, sql: "" },
        Migration { version: 2, name: "two", min_reader: 1, sql: "" },
    ];

    #[test]
    fn a_store_lacks_the_migrations_after_its_version() {
        let lacks = |version| {
            let found = SchemaVersion { version, min_reader: version.min(1) };
            pending(&MIGRATIONS, found).unwrap().iter().map(|migration| migration.version).collect::<Vec<_>>()
        };
        assert_eq!(lacks(0), [1, 2]);
        assert_eq!(lacks(1), [2]);
        assert_eq!(lacks(2), [0; 0]);
    }

    #[test]
    fn a_newer_store_is_refused_only_if_an_older_roster_would_misread_it() {
        let newer = |min_reader| pending(&MIGRATIONS, SchemaVersion { version: 5, min_reader });
        assert_eq!(newer(2), Ok(&[][..]));
        assert_eq!(newer(3), Err(NewerSchema { found: 5, min_reader: 3, known: 2 }));
        assert!(newer(3).unwrap_err().to_string().contains("knows only up to 2"));
    }
}
