"""What probes show, and what the router's own tables say about it: the real reason, and none that is not proven."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenarios.conftest import run
from scenarios.scenario_table import REMOTE

SILENT_MARKER = "{far_ends: {msee-2-primary: {silent: true}}}\n"
NULL_ROUTE = """\
routers:
  ce1-loc1:
    configure: |
      ip route vrf 30 10.17.30.4 255.255.255.255 Null0
"""


@pytest.mark.slow
def test_a_silent_hop_proves_no_other_path(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(SILENT_MARKER)
    done = run(tmp_path, "-q", "--deep", "-k", "takes_the_declared_path and loc2", "--lab-scenario", "scenario.yaml")
    assert {(item.outcome, *item.findings) for item in done.items.values()} == {("error", "no-marker")}
    assert "a hop that stays silent may be 192.168.31.18 or 192.168.31.22, or another path's" in done.text


@pytest.mark.slow
def test_the_router_that_drops_packets_says_so(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(NULL_ROUTE)
    done = run(tmp_path, "-q", "-k", "target_is_reached", "--lab-scenario", "scenario.yaml")
    failed = {name: item for name, item in done.items.items() if item.outcome != "passed"}
    assert {name: set(item.findings) for name, item in failed.items()} == {
        f"test_target_is_reached[{REMOTE}]": {"reach.answer:null-route"}
    }
    assert "this router drops it: static route 10.17.30.4/32 to Null0" in done.text
