"""The policy model against real routers: what they accepted is what their route-maps permit.

Each laboratory router's configuration and BGP table come from the same moment, so every path learned from a neighbor
must pass the neighbor's inbound policy, and an undefined route-map must have let nothing through.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from verify import verify_records as agreeing

from pytest_azinterop.iosxe.parsers import bgp_table
from pytest_azinterop.iosxe.parsers import config as config_parser
from pytest_azinterop.verify.policy_config import definitions
from pytest_azinterop.verify.policy_model import Filters, Verdict

LABS = Path(os.environ.get("AZINTEROP_CORPUS", Path(__file__).parents[3] / "shared" / "corpus")) / "labs"
ROUTERS = sorted(LABS.glob("*/configs/*/show_running-config.txt"))
pytestmark = pytest.mark.skipif(not ROUTERS, reason="the corpus of real router output is not here (AZINTEROP_CORPUS)")


def learned(configuration: Path) -> list[Any]:
    """The paths of the router's IPv4 unicast table."""
    show = configuration.parents[2] / "show" / configuration.parent.name / "show_ip_bgp_all.txt"
    text = show.read_text(encoding="utf-8")
    table = "BGP table version" + text.partition("BGP table version")[2].partition("\nFor address family:")[0]
    if " Network " not in table:
        return []
    return list(bgp_table.parse(table.rstrip() + "\n", agreeing.source("show ip bgp")).records[0].paths)


def test_accepted_paths_pass_the_configured_inbound_policy() -> None:
    permitted = refused = 0
    for file in ROUTERS:
        config = config_parser.parse(file.read_text(encoding="utf-8"), agreeing.source("show running-config")).records[
            0
        ]
        known = definitions(config)
        paths = learned(file)
        for neighbor in config.bgp.neighbors if config.bgp else ():
            filters = Filters(neighbor.route_map_in, neighbor.prefix_list_in, None)
            if neighbor.vrf is not None or not filters.names:
                continue
            brought = [each for each in paths if each.next_hop == neighbor.address and not each.is_local]
            for each in brought:
                assert filters.apply(each, known).verdict is not Verdict.DENY, (file, neighbor.address, each.prefix)
                permitted += 1
            if neighbor.route_map_in is not None and neighbor.route_map_in not in known.route_maps:
                assert brought == [], (file, neighbor.address)
                refused += 1
    assert permitted >= 4
    assert refused >= 2
