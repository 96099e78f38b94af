//! Which IP addresses are on the public internet.
//!
//! A pure function over the IANA special-purpose address registries. IPv4 is public unless listed; IPv6 is public only
//! inside the one block that IANA hands out (2000::/3) and unless listed there, so that what is assigned tomorrow is
//! refused until someone has looked at it. An IPv6 address that carries an IPv4 destination is judged by both.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Special-purpose IPv4 blocks, with what they are for.
///
/// The anycast services inside 192.0.0.0/24 count as globally reachable in the registry, but they lead to the nearest
/// gateway, so the whole block stays closed. The AS112 and AMT blocks are ordinary public servers and stay open.
const V4: &[(Ipv4Net, &str)] = &[
    (v4(0, 0, 0, 0, 8), "this network"),
    (v4(10, 0, 0, 0, 8), "private use"),
    (v4(100, 64, 0, 0, 10), "carrier-grade NAT"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    (v4(168, 63, 129, 16, 32), "cloud platform service"),
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private use"),
    (v4(192, 0, 0, 0, 24), "IETF protocol assignments"),
    (v4(192, 0, 2, 0, 24), "documentation"),
    (v4(192, 88, 99, 0, 24), "6to4 relay anycast"),
    (v4(192, 168, 0, 0, 16), "private use"),
    (v4(198, 18, 0, 0, 15), "benchmarking"),
    (v4(198, 51, 100, 0, 24), "documentation"),
    (v4(203, 0, 113, 0, 24), "documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(255, 255, 255, 255, 32), "broadcast"),
    (v4(240, 0, 0, 0, 4), "reserved"),
];

/// Special-purpose IPv6 blocks. The last rows only give names to what lies outside of 2000::/3 anyway.
const V6: &[(Ipv6Net, &str)] = &[
    (v6([0x2001, 0, 0, 0], 32), "Teredo"),
    (v6([0x2001, 2, 0, 0], 48), "benchmarking"),
    (v6([0x2001, 0x10, 0, 0], 28), "ORCHID"),
    (v6([0x2001, 0x20, 0, 0], 28), "ORCHID"),
    (v6([0x2001, 0x30, 0, 0], 28), "drone remote identification"),
    (v6([0x2001, 0, 0, 0], 23), "IETF protocol assignments"),
    (v6([0x2001, 0xdb8, 0, 0], 32), "documentation"),
    (v6([0x3fff, 0, 0, 0], 20), "documentation"),
    (v6([0x64, 0xff9b, 1, 0], 48), "local NAT64"),
    (v6([0x100, 0, 0, 0], 64), "discard"),
    (v6([0x100, 0, 0, 1], 64), "dummy prefix"),
    (v6([0x5f00, 0, 0, 0], 16), "segment routing"),
    (v6([0xfc00, 0, 0, 0], 7), "unique local"),
    (v6([0xfe80, 0, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0, 0], 10), "site-local"),
    (v6([0xff00, 0, 0, 0], 8), "multicast"),
];

const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0], 3);
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0], 16);
const V4_COMPATIBLE: Ipv6Net = v6([0, 0, 0, 0], 96);

/// Whether `address` is on the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    classify(address).is_none()
}

/// Why `address` is not on the public internet; `None` when it is.
#[must_use]
pub fn classify(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => classify_v4(address),
        IpAddr::V6(address) => classify_v6(address),
    }
}

fn classify_v4(address: Ipv4Addr) -> Option<&'static str> {
    V4.iter().find(|(block, _)| block.contains(&address)).map(|(_, reason)| *reason)
}

fn classify_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return classify_v4(mapped);
    }
    if NAT64.contains(&address) {
        return classify_v4(embedded_v4(address, 12));
    }
    if SIX_TO_FOUR.contains(&address) {
        return classify_v4(embedded_v4(address, 2));
    }
    if let Some((_, reason)) = V6.iter().find(|(block, _)| block.contains(&address)) {
        return Some(reason);
    }
    match address {
        Ipv6Addr::LOCALHOST => Some("loopback"),
        Ipv6Addr::UNSPECIFIED => Some("unspecified"),
        _ if V4_COMPATIBLE.contains(&address) => Some("IPv4-compatible"),
        _ if GLOBAL_UNICAST.contains(&address) => None,
        _ => Some("not global unicast"),
    }
}

/// The IPv4 address written into `address` at the octet `offset`.
fn embedded_v4(address: Ipv6Addr, offset: usize) -> Ipv4Addr {
    let octets = address.octets();
    Ipv4Addr::new(octets[offset], octets[offset + 1], octets[offset + 2], octets[offset + 3])
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(head: [u16; 4], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(head[0], head[1], head[2], head[3], 0, 0, 0, 0), prefix)
}
