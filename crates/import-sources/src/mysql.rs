//! Databases of MySQL and MariaDB. Everything is read in one transaction that cannot write.

use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, DriverError, Error, Opts, OptsBuilder, SslOpts};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::catalog::{Catalog, Column, Table};
use crate::database::{Database, Query, TakeRow};
use crate::dialect::Dialect;
use crate::error::SourceError;
use crate::mysql_url::{Encryption, MySqlUrl};
use crate::mysql_value::cell;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Times are given in UTC. The server waits while the rows are stored.
const BEGIN: [&str; 5] = [
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION net_write_timeout = 600",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT",
];

const CATALOG: &str = "
SELECT CAST(table_schema AS CHAR), CAST(table_name AS CHAR), CAST(column_name AS CHAR),
       column_key = 'PRI', COALESCE(table_schema = DATABASE(), 0), FIND_IN_SET('select', privileges) > 0
FROM information_schema.columns
WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
ORDER BY table_schema, table_name, ordinal_position";

/// The schema, the table, the column, whether it is part of the key, whether the name of the table is enough, and whether the
/// column may be read.
type CatalogRow = (String, String, String, bool, bool, bool);

/// The user may not read the table, or a column.
const DENIED: [u16; 2] = [1142, 1143];

/// A connection with its transaction. The runtime belongs to the thread that reads.
pub(crate) struct MySql {
    // Dropped before the runtime that drives it.
    connection: Conn,
    runtime: Runtime,
}

impl MySql {
    pub(crate) fn open(url: &MySqlUrl, password: Option<&Zeroizing<String>>) -> Result<Self, SourceError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| SourceError::Database(format!("cannot start a runtime: {error}")))?;
        let connection = runtime.block_on(async {
            let connecting = timeout(CONNECT_TIMEOUT, connect(url, password)).await;
            let mut connection = connecting
                .map_err(|_| SourceError::Database(format!("{url} does not answer")))?
                .map_err(|error| fault(&error))?;
            for statement in BEGIN {
                connection.query_drop(statement).await.map_err(|error| fault(&error))?;
            }
            Ok::<_, SourceError>(connection)
        })?;
        Ok(Self { connection, runtime })
    }
}

/// Connects, encrypted as the URL says. A socket of this machine is not encrypted.
async fn connect(url: &MySqlUrl, password: Option<&Zeroizing<String>>) -> Result<Conn, Error> {
    let encryption = if url.socket.is_some() { Encryption::Disabled } else { url.encryption };
    let connected = Conn::new(options(url, password, encryption)).await;
    match connected {
        Err(Error::Driver(DriverError::NoClientSslFlagFromServer)) if encryption == Encryption::Preferred => {
            Conn::new(options(url, password, Encryption::Disabled)).await
        }
        connected => connected,
    }
}

fn options(url: &MySqlUrl, password: Option<&Zeroizing<String>>, encryption: Encryption) -> Opts {
    let password = url.password.as_ref().or(password).map(|password| password.as_str());
    let builder = OptsBuilder::default()
        .ip_or_hostname(url.host.as_str())
        .tcp_port(url.port)
        .user(url.user.as_deref())
        .pass(password)
        .db_name(url.database.as_deref())
        .socket(url.socket.as_deref())
        .prefer_socket(url.socket.is_some());
    Opts::from(builder.ssl_opts(tls(url, encryption)))
}

fn tls(url: &MySqlUrl, encryption: Encryption) -> Option<SslOpts> {
    if encryption == Encryption::Disabled {
        return None;
    }
    let options = SslOpts::default().with_danger_accept_invalid_certs(encryption != Encryption::Verified);
    Some(if let Some(file) = &url.roots {
        options.with_root_certs(vec![file.clone().into()]).with_disable_built_in_roots(true)
    } else {
        let trusted = rustls_native_certs::load_native_certs().certs;
        let has_trusted = !trusted.is_empty();
        let trusted = trusted.into_iter().map(|root| root.to_vec().into()).collect();
        options.with_root_certs(trusted).with_disable_built_in_roots(has_trusted)
    })
}

impl Database for MySql {
    fn dialect(&self) -> &dyn Dialect {
        &MySqlDialect
    }

    fn catalog(&mut self) -> Result<Catalog, SourceError> {
        let rows = self.runtime.block_on(self.connection.query::<CatalogRow, _>(CATALOG));
        let mut tables: Vec<Table> = Vec::new();
        // A key of several columns identifies no row by one of them.
        let mut keys = Vec::new();
        for (schema, name, column, is_key, in_search_path, can_read) in rows.map_err(|error| fault(&error))? {
            if tables.last().is_none_or(|last| !last.is_named(&schema, &name)) {
                keys.clear();
                tables.push(Table::new(Some(schema), name, in_search_path));
            }
            let Some(table) = tables.last_mut() else { continue };
            if is_key {
                keys.push(column.clone());
                table.key = keys.first().filter(|_| keys.len() == 1 && can_read).cloned();
            }
            if can_read {
                table.columns.push(Column { name: column, is_binary: false });
            } else {
                table.hidden.push(column);
            }
        }
        Ok(Catalog::new(tables))
    }

    /// The catalog lists only columns for which the user has some privilege, so the server is asked for all.
    fn hides_columns(&mut self, table: &str) -> Result<bool, SourceError> {
        let statement = format!("SELECT * FROM {table} LIMIT 0");
        match self.runtime.block_on(self.connection.query_drop(statement)) {
            Err(Error::Server(error)) if DENIED.contains(&error.code) => Ok(true),
            asked => asked.map(|()| false).map_err(|error| fault(&error)),
        }
    }

    fn read(&mut self, query: &Query<'_>, take: TakeRow<'_>) -> Result<(), SourceError> {
        let connection = &mut self.connection;
        self.runtime.block_on(async {
            let mut rows = connection.query_iter(query.statement).await.map_err(|error| fault(&error))?;
            let mut cells = Vec::with_capacity(query.names.len());
            let mut number: u64 = 0;
            while let Some(row) = rows.next().await.map_err(|error| fault(&error))? {
                number += 1;
                cells.clear();
                for (at, name) in query.names.iter().enumerate() {
                    let value = row.as_ref(at).unwrap_or(&mysql_async::Value::NULL);
                    let cell = cell(value, &row.columns_ref()[at], query.json[at]);
                    let encoding = || SourceError::Encoding { row: number.to_string(), column: name.clone() };
                    cells.push(cell.ok_or_else(encoding)?);
                }
                take(&cells)?;
            }
            Ok(())
        })
    }
}

fn fault(error: &Error) -> SourceError {
    SourceError::Database(match error {
        Error::Server(error) => format!("MySQL: {} ({})", error.message, error.code),
        other => format!("MySQL: {other}"),
    })
}

struct MySqlDialect;

impl Dialect for MySqlDialect {
    fn quoted(&self, name: &str) -> String {
        format!("`{}`", name.replace('`', "``"))
    }

    /// In hexadecimal digits: whether a backslash escapes depends on the mode of the server.
    fn text(&self, text: &str) -> String {
        format!("_utf8mb4 x'{}'", hex::encode(text))
    }

    fn value(&self, expression: &str, _: &Column) -> String {
        expression.to_owned()
    }

    fn only_value(&self, expression: &str, _: &Column) -> String {
        format!("MIN({expression})")
    }

    fn list(&self, expression: &str) -> String {
        format!("JSON_ARRAYAGG({expression})")
    }

    fn object(&self, members: &str) -> String {
        format!("JSON_OBJECT({members})")
    }

    fn as_text(&self, expression: &str) -> String {
        format!("CAST({expression} AS CHAR)")
    }
}
