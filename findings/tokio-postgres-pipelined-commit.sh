#!/usr/bin/env bash
# A pipelined transaction of tokio-postgres commits without the statement that failed.
#
# tokio-postgres 0.7.18 pipelines requests that are polled together: BEGIN, statements and COMMIT in one `join!` take one
# round trip. If the server rejects a statement, the transaction is aborted, and COMMIT rolls back. But a parameter whose
# Rust type does not fit the column (an `i32` for BIGINT) is rejected by the client before anything is sent. The other
# requests of the `join!` are sent all the same: BEGIN, the first INSERT and COMMIT succeed, and half of the transaction is
# durable. Only the result of the one statement says so, after the fact.
#
# Seen on 2026-11-30 with PostgreSQL 15.18 and rustc 1.95:
#   rejected by the server: first ok, second division by zero, commit ok, rows 0 and 0
#   rejected by the client: first ok, second error serializing parameter 0, commit ok, rows 1 and 0
#
# Consequence for Roster: the PostgreSQL engine sends COMMIT only after it has checked that every statement of the trip was
# accepted for sending.
# Needs `initdb` (Debian's `postgresql`) and cargo. Exits with 0 while this holds, and with 1 once it has changed.
set -euo pipefail
initdb=$(command -v initdb || find /usr/lib/postgresql -name initdb | sort -V | tail -1)
bin=$(dirname "$initdb")
work=$(mktemp -d)
chmod 755 "$work"
# PostgreSQL refuses to run as root.
as_server() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
cleanup() { as_server "$bin/pg_ctl" -D "$work/db/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap cleanup EXIT
cd "$work"
mkdir db
[ "$(id -u)" -ne 0 ] || chown postgres db
as_server "$initdb" -D "$work/db/data" -A trust -U postgres -N >/dev/null
as_server "$bin/pg_ctl" -D "$work/db/data" -w -l "$work/db/log" -o "-c listen_addresses='' -k $work/db" start >/dev/null

mkdir -p program/src
cat >program/Cargo.toml <<'TOML'
[package]
name = "program"
version = "0.1.0"
edition = "2024"

[dependencies]
tokio = { version = "1", features = ["macros", "rt"] }
tokio-postgres = "=0.7.18"
TOML
cat >program/src/main.rs <<'RUST'
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, NoTls};

fn shown(outcome: &Result<u64, Error>) -> String {
    match outcome {
        Ok(_) => "ok".to_owned(),
        Err(error) => match error.as_db_error() {
            Some(error) => error.message().to_owned(),
            None => error.to_string().split(':').next().unwrap_or_default().to_owned(),
        },
    }
}

async fn rows(client: &Client, table: &str) -> Result<i64, Error> {
    Ok(client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await?.get(0))
}

async fn attempt(client: &Client, name: &str, second: &str, parameter: &(dyn ToSql + Sync)) -> Result<(), Error> {
    client.batch_execute("DROP TABLE IF EXISTS a, b; CREATE TABLE a (n BIGINT); CREATE TABLE b (n BIGINT)").await?;
    let begin = client.prepare("BEGIN").await?;
    let first = client.prepare("INSERT INTO a VALUES ($1)").await?;
    let second = client.prepare(second).await?;
    let commit = client.prepare("COMMIT").await?;
    let parameters = [parameter];
    let (_, first, second, commit) = tokio::join!(
        client.execute(&begin, &[]),
        client.execute(&first, &[&1_i64]),
        client.execute(&second, &parameters),
        client.execute(&commit, &[]),
    );
    let (a, b) = (rows(client, "a").await?, rows(client, "b").await?);
    println!(
        "{name}: first {}, second {}, commit {}, rows {a} and {b}",
        shown(&first),
        shown(&second),
        shown(&commit)
    );
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let socket = std::env::args().nth(1).unwrap_or_default();
    let (client, connection) = tokio_postgres::connect(&format!("host={socket} user=postgres"), NoTls).await?;
    tokio::spawn(connection);
    attempt(&client, "rejected by the server", "INSERT INTO b VALUES ($1::bigint / 0)", &1_i64).await?;
    attempt(&client, "rejected by the client", "INSERT INTO b VALUES ($1)", &1_i32).await
}
RUST
cargo run --quiet --manifest-path program/Cargo.toml -- "$work/db" | tee seen
diff seen - <<'EXPECTED'
rejected by the server: first ok, second division by zero, commit ok, rows 0 and 0
rejected by the client: first ok, second error serializing parameter 0, commit ok, rows 1 and 0
EXPECTED
echo "as stated"
