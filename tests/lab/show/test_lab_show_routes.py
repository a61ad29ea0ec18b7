from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from lab.show.show_samples import SampleRouter, corpus, show

from pytest_azinterop.lab.network.records import ArpEntry, ForwardingEntry, NextHop, OspfNeighbor, RibRoute
from pytest_azinterop.lab.show.routes import table_lines

_ROW = re.compile(
    r"(?P<code>[A-Za-z*%+][A-Za-z0-9 *%+]{0,7}?) +(?P<prefix>\d+\.\d+\.\d+\.\d+(?:/\d+)?)(?: (?P<way>.*))?"
)
_VIA = re.compile(r"\[(\d+)/(\d+)\] via (\S+?)(?:, (\S+?))?(?:, (\S+))?")
_AGE = {"d": 86400, "w": 604800, "y": 52 * 604800, "h": 3600}


def _seconds(text: str) -> int:
    if ":" in text:
        hours, minutes, seconds = map(int, text.split(":"))
        return hours * 3600 + minutes * 60 + seconds
    return sum(int(count) * _AGE[unit] for count, unit in re.findall(r"(\d+)([dwyh])", text))


def _read(text: str) -> list[RibRoute]:
    """The routes of a real table, read by a reader that knows nothing of the renderer."""
    length, routes = 32, list[RibRoute]()
    for line in text.split("Gateway of last resort")[1].splitlines()[1:]:
        if heading := re.match(r"\s+\S+/(\d+) is (subnetted|variably)", line):
            length = int(heading.group(1))
            continue
        found = _ROW.fullmatch(line.rstrip())
        way = line.strip()
        if found is not None:
            prefix = found["prefix"]
            network = IPv4Network(prefix if "/" in prefix else f"{prefix}/{length}")
            routes.append(RibRoute(network, found["code"], "any", 0, 0, (), None))
            way = found["way"] or ""
        if not way or not routes:
            continue
        last = routes.pop()
        distance, metric, age, hop = last.distance, last.metric, last.age, None
        if direct := re.fullmatch(r"is directly connected, (\S+)", way):
            hop = NextHop(None, direct.group(1))
        elif via := _VIA.fullmatch(way):
            distance, metric = int(via.group(1)), int(via.group(2))
            aged = via.group(4) is not None and via.group(4)[0].isdigit()
            age = _seconds(via.group(4)) if aged else None
            hop = NextHop(IPv4Address(via.group(3)), via.group(5) if aged else via.group(4))
        assert hop is not None, line
        routes.append(RibRoute(last.prefix, last.code, "any", distance, metric, (*last.next_hops, hop), age))
    return routes


def _tables() -> list[Path]:
    """Tables of devices that redistribute nothing exotic: every one of the labs."""
    root = corpus("labs")
    return sorted(root.glob("*/show/*/show_ip_route.txt"))


def test_real_tables_are_printed_as_they_were_read() -> None:
    count = 0
    for file in _tables():
        text = file.read_text()
        wanted = [line.rstrip() for line in text.split("Gateway of last resort")[1].splitlines()[1:] if line.strip()]
        routes = _read(text)
        assert table_lines(routes) == wanted, file
        count += len(routes)
    assert count > 100


BLUE = (
    RibRoute(IPv4Network("0.0.0.0/0"), "S*", "static", 1, 0, (NextHop(IPv4Address("10.1.2.9"), None),), None),
    RibRoute(IPv4Network("10.1.2.8/30"), "C", "connected", 0, 0, (NextHop(None, "TenGigabitEthernet0/0/1.20"),), None),
    RibRoute(IPv4Network("10.1.2.10/32"), "L", "local", 0, 0, (NextHop(None, "TenGigabitEthernet0/0/1.20"),), None),
    RibRoute(
        IPv4Network("10.9.0.0/16"), "B", "bgp 64600", 20, 0, (NextHop(IPv4Address("10.1.2.9"), None),), 700000.0,
        tag=64999, route_type="external", as_hops=2,
    ),
    RibRoute(IPv4Network("172.16.5.1/32"), "S", "static", 1, 0, (NextHop(None, "Tunnel7"),), None),
)  # fmt: skip


def router(**answers: object) -> SampleRouter:
    find = {route.prefix: route for route in BLUE}
    return SampleRouter(answers={"rib": BLUE, "route": lambda _vrf, target: find.get(target), **answers})


def test_a_vrf_table_has_its_name_codes_and_last_resort() -> None:
    lines = show(router(), "show ip route vrf BLUE").splitlines()
    assert lines[:3] == [
        "",
        "Routing Table: BLUE",
        "Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP",
    ]
    assert lines[-9:] == [
        "Gateway of last resort is 10.1.2.9 to network 0.0.0.0",
        "",
        "S*    0.0.0.0/0 [1/0] via 10.1.2.9",
        "      10.0.0.0/8 is variably subnetted, 3 subnets, 3 masks",
        "C        10.1.2.8/30 is directly connected, TenGigabitEthernet0/0/1.20",
        "L        10.1.2.10/32 is directly connected, TenGigabitEthernet0/0/1.20",
        "B        10.9.0.0/16 [20/0] via 10.1.2.9, 1w1d",
        "      172.16.0.0/32 is subnetted, 1 subnets",
        "S        172.16.5.1 is directly connected, Tunnel7",
    ]
    only = show(router(), "show ip route vrf BLUE bgp").splitlines()
    assert only[-2:] == ["      10.0.0.0/16 is subnetted, 1 subnets", "B        10.9.0.0 [20/0] via 10.1.2.9, 1w1d"]
    assert show(router(), "show ip route vrf RED") == "% IP routing table RED does not exist"


