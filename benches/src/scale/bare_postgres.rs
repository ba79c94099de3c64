//! The least that PostgreSQL is asked for: loops of the statements alone.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::future::{join_all, join4};
use futures_util::{SinkExt, TryStreamExt};
use tokio_postgres::{Client, Statement};

use super::database::{connect, runtime};
use crate::updates::CONNECTIONS;

/// Units per second of a loop that updates the names of these users in the two trips of a commit, on as many
/// connections as there are clients. Only columns that change are written.
pub(super) fn updates(url: &str, ids: &[String], length: Duration) -> Result<f64> {
    runtime()?.block_on(async {
        let began = Instant::now();
        let writers = join_all((0..CONNECTIONS).map(|first| async move {
            let writer = Writer::new(url).await?;
            let mut units = 0_usize;
            while began.elapsed() < length {
                writer.update(&ids[(units * CONNECTIONS + first) % ids.len()], units).await?;
                units += 1;
            }
            anyhow::Ok(units)
        }))
        .await;
        let units = writers.into_iter().sum::<Result<usize>>()?;
        Ok(units as f64 / began.elapsed().as_secs_f64())
    })
}

/// Seconds of a loop that copies the imported rows into tables without indexes and then makes these.
pub(super) fn import(url: &str) -> Result<f64> {
    runtime()?.block_on(async {
        let (from, to) = (connect(url).await?, connect(url).await?);
        to.batch_execute("DROP SCHEMA IF EXISTS bare CASCADE; CREATE SCHEMA bare").await?;
        let began = Instant::now();
        for table in ["users", "login_names", "user_roles", "search_grams", "audit"] {
            copy(&from, &to, table).await?;
        }
        for row in to.query("SELECT replace(indexdef, 'ON public.', 'ON bare.') FROM pg_indexes \
            WHERE schemaname = 'public' AND tablename IN (SELECT tablename FROM pg_tables WHERE schemaname = 'bare')", &[]).await? {
            to.batch_execute(row.try_get(0)?).await?;
        }
        let took = began.elapsed().as_secs_f64();
        to.batch_execute("DROP SCHEMA bare CASCADE").await?;
        Ok(took)
    })
}

async fn copy(from: &Client, to: &Client, table: &str) -> Result<()> {
    to.batch_execute(&format!("CREATE TABLE bare.{table} (LIKE public.{table} INCLUDING IDENTITY)")).await?;
    let rows = from.copy_out(&format!("COPY public.{table} TO STDOUT (FORMAT binary)")).await?;
    let sink = to.copy_in(&format!("COPY bare.{table} FROM STDIN (FORMAT binary)")).await?;
    let (mut rows, mut sink) = (Box::pin(rows), Box::pin(sink));
    while let Some(bytes) = rows.try_next().await? {
        sink.feed(bytes).await?;
    }
    sink.as_mut().finish().await?;
    Ok(())
}

/// A connection with the statements of an update.
struct Writer {
    client: Client,
    admin: String,
    session: String,
    statements: Vec<Statement>,
}

/// As a profile update locks and writes. Every text is cast, so that ids are sent as texts.
const STATEMENTS: [&str; 8] = [
    "BEGIN ISOLATION LEVEL READ COMMITTED",
    "SELECT * FROM users WHERE id = $1::text::uuid FOR NO KEY UPDATE",
    "SELECT * FROM users WHERE id = $1::text::uuid FOR SHARE",
    "SELECT id FROM sessions WHERE id = $1::text::uuid FOR KEY SHARE",
    "UPDATE users SET display_name = $2, display_key = lower($2), search = username_key || $2, updated_at = $3, \
     version = version + 1 WHERE id = $1::text::uuid",
    "UPDATE search_grams SET grams = grams[:cardinality(grams) - 1] || $2::integer WHERE user_id = $1::text::uuid",
    "INSERT INTO audit (id, at, actor, actor_id, action, target, target_id, session_id, outcome, ip, changed, occurrences) \
     VALUES (gen_random_uuid(), $1, 'user', $2::text::uuid, 'user_updated', 'user', $3::text::uuid, $4::text::uuid, \
     'success', '127.0.0.1', '[\"display_name\"]', 1)",
    "COMMIT",
];

impl Writer {
    async fn new(url: &str) -> Result<Self> {
        let client = connect(url).await?;
        let found = client.query_opt("SELECT user_id::text, id::text FROM sessions LIMIT 1", &[]).await?;
        let found = found.context("nobody has logged in")?;
        let (admin, session) = (found.try_get(0)?, found.try_get(1)?);
        let mut statements = Vec::new();
        for text in STATEMENTS {
            statements.push(client.prepare(text).await?);
        }
        Ok(Self { client, admin, session, statements })
    }

    async fn update(&self, id: &str, number: usize) -> Result<()> {
        let Self { client, admin, session, statements } = self;
        let [begin, lock, share_admin, share_session, update, search, audit, commit] = &statements[..] else {
            anyhow::bail!("there are {} statements", statements.len())
        };
        let name = format!("Name {number}");
        let at = i64::try_from(number)?;
        // All grams but one stay the same.
        let gram = i32::try_from(number.wrapping_mul(2_654_435_761) % 1_000_000)?;
        // All are sent at once, in this order.
        let (opened, locked, admins, sessions) = join4(
            client.query(begin, &[]),
            client.query(lock, &[&id]),
            client.query(share_admin, &[admin]),
            client.query(share_session, &[session]),
        )
        .await;
        for read in [opened, locked, admins, sessions] {
            read?;
        }
        let (updated, found, recorded, committed) = join4(
            client.execute(update, &[&id, &name, &at]),
            client.execute(search, &[&id, &gram]),
            client.execute(audit, &[&at, admin, &id, session]),
            client.execute(commit, &[]),
        )
        .await;
        [updated, found, recorded, committed].into_iter().try_for_each(|done| done.map(drop))?;
        Ok(())
    }
}
