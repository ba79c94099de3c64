//! The network of a client.

use std::net::{IpAddr, Ipv4Addr};

/// A client, as identified by its address: an IPv4 address, or an IPv6 /64, which is the smallest network that a
/// single client controls (RFC 6177, RFC 7421).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientNetwork {
    /// No address, as at the command line.
    Local,
    /// An IPv4 address in any notation.
    V4(Ipv4Addr),
    /// The first 64 bits of an IPv6 address.
    V6([u16; 4]),
}

impl From<Option<IpAddr>> for ClientNetwork {
    fn from(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            None => Self::Local,
            Some(IpAddr::V4(address)) => Self::V4(address),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> ClientNetwork {
        ClientNetwork::from(text.parse().ok())
    }

    #[test]
    fn all_addresses_of_a_64_are_one_client() {
        assert_eq!(network("2001:db8:0:7::1"), network("2001:db8:0:7:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:0:7::1"), network("2001:db8:0:8::1"));
    }

    #[test]
    fn an_ipv4_address_is_one_client_however_it_is_written() {
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
