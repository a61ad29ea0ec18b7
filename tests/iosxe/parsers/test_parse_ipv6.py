"""IPv6 as the vpnv6 commands show it: wrapped rows, a neighbor, an entry with its paths, the list of a filter."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iosxe.parsers.cutting import refuses
from iosxe.parsers.parser_samples import HEAD, SOURCE, row

from pytest_azinterop.iosxe.catalogue import COMMANDS
from pytest_azinterop.state.bgp import NeighborRoutes
from pytest_azinterop.state.source import Source

HEADING = "Route Distinguisher: 65021:30 (default for vrf 30)\n"
PARAMETERS = {"vrf": "30", "address": "FD00:192:168:30::2"}
TABLE = (
    HEAD
    + HEADING
    + row(" *>", "FD00:10:2:30::/64", "::", 0, None, 32768, "", "i")
    + row(" *>", "FD00:10:10:30::/64", "FD00:192:168:30::2", None, 200, 0, "12076", "i")
    + row(" * i", "", "FD00:2::3", 0, 150, 0, "12076 65515", "i")
    + row(" *>", "FD00::/16", "FD00:192:168:30::2", None, 200, 0, "12076", "i")
)
ENTRY = """BGP routing table entry for [65021:30]FD00:10:10:30::/64, version 12
Paths: (2 available, best #1, table 30)
  Advertised to update-groups:
     3
  Refresh Epoch 2
  12076, (received-only)
    FD00:192:168:30::2 (FE80::A8BB:CCFF:FE00:100) (via vrf 30) from FD00:192:168:30::2 (10.0.0.1)
      Origin IGP, localpref 100, valid, external
      Community: 12076:50004
      rx pathid: 0, tx pathid: 0
      Updated on Mar 2 2026 11:00:00 UTC
  Refresh Epoch 2
  12076
    FD00:192:168:30::2 (FE80::A8BB:CCFF:FE00:100) (via vrf 30) from FD00:192:168:30::2 (10.0.0.1)
      Origin IGP, localpref 200, valid, external, best
      Community: 12076:50004
      rx pathid: 0, tx pathid: 0x0
      Updated on Mar 2 2026 11:00:00 UTC
""".replace("best #1", "best #2")
LIST = """Prefix-list with the last deletion/insertion: SITE6
ipv6 prefix-list SITE6:
   count: 1, range entries: 0, sequences: 5 - 5, refcount: 3
   seq 5 permit FD00:10:2:30::/64 (hit count: 4, refcount: 1)
"""


def asked(kind: str, **parameters: str) -> Source:
    return Source("ce1", COMMANDS[kind].render(**parameters), SOURCE.asked_at)


def test_the_table() -> None:
    command = COMMANDS["bgp_table_ipv6"]
    assert command.render(vrf="30") == "show bgp vpnv6 unicast vrf 30"
    (table,) = command.read(TABLE, asked("bgp_table_ipv6", vrf="30"), {"vrf": "30"}).records
    seen = [(str(each.prefix), str(each.next_hop), each.local_preference, each.best) for each in table.paths]
    assert seen == [
        ("fd00:10:2:30::/64", "::", None, True),
        ("fd00:10:10:30::/64", "fd00:192:168:30::2", 200, True),
        ("fd00:10:10:30::/64", "fd00:2::3", 150, False),
        ("fd00::/16", "fd00:192:168:30::2", 200, True),
    ]
    assert [each.is_local for each in table.paths] == [True, False, False, False]


@pytest.mark.parametrize(
    ("kind", "view"), [("advertised", "advertised"), ("received", "received"), ("accepted", "accepted")]
)
def test_the_routes_of_a_neighbor(kind: str, view: str) -> None:
    name = f"{kind}_routes_ipv6"
    text = TABLE.replace("10.0.0.1\n", "10.0.0.1\n") + "\nTotal number of prefixes 3 \n"
    (routes,) = COMMANDS[name].read(text, asked(name, **PARAMETERS), PARAMETERS).records
    assert isinstance(routes, NeighborRoutes)
    assert (routes.view, routes.vrf, routes.neighbor) == (view, "30", ip_address("fd00:192:168:30::2"))
    assert routes.default_route == ip_network("::/0")
    assert {str(each) for each in routes.prefixes} == {"fd00:10:2:30::/64", "fd00:10:10:30::/64", "fd00::/16"}


def test_a_wrapped_row_that_is_cut_is_refused() -> None:
    lines = TABLE.rstrip("\n").split("\n")

    def read(text: str) -> object:
        return COMMANDS["bgp_table_ipv6"].read(text, asked("bgp_table_ipv6", vrf="30"), {"vrf": "30"})

    wrapped = next(index for index, line in enumerate(lines) if line.endswith("FD00:10:10:30::/64"))
    refuses(read, "\n".join(lines[: wrapped + 1]) + "\n", "cut off")
    refuses(read, "\n".join(lines[: wrapped + 2]) + "\n", "cut off")


def test_an_entry_with_what_was_received_and_what_is_used() -> None:
    command, prefix = COMMANDS["bgp_prefix_ipv6"], "FD00:10:10:30::/64"
    source = asked("bgp_prefix_ipv6", vrf="30", prefix=prefix)
    assert source.command == "show bgp vpnv6 unicast vrf 30 FD00:10:10:30::/64"
    (entry,) = command.read(ENTRY, source, {"vrf": "30", "prefix": prefix}).records
    received, used = entry.paths
    assert (entry.vrf, entry.prefix, entry.best_path) == ("30", ip_network("fd00:10:10:30::/64"), used)
    assert (received.received_only, used.received_only) == (True, False)
    assert (received.local_preference, used.local_preference) == (100, 200)
    assert used.learned_from == used.next_hop == ip_address("fd00:192:168:30::2")
    assert used.communities == ("12076:50004",)


def test_a_prefix_list() -> None:
    command = COMMANDS["prefix_list_ipv6"]
    assert command.render() == "show ipv6 prefix-list detail"
    (found,) = command.read(LIST, asked("prefix_list_ipv6"), {}).records
    assert (found.name, found.permits(ip_network("fd00:10:2:30::/64"))) == ("SITE6", True)
    assert not found.permits(ip_network("10.2.30.0/25"))


ADDRESSES = st.integers(0, 2**128 - 1).map(IPv6Address)
PREFIXES = st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(lambda pair: IPv6Network(pair, strict=False))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(PREFIXES, ADDRESSES), min_size=1, max_size=6))
def test_every_row_is_read_wrapped_or_not(rows: list[tuple[IPv6Network, IPv6Address]]) -> None:
    lines = [
        row(" *>", str(prefix).upper(), str(hop).upper(), None, 200, 0, "12076 65515", "i") for prefix, hop in rows
    ]
    text = HEAD + HEADING + "".join(lines)
    (table,) = COMMANDS["bgp_table_ipv6"].read(text, asked("bgp_table_ipv6", vrf="30"), {"vrf": "30"}).records
    assert [(each.prefix, each.next_hop) for each in table.paths] == rows
