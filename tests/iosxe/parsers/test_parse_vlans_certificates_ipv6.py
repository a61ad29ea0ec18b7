"""Traffic per VLAN tag, certificates, and the IPv6 routing table."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from iosxe.parsers.cutting import assert_cuts_are_seen, assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.iosxe.parsers import certificates, ipv6_routes, vlan_traffic
from pytest_azinterop.state.certificate import Certificate
from pytest_azinterop.state.device import SubinterfaceTraffic
from pytest_azinterop.state.routing import RibRoute

LONG = """Virtual LAN ID:  1 (IEEE 802.1Q Encapsulation)

   vLAN Trunk Interface:   TenGigabitEthernet0/0/0

 This is configured as native Vlan for the following interface(s) :
TenGigabitEthernet0/0/0    Native-vlan Tx-type: Untagged

   Protocols Configured:   Address:              Received:        Transmitted:

TenGigabitEthernet0/0/0 (1)
        Other                                           0                  95

   71 packets, 10016 bytes input
   95 packets, 9535 bytes output

Virtual LAN ID:  30 (IEEE 802.1Q Encapsulation)

   vLAN Trunk Interface:   TenGigabitEthernet0/0/0.30

   Protocols Configured:   Address:              Received:        Transmitted:

TenGigabitEthernet0/0/0.30 (30)
           IP              192.168.30.17               11                  10
        Other                                           0                   2

   11 packets, 1088 bytes input
   12 packets, 1112 bytes output
"""
SHORT = """Virtual LAN ID:  30/300 (IEEE 802.1Q-in-Q Encapsulation)

   vLAN Trunk Interface:   TenGigabitEthernet0/0/0.300

   Protocols Configured:   Address:              Received:        Transmitted:
           IP              192.168.30.17               11                  10
           Other                                        1                   2
"""
DOT1Q = """Total statistics for 802.1Q VLAN 1:
   441 packets, 85825 bytes input
   1028 packets, 69082 bytes output
Total statistics for 802.1Q Outer/Inner VLAN 30/300:
   5173 packets, 510384 bytes input
   3042 packets, 369567 bytes output
"""
PER_INTERFACE = """VLAN ID: 30 (IEEE 802.1Q Encapsulation)

   Protocols Configured:          Received:        Transmitted:
                     IP                 49                  14

VLAN trunk interfaces for VLAN ID 30:
TenGigabitEthernet0/0/0.300

TenGigabitEthernet0/0/0.300 (30/300)
                     IP: 192.168.30.17
      Total 38 packets, 5696 bytes input
      Total 2 packets, 128 bytes output
      Total 0 oversubscription packet drops

TenGigabitEthernet1/0/0.30

TenGigabitEthernet1/0/0.30 (30)
                     IP: 192.168.30.0
      Total 11 packets, 1088 bytes input
      Total 12 packets, 1112 bytes output
"""
CERTIFICATES = """Certificate
  Status: Available
  Certificate Serial Number (hex): 1A0000002B
  Certificate Usage: General Purpose
  Issuer:
    cn=Example Issuing CA
    o=Example
  Subject:
    Name: ce1.example.com
    cn=ce1.example.com
  CRL Distribution Points:
    http://crl.example.com/ca.crl
  Validity Date:
    start date: 10:11:12 UTC Jan 1 2024
    end   date: 10:11:12 UTC Jan 1 2026
    renew date: 10:11:12 UTC Oct 20 2025
  Associated Trustpoints: AZURE-VPN
  Storage: nvram:ExampleIssui#2B.cer

CA Certificate
  Status: Available
  Certificate Serial Number (hex): 01
  Certificate Usage: Signature
  Issuer:
    cn=Example Root
  Subject:
    cn=Example Issuing CA
  Validity Date:
    start date: 00:00:00 CET Jan 1 2020
    end   date: 00:00:00 CET Jan 1 2030
  Associated Trustpoints: AZURE-VPN SPARE
"""
IPV6 = """IPv6 Routing Table - 30 - 5 entries
Codes: C - Connected, L - Local, S - Static, U - Per-user Static route
       B - BGP, R - RIP, H - NHRP, I1 - ISIS L1
       la - LISP alt, lr - LISP site-registrations
S   ::/0 [1/0]
     via 2001:DB8:30::1
B   2001:DB8:10::/48 [20/0]
     via FE80::1, TenGigabitEthernet0/0/0.300
     via FE80::2, Tunnel30
B   2001:DB8:20::/48 [200/0]
     via 10.0.0.2%default, indirectly connected
C   2001:DB8:30::/64 [0/0]
     via TenGigabitEthernet0/0/0.300, directly connected
L   2001:DB8:30::2/128 [0/0]
     via TenGigabitEthernet0/0/0.300, receive
"""


def traffic(text: str) -> tuple[SubinterfaceTraffic, ...]:
    return vlan_traffic.parse(text, SOURCE).records


def held(text: str) -> tuple[Certificate, ...]:
    return certificates.parse(text, SOURCE).records


PENDING = """Certificate
  Subject:
    Name: ce1.example.com
  Status: Pending
  Key Usage: General Purpose
  Certificate Request Fingerprint MD5: 4CCD2A4B 9C5E5D1D 5C8B6D8A 0A1B2C3D
  Associated Trustpoint: AZURE-VPN
