"""The parsers against what real routers printed.

Tables whose rows somebody edited (an address made longer, a count left as it was) must be refused or read right, never
read wrong: what is refused is listed with the reason, so that nothing is refused unnoticed.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

import pytest
from iosxe.parsers.parser_samples import SOURCE, corpus, corpus_cases

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe import answer
from pytest_azinterop.iosxe.parsers import bgp_neighbors, bgp_table, policy, routes
from pytest_azinterop.state.bgp import BgpTable

# Part of a sample's name, and part of the message that refuses it.
EDITED_TABLES = {
    "ShowBgp_golden_output2": "no BGP table has",  # a summary, filed under the wrong command
    "ShowIpBgpAll_golden_output1": "not understood",  # VPLS: no prefixes
    "ShowIpBgpAll_golden_output3": "not understood",  # EVPN: no prefixes
    "genie_iosxe_ShowIpBgp_golden_output1": "not understood",  # header and rows shifted against each other
}
EDITED_ROUTES = {
    "ios_ShowBgpAllNeighborsAdvertisedRoutes_golden_output4": "not understood",
    "iosxe_ShowBgpAllNeighborsAdvertisedRoutes_golden_output4": "not understood",
    "AdvertisedRoutes_golden_output5": "counts 64 prefixes",
    "ShowBgpAllNeighborsRoutes_golden_output2": "no BGP table has",  # NX-OS
    "ShowBgpAllNeighborsReceivedRoutes_golden_output2": "no BGP table has",  # NX-OS
    "ShowBgpAllNeighborsRoutes_golden_output3": "no BGP table has",  # NX-OS
    "ShowBgpAllNeighborsRoutes_golden_output4": "does not end with the number",
    "ShowBgpNeighborsReceivedRoutes_golden_output4": "not understood",  # columns collapsed
}
EDITED_BLOCKS = {}
EDITED_RIBS = {"ShowIpRoute_golden_output5": "no routing table has"}  # IPv6 header over IPv4 rows
EDITED_POLICY = {"ntc_cisco_ios_show_ip_prefix-list": "counts 2 sequences"}


NEIGHBOR = IPv4Address("192.0.2.1")


def reason(path: Path, edited: dict[str, str]) -> str | None:
    return next((why for name, why in edited.items() if name in path.stem), None)


def text_of(path: Path) -> str:
    return answer.clean(path.read_text())


@pytest.mark.parametrize("path", corpus_cases("bgp_table"))
def test_bgp_tables(path: Path) -> None:
    why = reason(path, EDITED_TABLES)
    if why is not None:
        with pytest.raises(ParseError, match=why):
            bgp_table.parse(text_of(path), SOURCE)
        return
    text = text_of(path)
    tables = bgp_table.parse(text, SOURCE).records
    rows = [line for line in text.splitlines() if line.rstrip().endswith((" i", " e", " ?")) and " - " not in line]
    assert sum(len(table.paths) for table in tables) == len(rows)


@pytest.mark.parametrize("path", corpus_cases("bgp_advertised") + corpus_cases("bgp_received"))
def test_neighbor_routes(path: Path) -> None:
    why = reason(path, EDITED_ROUTES)
    if why is not None:
        with pytest.raises(ParseError, match=why):
            bgp_table.parse_neighbor_routes(text_of(path), SOURCE, neighbor=NEIGHBOR, view="received")
        return
    parsed = bgp_table.parse_neighbor_routes(text_of(path), SOURCE, neighbor=NEIGHBOR, view="received")
    assert sum(len(record.paths) for record in parsed.records) or "prefixes 0" in path.read_text()


@pytest.mark.parametrize("path", corpus_cases("bgp_neighbors"))
def test_bgp_neighbors(path: Path) -> None:
    why = reason(path, EDITED_BLOCKS)
    text = text_of(path)
    if why is not None:
        with pytest.raises(ParseError, match=why):
            bgp_neighbors.parse(text, SOURCE)
        return
    neighbors = bgp_neighbors.parse(text, SOURCE).records
    assert len(neighbors) == text.count("BGP neighbor is ")
    assert sum(neighbor.is_established for neighbor in neighbors) == text.count("BGP state = Established")


@pytest.mark.parametrize("path", corpus_cases("route", "Summary", "summary"))
def test_routing_tables(path: Path) -> None:
    why = reason(path, EDITED_RIBS)
    if why is not None:
        with pytest.raises(ParseError, match=why):
            routes.parse(text_of(path), SOURCE)
        return
    (table,) = routes.parse(text_of(path), SOURCE).records
    text = path.read_text()
    ways = text.count("] via ") + text.count("is directly connected") + text.count("is a summary") + text.count("], ")
    if "Routing entry for" not in text:
        assert sum(len(route.next_hops) for route in table.routes) == ways
    assert table.routes


@pytest.mark.parametrize("path", corpus_cases("policy", "running_config"))
def test_policy(path: Path) -> None:
    parse = policy.parse_prefix_lists if "refix" in path.stem else policy.parse_route_maps
    why = reason(path, EDITED_POLICY)
    if why is not None:
        with pytest.raises(ParseError, match=why):
            parse(text_of(path), SOURCE)  # type: ignore[operator]
        return
    text = path.read_text()
    records = parse(text_of(path), SOURCE).records  # type: ignore[operator]
    assert sum(len(record.entries) for record in records) == text.count(", sequence ") + text.count("   seq ")


def test_best_paths_agree_with_the_routing_table_of_the_same_router() -> None:
    """What BGP prefers and installs stands in the RIB as a BGP route with the same next hops."""
    checked = 0
    paths = [path for path in corpus("bgp_table") if path.name.startswith("batfish_")]
    if not paths:
        pytest.skip("the corpus of real router output is not here (AZINTEROP_CORPUS)")
    for path in paths:
        rib = path.parents[1] / "route" / path.name.replace("show_ip_bgp_all", "show_ip_route")
        if rib.exists():
            checked += agree(bgp_table.parse(text_of(path), SOURCE).records, rib)
    assert checked > 60


def agree(tables: tuple[BgpTable, ...], rib: Path) -> int:
    (routing,) = routes.parse(text_of(rib), SOURCE).records
    installed = {
        route.prefix: {hop.address for hop in route.next_hops} for route in routing.routes if route.protocol == "B"
    }
    checked = 0
    for bgp in tables:
        if bgp.vrf is not None or bgp.route_distinguisher is not None:
            continue
        for best in bgp.paths:
            if best.best and best.weight != 32768 and not best.rib_failure:  # the weight of what the router originates
                assert best.next_hop in installed[best.prefix], (rib.name, best.prefix)
                checked += 1
    return checked
