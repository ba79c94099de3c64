//! An orders service of another team: it keeps its own data, and lets in whom Roster knows.
//!
//! What is worth copying: [`access::authenticator`], `app_data` below, and the signatures of the handlers in
//! [`orders`].

mod access;
mod orders;
mod problem;

use access::Access;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use clap::Parser;
use orders::Orders;
use std::io::{IsTerminal as _, stderr};
use std::net::SocketAddr;

/// Takes orders from people who are logged in at Roster.
#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    #[command(flatten)]
    access: Access,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // `roster_auth` tells here of each fetch of the keys, and each question to Roster, that fails.
    tracing_subscriber::fmt().with_writer(stderr).with_ansi(stderr().is_terminal()).init();
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
