from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.show.show_samples import SampleRouter, corpus, entry, neighbor, path, show, table

from pytest_azinterop.lab.network.bgp_records import NeighborRoutes
from pytest_azinterop.lab.show.bgp_table import HEADER, legend, table_row
from pytest_azinterop.lab.show.formats import bgp_prefix

LOCAL = path("0.0.0.0", metric=0, weight=32768, local=True)


def test_vrf_table_puts_every_column_where_the_router_does() -> None:
    blue = table(
        entry("10.9.0.0/16", path("192.0.2.1", 64999, local_preference=200), path("192.0.2.5", 64999, 1, best=False)),
        entry("10.8.7.0/25", LOCAL),
        entry("172.16.128.64/27", path("192.0.2.1", 64999, 7, metric=0, origin="?", rib_failure=True)),
        entry("172.31.100.128/27", path("192.0.2.9", 7, internal=True, local_preference=100, metric=0)),
    )
    text = show(SampleRouter(tables={"BLUE": blue}), "show bgp vpnv4 unicast vrf BLUE")
    assert text.splitlines()[8:] == [
        "     Network          Next Hop            Metric LocPrf Weight Path",
        "Route Distinguisher: 64600:7 (default for vrf BLUE)",
        " *>   10.9.0.0/16      192.0.2.1                     200      0 64999 i",
        " *                     192.0.2.5                              0 64999 1 i",
        " *>   10.8.7.0/25      0.0.0.0                  0         32768 i",
        " r>   172.16.128.64/27 192.0.2.1                0             0 64999 7 ?",
        " *>i  172.31.100.128/27",
        "                      192.0.2.9                0    100      0 7 i",
    ]
    assert text == show(SampleRouter(tables={"BLUE": blue}), "sh ip bgp vpnv4 vrf BLUE")


@pytest.mark.parametrize(
    ("prefix", "printed"),
    [
        ("10.0.0.0/8", "10.0.0.0"),
        ("10.0.0.0/9", "10.0.0.0/9"),
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("172.16.0.0/16", "172.16.0.0"),
        ("192.168.4.0/24", "192.168.4.0"),
        ("192.168.4.0/25", "192.168.4.0/25"),
        ("0.0.0.0/0", "0.0.0.0"),
        ("0.0.0.0/8", "0.0.0.0/8"),
    ],
)
def test_classful_masks_are_left_out(prefix: str, printed: str) -> None:
    assert bgp_prefix(IPv4Network(prefix)) == printed


