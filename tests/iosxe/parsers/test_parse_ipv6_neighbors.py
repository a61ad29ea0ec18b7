"""The neighbor discovery cache, as IOS-XE prints it and as it must not be taken."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest
from iosxe.parsers.cutting import assert_cuts_are_seen, assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.catalogue import COMMANDS, match
from pytest_azinterop.iosxe.parsers import ipv6_neighbors
from pytest_azinterop.lab.network.records import Ipv6Neighbor as Shown
from pytest_azinterop.lab.show.ipv6 import neighbor_row
from pytest_azinterop.state.device import Ipv6Neighbor

HEADER = "IPv6 Address                              Age Link-layer Addr State Interface\n"
CACHE = (
    HEADER
    + """\
2001:DB8:40:FF::2                           0 5475.d01c.8d2a  REACH Te0/0/0.400
2001:DB8:40:FF::6                           0 -               INCMP Te0/0/1.400
FE80::5675:D0FF:FE1C:8D2A                  12 5475.D01C.8D2A  STALE Te0/0/0.400
2001:DB8:40:10::9                           - 0011.2233.4455  REACH Gi2.90
"""
)


def read(text: str) -> tuple[Ipv6Neighbor, ...]:
    return ipv6_neighbors.parse(text, SOURCE, vrf="40").records


def test_every_row_is_read() -> None:
    first, asked, near, static = read(CACHE)
    assert first == Ipv6Neighbor(
        "40", IPv6Address("2001:db8:40:ff::2"), "5475.d01c.8d2a", 0, "REACH", "TenGigabitEthernet0/0/0.400",
        source=SOURCE,
    )  # fmt: skip
    assert (asked.mac, asked.state) == (None, "INCMP")
    assert (near.address.is_link_local, near.mac, near.age) == (True, "5475.d01c.8d2a", 12)
    assert (static.age, static.interface) == (None, "GigabitEthernet2.90")
    assert first.source.lines == (2, 2)


def test_an_empty_cache_is_a_header_or_nothing() -> None:
    assert read(HEADER) == ()
    assert COMMANDS["ipv6_neighbors"].read("", SOURCE, {"vrf": "40"}).records == ()
    with pytest.raises(ParseError):
        ipv6_neighbors.parse("", SOURCE)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CACHE.removeprefix(HEADER), "header is missing"),
        (CACHE.replace("REACH Te", "GONE Te"), "not a row"),
        (CACHE.replace("5475.d01c.8d2a", "5475.d01c"), "not a row"),
        (CACHE.replace("-               INCMP", "5475.d01c.8d2a  INCMP"), "does not go with the state"),
        (CACHE.replace("5475.d01c.8d2a  REACH", "-               REACH"), "does not go with the state"),
        (CACHE.replace("2001:DB8:40:FF::2 ", "2001:DB8:40:FF:::2"), "an address that is none"),
        (CACHE + "10.0.0.1 0 0011.2233.4455 REACH Gi2\n", "an address that is none"),
    ],
)
def test_anything_else_is_refused(text: str, words: str) -> None:
    refuses(read, text, words)


def test_parts_and_noise() -> None:
    assert_cuts_are_seen(read, CACHE)
    assert_noise_is_refused(read, CACHE)


def test_the_command_in_its_spellings() -> None:
    entry, parameters = match("sh ipv6 neigh vrf 40")
    assert (entry.name, parameters) == ("ipv6_neighbors", {"vrf": "40"})
    assert entry.render(vrf=None) == "show ipv6 neighbors"


@pytest.mark.parametrize("mac", [None, "0011.2233.4455"])
def test_a_row_that_the_lab_prints_is_read_alike(mac: str | None) -> None:
    shown = Shown(IPv6Address("2001:db8::9"), mac, 7, "STALE" if mac else "INCMP", "TenGigabitEthernet0/0/0.400")
    (found,) = read(HEADER + neighbor_row(shown) + "\n")
    assert (found.address, found.mac, found.age, found.state, found.interface) == (
        shown.address, shown.mac, shown.age_minutes, shown.state, shown.interface,
    )  # fmt: skip
