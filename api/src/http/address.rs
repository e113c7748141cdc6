//! From which address a client comes, for whatever is counted by address.
//!
//! `X-Forwarded-For` is written by anyone. Only what our own proxies have added at its end is believed, and the settings
//! say how many they are (`http.trusted_hops`).

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;

const FORWARDED: &str = "x-forwarded-for";
/// One household or office has a whole network of this size, and every address of it is free to use.
const NETWORK_BITS: u32 = 64;

/// The client: its IPv4 address, or the /64 network of its IPv6 address. The accept loop
/// puts it into each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address that the outermost of `hops` trusted proxies has seen. When the proxies have not said it, all that
    /// comes from this peer is taken for one client, which is narrower and never wider.
    pub fn of(peer: IpAddr, headers: &HeaderMap, hops: usize) -> Self {
        let said = || headers.get_all(FORWARDED).iter().rev().flat_map(|line| line.as_bytes().rsplit(|it| *it == b','));
        let seen = hops.checked_sub(1).and_then(|further| said().nth(further));
        Self(grouped(seen.and_then(read).unwrap_or(peer)))
    }
}

/// An address, which some proxies write with a port.
fn read(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))
}

fn grouped(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << (128 - NETWORK_BITS));
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&str], hops: usize) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, line.parse().expect("a header"));
        }
        let peer = peer.parse().expect("an address");
        ClientAddress::of(peer, &headers, hops).0.to_string()
    }

    #[test]
    fn only_what_trusted_proxies_added_is_believed() {
        for (peer, lines, hops, expected) in [
            // Without a proxy the header is the client's own story.
            ("192.0.2.1", &["198.51.100.7"] as &[&str], 0, "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7"], 1, "198.51.100.7"),
            // What stands before was there when the request came to the first of ours.
            ("192.0.2.1", &["1.1.1.1, 198.51.100.7"], 1, "198.51.100.7"),
            ("192.0.2.1", &["1.1.1.1, 198.51.100.7,10.0.0.1"], 2, "198.51.100.7"),
            // A proxy may add a line of its own.
            ("192.0.2.1", &["1.1.1.1", "198.51.100.7"], 1, "198.51.100.7"),
            ("192.0.2.1", &["1.1.1.1,198.51.100.7", "10.0.0.1"], 2, "198.51.100.7"),
            // Past a proxy, or a proxy that says nothing.
            ("192.0.2.1", &[], 1, "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7"], 2, "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7, unknown"], 1, "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7, "], 1, "192.0.2.1"),
        ] {
            assert_eq!(client(peer, lines, hops), expected, "{lines:?} {hops}");
        }
    }

    #[test]
    fn every_way_to_write_one_client_is_the_same_client() {
        for (written, expected) in [
            ("198.51.100.7:4711", "198.51.100.7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ] {
            assert_eq!(client("192.0.2.1", &[written], 1), expected, "{written}");
        }
        assert_eq!(client("::ffff:192.0.2.1", &[], 0), "192.0.2.1");
    }
}
