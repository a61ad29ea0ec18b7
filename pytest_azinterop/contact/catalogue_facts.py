"""Every command of the catalogue once, with parameters that the router's first answers give. Pure.

Which commands are asked follows from what their forms take, so that a command that joins the catalogue is probed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.contact.tables import Known
from pytest_azinterop.iosxe.catalogue import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.collect.facts import Facts

TABLES = 3  # routing tables that a probe asks about unless it is told which
IPV6 = "_ipv6"
_FILESYSTEM = re.compile(r"(?:bootflash|flash|harddisk|nvram|usb\d):")
_PARAMETER = re.compile(r"\{(\w+)\}")


def _takes(kind: str) -> set[frozenset[str]]:
    return {frozenset(_PARAMETER.findall(form)) for form in COMMANDS[kind].forms}


def _kinds(*parameters: str) -> tuple[str, ...]:
    return tuple(kind for kind in COMMANDS if frozenset(parameters) in _takes(kind))


PER_TABLE = _kinds("vrf")
PER_NEIGHBOR = _kinds("vrf", "address")
PER_PREFIX = _kinds("vrf", "prefix")
PER_ROUTER = tuple(kind for kind in _kinds() if kind not in (*PER_TABLE, *PER_NEIGHBOR, *PER_PREFIX))
PROBES = ("ping", "traceroute")
PER_FILESYSTEM = _kinds("filesystem")
PER_TUNNEL = tuple(kind for kind in _kinds("interface") if kind not in PER_ROUTER)


@dataclass(frozen=True, slots=True)
class ProbeFacts:
    """What a probe asks. `vrfs` are the tables to ask about, by name (`global`: the global one); none: the first."""

    vrfs: tuple[str, ...] = ()

    def first(self, host: str) -> Iterator[Fact]:
        """What needs no parameter."""
        return (Fact.of(host, kind) for kind in PER_ROUTER)

    def tables(self, known: Known) -> tuple[str | None, ...]:
        """The tables that are asked about."""
        there = known.bgp_tables()
        return tuple(vrf for vrf in there if (vrf or "global") in self.vrfs) if self.vrfs else there[:TABLES]

    def further(self, host: str, facts: Facts) -> Iterator[Fact]:
        """What the answers so far give parameters for."""
        known = Known(host, facts)
        yield from _of_archive(known)
        for tunnel in known.protected_tunnels():
            yield from (Fact.of(host, kind, interface=tunnel.name) for kind in PER_TUNNEL)
        for vrf in self.tables(known):
            yield from self._table(known, vrf)

    def _table(self, known: Known, vrf: str | None) -> Iterator[Fact]:
        families = ("", IPV6) if known.has_ipv6(vrf) else ("",)
        if known.may_have_ipv6(vrf):
            yield Fact.of(known.host, "rib_ipv6", vrf=vrf)  # which shows whether there is IPv6
        for kind in PER_TABLE:
            if kind.endswith(IPV6) <= (IPV6 in families):
                yield Fact.of(known.host, kind, vrf=vrf)
        for family in families:
            yield from _of_neighbors(known, vrf, family)
            yield from _of_prefixes(known, vrf, family)


def _of_archive(known: Known) -> Iterator[Fact]:
    """The file system that the router keeps its configurations on, where that is a local one of its own."""
    archive = known.first("archive")
    names = () if archive is None else (archive.next_file, *archive.files)
    found = next((match[0] for name in names if name and (match := _FILESYSTEM.match(name))), None)
    if found is not None:
        yield from (Fact.of(known.host, kind, filesystem=found) for kind in PER_FILESYSTEM)


def _of_neighbors(known: Known, vrf: str | None, family: str) -> Iterator[Fact]:
    neighbors = known.records(f"bgp_neighbors{family}", vrf=vrf) or ()
    for neighbor in neighbors:
        if neighbor.is_established:
            for kind in _of_family(PER_NEIGHBOR, family):
                yield Fact.of(known.host, kind, vrf=vrf, address=str(neighbor.address))
    if not family:
        ends = [(each.address, each.local_address) for each in neighbors if each.local_address is not None]
        yield from _data_plane(known.host, vrf, ends[:1])


def _data_plane(
    host: str, vrf: str | None, ends: list[tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address]]
) -> Iterator[Fact]:
    """An echo and a trace to the first neighbor: whether the account may, and whether the answers are understood."""
    for far, near in ends:
        common = {"vrf": vrf, "address": str(far), "source": str(near), "timeout": "1"}
        for kind, further in zip(PROBES, ({"repeat": "2"}, {"probes": "1", "ttl": "3"}), strict=True):
            yield Fact.of(host, kind, **common, **further)


def _of_prefixes(known: Known, vrf: str | None, family: str) -> Iterator[Fact]:
    table = known.first(f"bgp_table{family}", vrf=vrf)
    if table is not None and table.paths:
        for kind in _of_family(PER_PREFIX, family):
            yield Fact.of(known.host, kind, vrf=vrf, prefix=str(table.paths[0].prefix))


def _of_family(kinds: tuple[str, ...], family: str) -> Iterator[str]:
    """The commands of an address family: those of IPv6 say so in their name, where there are two."""
    for kind in kinds:
        if kind.endswith(IPV6) == bool(family):
            yield kind
