//! Binds addresses early and listens on them late.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

/// The number of connections that can wait to be accepted.
const BACKLOG: i32 = 2048;

/// Sockets that are bound but do not listen yet, so connections are refused. A server whose address is in use fails
/// before it creates anything, and clients do not wait for a server that is not ready.
#[derive(Debug)]
pub struct Sockets(Vec<Socket>);

impl Sockets {
    /// Binds the port at every available address of the host. Port 0 picks a free one.
    ///
    /// # Errors
    /// If the host is unknown, or none of its addresses is available.
    pub fn bind(host: &str, port: u16) -> io::Result<Self> {
        let bound = (host, port).to_socket_addrs()?.map(bind);
        let (sockets, failures): (Vec<_>, Vec<_>) = bound.partition(Result::is_ok);
        match failures.into_iter().find_map(Result::err) {
            Some(failure) if sockets.is_empty() => Err(failure),
            _ => Ok(Self(sockets.into_iter().flatten().collect())),
        }
    }

    /// Starts to listen. When a server has stopped, connections wait for the next one as long as this is not dropped.
    pub(crate) fn listen(&self) -> io::Result<Vec<TcpListener>> {
        let listen = |socket: &Socket| {
            socket.listen(BACKLOG)?;
            Ok(socket.try_clone()?.into())
        };
        self.0.iter().map(listen).collect()
    }
}

fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // After a restart the port can be bound while old connections are still closing.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn connections_are_refused_before_it_listens() {
        let sockets = Sockets::bind("127.0.0.1", 0).unwrap();
        let address = sockets.0[0].local_addr().unwrap().as_socket().unwrap();
        assert!(TcpStream::connect(address).is_err());
        let listeners = sockets.listen().unwrap();
        assert!(TcpStream::connect(address).is_ok());
        drop(listeners);
    }

    #[test]
    fn an_address_in_use_cannot_be_bound() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_eq!(Sockets::bind("127.0.0.1", port).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
