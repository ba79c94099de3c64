//! An example of another team's service: it stores orders, and accepts Roster's tokens.
//!
//! Worth copying: [`access::authenticator`], `app_data` below, and the signatures of the handlers in [`orders`].

mod access;
mod orders;
mod problem;
mod store;

use access::Access;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use clap::Parser;
use std::io::{IsTerminal as _, stderr};
use std::net::SocketAddr;
use store::Orders;

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

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // `roster_auth` logs failed key fetches and failed introspection here and, at `debug`, why a token is rejected.
    tracing_subscriber::fmt()
        .with_max_level(arguments.log_level)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .init();
    let authenticator = Data::new(access::authenticator(&arguments.access)?);
    let orders = Data::new(Orders::default());
    let app =
        move || App::new().app_data(authenticator.clone()).app_data(orders.clone()).configure(orders::routes);
    let server = HttpServer::new(app).workers(2).bind(arguments.listen)?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    Ok(server.run().await?)
}
