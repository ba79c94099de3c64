//! Versions of the schema, and which Roster can work with which.

use jiff::Timestamp;
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

/// A migration that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedMigration {
    /// The version after it.
    pub version: u32,
    /// What it did.
    pub name: String,
    /// As [`Migration::min_reader`].
    pub min_reader: u32,
    /// When.
    pub at: Timestamp,
}

/// The schema of a store, and what it lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaStatus {
    /// The version that the store has.
    pub found: SchemaVersion,
    /// The version that this Roster makes.
    pub known: u32,
    /// The migrations that were made, in order. A newer Roster may have made some that this one does not know.
    pub applied: Vec<AppliedMigration>,
    /// The migrations that are still to be made, in order.
    pub pending: &'static [Migration],
    /// Why this Roster must not work with the store, if it must not.
    pub newer: Option<NewerSchema>,
}

impl SchemaStatus {
    /// What `migrations`, all of this Roster, mean for a store with the applied ones.
    #[must_use]
    pub fn new(migrations: &'static [Migration], applied: Vec<AppliedMigration>) -> Self {
        let found = SchemaVersion::of(&applied);
        let known = migrations.last().map_or(0, |last| last.version);
        let (pending, newer) = match pending(migrations, found) {
            Ok(pending) => (pending, None),
            Err(newer) => (&[][..], Some(newer)),
        };
        Self { found, known, applied, pending, newer }
    }

    /// The migrations that are still to be made, in order.
    ///
    /// # Errors
    /// [`NewerSchema`] if this Roster must not work with the store.
    pub fn plan(&self) -> Result<&'static [Migration], NewerSchema> {
        self.newer.map_or(Ok(self.pending), Err)
    }
}

impl SchemaVersion {
    /// The version of a store with these migrations.
    #[must_use]
    pub fn of(applied: &[AppliedMigration]) -> Self {
        Self {
            version: applied.last().map_or(0, |last| last.version),
            min_reader: applied.iter().map(|applied| applied.min_reader).max().unwrap_or_default(),
        }
    }
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
    fn the_status_of_a_store_that_must_not_be_opened_can_be_shown() {
        let applied = |version, min_reader| AppliedMigration {
            version,
            name: "a change".to_owned(),
            min_reader,
            at: Timestamp::UNIX_EPOCH,
        };
        let status = SchemaStatus::new(&MIGRATIONS, vec![applied(1, 1)]);
        assert_eq!((status.known, status.plan().unwrap().len()), (2, 1));
        let newer = SchemaStatus::new(&MIGRATIONS, vec![applied(1, 1), applied(2, 1), applied(3, 3)]);
        assert_eq!((newer.found.version, newer.applied.len(), newer.pending.len()), (3, 3, 0));
        assert_eq!(newer.plan(), Err(NewerSchema { found: 3, min_reader: 3, known: 2 }));
    }

    #[test]
    fn a_newer_store_is_refused_only_if_an_older_roster_would_misread_it() {
        let newer = |min_reader| pending(&MIGRATIONS, SchemaVersion { version: 5, min_reader });
        assert_eq!(newer(2), Ok(&[][..]));
        assert_eq!(newer(3), Err(NewerSchema { found: 5, min_reader: 3, known: 2 }));
        assert!(newer(3).unwrap_err().to_string().contains("knows only up to 2"));
    }
}
