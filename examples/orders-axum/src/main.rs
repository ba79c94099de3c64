//! The orders service of `examples/orders` with axum: it stores its own data, and accepts Roster's tokens.
//!
//! Worth copying: [`access::authenticator`], the layers in [`orders::router`], and the [`Caller`] in the handlers.
//!
//! [`Caller`]: roster_auth::tower::Caller

// These two know no web framework, so both examples have the same.
#[path = "../../orders/src/access.rs"]
mod access;
#[path = "../../orders/src/store.rs"]
mod store;

mod orders;
mod problem;

use access::Access;
use clap::Parser;
use roster_auth::tower::AuthLayer;
use std::io::{IsTerminal as _, stderr};
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Takes orders from users of a Roster server.
#[derive(Parser)]
struct Arguments {
    /// The address to listen on; port 0 picks a free port.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// The most detailed level of the log; `debug` includes why a token is rejected.
    #[arg(long, default_value = "info")]
    log_level: tracing::Level,

    #[command(flatten)]
    access: Access,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // `roster_auth` logs failed key fetches and failed introspection here and, at `debug`, why a token is rejected.
    tracing_subscriber::fmt()
        .with_max_level(arguments.log_level)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .init();
    let auth = AuthLayer::new(access::authenticator(&arguments.access)?);
    let listener = TcpListener::bind(arguments.listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, orders::router(&auth)).await?)
}
