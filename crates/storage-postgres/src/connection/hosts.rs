//! The hosts of a URL.

use std::fmt;
use std::net::IpAddr;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// One of the hosts that a URL names.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DatabaseHost {
    /// The name, which the certificate is checked against, or the folder of a socket.
    pub(super) host: Option<Host>,
    /// The address, if the name is not to be looked up.
    pub(super) address: Option<IpAddr>,
    pub(super) port: u16,
}

const PORT: u16 = 5432;

/// The hosts of a parsed URL; `None` if their number differs from that of the addresses or ports.
pub(super) fn hosts_of(config: &Config) -> Option<Vec<DatabaseHost>> {
    let (names, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    let count = names.len().max(addresses.len());
    let fits = |number: usize| number == 0 || number == count;
    if !fits(names.len()) || !fits(addresses.len()) || !(fits(ports.len()) || ports.len() == 1) {
        return None;
    }
    let host = |at: usize| DatabaseHost {
        host: names.get(at).cloned(),
        address: addresses.get(at).copied(),
        port: ports.get(at).or(ports.first()).copied().unwrap_or(PORT),
    };
    Some((0..count).map(host).collect())
}

impl DatabaseHost {
    /// Whether it is a socket of this machine, which is never encrypted.
    pub(super) const fn is_local(&self) -> bool {
        matches!((&self.host, self.address), (Some(Host::Unix(_)), None))
    }
}

impl fmt::Display for DatabaseHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.host, self.address) {
            (Some(Host::Tcp(name)), _) if name.contains(':') => write!(f, "[{name}]:{}", self.port),
            (Some(Host::Tcp(name)), _) => write!(f, "{name}:{}", self.port),
            (Some(Host::Unix(folder)), _) => write!(f, "{}:{}", folder.display(), self.port),
            (None, Some(address)) => write!(f, "{address}:{}", self.port),
            (None, None) => write!(f, ":{}", self.port),
        }
    }
}
