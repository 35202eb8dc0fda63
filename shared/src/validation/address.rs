//! The addresses to which Outhook never connects (docs/delivery.md): all that are not on the public internet.
//!
//! Source of the ranges: IANA's IPv4 and IPv6 special-purpose address registries. An address with an IPv4 address
//! embedded in it is judged by that one, because a translator on the way would send the request there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether Outhook must not connect to this address, because it is not on the public internet.
#[must_use]
pub fn is_forbidden(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_forbidden_v4(v4),
        IpAddr::V6(v6) => is_forbidden_v6(v6),
    }
}

fn is_forbidden_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        [0, ..] // "this network", including the unspecified address
        | [10, ..] // private
        | [100, 64..=127, ..] // carrier-grade NAT
        | [127, ..] // loopback
        | [169, 254, ..] // link-local, including the metadata service
        | [172, 16..=31, ..] // private
        | [192, 0, 0, _] // protocol assignments
        | [192, 0, 2, _] // documentation
        | [192, 88, 99, _] // 6to4 relays, withdrawn
        | [192, 168, ..] // private
        | [198, 18..=19, ..] // benchmarks
        | [198, 51, 100, _] // documentation
        | [203, 0, 113, _] // documentation
        | [224..=255, ..] => true, // multicast, reserved, broadcast
        _ => false,
    }
}

/// Whether an IPv6 address is forbidden. Only global unicast (2000::/3) is public. The rest is loopback, link-local,
/// site-local, unique-local (including EC2's metadata address fd00:ec2::254), multicast or unassigned.
fn is_forbidden_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = embedded_v4(address) {
        return is_forbidden_v4(v4);
    }
    match address.segments() {
        [0x2001, 0..=0x1ff, ..] // protocol assignments: Teredo, benchmarks, ORCHID
        | [0x2001, 0xdb8, ..] // documentation
        | [0x3fff, 0..=0xfff, ..] => true, // documentation
        // ISATAP: a router of the receiver's network would forward to the IPv4 address in the last 32 bits.
        [.., 0 | 0x200, 0x5efe, high, low] if is_forbidden_v4(v4_of(high, low)) => true,
        [0x2000..=0x3fff, ..] => false,
        _ => true,
    }
}

/// The IPv4 address to which a packet for this IPv6 address would be translated, if there is one.
///
/// 64:ff9b:1::/48 (NAT64 of a local network) and Teredo embed the IPv4 address in ways that only their operator knows,
/// so these ranges are forbidden as a whole.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] // IPv4-mapped
        | [0, 0, 0, 0, 0xffff, 0, high, low] // IPv4-translated (SIIT)
        | [0, 0, 0, 0, 0, 0, high, low] // IPv4-compatible; :: and ::1 are in 0/8
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] // NAT64
        | [0x2002, high, low, ..] => Some(v4_of(high, low)), // 6to4
        _ => None,
    }
}

fn v4_of(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn forbidden(text: &str) -> bool {
        is_forbidden(text.parse().unwrap())
    }

    #[test]
    fn ipv4_ranges_are_forbidden_to_their_edges() {
        let ranges = [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.0.2.0", "192.0.2.255"),
            ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"),
            ("224.0.0.0", "255.255.255.255"),
        ];
        for (first, last) in ranges {
            let first: u32 = first.parse::<Ipv4Addr>().unwrap().into();
            let last: u32 = last.parse::<Ipv4Addr>().unwrap().into();
            for inside in [first, first + (last - first) / 2, last] {
                assert!(is_forbidden_v4(inside.into()), "{}", Ipv4Addr::from(inside));
            }
            for outside in [first.checked_sub(1), last.checked_add(1)].into_iter().flatten() {
                assert!(!is_forbidden_v4(outside.into()), "{}", Ipv4Addr::from(outside));
            }
        }
    }

    #[test]
    fn the_metadata_services_are_forbidden() {
        for address in ["169.254.169.254", "169.254.170.2", "fd00:ec2::254", "::ffff:169.254.169.254"] {
            assert!(forbidden(address), "{address}");
        }
    }

    #[test]
    fn ipv6_ranges_are_forbidden() {
        for address in [
            "::",
            "::1",
            "100::1",
            "64:ff9b:1::808:808",
            "64:ff9b:1:a00:1:200::",
            "2001::1",
            "2001:0:808:808:0:0:f7f7:f7f7",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "2606:4700::5efe:10.0.0.1",
            "2606:4700::200:5efe:127.0.0.1",
            "4000::1",
        ] {
            assert!(forbidden(address), "{address}");
        }
    }

    #[test]
    fn addresses_of_a_vpc_are_forbidden_in_ipv4_and_not_in_ipv6() {
        assert!(["10.0.0.7", "172.31.255.1", "192.168.1.1"].into_iter().all(forbidden));
        // Global unicast, like the whole internet. docs/operating.md says what follows.
        assert!(!forbidden("2600:1f18:4000::a"));
    }

    #[test]
    fn the_public_internet_is_not_forbidden() {
        for address in ["8.8.8.8", "3.5.140.2", "100.63.255.255", "2606:4700::6810:84e5", "2a00:1450:4001:81b::200e"] {
            assert!(!forbidden(address), "{address}");
        }
    }

    /// IPv4 addresses, of which more are private than at random.
    fn any_v4() -> impl Strategy<Value = Ipv4Addr> {
        prop_oneof![
            any::<Ipv4Addr>(),
            any::<[u8; 3]>().prop_map(|[b, c, d]| Ipv4Addr::new(10, b, c, d)),
            any::<[u8; 2]>().prop_map(|[c, d]| Ipv4Addr::new(169, 254, c, d)),
            any::<[u8; 2]>().prop_map(|[c, d]| Ipv4Addr::new(192, 168, c, d)),
            any::<[u8; 3]>().prop_map(|[b, c, d]| Ipv4Addr::new(127, b, c, d)),
        ]
    }

    proptest! {
        #[test]
        fn an_embedding_form_follows_its_ipv4_address(v4 in any_v4(), rest in any::<[u16; 5]>()) {
            let [a, b, c, d] = v4.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let forms = [
                v4.to_ipv6_mapped(),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, rest[0], rest[1], rest[2], rest[3], rest[4]),
            ];
            for form in forms {
                prop_assert_eq!(is_forbidden(form.into()), is_forbidden(v4.into()), "{}", form);
            }
        }

        #[test]
        fn a_form_that_hides_a_forbidden_address_is_forbidden(v4 in any_v4()) {
            let [a, b, c, d] = v4.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            for form in [
                Ipv6Addr::new(0x2606, 1, 2, 3, 0, 0x5efe, high, low),
                Ipv6Addr::new(0x2001, 0, 0x0808, 0x0808, 0, 0, !high, !low),
                Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
            ] {
                prop_assert!(!is_forbidden(v4.into()) || is_forbidden(form.into()), "{}", form);
            }
        }
    }
}