def test_one_route() -> None:
    assert show(router(), "show ip route vrf BLUE 10.9.0.0 255.255.0.0").splitlines() == [
        "",
        "Routing Table: BLUE",
        "Routing entry for 10.9.0.0/16",
        '  Known via "bgp 64600", distance 20, metric 0',
        "  Tag 64999, type external",
        "  Last update from 10.1.2.9 1w1d ago",
        "  Routing Descriptor Blocks:",
        "  * 10.1.2.9, from 10.1.2.9, 1w1d ago",
        "      Route metric is 0, traffic share count is 1",
        "      AS Hops 2",
        "      Route tag 64999",
        "      MPLS label: none",
    ]
    assert show(router(), "show ip route vrf BLUE 10.200.0.0 255.255.0.0") == "% Subnet not in table"
    assert show(router(), "show ip route vrf BLUE 192.0.2.0 255.255.255.0") == "% Network not in table"


def test_the_detail_has_the_lines_of_a_real_one() -> None:
    real = corpus(
        "iosxe", "route", "napalm_test_get_route_to_non_exact_show_ip_route_1_0_4_0_255_255_255_0.txt"
    ).read_text()
    route = RibRoute(
        IPv4Network("1.0.4.0/24"), "B", "bgp 1", 20, 0, (NextHop(IPv4Address("200.200.200.1"), None),), 62.0,
        tag=3, route_type="external", as_hops=4,
    )  # fmt: skip
    text = show(router(route=lambda *_: route), "show ip route 1.0.4.0 255.255.255.0")
    assert text.splitlines() == real.rstrip().splitlines()


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            ForwardingEntry(
                IPv4Network("10.9.0.0/16"),
                "next hop",
                (NextHop(IPv4Address("10.1.2.9"), "Te0"),),
                (IPv4Address("10.1.2.9"),),
            ),
            ["10.9.0.0/16", "  nexthop 10.1.2.9 Te0"],
        ),
        (
            ForwardingEntry(IPv4Network("10.7.0.1/32"), "attached", (NextHop(None, "Tunnel7"),)),
            ["10.7.0.1/32", "  attached to Tunnel7"],
        ),
        (ForwardingEntry(None, "no route", ()), ["0.0.0.0/0", "  no route"]),
    ],
)
def test_cef(entry: ForwardingEntry, expected: list[str]) -> None:
    assert show(router(forwarding=entry), "show ip cef vrf BLUE 10.9.1.1").splitlines() == expected


def test_cef_detail_tells_what_was_resolved() -> None:
    entry = ForwardingEntry(
        IPv4Network("10.9.0.0/16"), "next hop", (NextHop(IPv4Address("10.1.2.9"), "Te0"),), (IPv4Address("10.1.2.9"),)
    )
    assert show(router(forwarding=entry), "show ip cef vrf BLUE 10.9.1.1 detail").splitlines() == [
        "10.9.0.0/16, epoch 0, flags [rib defined all labels]",
        "  recursive via 10.1.2.9",
        "    nexthop 10.1.2.9 Te0",
    ]


def test_arp_has_the_columns_of_a_real_table() -> None:
    real = corpus("iosxe", "arp", "ntc_cisco_ios_show_arp.txt").read_text().rstrip().splitlines()
    entries = []
    for cells in (line.split() for line in real[1:]):
        known = cells[3] != "Incomplete"
        entries.append(
            ArpEntry(
                IPv4Address(cells[1]),
                cells[3] if known else None,
                None if cells[2] == "-" else int(cells[2]),
                cells[5] if known else None,
            )
        )
    lines = show(router(arp=tuple(entries)), "show ip arp vrf BLUE").splitlines()
    assert [line.rstrip() for line in lines] == [line.rstrip() for line in real]
    assert show(router(arp=()), "show arp") == ""


def test_ospf_neighbors_have_the_columns_of_a_real_table() -> None:
    real = corpus("iosxe", "ospf_neighbor", "ntc_cisco_ios_show_ip_ospf_neighbor.txt").read_text().rstrip().splitlines()
    neighbors = []
    for line in real[1:]:
        router_id, priority, state, role, dead, address, interface = line.split()
        neighbors.append(
            OspfNeighbor(
                30, IPv4Address(router_id), int(priority), f"{state}  {role}", _seconds(dead), IPv4Address(address),
                interface, "0", 100.0,
            )
        )  # fmt: skip
    assert show(router(ospf_neighbors=tuple(neighbors)), "show ip ospf 30 neighbor").splitlines() == ["", *real]
    assert show(router(ospf_neighbors=tuple(neighbors)), "show ip ospf 31 neighbor") == ""


def test_every_vrf_at_once_prints_the_global_table_and_then_each_below_its_name() -> None:
    router = SampleRouter(answers={"rib": ()})
    text = show(router, "show ip route vrf *")
    vrfs = [vrf.name for vrf in router.vrfs() if vrf.ipv4]
    assert vrfs
    assert text.startswith("Codes: ")
    assert re.findall(r"^Routing Table: (\S+)$", text, re.MULTILINE) == vrfs
    assert text.count("Codes: ") == len(vrfs) + 1
    assert "does not exist" in show(router, "show ip route vrf * 10.0.0.1")
