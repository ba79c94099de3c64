//! A proxy in front of a server, which loses what a test tells it to lose.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to the next `COMMIT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Loss {
    /// It is answered.
    #[default]
    Nothing,
    /// It does not reach the server, and the connection breaks.
    Request,
    /// The server carries it out, and the connection breaks instead of an answer.
    Answer,
    /// The server carries it out, and the answer never comes.
    Silence,
    /// It does not reach the server, the connection breaks, and so does every other one until the proxy recovers.
    Outage,
}

/// A loss that is shared with the connections.
type SharedLoss = Arc<Mutex<Loss>>;

/// What is shared with the connections.
#[derive(Clone, Default)]
struct Plan {
    next: SharedLoss,
    is_out: watch::Sender<bool>,
    /// How many connections break at the first statement that is parsed.
    to_break: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

/// A proxy that reads what clients send. It needs connections without TLS.
pub(crate) struct Proxy {
    port: u16,
    plan: Plan,
}

impl Proxy {
    /// A proxy in front of the server at this port.
    pub(crate) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let plan = Plan::default();
        let shared = plan.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                if !*shared.is_out.borrow() {
                    let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                    tokio::spawn(pass(client, server, shared.clone()));
                }
            }
        });
        Self { port, plan }
    }

    /// The same URL, through the proxy.
    pub(crate) fn url(&self, url: &str, server: u16) -> String {
        format!("{}?sslmode=disable", url.replace(&format!(":{server}/"), &format!(":{}/", self.port)))
    }

    /// Loses something at the next commit.
    pub(crate) fn lose(&self, loss: Loss) {
        *self.plan.next.lock().unwrap() = loss;
    }

    /// Returns once an [outage](Loss::Outage) has start.
    pub(crate) async fn is_out(&self) {
        self.plan.is_out.subscribe().wait_for(|is_out| *is_out).await.unwrap();
    }

    /// Ends an outage.
    pub(crate) fn recover(&self) {
        self.plan.is_out.send_replace(false);
    }

    /// Breaks so many of the next connections, each after the server has accepted it.
    pub(crate) fn break_connections(&self, count: usize) {
        self.plan.to_break.store(count, Ordering::Relaxed);
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.plan.connections.load(Ordering::Relaxed)
    }
}

impl Plan {
    /// Whether a connection breaks at this message.
    fn breaks_at(&self, message: &[u8]) -> bool {
        let one_less = |count: usize| count.checked_sub(1);
        message[0] == b'P'
            && self.to_break.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }
}

/// Passes one connection on, until either side ends it or something is to be lost.
async fn pass(client: TcpStream, server: TcpStream, plan: Plan) {
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let loss = SharedLoss::default();
    let answers = tokio::spawn(pass_answers(from_server, to_client, Arc::clone(&loss)));
    let mut watch = CommitWatch::default();
    let mut message = first_message(&mut from_client).await;
    while let Some(bytes) = message.take() {
        if watch.is_commit(&bytes) {
            *loss.lock().unwrap() = std::mem::take(&mut *plan.next.lock().unwrap());
        }
        let current = *loss.lock().unwrap();
        if current == Loss::Outage {
            plan.is_out.send_replace(true);
        }
        if matches!(current, Loss::Request | Loss::Outage) || plan.breaks_at(&bytes) {
            answers.abort();
            return;
        }
        if to_server.write_all(&bytes).await.is_err() || answers.is_finished() {
            return;
        }
        message = next_message(&mut from_client).await;
    }
    // The client has gone; the server may still be at it.
    let _ = answers.await;
}

async fn pass_answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, loss: SharedLoss) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let current = *loss.lock().unwrap();
        match current {
            Loss::Nothing => to.write_all(&buffer[..length]).await.unwrap_or_default(),
            Loss::Request | Loss::Outage | Loss::Answer => return,
            Loss::Silence => {}
        }
    }
}

/// Recognises the message that runs `COMMIT`, which was prepared under some name.
#[derive(Default)]
struct CommitWatch {
    name: Option<Vec<u8>>,
}

impl CommitWatch {
    fn is_commit(&mut self, message: &[u8]) -> bool {
        let mut texts = message.get(5..).unwrap_or_default().split(|byte| *byte == 0);
        let (first, second) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
        // Parse has the name and the text of a statement, Bind the names of a portal and of a statement, Query a text.
        if message[0] == b'P' && second == b"COMMIT" {
            self.name = Some(first.to_owned());
        }
        message[0] == b'B' && Some(second) == self.name.as_deref() || message[0] == b'Q' && first == b"COMMIT"
    }
}

/// The first message of a client, which has no type.
async fn first_message(from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
    rest(from, Vec::new()).await
}

async fn next_message(from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
    let kind = from.read_u8().await.ok()?;
    rest(from, vec![kind]).await
}

/// Reads a length, which includes itself, and what has it.
async fn rest(from: &mut OwnedReadHalf, mut message: Vec<u8>) -> Option<Vec<u8>> {
    let length = from.read_u32().await.ok()?;
    message.extend(length.to_be_bytes());
    let start = message.len();
    message.resize(start + length as usize - 4, 0);
    from.read_exact(&mut message[start..]).await.ok()?;
    Some(message)
}
