//! The check of `roster doctor`.

use roster_storage::{Examination, Finding, Holder, Store as _};
use roster_storage_postgres::{
    Inspection, OpenError, PostgresStore, PostgresStoreSettings, inspect, refuse_incomplete, schema_status,
};

use super::runtime::wait;
use crate::terminal::chain;

/// Compares the schema and reads every row, as one state of the database. Changes nothing.
///
/// # Errors
/// If the database does not answer.
pub(super) fn examine(place: String, settings: PostgresStoreSettings) -> anyhow::Result<Examination> {
    let mut findings = Vec::new();
    wait(async move {
        let status = schema_status(&settings).await?;
        if status.found.version == 0 {
            let remedy = "correct storage.url, or start a server, which makes the tables";
            findings.push(Finding::fault(place, "there is no store", remedy));
            return Ok(Examination { findings, holder: Holder::Nobody });
        }
        if let Err(error) = refuse_incomplete(&settings).await {
            findings.push(of_error(&place, &error));
            return Ok(Examination { findings, holder: Holder::Nobody });
        }
        for migration in status.pending {
            findings.push(Finding::note(
                place.clone(),
                format!("the tables lack migration {}: {}", migration.version, migration.name),
                "make it: roster migrate up",
            ));
        }
        if let Some(newer) = status.newer {
            let remedy = "use the Roster that migrated it, or a later one";
            findings.push(Finding::fault(place, newer.to_string(), remedy));
        } else if status.pending.is_empty() {
            match inspect(&settings).await {
                Ok(found) => findings.extend(of_inspection(&found, &place)),
                Err(error) => findings.push(unreadable(&place, &error.into())),
            }
            let store = PostgresStore::open(settings).await?;
            findings.extend(unready(&store, &place).await);
            findings.extend(read_all(&store, &place).await);
            store.close();
        }
        Ok(Examination { findings, holder: Holder::Nobody })
    })?
}

/// The message says what is wrong and, after a semicolon, what to do.
fn of_error(place: &str, error: &OpenError) -> Finding {
    let message = error.to_string();
    let (what, remedy) = message.split_once("; ").unwrap_or((&message, "make the database answer"));
    Finding::fault(place, what, remedy)
}

fn of_inspection(found: &Inspection, place: &str) -> Vec<Finding> {
    let gate = (!found.has_admin_gate).then(|| {
        let what = "the table admin_gate has no row, so changes to administrators fail";
        Finding::fault(place, what, "add it with: INSERT INTO admin_gate VALUES (true)")
    });
    let admin = found.lacks_admin.then(|| Finding::no_active_admin(place));
    let keys = found.idle_keys.iter().map(|(prefix, name)| Finding::key_without_creator(place, prefix, name));
    let replaced = found.replaced.iter().map(|schema| {
        let what = format!("the schema {schema} has a store that a backup has replaced");
        let remedy =
            format!("it contains password hashes: when you no longer need it, DROP SCHEMA {schema} CASCADE");
        Finding::note(place, what, remedy)
    });
    let copying = found.copying.iter().map(|schema| {
        let what = format!("the schema {schema} has the remains of an interrupted copy");
        let remedy =
            format!("it contains password hashes: when no `roster copy` runs, DROP SCHEMA {schema} CASCADE");
        Finding::note(place, what, remedy)
    });
    gate.into_iter().chain(admin).chain(keys).chain(replaced).chain(copying).collect()
}

/// Why a server with these settings could not write, if it could not.
async fn unready(store: &PostgresStore, place: &str) -> Option<Finding> {
    let error = store.ready().await.err()?;
    let remedy = "name the primary and the owner of the tables in storage.url, or grant what is missing";
    Some(Finding::fault(place, chain(&error.into()), remedy))
}

/// The first row that cannot be read.
async fn read_all(store: &PostgresStore, place: &str) -> Option<Finding> {
    let read = async {
        let mut snapshot = store.snapshot().await?;
        while !snapshot.next().await?.is_empty() {}
        anyhow::Ok(())
    };
    read.await.err().map(|error| unreadable(place, &error))
}

fn unreadable(place: &str, error: &anyhow::Error) -> Finding {
    let remedy = "correct the row, or restore a backup into an empty database with: roster restore FILE";
    Finding::fault(place, format!("{error:#}"), remedy)
}
