//! The client's address behind trusted proxies.

use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use thiserror::Error;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks whose word on a client's address is taken. Empty: only the socket's peer counts.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<Network>);

/// A network in CIDR notation (RFC 4632, RFC 4291), or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no network.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0:?} is neither an IP address nor a network such as 10.0.0.0/8")]
pub struct NetworkError(String);

impl TrustedProxies {
    /// Trusts these networks.
    #[must_use]
    pub const fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whose request this is: the peer, or, if a trusted proxy is the peer, the first address from the right
    /// of `X-Forwarded-For` (else `Forwarded`, RFC 7239) that is not trusted itself.
    ///
    /// What stands further left was written by that client and proves nothing. An entry that cannot be read
    /// ends the walk at the proxy that passed it on.
    #[must_use]
    pub fn client(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?.ip().to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        let mut client = peer;
        for hop in hops(headers).into_iter().rev() {
            let Some(address) = hop else { break };
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        Some(client)
    }

    /// Whether the request says for whom it is forwarded, and is not believed.
    #[must_use]
    pub fn ignores(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
        let forwarded = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED);
        forwarded && !peer.is_some_and(|peer| self.trusts(peer.ip().to_canonical()))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// Every hop that the headers name, leftmost first; `None` for one that is no address.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = |name: HeaderName| {
        let values = headers.get_all(name).map(|value| value.to_str().unwrap_or("?"));
        values.collect::<Vec<_>>().join(",")
    };
    if headers.contains_key(X_FORWARDED_FOR) {
        return lines(X_FORWARDED_FOR).split(',').map(address).collect();
    }
    if !headers.contains_key(FORWARDED) {
        return Vec::new();
    }
    lines(FORWARDED).split(',').map(forwarded_for).collect()
}

/// The `for` parameter of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, node) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    address(node.trim_matches('"'))
}

/// An address with or without a port; IPv6 with a port, and in `Forwarded`, stands in brackets.
fn address(node: &str) -> Option<IpAddr> {
    let node = node.trim();
    let bare = node.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(node);
    let parsed = bare.parse::<IpAddr>().ok();
    parsed.or_else(|| node.parse::<SocketAddr>().ok().map(|socket| socket.ip())).map(|ip| ip.to_canonical())
}

impl Network {
    /// Whether the address lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix);
                (network.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix);
                (network.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let fault = || NetworkError(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.trim().parse().map_err(|_| fault())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) => digits.trim().parse().map_err(|_| fault())?,
            None => widest,
        };
        if prefix <= widest { Ok(Self { address, prefix }) } else { Err(fault()) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn client(trusted: &[&str], peer: &str, name: &HeaderName, value: &str) -> String {
        let networks = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in value.split('|') {
            headers.append(name.clone(), HeaderValue::from_str(line).unwrap());
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        TrustedProxies::new(networks).client(Some(peer), &headers).unwrap().to_string()
    }

    #[test]
    fn a_stranger_cannot_say_who_they_are() {
        assert_eq!(client(&[], "1.2.3.4", &X_FORWARDED_FOR, "9.9.9.9"), "1.2.3.4");
        assert_eq!(client(&["10.0.0.0/8"], "1.2.3.4", &X_FORWARDED_FOR, "9.9.9.9"), "1.2.3.4");
    }

    #[test]
    fn a_strangers_word_is_known_to_be_ignored() {
        let mut headers = HeaderMap::new();
        let trusted = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let (proxy, untrusted_proxy) = ("10.0.0.1:1".parse().ok(), "1.2.3.4:1".parse().ok());
        assert!(!trusted.ignores(untrusted_proxy, &headers));
        headers.append(X_FORWARDED_FOR, HeaderValue::from_static("9.9.9.9"));
        assert!(trusted.ignores(untrusted_proxy, &headers) && !trusted.ignores(proxy, &headers));
    }

    #[test]
    fn the_walk_starts_at_the_right_and_stops_at_the_first_stranger() {
        let trusted = &["10.0.0.0/8", "::1"];
        assert_eq!(client(trusted, "10.0.0.1", &X_FORWARDED_FOR, "6.6.6.6, 5.5.5.5, 10.0.0.9"), "5.5.5.5");
        assert_eq!(client(trusted, "10.0.0.1", &X_FORWARDED_FOR, "6.6.6.6|5.5.5.5|10.0.0.9"), "5.5.5.5");
        assert_eq!(client(trusted, "10.0.0.1", &X_FORWARDED_FOR, "10.0.0.7, 10.0.0.9"), "10.0.0.7");
        assert_eq!(client(trusted, "10.0.0.1", &X_FORWARDED_FOR, ""), "10.0.0.1");
        assert_eq!(client(trusted, "::1", &X_FORWARDED_FOR, "2001:db8::7"), "2001:db8::7");
        assert_eq!(client(trusted, "::ffff:10.0.0.1", &X_FORWARDED_FOR, "5.5.5.5:443"), "5.5.5.5");
    }

    #[test]
    fn a_hop_that_cannot_be_read_ends_the_walk() {
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &X_FORWARDED_FOR, "5.5.5.5, unknown"), "10.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &X_FORWARDED_FOR, "5.5.5.5, x, 10.0.0.2"), "10.0.0.2");
    }

    #[test]
    fn forwarded_is_read_where_there_is_no_x_forwarded_for() {
        let value = "for=6.6.6.6, for=\"[2001:db8::7]:443\";proto=https, For=10.0.0.2";
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &FORWARDED, value), "2001:db8::7");
    }

    #[test]
    fn a_network_holds_its_addresses_only() {
        let network: Network = "192.168.4.0/22".parse().unwrap();
        assert!(network.contains([192, 168, 7, 255].into()));
        assert!(!network.contains([192, 168, 8, 0].into()));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains([8, 8, 8, 8].into()));
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/x", "proxy"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