"""


def test_a_pending_certificate_and_one_that_waits_for_its_turn() -> None:
    waits = CERTIFICATES.replace("CA Certificate\n", "CA Certificate (Rollover)\n")
    pending, own, waiting = held(PENDING + "\n" + waits)
    assert (pending.status, pending.trustpoints, pending.usage) == ("Pending", ("AZURE-VPN",), "General Purpose")
    assert (pending.not_before, pending.not_after) == (None, None)
    assert (own.is_rollover, waiting.is_rollover, waiting.is_authority) == (False, True, True)


def routes(text: str) -> tuple[RibRoute, ...]:
    (table,) = ipv6_routes.parse(text, SOURCE).records
    return table.routes


def test_vlans_in_three_layouts() -> None:
    native, tagged = traffic(LONG)
    assert (native.outer_vlan, native.input_packets, native.input_bytes) == (1, 71, 10016)
    assert (tagged.interface, tagged.inner_vlan) == ("TenGigabitEthernet0/0/0.30", None)
    assert (tagged.input_packets, tagged.output_packets, tagged.output_bytes) == (11, 12, 1112)
    (pair,) = traffic(SHORT)
    assert (pair.outer_vlan, pair.inner_vlan, pair.input_packets, pair.output_packets) == (30, 300, 12, 12)
    assert pair.input_bytes is None
    _, double = traffic(DOT1Q)
    assert (double.outer_vlan, double.inner_vlan, double.interface, double.output_bytes) == (30, 300, None, 369567)


def test_no_vlan() -> None:
    assert vlan_traffic.parse("", SOURCE, may_be_empty=True).records == ()
    refuses(traffic, "", "no VLAN")
    refuses(traffic, DOT1Q.rsplit("\n", 2)[0] + "\n", "without its counters")
    refuses(traffic, SHORT.split("   Protocols", maxsplit=1)[0], "without its counters")


def test_certificates() -> None:
    own, authority = held(CERTIFICATES)
    assert (own.kind, own.is_authority, own.status, own.serial) == ("Certificate", False, "Available", "1A0000002B")
    assert (own.issuer, own.subject[0]) == (("cn=Example Issuing CA", "o=Example"), "Name: ce1.example.com")
    assert own.not_before == datetime(2024, 1, 1, 10, 11, 12, tzinfo=UTC)
    assert own.not_after == datetime(2026, 1, 1, 10, 11, 12, tzinfo=UTC)
    assert own.trustpoints == ("AZURE-VPN",)
    assert (authority.is_authority, authority.zone, authority.trustpoints) == (True, "CET", ("AZURE-VPN", "SPARE"))
    assert authority.not_after == datetime(2030, 1, 1)  # noqa: DTZ001


def test_a_pending_certificate_has_no_dates() -> None:
    (record,) = held(
        "Certificate\n  Subject:\n    Name: ce1.example.com\n  Status: Pending\n  Key Usage: General Purpose\n"
    )
    assert (record.status, record.not_after, record.usage) == ("Pending", None, "General Purpose")


def test_no_certificate() -> None:
    assert certificates.parse("", SOURCE, may_be_empty=True).records == ()
    refuses(held, "", "does not say")


def test_cuts_and_noise() -> None:
    assert_cuts_are_seen(held, CERTIFICATES, tails=("Storage", "SPARE"))
    assert_noise_is_refused(held, CERTIFICATES)
    assert_noise_is_refused(traffic, LONG, "% Error")
    assert_cuts_are_seen(routes, IPV6)
    assert_noise_is_refused(routes, IPV6)


def test_the_ipv6_table() -> None:
    (table,) = ipv6_routes.parse(IPV6, SOURCE, vrf="30").records
    default, two_ways, imported, connected, local = table.routes
    assert table.vrf == "30"
    assert (default.prefix, default.protocol, default.distance) == (ip_network("::/0"), "S", 1)
    assert [hop.interface for hop in two_ways.next_hops] == ["TenGigabitEthernet0/0/0.300", "Tunnel30"]
    assert (imported.next_hops[0].address, imported.next_hops[0].vrf) == (ip_address("10.0.0.2"), "default")
    assert imported.next_hops[0].interface is None
    assert (connected.distance, connected.next_hops[0].address, local.protocol) == (None, None, "L")
    refuses(lambda text: ipv6_routes.parse(text, SOURCE, vrf="31").records, IPV6, "not that of VRF 31")
    refuses(routes, IPV6.replace("5 entries", "6 entries"), "counts 6 entries")
    (table,) = ipv6_routes.parse(IPV6.replace("Table - 30 -", "Table - default -"), SOURCE, vrf="default").records
    assert table.vrf is None


def test_the_form_of_later_releases_has_a_block_per_interface() -> None:
    records = vlan_traffic.parse(PER_INTERFACE, SOURCE).records
    assert [
        (each.interface, each.outer_vlan, each.inner_vlan, each.input_packets, each.output_packets, each.output_bytes)
        for each in records
    ] == [
        ("TenGigabitEthernet0/0/0.300", 30, 300, 38, 2, 128),
        ("TenGigabitEthernet1/0/0.30", 30, None, 11, 12, 1112),
    ]
    lines = PER_INTERFACE.splitlines()
    for end in (1, 6, 9, 10, 11, 17, 18, 19):
        refuses(lambda text: vlan_traffic.parse(text, SOURCE).records, "\n".join(lines[:end]) + "\n", "without its")
