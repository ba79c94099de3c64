//! The task that sends and hears changes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_postgres::types::{ToSql, Type};

use super::message::CHANNEL;
use super::notice_receiver::NoticeReceiver;
use super::shared::Shared;
use crate::connection::{Connector, DatabaseError, RawConnection, SessionSettings, run};
use crate::error::OpenError;
use crate::migrations::connector;
use crate::settings::PostgresStoreSettings;

/// The task that sends and hears changes.
pub(super) struct Listener {
    connector: Connector,
    session: SessionSettings,
    receiver: Arc<NoticeReceiver>,
    shared: Arc<Shared>,
}

/// How the work on a connection ended.
enum End {
    /// Everything was sent, and the feed closes.
    Closed,
    Lost(DatabaseError),
}

/// The pause before a lost connection is made again, and the longest one.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// After so much silence, the connection is tried: a network that swallows everything does not end it.
const SILENCE: Duration = Duration::from_secs(2);

const SEND: &str = "SELECT pg_notify($1, message) FROM unnest($2) message";

impl Listener {
    /// Prepares the task.
    pub(super) async fn new(
        settings: &PostgresStoreSettings,
        receiver: NoticeReceiver,
        shared: Arc<Shared>,
    ) -> Result<Self, OpenError> {
        let receiver = Arc::new(receiver);
        let connector = connector(settings).await?.with_notices(receiver.clone());
        Ok(Self { connector, session: SessionSettings::short(settings), receiver, shared })
    }

    /// Sends and hears changes until the feed closes.
    pub(super) async fn run(self) {
        let mut pause = PAUSE;
        loop {
            let error = match self.listen().await {
                Ok(connection) => {
                    pause = PAUSE;
                    match self.work(&connection).await {
                        End::Closed => return,
                        End::Lost(error) => error,
                    }
                }
                Err(error) => error,
            };
            tracing::warn!(%error, "changes by other servers are not heard; entries of the read cache live until they are too old");
            // A closing feed has little time, which its handle bounds.
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Makes a connection that listens.
    async fn listen(&self) -> Result<RawConnection, DatabaseError> {
        self.receiver.begin(None);
        let connection = self.session.open(&self.connector).await?;
        let answer_timeout = self.session.answer_timeout();
        let rows = connection.client().query_typed("SELECT pg_backend_pid()", &[]);
        let rows =
            timeout(answer_timeout, rows).await.map_err(|_| DatabaseError::NoAnswer(answer_timeout))??;
        self.receiver.begin(Some(rows.first().ok_or(DatabaseError::NoRow)?.try_get(0)?));
        run(connection.client(), &format!("LISTEN {CHANNEL}"), answer_timeout).await?;
        Ok(connection)
    }

    /// Works with a connection that listens. The cache is cleared at the beginning, when nothing is missed any more, and at
    /// the end, when something may be missed.
    async fn work(&self, connection: &RawConnection) -> End {
        self.receiver.forget();
        self.shared.is_listening.store(true, Ordering::Release);
        let end = self.exchange(connection).await;
        self.shared.is_listening.store(false, Ordering::Release);
        self.receiver.forget();
        end
    }

    async fn exchange(&self, connection: &RawConnection) -> End {
        loop {
            if self.shared.outbox.is_empty() && self.shared.is_closing.load(Ordering::Acquire) {
                return End::Closed;
            }
            tokio::select! {
                reason = self.receiver.ended() => if connection.client().is_closed() {
                    return End::Lost(DatabaseError::Ended(reason));
                },
                () = self.shared.closing.notified() => {}
                () = self.shared.outbox.filled() => {}
                () = sleep(SILENCE) => {}
            }
            if let Err(error) = self.send(connection).await {
                return End::Lost(error);
            }
        }
    }

    /// Sends everything that is to be sent. With nothing to send, this tries the connection.
    async fn send(&self, connection: &RawConnection) -> Result<(), DatabaseError> {
        let pending = self.shared.outbox.take();
        let messages = pending.messages();
        let answer_timeout = self.session.answer_timeout();
        let parameters: [(&(dyn ToSql + Sync), Type); 2] =
            [(&CHANNEL, Type::TEXT), (&messages, Type::TEXT_ARRAY)];
        let sending = connection.client().query_typed(SEND, &parameters);
        let sent =
            timeout(answer_timeout, sending).await.map_err(|_| DatabaseError::NoAnswer(answer_timeout));
        let sent = sent.and_then(|sent| Ok(sent.map(drop)?));
        if sent.is_err() {
            self.shared.outbox.put_back(pending);
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use jiff::Timestamp;
    use roster_storage::Entity;
    use roster_test_postgres::{Database, query};

    use super::*;
    use crate::connection::Notices;

    /// A cache that keeps nothing.
    struct Nothing;

    impl roster_storage::Invalidate for Nothing {
        fn invalidate(&self, _: Entity) {}

        fn invalidate_all(&self) {}
    }

    async fn listener(database: &Database) -> Result<Listener, Box<dyn Error>> {
        let settings = PostgresStoreSettings::new(database.url().parse()?, Timestamp::UNIX_EPOCH);
        let receiver = NoticeReceiver::new(Arc::new(Nothing), Arc::default());
        Ok(Listener::new(&settings, receiver, Arc::default()).await?)
    }

    #[tokio::test]
    async fn the_end_of_an_earlier_connection_does_not_end_the_next_one() -> Result<(), Box<dyn Error>> {
        let Some(database) = roster_test_postgres::database() else { return Ok(()) };
        let listener = listener(&database).await?;
        Notices::ended(&*listener.receiver, "it was lost while something was sent");
        let connection = listener.listen().await?;
        let ended = timeout(Duration::from_millis(200), listener.exchange(&connection)).await;
        assert!(ended.is_err(), "the connection is there");
        Ok(())
    }

    #[tokio::test]
    async fn the_end_of_a_connection_has_the_reason_of_the_server() -> Result<(), Box<dyn Error>> {
        let Some(database) = roster_test_postgres::database() else { return Ok(()) };
        let listener = listener(&database).await?;
        let connection = listener.listen().await?;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND application_name = 'roster'";
        let (end, _) = tokio::join!(listener.exchange(&connection), async { query(&database.url(), end) });
        let End::Lost(error) = end else { return Err("the connection was ended".into()) };
        assert!(error.to_string().contains("57P01"), "{error}");
        Ok(())
    }
}
