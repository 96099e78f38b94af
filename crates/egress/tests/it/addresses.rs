//! The table of destinations: every special block, and every spelling that has fooled a filter somewhere.

use std::net::IpAddr;

use executor_egress::{Guard, Kind, Method, Options, Request, address};
use proptest::prelude::*;

use crate::support::limits;

/// Addresses that are not public, at the edges of their blocks.
const SPECIAL: &[(&str, &str)] = &[
    ("0.0.0.0", "this network"),
    ("0.0.0.1", "this network"),
    ("0.255.255.255", "this network"),
    ("10.0.0.0", "private use"),
    ("10.255.255.255", "private use"),
    ("100.64.0.0", "carrier-grade NAT"),
    ("100.100.100.200", "carrier-grade NAT"),
    ("100.127.255.255", "carrier-grade NAT"),
    ("127.0.0.0", "loopback"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.255", "loopback"),
    ("168.63.129.16", "cloud platform service"),
    ("169.254.0.0", "link-local"),
    ("169.254.169.254", "link-local"),
    ("169.254.170.2", "link-local"),
    ("169.254.255.255", "link-local"),
    ("172.16.0.0", "private use"),
    ("172.31.255.255", "private use"),
    ("192.0.0.0", "IETF protocol assignments"),
    ("192.0.0.9", "IETF protocol assignments"),
    ("192.0.0.192", "IETF protocol assignments"),
    ("192.0.0.255", "IETF protocol assignments"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "6to4 relay anycast"),
    ("192.168.0.0", "private use"),
    ("192.168.255.255", "private use"),
    ("198.18.0.0", "benchmarking"),
    ("198.19.255.255", "benchmarking"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.0", "reserved"),
    ("255.255.255.254", "reserved"),
    ("255.255.255.255", "broadcast"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::2", "IPv4-compatible"),
    ("::7f00:1", "IPv4-compatible"),
    ("::127.0.0.1", "IPv4-compatible"),
    ("::8.8.8.8", "IPv4-compatible"),
    ("::ffff:0.0.0.0", "this network"),
    ("::ffff:10.1.2.3", "private use"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:7f00:1", "loopback"),
    ("::ffff:169.254.169.254", "link-local"),
    ("::ffff:a9fe:a9fe", "link-local"),
    ("::ffff:192.168.1.1", "private use"),
    ("::ffff:0:127.0.0.1", "not global unicast"),
    ("::ffff:0:8.8.8.8", "not global unicast"),
    ("64:ff9b::7f00:1", "loopback"),
    ("64:ff9b::10.0.0.1", "private use"),
    ("64:ff9b::169.254.169.254", "link-local"),
    ("64:ff9b:0:0:1::", "not global unicast"),
    ("64:ff9b:1::", "local NAT64"),
    ("64:ff9b:1::8.8.8.8", "local NAT64"),
    ("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "local NAT64"),
    ("64:ff9b:2::1", "not global unicast"),
    ("100::", "discard"),
    ("100::ffff:ffff:ffff:ffff", "discard"),
    ("100:0:0:1::1", "dummy prefix"),
    ("100:0:0:2::1", "not global unicast"),
    ("200::1", "not global unicast"),
    ("1fff:ffff::1", "not global unicast"),
    ("2001::", "Teredo"),
    ("2001:0:53aa:64c:0:1234:80ff:fffe", "Teredo"),
    ("2001:1::1", "IETF protocol assignments"),
    ("2001:1::2", "IETF protocol assignments"),
    ("2001:2::1", "benchmarking"),
    ("2001:3::1", "IETF protocol assignments"),
    ("2001:4:112::1", "IETF protocol assignments"),
    ("2001:10::1", "ORCHID"),
    ("2001:1f:ffff::1", "ORCHID"),
    ("2001:20::1", "ORCHID"),
    ("2001:2f:ffff::1", "ORCHID"),
    ("2001:30::1", "drone remote identification"),
    ("2001:1ff:ffff::1", "IETF protocol assignments"),
    ("2001:db8::1", "documentation"),
    ("2001:db8:ffff:ffff::1", "documentation"),
    ("2002:7f00:1::", "loopback"),
    ("2002:a00:1::1", "private use"),
    ("2002:a9fe:a9fe::1", "link-local"),
    ("2002:c0a8:101::1", "private use"),
    ("2002:e000:1::1", "multicast"),
    ("3fff::1", "documentation"),
    ("3fff:fff:ffff::1", "documentation"),
    ("4000::1", "not global unicast"),
    ("5f00::1", "segment routing"),
    ("5f00:ffff::1", "segment routing"),
    ("5f01::1", "not global unicast"),
    ("fc00::1", "unique local"),
    ("fd00:ec2::254", "unique local"),
    ("fd20:ce::254", "unique local"),
    ("fdff:ffff::1", "unique local"),
    ("fe00::1", "not global unicast"),
    ("fe80::1", "link-local"),
    ("febf:ffff::1", "link-local"),
    ("fec0::1", "site-local"),
    ("feff:ffff::1", "site-local"),
    ("ff00::1", "multicast"),
    ("ff02::1", "multicast"),
    ("ff0e::1", "multicast"),
    ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast"),
];

/// Public addresses, most of them one step outside of a special block.
const PUBLIC: &[&str] = &[
    "1.0.0.0",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.0.66.2",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "192.175.48.1",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2002:808:808::1",
    "2003::1",
    "2606:4700:4700::1111",
    "2620:4f:8000::1",
    "2a00:1450:4001::1",
    "3ffe:ffff::1",
    "3fff:1000::1",
];

/// Spellings of addresses that are not public.
const SPELLINGS: &[&str] = &[
    // Short, octal, hexadecimal, decimal and mixed forms of 127.0.0.1.
    "http://127.1/",
    "http://127.0.1/",
    "http://0177.0.0.1/",
    "http://0177.0.1/",
    "http://0177.1/",
    "http://0000177.0000.0000.0001/",
    "http://017700000001/",
    "http://0x7f.0.0.1/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0X7F.0X00.0X00.0X01/",
    "http://0x7f.1/",
    "http://0x7F000001/",
    "http://0x007f000001/",
    "http://2130706433/",
    "http://127.0x0.00.1/",
    "http://127.0.0.0x1/",
    "http://0177.0x0.0.1/",
    "http://127.65535/",
    "http://127.0.65535/",
    // The same for the metadata address and the others.
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0xA9.0xFE.0xA9.0xFE/",
    "http://025177524776/",
    "http://0251.0376.0251.0376/",
    "http://0251.254.0xa9.0376/",
    "http://169.254.43518/",
    "http://169.16689662/",
    "http://0/",
    "http://0x/",
    "http://0.0/",
    "http://00000000000/",
    "http://0x0/",
    "http://167772161/",
    "http://0xa000001/",
    "http://012.1/",
    "http://10.1/",
    "http://3232235777/",
    "http://192.168.257/",
    "http://0xc0a80101/",
    "http://4294967295/",
    "http://037777777777/",
    // Ends, ports, credentials, paths.
    "http://127.0.0.1./",
    "http://2130706433./",
    "http://0x7f.1./",
    "http://127.0.0.1:80/",
    "http://127.0.0.1:65535/",
    "https://127.0.0.1/",
    "HTTP://127.0.0.1/",
    "http:127.0.0.1/",
    "http:/127.0.0.1/",
    "http:///127.0.0.1/",
    "http:////127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http://127.0.0.1\\@example.com/",
    "http://127.0.0.1#@example.com/",
    "http://127.0.0.1?@example.com/",
    "http://127.0.0.1/@example.com",
    "  http://127.0.0.1/  ",
    "ht\ttp://127.0.0.1/",
    "http://127.0.\n0.1/",
    "http://127.0.0.1\t/",
    // Percent-encoding and characters that normalise to digits and dots.
    "http://%31%32%37.0.0.1/",
    "http://127%2e0%2E0%2e1/",
    "http://%30%78%37%66.1/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://127．0．0．1/",
    "http://127｡0｡0｡1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/",
    "http://１６９.２５４.１６９.２５４/",
    "http://127.0\u{ad}.0.1/",
    "http://12\u{200b}7.0.0.1/",
    // IPv6.
    "http://[::1]/",
    "http://[::1]:8080/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
    "http://[::0001]/",
    "http://[::0.0.0.1]/",
    "http://[::]/",
    "http://[0::0]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::FFFF:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:FF9B::A9FE:A9FE]/",
    "http://[2002:7f00:0001::]/",
    "http://[2002:c0a8:0101::1]/",
    "http://[2001:0000:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[fe80::1]/",
    "http://[FE80::A00:27FF:FE00:0]/",
    "http://[fd00:ec2::254]/",
    "http://[FC00::]/",
    "http://[ff02::1]/",
    "http://[fec0::1]/",
    "http://[5f00::1]/",
];

/// What is no destination at all, or hides one.
const REFUSED: &[&str] = &[
    "",
    " ",
    "127.0.0.1",
    "//127.0.0.1/",
    "http://",
    "http:///",
    "http://:80/",
    "http://256.0.0.1/",
    "http://127.0.0.256/",
    "http://127.0.0.0.1/",
    "http://1.2.3.4.5/",
    "http://4294967296/",
    "http://0x100000000/",
    "http://040000000000/",
    "http://127.0.65536/",
    "http://0xg.1/",
    "http://089.0.0.1/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1:-1/",
    "http://[::1/",
    "http://[::1%25lo]/",
    "http://[::1%lo]/",
    "http://[fe80::1%25eth0]/",
    "http://[::ffff:127.1]/",
    "http://[::ffff:0x7f.0.0.1]/",
    "http://[1::2::3]/",
    "http://[12345::]/",
    "http://::1/",
    "http://exa mple.com/",
    "http://example.com%00.evil.com/",
    "http://user@example.com/",
    "http://user:password@example.com/",
    "http://:password@example.com/",
    "http://example.com@127.0.0.1/",
    "http://8.8.8.8@127.0.0.1/",
    "http://127.0.0.1@8.8.8.8/",
    "http://127.0.0.1:80@8.8.8.8/",
    "http://8.8.8.8%40127.0.0.1@8.8.8.8/",
    "ftp://8.8.8.8/",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "gopher://8.8.8.8:70/_",
    "dict://8.8.8.8/",
    "ws://8.8.8.8/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "jar:http://8.8.8.8!/",
];

fn literal(address: &str) -> String {
    if address.contains(':') { format!("http://[{address}]/") } else { format!("http://{address}/") }
}

#[test]
fn the_table_is_as_large_as_promised() {
    assert!(SPECIAL.len() + PUBLIC.len() + SPELLINGS.len() + REFUSED.len() >= 200);
}

#[test]
fn special_addresses_are_told_apart_from_public_ones() {
    for (text, reason) in SPECIAL {
        assert_eq!(address::classify(text.parse().unwrap()), Some(*reason), "{text}");
    }
    for text in PUBLIC {
        assert_eq!(address::classify(text.parse().unwrap()), None, "{text}");
        Guard::default().parse(&literal(text)).unwrap();
    }
}

#[tokio::test]
async fn no_spelling_of_a_special_address_is_dialled() {
    let client = executor_egress::Client::new(Options::default()).unwrap();
    let literals: Vec<_> = SPECIAL.iter().map(|(text, _)| literal(text)).collect();
    for text in literals.iter().map(String::as_str).chain(SPELLINGS.iter().copied()) {
        let error = Guard::default().parse(text).expect_err(text);
        assert!(matches!(error.kind(), Kind::Blocked(_)), "{text}: {error:?}");

        let error =
            client.send(Request::new(Method::GET, text.parse().unwrap()), limits()).await.expect_err(text);
        assert!(matches!(error.kind(), Kind::Blocked(_)), "{text}: {error:?}");
        assert!(!error.may_have_left(), "{text}");
    }
}

#[test]
fn what_is_no_destination_is_refused() {
    for text in REFUSED {
        let error = Guard::default().parse(text).expect_err(text);
        assert!(matches!(error.kind(), Kind::InvalidUrl { .. }), "{text}: {error:?}");
    }
}

#[test]
fn the_operator_may_allow_blocks_or_everything() {
    let some =
        Guard { allow: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()], ..Guard::default() };
    for (text, allowed) in [
        ("http://10.1.2.3/", true),
        ("http://[::ffff:10.1.2.3]/", true),
        ("http://[fd00::1]/", true),
        ("http://192.168.0.1/", false),
        ("http://169.254.169.254/", false),
        ("http://[fe80::1]/", false),
    ] {
        assert_eq!(some.parse(text).is_ok(), allowed, "{text}");
    }
    let every = Guard { allow_local_network: true, ..Guard::default() };
    for (text, _) in SPECIAL {
        every.parse(&literal(text)).unwrap();
    }
    assert!(every.parse("file:///etc/passwd").is_err());
}

proptest! {
    /// However an IPv4 address travels, the verdict is that of the address.
    #[test]
    fn every_carrier_of_an_ipv4_address_is_judged_by_it(bits: u32) {
        let v4 = std::net::Ipv4Addr::from(bits);
        let verdict = address::classify(IpAddr::V4(v4));
        let [a, b, c, d] = v4.octets();
        for carrier in [format!("::ffff:{v4}"), format!("64:ff9b::{v4}"), format!("2002:{a:02x}{b:02x}:{c:02x}{d:02x}::")] {
            prop_assert_eq!(address::classify(carrier.parse().unwrap()), verdict, "{}", carrier);
        }
        for spelling in [format!("http://{bits}/"), format!("http://{bits:#x}/"), format!("http://0{bits:o}/")] {
            prop_assert_eq!(Guard::default().parse(&spelling).is_ok(), verdict.is_none(), "{}", spelling);
        }
    }

    /// No text makes the judgement panic, and what it lets through is http to a host.
    #[test]
    fn any_text_is_judged(text in "\\PC{0,60}") {
        if let Ok(url) = Guard::default().parse(&text) {
            prop_assert!(matches!(url.scheme(), "http" | "https") && url.has_host());
        }
    }
}
