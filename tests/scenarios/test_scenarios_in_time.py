"""What only shows when several things have happened one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenarios.conftest import Run, run
from scenarios.scenario_table import ER

CLEARED = "{routers: {ce1-loc1: {exec: [clear ip bgp vrf 30 192.168.30.18]}}, advance: 2m}\n"


@pytest.mark.slow
@pytest.mark.parametrize(("times", "outcome"), [(3, "passed"), (4, "failed")])
def test_a_session_that_comes_and_goes_is_told(healthy: Run, tmp_path: Path, times: int, outcome: str) -> None:
    scenario = tmp_path / "cleared.yaml"
    scenario.write_text(CLEARED)
    again = ["--lab-scenario", str(scenario)] * times
    done = run(tmp_path, "-q", *again, "-k", "session_does_not_flap")
    assert healthy.items[f"test_session_does_not_flap[{ER}]"].outcome == "passed"
    flapped = done.items[f"test_session_does_not_flap[{ER}]"]
    assert (flapped.outcome, flapped.findings) == (outcome, {"bgp.flaps:flapping"} if outcome == "failed" else set())
    assert {item.outcome for name, item in done.items.items() if ER not in name} <= {"passed", "xfailed"}
