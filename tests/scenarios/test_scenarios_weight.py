"""A weight on the session between a site's two routers."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenarios.conftest import run

HEAVY = """\
routers:
  ce1-loc2:
    configure: |
      router bgp 65021
       address-family ipv4 vrf 31
        neighbor 192.168.31.3 weight 500
    exec:
      - clear ip bgp vrf 31 192.168.31.3 soft in
"""


@pytest.mark.slow
def test_it_makes_a_router_pass_over_its_own_path(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(HEAVY)
    done = run(tmp_path, "-q", "-k", "no_weight or preferred_path", "--lab-scenario", "scenario.yaml")
    failed = {name: set(item.findings) for name, item in done.items.items() if item.outcome != "passed"}
    assert failed == {"test_no_weight_overrules_it[customer-31/loc2]": {"site.weight:weight"}}
    assert "is 500, expected at most 0" in done.text
