//! What a check looks at besides the rows of the store.

use crate::connection::SessionSettings;
use crate::copy::begun;
use crate::error::OpenError;
use crate::migrations::connector;
use crate::settings::PostgresStoreSettings;
use crate::transaction::Transaction;

const GATE: &str = "SELECT EXISTS (SELECT FROM admin_gate)";
const LACKS_ADMIN: &str =
    "SELECT EXISTS (SELECT FROM users) AND NOT EXISTS (SELECT FROM users WHERE active_admin)";
const IDLE_KEYS: &str = "SELECT k.prefix, a.name FROM api_keys k JOIN service_accounts a ON a.id = k.account_id \
     WHERE json_typeof(k.created_by::json) = 'object' \
     AND NOT EXISTS (SELECT FROM users u WHERE u.id = (k.created_by::json ->> 'user')::uuid) ORDER BY k.prefix";
/// A restore names them so.
const REPLACED: &str = "SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^replaced_[0-9]{8}t[0-9]{12}z$' \
     ORDER BY nspname";

/// What a check found besides the rows of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Whether there is the row that units about administrators lock. Without it they fail.
    pub has_admin_gate: bool,
    /// Whether there are users, and none of them is an active administrator.
    pub lacks_admin: bool,
    /// The API keys whose creators no longer exist, each with the name of its service account.
    pub idle_keys: Vec<(String, String)>,
    /// The schemas of stores that a backup has replaced.
    pub replaced: Vec<String>,
    /// The schema of a copy that was interrupted.
    pub copying: Option<String>,
}

/// Inspects a database whose schema is up to date. Changes nothing.
///
/// # Errors
/// [`OpenError`], if the database does not answer.
pub async fn inspect(settings: &PostgresStoreSettings) -> Result<Inspection, OpenError> {
    let session = SessionSettings::long(settings);
    let connection = session.open(&connector(settings).await?).await?;
    let transaction = Transaction::new(connection, session);
    let failed = |error: tokio_postgres::Error| OpenError::Database(Box::new(error));
    let keys = transaction.rows(IDLE_KEYS, &[]).await?;
    let keys = keys.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, _>>();
    let replaced = transaction.rows(REPLACED, &[]).await?;
    let replaced = replaced.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>();
    Ok(Inspection {
        has_admin_gate: transaction.value(GATE).await?,
        lacks_admin: transaction.value(LACKS_ADMIN).await?,
        idle_keys: keys.map_err(failed)?,
        replaced: replaced.map_err(failed)?,
        copying: begun(&transaction).await?,
    })
}
