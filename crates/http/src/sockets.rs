//! Taking an address early, and listening on it late.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 2048;

/// Sockets that have their addresses and do not listen yet: whoever connects is refused. So a server that
/// cannot have its address makes nothing first, and one that is not ready keeps nobody waiting.
#[derive(Debug)]
pub struct Sockets(Vec<Socket>);

impl Sockets {
    /// Takes the port at every address of the host that is to be had; port 0 is a free one.
    ///
    /// # Errors
    /// If the host is unknown, or none of its addresses is to be had.
    pub fn bind(host: &str, port: u16) -> io::Result<Self> {
        let bound = (host, port).to_socket_addrs()?.map(bound);
        let (sockets, failures): (Vec<_>, Vec<_>) = bound.partition(Result::is_ok);
        match failures.into_iter().find_map(Result::err) {
            Some(failure) if sockets.is_empty() => Err(failure),
            _ => Ok(Self(sockets.into_iter().flatten().collect())),
        }
    }

    /// Listens from here on.
    pub(crate) fn listen(self) -> io::Result<Vec<TcpListener>> {
        let listening = self.0.into_iter().map(|socket| socket.listen(BACKLOG).map(|()| socket.into()));
        listening.collect()
    }
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // The port may be taken again at once after a restart, while old connections fade.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn nobody_gets_in_before_it_listens() {
        let sockets = Sockets::bind("127.0.0.1", 0).unwrap();
        let address = sockets.0[0].local_addr().unwrap().as_socket().unwrap();
        assert!(TcpStream::connect(address).is_err());
        let listeners = sockets.listen().unwrap();
        assert!(TcpStream::connect(address).is_ok());
        drop(listeners);
    }

    #[test]
    fn an_address_on_which_somebody_listens_is_not_to_be_had() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_eq!(Sockets::bind("127.0.0.1", port).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
