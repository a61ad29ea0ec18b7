from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.parsers.routes import parse
from pytest_azinterop.state.routing import NextHop, RibRoute

HEAD = """Routing Table: 30
Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area
       E1 - OSPF external type 1, E2 - OSPF external type 2, m - OMP
       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2
       ia - IS-IS inter area, * - candidate default, U - per-user static route
       + - replicated route, % - next hop override, p - overrides from PfR

Gateway of last resort is 10.2.30.9 to network 0.0.0.0

"""
ROWS = """O*E2  0.0.0.0/0 [110/1] via 10.2.30.9, 3d04h, Vlan30
      10.0.0.0/8 is variably subnetted, 5 subnets, 3 masks
B        10.10.30.0/25 [20/0] via 192.168.30.18, 00:47:11
C        10.2.30.0/25 is directly connected, TenGigabitEthernet0/0/0.31
L        10.2.30.1/32 is directly connected, TenGigabitEthernet0/0/0.31
S        10.10.30.254/32 is directly connected, Tunnel30
O   %    10.11.30.0/26
           [110/20] via 10.2.30.9, 12:54:35, Vlan30
           [110/20] via 10.2.30.8, 12:54:35, Vlan30
      172.16.0.0/32 is subnetted, 1 subnets
B   +    172.16.9.9 [200/5] via 10.255.0.1 (default), 1w2d
S     192.168.7.0/24 [250/0] via 10.2.30.9
B     203.0.113.0/24 [200/0], 2w0d, Null0
"""


def read(rows: str) -> list[RibRoute]:
    (table,) = parse(HEAD + rows, SOURCE, vrf="30").records
    assert table.vrf == "30"
    assert table.gateway_of_last_resort == "10.2.30.9"
    return list(table.routes)


def test_every_kind_of_row() -> None:
    routes = {str(route.prefix): route for route in read(ROWS)}
    assert [str(prefix) for prefix in routes] == [
        "0.0.0.0/0",
        "10.10.30.0/25",
        "10.2.30.0/25",
        "10.2.30.1/32",
        "10.10.30.254/32",
        "10.11.30.0/26",
        "172.16.9.9/32",
        "192.168.7.0/24",
        "203.0.113.0/24",
    ]
    bgp = routes["10.10.30.0/25"]
    assert (bgp.protocol, bgp.codes, bgp.distance, bgp.metric) == ("B", "B", 20, 0)
    assert bgp.next_hops == (NextHop(IPv4Address("192.168.30.18"), None, timedelta(minutes=47, seconds=11)),)
    assert (routes["0.0.0.0/0"].protocol, routes["0.0.0.0/0"].codes) == ("O", "O*E2")
    assert (routes["10.2.30.0/25"].distance, routes["10.2.30.0/25"].metric) == (None, None)
    assert routes["10.10.30.254/32"].next_hops == (NextHop(None, "Tunnel30"),)
    assert [str(hop.address) for hop in routes["10.11.30.0/26"].next_hops] == ["10.2.30.9", "10.2.30.8"]
    assert routes["10.11.30.0/26"].codes == "O %"
    assert routes["172.16.9.9/32"].next_hops[0].vrf == "default"
    assert routes["203.0.113.0/24"].next_hops == (NextHop(None, "Null0", timedelta(weeks=2)),)
    assert routes["10.11.30.0/26"].source.lines == (17, 19)


def test_an_indented_copy_reads_the_same() -> None:
    text = "".join(f"        {line}\n" if line else "\n" for line in (HEAD + ROWS).splitlines())
    assert list(parse(text, SOURCE, vrf="30").records[0].routes) == read(ROWS)


def test_an_empty_table_says_so() -> None:
    assert read("") == []


def test_another_table_is_refused() -> None:
    with pytest.raises(ParseError, match="not that of VRF 31"):
        parse(HEAD + ROWS, SOURCE, vrf="31")
    with pytest.raises(ParseError):
        parse((HEAD + ROWS).replace("Routing Table: 30\n", ""), SOURCE, vrf="30")
    with pytest.raises(ParseError):
        parse("", SOURCE)


@pytest.mark.parametrize(
    "line",
    [
        "B     198.51.100.0/24 [20/0] via 192.168.30.18",
        "B     198.51.100.0/24 [20/0] via 192.168.30.18, 00:47:1",
        "B     198.51.100.0/24 [20/0] via 192.168.30, 00:47:11",
        "B     198.51.100.0/24 [20/",
        "B     198.51.100.1/24 [20/0] via 192.168.30.18, 00:47:11",
        "Q     198.51.100.0/24 [20/0] via 192.168.30.18, 00:47:11",
        "S     198.51.100.0 [1/0] via 192.168.30.18",
        "C     198.51.100.0/24 is directly connected, Ten",
        "C     198.51.100.0/24 is dir",
        "anything else",
        "      10.0.0.0/8 is variably subnetted, 2 subnets, 3 masks",
    ],
)
def test_a_row_that_is_not_understood_is_named(line: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(ROWS + line + "\n")
    assert caught.value.line == line


def test_fewer_rows_than_the_heading_counts_is_a_cut() -> None:
    with pytest.raises(ParseError, match="4 of 5 subnets"):
        read(ROWS.replace("L        10.2.30.1/32 is directly connected, TenGigabitEthernet0/0/0.31\n", ""))


@given(st.integers(0, len(ROWS) - 1))
def test_a_cut_is_refused_or_falls_behind_a_whole_group(cut: int) -> None:
    try:
        routes = read(ROWS[:cut])
    except ParseError:
        return
    whole = read(ROWS)
    # Where a line ends in an interface or a static next hop, its last characters are not to be proven.
    assert [route.prefix for route in routes] == [route.prefix for route in whole[: len(routes)]]
    assert routes[:-1] == whole[: len(routes) - 1] if routes else True


ENTRY = """
Routing Table: 30
Routing entry for 10.10.30.0/25
  Known via "bgp 65021", distance 20, metric 0
  Tag 12076, type external
  Redistributing via ospf 30
  Last update from 192.168.30.18 3d04h ago
  Routing Descriptor Blocks:
  * 192.168.30.18, from 192.168.30.18, 3d04h ago
      Route metric is 0, traffic share count is 1
      AS Hops 2
      MPLS label: none
"""


def test_one_prefix() -> None:
    (table,) = parse(ENTRY, SOURCE, vrf="30").records
    (route,) = table.routes
    assert (route.vrf, route.prefix, route.protocol, route.distance) == ("30", IPv4Network("10.10.30.0/25"), "B", 20)
    assert route.next_hops == (NextHop(IPv4Address("192.168.30.18"), None, timedelta(days=3, hours=4)),)


@pytest.mark.parametrize("flags", ["", ", merge-labels", ", prefer-non-rib-labels, merge-labels"])
def test_flags_of_labels_are_no_part_of_the_interface(flags: str) -> None:
    text = ENTRY.replace("3d04h ago\n      Route", f"3d04h ago, via GigabitEthernet4{flags}\n      Route")
    (route,) = parse(text, SOURCE, vrf="30").records[0].routes
    assert [each.interface for each in route.next_hops] == ["GigabitEthernet4"]


def test_a_prefix_that_is_not_there() -> None:
    for words in ("% Network not in table", "% Subnet not in table"):
        assert parse(words, SOURCE, vrf="30").records[0].routes == ()


@given(st.integers(0, ENTRY.index("traffic share count is 1")))
def test_an_entry_that_is_cut_is_refused(cut: int) -> None:
    with pytest.raises(ParseError):
        parse(ENTRY[:cut], SOURCE, vrf="30")