addresses = st.ip_addresses(v=4)
numbers = st.none() | st.integers(0, 999999)
paths = st.builds(
    lambda hop, metric, preference, weight, hops, flags: path(
        str(hop),
        *hops,
        metric=metric,
        local_preference=preference,
        weight=weight,
        best=flags[0],
        internal=flags[1],
        valid=flags[2],
    ),
    addresses,
    st.none() | st.integers(0, 2**32 - 1),
    numbers,
    st.integers(0, 65535),
    st.lists(st.integers(1, 2**32 - 1), max_size=5),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
prefixes = st.builds(
    lambda address, length: IPv4Network(f"{address}/{length}", strict=False), addresses, st.integers(0, 32)
)


@given(paths, prefixes)
def test_columns_of_any_path_start_where_the_next_hop_says(one: object, prefix: IPv4Network) -> None:
    lines = table_row(one, bgp_prefix(prefix))  # type: ignore[arg-type]
    data = lines[-1]
    start = 22 if len(lines) == 2 else 23
    assert data[start : start + 16].rstrip() == str(one.next_hop)  # type: ignore[attr-defined]
    assert data[start + 16 : start + 26].strip() == ("" if one.metric is None else str(one.metric))  # type: ignore[attr-defined]
    preference = one.local_preference  # type: ignore[attr-defined]
    assert data[start + 26 : start + 33].strip() == ("" if preference is None else str(preference))
    assert data[start + 33 : start + 40].strip() == str(one.weight)  # type: ignore[attr-defined]
    assert data[start + 40] == " "
    assert data[start + 41 :].split() == [*map(str, one.as_path), one.origin]  # type: ignore[attr-defined]
    assert lines[0][6:].split()[0] == bgp_prefix(prefix)


def test_rows_have_the_columns_of_a_real_table() -> None:
    """The records read from a real table are printed as the device printed them."""
    for lab, router in (("iosxe_redistribution", "D1_redist"), ("iosxe_undefined_route_map", "d1_central")):
        real = corpus("labs", lab, "show", router, "show_ip_bgp_all.txt").read_text()
        rows = [line.rstrip() for line in real.splitlines() if re.match(r" [*rs][> ]", line) and "Path" not in line]
        row = re.compile(
            r" (?P<flags>.{5})(?P<net>.{16}) (?P<hop>.{16})(?P<metric>.{10}) (?P<lp>.{6}) (?P<weight>.{6}) (?P<rest>.*)"
        )
        read = [found.groupdict() for line in rows if (found := row.fullmatch(line))]
        assert len(read) == len(rows) >= 2
        for line, cells in zip(rows, read, strict=True):
            *hops, origin = cells["rest"].split()
            shown = path(
                cells["hop"].strip(),
                *map(int, hops),
                metric=int(cells["metric"]) if cells["metric"].strip() else None,
                local_preference=int(cells["lp"]) if cells["lp"].strip() else None,
                weight=int(cells["weight"]),
                origin=origin,
                best=">" in cells["flags"],
                internal="i" in cells["flags"],
                rib_failure="r" in cells["flags"],
            )
            assert table_row(shown, cells["net"].strip()) == [line]


def test_legend_is_the_real_one_with_the_codes_of_17() -> None:
    real = corpus("labs", "iosxe_redistribution", "show", "D1_redist", "show_ip_bgp_all.txt").read_text()
    lines = [line.rstrip() for line in real.splitlines()[2:11]]
    ours = [line.rstrip() for line in legend(31, IPv4Address("192.168.123.1"))]
    assert [line.replace(" L long-lived-stale,", "") for line in ours] == lines
    assert ours[-1] == HEADER


def test_empty_tables_print_nothing_and_unknown_things_are_refused() -> None:
    router = SampleRouter(tables={"BLUE": table(), None: table(vrf=None, rd=None)})
    assert show(router, "show bgp vpnv4 unicast vrf BLUE") == ""
    assert show(router, "show ip bgp") == ""
    assert show(router, "show bgp vpnv4 unicast vrf RED") == "% VRF RED does not exist"
    assert show(router, "show bgp vpnv4 unicast vrf BLUE 10.0.0.0/8") == "% Network not in table"
    assert show(router, "show bgp vpnv4 unicast vrf BLUE neighbors 10.0.0.1") == "% No such neighbor or address family"
    assert show(SampleRouter(active=False), "show bgp all summary") == "% BGP not active"


def test_all_shows_each_vrf_under_its_distinguisher() -> None:
    router = SampleRouter(
        tables={
            "BLUE": table(entry("10.1.0.0/16", LOCAL)),
            "RED": table(entry("10.1.0.0/16", LOCAL), vrf="RED", rd="64600:8"),
        },
        vrf_names=("BLUE", "RED"),
    )
    lines = show(router, "show bgp vpnv4 unicast all").splitlines()
    assert lines.count(HEADER) == 1
    assert [line for line in lines if line.startswith("Route D")] == [
        "Route Distinguisher: 64600:7 (default for vrf BLUE)",
        "Route Distinguisher: 64600:8 (default for vrf RED)",
    ]


def routes(*entries: object, error: str | None = None, default: bool = False) -> NeighborRoutes:
    return NeighborRoutes(IPv4Address("192.0.2.1"), 9, IPv4Address("10.0.0.1"), entries, default, error)  # type: ignore[arg-type]


def test_neighbor_routes_end_with_their_number() -> None:
    router = SampleRouter(
        tables={"BLUE": table()},
        neighbors={"BLUE": (neighbor(),)},
        routes={
            "advertised": routes(entry("10.8.7.0/25", LOCAL)),
            "received": routes(error="Inbound soft reconfiguration not enabled on 192.0.2.1"),
            "accepted": routes(),
        },
    )
    ask = "show bgp vpnv4 unicast vrf BLUE neighbors 192.0.2.1 "
    advertised = show(router, ask + "advertised-routes").splitlines()
    assert advertised[-4:] == [
        "Route Distinguisher: 64600:7 (default for vrf BLUE)",
        " *>   10.8.7.0/25      0.0.0.0                  0         32768 i",
        "",
        "Total number of prefixes 1 ",
    ]
    assert show(router, ask + "received-routes") == "% Inbound soft reconfiguration not enabled on 192.0.2.1"
    assert show(router, ask + "routes") == "\nTotal number of prefixes 0 "


def test_received_only_paths_stand_in_received_routes_alone() -> None:
    denied = path("192.0.2.1", 64999, best=False, received_only=True, used=False)
    router = SampleRouter(
        tables={"BLUE": table(entry("10.5.0.0/16", denied))},
        neighbors={"BLUE": (neighbor(),)},
        routes={"received": routes(entry("10.5.0.0/16", denied))},
    )
    assert show(router, "show bgp vpnv4 unicast vrf BLUE") == ""
    received = show(router, "show bgp vpnv4 unicast vrf BLUE neighbors 192.0.2.1 received-routes")
    assert " *    10.5.0.0/16      192.0.2.1                              0 64999 i" in received.splitlines()
    detail = show(router, "show bgp vpnv4 unicast vrf BLUE 10.5.0.0/16").splitlines()
    assert "  64999, (received-only)" in detail
    assert "Paths: (1 available, no best path)" in detail


def test_default_originate_stands_above_the_advertised_table() -> None:
    router = SampleRouter(
        tables={None: table(vrf=None, rd=None)},
        neighbors={None: (neighbor(vrf=None),)},
        routes={"advertised": routes(entry("10.8.7.0/25", LOCAL), default=True)},
    )
    lines = show(router, "show ip bgp neighbors 192.0.2.1 advertised-routes").splitlines()
    assert lines.index("Originating default network 0.0.0.0") < lines.index(HEADER)
