"""What only shows when several things have happened one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenarios.conftest import HERE, Run, is_explained, run
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


COSTLY = {
    "large-packets-vanish": {
        "test_large_packets_pass": {"reach.size:lost"},
        "test_large_packets_pass_the_tunnel": {"tunnel.path-mtu:black-hole", "tunnel.mss:mss-too-large"},
    },
    "tunnel-down": {
        "test_crypto_session_is_active": {"tunnel.crypto-session:missing"},
        "test_configuration_is_saved": {"device.saved:not-saved"},
        "test_large_packets_pass": {"reach.answer:no-route"},
        "test_large_packets_pass_the_tunnel": {"tunnel.state:shut"},
        "test_inbound_policy_changes_only_what_it_may": {"bgp.state:hold-time-expired"},
    },
    "expressroute-link-silent": {
        "test_traffic_takes_the_declared_path": {"reach.path:other-path", "reach.path:not-reached"},
        "test_large_packets_pass": {"reach.size:too-big"},
        "test_expressroute_carries_traffic": {"interface.traffic:idle"},
        "test_inbound_policy_changes_only_what_it_may": {"bgp.state:hold-time-expired"},
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COSTLY)
def test_costly_checks_find_what_should_fail(tmp_path: Path, name: str) -> None:
    done = run(tmp_path, "-q", "-m", "deep", "-k", "ce1-loc1", "--lab-scenario", str(HERE / f"{name}.yaml"))
    failed: dict[str, set[str]] = {}
    for item, told in done.items.items():
        if told.outcome not in ("passed", "skipped"):
            failed.setdefault(item.partition("[")[0], set()).update(told.findings)
    assert failed == COSTLY[name]


@pytest.mark.slow
def test_costly_checks_pass_in_the_healthy_network(tmp_path: Path) -> None:
    done = run(tmp_path, "-q", "-m", "deep")
    assert done.code == 0, done.text
    outcomes = {name: item.outcome for name, item in done.items.items() if item.outcome != "xfailed"}
    assert set(outcomes.values()) <= {"passed", "skipped"}
    assert all("ce2-loc1" in name for name in done.items.keys() - outcomes.keys())
    assert all(is_explained(item) for item in done.items.values() if item.outcome == "skipped")
    assert len(done.items) > 15
