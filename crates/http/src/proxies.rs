//! The client's address behind trusted proxies.

use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks whose `X-Forwarded-For` and `Forwarded` headers are trusted. Empty: the client is the peer.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Trusts these networks.
    #[must_use]
    pub const fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The client's address: the peer's, or, if the peer is a trusted proxy, the rightmost address of
    /// `X-Forwarded-For` (else of `Forwarded`, RFC 7239) that is not trusted itself.
    ///
    /// Entries further left are written by that client and prove nothing. At an unreadable entry the search ends with
    /// the proxy that passed it on.
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

    /// Whether the request has forwarding headers that are ignored because its peer is not trusted.
    #[must_use]
    pub fn ignores(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
        let forwarded = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED);
        forwarded && !peer.is_some_and(|peer| self.trusts(peer.ip().to_canonical()))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Every hop in the headers, from left to right; `None` for an entry that is not an address.
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

/// Parses an address with or without a port. IPv6 is in brackets if it has a port, and in `Forwarded`.
fn address(node: &str) -> Option<IpAddr> {
    let node = node.trim();
    let bare = node.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(node);
    let parsed = bare.parse::<IpAddr>().ok();
    parsed.or_else(|| node.parse::<SocketAddr>().ok().map(|socket| socket.ip())).map(|ip| ip.to_canonical())
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
    fn forwarding_headers_of_an_untrusted_peer_are_ignored() {
        assert_eq!(client(&[], "1.2.3.4", &X_FORWARDED_FOR, "9.9.9.9"), "1.2.3.4");
        assert_eq!(client(&["10.0.0.0/8"], "1.2.3.4", &X_FORWARDED_FOR, "9.9.9.9"), "1.2.3.4");
    }

    #[test]
    fn ignored_forwarding_headers_are_reported() {
        let mut headers = HeaderMap::new();
        let trusted = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let (proxy, untrusted_proxy) = ("10.0.0.1:1".parse().ok(), "1.2.3.4:1".parse().ok());
        assert!(!trusted.ignores(untrusted_proxy, &headers));
        headers.append(X_FORWARDED_FOR, HeaderValue::from_static("9.9.9.9"));
        assert!(trusted.ignores(untrusted_proxy, &headers) && !trusted.ignores(proxy, &headers));
    }

    #[test]
    fn the_rightmost_untrusted_hop_is_the_client() {
        let trusted = &["10.0.0.0/8", "::1/128"];
        assert_eq!(client(trusted, "10.0.0.1", &X_FORWARDED_FOR, "6.6.6.6, 5.5.5.5, 10.0.0.9"), "5.5.5.5");
        assert_eq!(client(trusted, "10.0.0.1", &X_FORWARDED_FOR, "6.6.6.6|5.5.5.5|10.0.0.9"), "5.5.5.5");
        assert_eq!(client(trusted, "10.0.0.1", &X_FORWARDED_FOR, "10.0.0.7, 10.0.0.9"), "10.0.0.7");
        assert_eq!(client(trusted, "10.0.0.1", &X_FORWARDED_FOR, ""), "10.0.0.1");
        assert_eq!(client(trusted, "::1", &X_FORWARDED_FOR, "2001:db8::7"), "2001:db8::7");
        assert_eq!(client(trusted, "::ffff:10.0.0.1", &X_FORWARDED_FOR, "5.5.5.5:443"), "5.5.5.5");
    }

    #[test]
    fn an_unreadable_hop_ends_the_search() {
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &X_FORWARDED_FOR, "5.5.5.5, unknown"), "10.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &X_FORWARDED_FOR, "5.5.5.5, x, 10.0.0.2"), "10.0.0.2");
    }

    #[test]
    fn forwarded_is_read_if_there_is_no_x_forwarded_for() {
        let value = "for=6.6.6.6, for=\"[2001:db8::7]:443\";proto=https, For=10.0.0.2";
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &FORWARDED, value), "2001:db8::7");
    }
}
