"""Access lists on the interfaces between a site and Azure: which pairs of prefixes can talk at all."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest
from verify.verify_records import CONFIG_TEXT, INTERFACE, config, rib, rib_route

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.expectations import ExpectedFlow
from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify.access_list import ObservedInterfaceFilters, packets
from pytest_azinterop.verify.finding import Finding

OWN, FIRST, SECOND = IPv4Network("10.7.0.0/24"), IPv4Network("10.60.0.0/24"), IPv4Network("10.62.0.0/22")
ER = replace(INTERFACE, site_prefixes=(OWN,), azure_prefixes=(FIRST, SECOND))
LAN = replace(ER, name="TenGigabitEthernet0/0/2.12", role="lan")
BETWEEN = replace(LAN, role="internal")
PLACES = {"expressroute": ("172.20.1.1 255.255.255.252", ER), "lan": ("10.7.0.1 255.255.255.0", LAN)}


def text(direction: str, entries: str, at: str = "expressroute", *, kind: str = "extended", more: str = "") -> str:
    """The configuration with a list `TEST` of these entries, one a line, on an interface."""
    address = f" ip address {PLACES[at][0]}\n"
    assert address in CONFIG_TEXT
    bound = CONFIG_TEXT.replace(address, f"{address} ip access-group TEST {direction}\n{more}")
    lines = "".join(f" {each.strip()}\n" for each in entries.strip().splitlines())
    return bound.replace("\nend\n", f"\nip access-list {kind} TEST\n{lines}!\nend\n")


def judged(direction: str, entries: str, at: str = "expressroute", **how: str) -> list[Finding]:
    return packets(PLACES[at][1], ObservedInterfaceFilters(config(text(direction, entries, at, **how))))


STOPPED = {
    "denied by name": ("in", "10 deny ip 10.60.0.0 0.3.255.255 10.7.0.0 0.0.0.255\n20 permit ip any any"),
    "nothing permitted": ("in", "10 permit tcp host 172.20.1.2 host 172.20.1.1"),
    "ping alone": ("in", "10 permit icmp any any\n20 deny ip any any log"),
    "ping and what keeps the path up": (
        "in",
        "permit icmp any any echo\npermit tcp any eq bgp any\npermit tcp any any eq 179\n"
        "permit udp any any range 3784 3785\npermit udp any any eq isakmp",
    ),
    "in two halves": (
        "out",
        "10 deny ip 10.7.0.0 0.0.0.127 any\n20 deny tcp 10.7.0.128 0.0.0.127 any\n"
        "30 deny udp 10.7.0.128 0.0.0.127 any\n40 permit ip any any",
    ),
    "in two halves of ports": (
        "out",
        "10 deny tcp any range 0 1023 any\n20 deny tcp any gt 1023 any\n30 deny udp any any neq 179\n"
        "35 deny udp any any eq 179\n40 permit ip any any",
    ),
    "another way round": ("out", "10 permit ip 10.60.0.0 0.3.255.255 10.7.0.0 0.0.0.255"),
    "later fragments alone": ("in", "10 permit ip any any fragments"),
    "order of the numbers": ("in", "20 permit ip any any\n10 deny ip any any"),
    "remarks and protocols": ("in", "remark permit ip any any\n10 permit ospf any any\n20 permit 88 any any"),
    "other wildcard": (
        "out",
        "10 deny ip 10.7.0.0 0.0.0.254 any\n20 deny ip 10.7.0.1 0.0.0.254 any\n30 permit ip any any",
    ),
}


@pytest.mark.parametrize(("direction", "entries"), STOPPED.values(), ids=STOPPED)
def test_pairs_of_which_nothing_passes_are_found(direction: str, entries: str) -> None:
    (found,) = judged(direction, entries)
    assert (found.rule, found.cause, found.object) == ("interface.access-list", "denied", ER.id)
    assert f"TEST ({direction})" in found.message
    assert str(OWN) in found.message
    assert str(FIRST) in found.message
    assert str(SECOND) in found.message


PASSES = {
    "everything": ("in", "10 permit ip any any"),
    "no entry": ("in", "remark later"),
    "one port": ("in", "10 permit tcp any any eq 443\n20 deny ip any any"),
    "one protocol": ("in", "10 permit udp any any\n"),
    "a hole in what is permitted": ("out", "10 deny ip 10.7.0.0 0.0.0.127 any\n20 permit ip any any"),
    "a host": ("out", "10 permit tcp host 10.7.0.9 10.60.0.0 0.3.255.255 eq www 443"),
    "answers": ("in", "10 permit tcp any any established"),
    "some are denied": ("in", "10 deny tcp any any established\n20 permit ip any any"),
    "denied the other way": ("in", "10 deny ip 10.7.0.0 0.0.0.255 any\n20 permit ip any any"),
    "every second address": ("out", "10 deny ip 10.7.0.0 0.0.0.254 any\n20 permit ip any any"),
    "deny of an unused protocol": ("in", "10 deny sctp any any\n20 deny icmp any any\n30 permit ip any any"),
    "understood before what is not": ("in", "10 permit ip any any\n20 evaluate MIRROR"),
}


@pytest.mark.parametrize(("direction", "entries"), PASSES.values(), ids=PASSES)
def test_a_list_may_permit_parts(direction: str, entries: str) -> None:
    assert judged(direction, entries) == []


OPEN = {
    "reflexive": ("in", "10 evaluate MIRROR\n20 deny ip any any"),
    "unknown group denied": ("in", "10 deny ip object-group NOWHERE any\n20 permit ip any any"),
    "unknown group permitted": ("in", "10 permit ip object-group NOWHERE any"),
    "at times": ("in", "10 deny ip any any time-range NIGHT\n20 permit ip any any"),
    "unknown words": ("in", "10 consult oracle\n20 permit ip any any"),
    "too many bits": ("in", "10 deny ip 10.0.0.0 0.170.170.170 any\n20 permit ip any any"),
}


@pytest.mark.parametrize(("direction", "entries"), OPEN.values(), ids=OPEN)
def test_what_cannot_be_evaluated_is_undetermined(direction: str, entries: str) -> None:
    with pytest.raises(UndeterminedError):
        judged(direction, entries)


@pytest.mark.parametrize(
    ("direction", "entries", "stopped"),
    [
        ("in", "10 deny ip 10.7.0.0 0.0.0.255 10.60.0.0 0.0.0.255\n20 permit ip any any", FIRST),
        ("out", "10 deny ip 10.62.0.0 0.0.3.255 any\n20 permit ip any any", SECOND),
    ],
    ids=["in", "out"],
)
def test_towards_the_lan_the_directions_are_exchanged(direction: str, entries: str, stopped: IPv4Network) -> None:
    (found,) = judged(direction, entries, "lan")
    other = {FIRST: SECOND, SECOND: FIRST}[stopped]
    assert str(stopped) in found.message
    assert str(other) not in found.message
    assert found.object == LAN.id
    assert judged(direction, entries) == []


def test_between_edge_routers_both_ways_count() -> None:
    observed = ObservedInterfaceFilters(config(text("in", "10 permit ip 10.7.0.0 0.0.0.255 any", "lan")))
    (found,) = packets(BETWEEN, observed)
    assert f"of Azure's {FIRST}" in found.message
    assert packets(replace(BETWEEN, role="lan"), observed) == []


@pytest.mark.parametrize(("entries", "passes"), [("10 permit 10.60.0.0 0.0.0.255", 1), ("10 permit any", 2)])
def test_a_standard_list_looks_at_the_source(entries: str, passes: int) -> None:
    found = judged("in", entries, kind="standard")
    assert len(found) == 2 - passes
    assert all(str(SECOND) in each.message for each in found)


def test_numbered_lists_are_read() -> None:
    bound = CONFIG_TEXT.replace(
        " ip address 172.20.1.1 255.255.255.252\n", " ip address 172.20.1.1 255.255.255.252\n ip access-group {} in\n"
    )
    for number, lines, count in (
        ("7", "access-list 7 remark first\naccess-list 7 permit 10.60.0.0 0.3.255.255\n", 0),
        ("1307", "access-list 1307 deny   10.60.0.0 0.3.255.255\naccess-list 1307 permit any\n", 1),
        ("107", "access-list 107 permit icmp any any\naccess-list 107 deny ip any any\n", 1),
        ("107", "access-list 107 permit tcp any any eq 22\n", 0),
        ("108", "access-list 107 deny ip any any\n", 0),
    ):
        whole = bound.format(number).replace("\nend\n", f"\n{lines}!\nend\n")
        assert len(packets(ER, ObservedInterfaceFilters(config(whole)))) == count, (number, lines)


def test_object_groups_are_looked_up() -> None:
    groups = """object-group network AZURE
 description of the hub
 10.60.0.0 255.252.0.0
