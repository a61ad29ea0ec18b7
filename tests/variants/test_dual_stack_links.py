"""What happens to IPv6 where the link of a path is silent: the neighbor cache tells it, and packets."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenarios.conftest import run

HERE = Path(__file__).parent / "dual-stack"
SILENT = "name: the primary path is silent\nlinks: {expressroute-4-primary: {state: silent}}\nadvance: 10m\n"
SIX = "ce1-dual/vrf-40/2001:db8:40:ff::2"


@pytest.mark.slow
def test_a_silent_path_is_told_in_both_families(tmp_path: Path) -> None:
    scenario = tmp_path / "silent.yaml"
    scenario.write_text(SILENT, encoding="utf-8")
    done = run(tmp_path, "-q", "--deep", "-m", "reachability", "--lab-scenario", str(scenario), inventory=str(HERE))
    found = {name.partition("test_")[2]: item.findings for name, item in done.items.items() if item.findings}
    assert found[f"msee_answers_on_its_link_over_ipv6[{SIX}]"] == {"msee.neighbor-discovery:incomplete"}
    assert found["msee_answers_on_its_link[ce1-dual/vrf-40/192.168.40.18]"] == {"msee.arp:incomplete"}
    six = "ce1-dual/vrf-40/hub/2001:db8:a40::4"
    assert found[f"traffic_takes_the_declared_path[{six}]"] == {"no-marker"}  # a hop on the other router stays silent
    assert f"target_is_reached[{six}]" not in found
