//! The check of `roster doctor`.

use roster_storage::{Examination, Finding, Holder, Store as _};
use roster_storage_postgres::{PostgresStore, PostgresStoreSettings, schema_status};

use super::runtime::wait;

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
            let store = PostgresStore::open(settings).await?;
            findings.extend(read_all(&store, &place).await);
            store.close();
        }
        Ok(Examination { findings, holder: Holder::Nobody })
    })?
}

/// The first row that cannot be read.
async fn read_all(store: &PostgresStore, place: &str) -> Option<Finding> {
    let read = async {
        let mut snapshot = store.snapshot().await?;
        while !snapshot.next().await?.is_empty() {}
        anyhow::Ok(())
    };
    let error = read.await.err()?;
    let remedy = "correct the row, or restore a backup with: roster restore --replace";
    Some(Finding::fault(place, format!("{error:#}"), remedy))
}
