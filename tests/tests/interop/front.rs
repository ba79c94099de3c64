//! A forwarding address that is known before the server starts.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// A port on this machine that forwards bytes unchanged, like a load balancer. Settings can name it before the
/// server has a port.
pub(crate) struct Front(TcpListener);

impl Front {
    /// Takes a free port.
    pub(crate) fn reserve() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// The URL that clients use.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    /// Forwards every connection to `server`, until the tests end.
    pub(crate) fn forward_to(self, server: SocketAddr) {
        thread::spawn(move || {
            for client in self.0.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(server).unwrap());
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || forward(from, to));
                }
            }
        });
    }
}

/// Bytes that a peer no longer reads are lost, as on any connection.
fn forward(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