!
object-group network ALL
 group-object AZURE
 host 192.0.2.1
 range 10.99.0.1 10.99.0.9
!
object-group service WEB
 tcp eq 443
 tcp source eq 443
 icmp
!
"""
    for entry, count in (
        ("10 deny ip object-group ALL any\n20 permit ip any any", 1),
        ("10 permit object-group WEB object-group ALL any", 0),
        ("10 deny object-group WEB any any\n20 permit ip any any", 0),
    ):
        whole = text("in", entry).replace("\nip access-list", f"\n{groups}ip access-list")
        assert len(packets(ER, ObservedInterfaceFilters(config(whole)))) == count, entry


def test_without_a_list_and_without_the_list_everything_passes() -> None:
    assert packets(ER, ObservedInterfaceFilters(config())) == []
    undefined = text("in", "10 deny ip any any").replace(
        "ip access-list extended TEST", "ip access-list extended OTHER"
    )
    assert packets(ER, ObservedInterfaceFilters(config(undefined))) == []
    for missing in ({"whole": False}, {"hidden": True}):
        with pytest.raises(UndeterminedError):
            packets(ER, ObservedInterfaceFilters(config(**missing)))


def test_translated_addresses_are_not_the_declared_ones() -> None:
    with pytest.raises(UndeterminedError):
        judged("in", "10 deny ip any any", "lan", more=" ip nat inside\n")
    assert judged("in", "10 permit ip any any", "lan", more=" ip nat inside\n") == []


def test_of_several_lan_interfaces_each_has_its_own_prefixes() -> None:
    other = IPv4Network("10.8.0.0/24")
    lan = replace(LAN, site_prefixes=(OWN, other), beside_others=True)
    known = config(text("in", "10 permit ip 10.7.0.0 0.0.0.255 any", "lan"))
    here = rib_route(str(OWN), NextHop(None, LAN.name), protocol="C")
    there = rib_route(str(other), NextHop(None, "TenGigabitEthernet0/0/3"), protocol="C")
    assert packets(lan, ObservedInterfaceFilters(known, rib([here, there]))) == []
    behind = rib_route("10.8.0.0/25", NextHop(None, LAN.name), protocol="S")
    (found,) = packets(lan, ObservedInterfaceFilters(known, rib([here, there, behind])))
    assert str(other) in found.message
    with pytest.raises(UndeterminedError):
        packets(lan, ObservedInterfaceFilters(known))


def test_an_interface_that_the_configuration_lacks_passes_nothing() -> None:
    gone = replace(ER, name="TenGigabitEthernet0/9/9")
    (found,) = packets(gone, ObservedInterfaceFilters(config(CONFIG_TEXT)))
    assert (found.rule, found.object) == ("interface.exists", gone.id)


def test_a_shared_interface_is_judged_for_each_customer() -> None:
    theirs = ExpectedFlow("expressroute", (IPv4Network("10.8.0.0/24"),), (SECOND,))
    shared = replace(ER, others=(theirs,))
    denies = "10 deny ip any 10.8.0.0 0.0.0.255\n20 permit ip any any"
    (found,) = packets(shared, ObservedInterfaceFilters(config(text("in", denies))))
    assert "10.8.0.0/24" in found.message
    assert str(SECOND) in found.message
    assert str(FIRST) not in found.message
    assert str(OWN) not in found.message


def test_customers_that_share_an_interface_need_not_reach_each_others_networks() -> None:
    other = IPv4Network("10.8.0.0/24")
    shared = replace(ER, azure_prefixes=(FIRST,), others=(ExpectedFlow("expressroute", (other,), (SECOND,)),))
    apart = """
        10 permit ip 10.60.0.0 0.0.0.255 10.7.0.0 0.0.0.255
        20 permit ip 10.62.0.0 0.0.3.255 10.8.0.0 0.0.0.255
    """
    assert packets(shared, ObservedInterfaceFilters(config(text("in", apart)))) == []


def test_what_only_another_customer_sends_here_is_judged_by_its_own_role() -> None:
    source = replace(ER, role="tunnel source", site_prefixes=(), azure_prefixes=())
    shared = replace(source, others=(ExpectedFlow("lan", (OWN,), (FIRST,)),))
    (found,) = packets(shared, ObservedInterfaceFilters(config(text("in", "10 deny ip any any"))))
    assert f"the site's {OWN}" in found.message


PEER = IPv4Address("198.51.100.7")
SOURCE = replace(ER, role="tunnel source", site_prefixes=(), azure_prefixes=(), peers=(PEER,))


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ("10 deny udp any any\n20 permit ip any any", ["passes no IKE"]),
        ("10 permit udp host 198.51.100.7 any eq isakmp", ["passes no ESP"]),
        ("10 permit esp any any", ["passes no IKE"]),
        ("10 permit ip host 198.51.100.8 any", ["passes no IKE", "passes no ESP"]),
        ("10 permit udp any any eq isakmp\n20 permit esp any any", []),
        ("10 permit udp any any eq non500-isakmp", []),
        ("10 permit ip any any", []),
    ],
)
def test_a_tunnel_is_called_through_the_list_of_its_source(entries: str, words: list[str]) -> None:
    found = packets(SOURCE, ObservedInterfaceFilters(config(text("in", entries))))
    assert len(found) == len(words)
    assert {each.cause for each in found} <= {"tunnel-denied"}
    assert all(word in each.message for word, each in zip(words, found, strict=True))
    assert packets(SOURCE, ObservedInterfaceFilters(config(text("out", entries)))) == []


def test_a_list_that_is_not_understood_leaves_the_tunnel_open() -> None:
    with pytest.raises(UndeterminedError, match="IKE"):
        packets(SOURCE, ObservedInterfaceFilters(config(text("in", "10 evaluate MIRROR"))))
