//! A snapshot: one transaction that sees one state, read through cursors.

use std::sync::Arc;

use async_trait::async_trait;
use roster_domain::ServiceAccount;
use roster_storage::{Snapshot, SnapshotProgress, StoreError, StoredItem};
use roster_storage_sql::{AuditRow, SessionRow, UserRow};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::connection::{DatabaseError, SessionSettings};
use crate::migrations::connector;
use crate::rows::{read_accounts, read_all};
use crate::settings::PostgresStoreSettings;
use crate::sql::{accounts, qualified};
use crate::transaction::Transaction;

/// A state of the store. It has a connection of its own, so that a slow reader does not occupy the pool.
pub(crate) struct PostgresSnapshot {
    transaction: Transaction,
    /// What is read at the moment; `None` at the end.
    part: Option<Part>,
    progress: SnapshotProgress,
}

/// The parts, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Users,
    Accounts,
    Sessions,
    Audit,
}

/// The state is chosen by the first query. A cursor walks its index, so that no piece waits for a sort.
const MODE: &str = "ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL cursor_tuple_fraction = 0.0001";

/// How many rows a piece has.
const FETCH: &str = "FETCH FORWARD 256 FROM piece";

/// About how many items there are. Counting them would take as long as reading them.
const ESTIMATE: &str = "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class \
    WHERE oid IN ('users'::regclass, 'service_accounts'::regclass, 'sessions'::regclass, 'audit'::regclass)";

impl PostgresSnapshot {
    /// Opens a snapshot of the store as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn open(settings: &PostgresStoreSettings) -> Result<Self, StoreError> {
        let unavailable = |error| StoreError::Unavailable(Box::new(error));
        let connector = connector(settings).await.map_err(unavailable)?;
        let session = SessionSettings::open_ended(settings);
        let transaction = Transaction::new(session.open(&connector).await?, session);
        transaction.begin(MODE).await?;
        let total: i64 = transaction.value(ESTIMATE).await?;
        transaction.run(&Part::Users.cursor()).await?;
        let progress = SnapshotProgress { done: 0, total: total.cast_unsigned() };
        Ok(Self { transaction, part: Some(Part::Users), progress })
    }

    /// The items of these rows.
    async fn read(&self, part: Part, rows: &[Row]) -> Result<Vec<StoredItem>, StoreError> {
        Ok(match part {
            Part::Users => {
                let users = read_all(rows, UserRow::read)?;
                users.into_iter().map(|user| StoredItem::User(Arc::new(user))).collect()
            }
            Part::Accounts => {
                self.accounts(rows).await?.into_iter().map(StoredItem::ServiceAccount).collect()
            }
            Part::Sessions => {
                let sessions = read_all(rows, SessionRow::read)?;
                sessions.into_iter().map(|session| StoredItem::Session(Arc::new(session))).collect()
            }
            Part::Audit => {
                let records = read_all(rows, AuditRow::read)?;
                records.into_iter().map(|(at, record)| StoredItem::Audit(at, Arc::new(record))).collect()
            }
        })
    }

    /// The accounts with these ids: a cursor over accounts and keys might end a piece between two keys.
    async fn accounts(&self, ids: &[Row]) -> Result<Vec<Arc<ServiceAccount>>, StoreError> {
        let ids: Vec<Uuid> =
            ids.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(DatabaseError::from)?;
        let sql = accounts("service_accounts", "a.id = ANY($1)");
        let rows = self.transaction.rows(&sql, &[(&ids, Type::UUID_ARRAY)]).await?;
        let mut accounts = read_accounts(&rows)?;
        accounts.sort_by_key(|account| account.id);
        Ok(accounts)
    }
}

impl Part {
    const fn next(self) -> Option<Self> {
        match self {
            Self::Users => Some(Self::Accounts),
            Self::Accounts => Some(Self::Sessions),
            Self::Sessions => Some(Self::Audit),
            Self::Audit => None,
        }
    }

    /// The statement that opens the cursor of this part.
    fn cursor(self) -> String {
        let select = match self {
            Self::Users => format!("{} FROM users u ORDER BY u.id", qualified("u", &UserRow::COLUMNS)),
            Self::Accounts => "a.id FROM service_accounts a ORDER BY a.id".to_owned(),
            Self::Sessions => {
                format!("{} FROM sessions s ORDER BY s.id", qualified("s", &SessionRow::COLUMNS))
            }
            Self::Audit => format!(
                "a.{}, {} FROM audit a ORDER BY a.seq",
                AuditRow::POSITION,
                qualified("a", &AuditRow::COLUMNS)
            ),
        };
        format!("DECLARE piece NO SCROLL CURSOR FOR SELECT {select}")
    }
}

#[async_trait]
impl Snapshot for PostgresSnapshot {
    async fn next(&mut self) -> Result<Vec<StoredItem>, StoreError> {
        while let Some(part) = self.part {
            let rows = self.transaction.rows(FETCH, &[]).await?;
            if !rows.is_empty() {
                let items = self.read(part, &rows).await?;
                self.progress.done += items.len() as u64;
                self.progress.total = self.progress.total.max(self.progress.done);
                return Ok(items);
            }
            self.part = part.next();
            let next = self.part.map_or_else(|| "COMMIT".to_owned(), Part::cursor);
            self.transaction.run(&format!("CLOSE piece; {next}")).await?;
        }
        Ok(Vec::new())
    }

    fn progress(&self) -> SnapshotProgress {
        self.progress
    }
}
