"""Azure's answers are kept beside those of routers, without keys, and judged again without Azure."""

from __future__ import annotations

import json
from pathlib import Path

from tests.recording.conftest import Runner


def test_a_recording_has_azures_side_too(run: Runner, tmp_path: Path) -> None:
    made = run("-m", "azure", "--record", tmp_path / "kept")
    again = run("-m", "azure", "--replay", tmp_path / "kept")
    assert again.outcomes() == made.outcomes()
    assert "no request" in again.text
    files = sorted((tmp_path / "kept" / "azure").rglob("*.json"))
    assert len(files) > 30
    (circuit,) = (file for file in files if file.parent.name == "expressroute-1" and "circuit" in file.name)
    assert json.loads(circuit.read_text())["properties"]["serviceKey"] != ""
    assert not any("Bearer" in file.read_text() for file in files)
    # Another answer than was recorded costs the checks that need it, and no other.
    circuit.write_text(circuit.read_text().replace("Provisioned", "Deprovisioned"))
    spoilt = run("-m", "azure", "--replay", tmp_path / "kept").outcomes()
    errors = {name for name, word in spoilt.items() if word[0] == "error"}
    assert errors
    assert all("expressroute-1" in name for name in errors)
    assert {name: word for name, word in spoilt.items() if name not in errors} == {
        name: word for name, word in made.outcomes().items() if name not in errors
    }


def test_azure_settles_and_the_last_round_is_what_counts(run: Runner, tmp_path: Path) -> None:
    peering = "virtualNetworks/hub/virtualNetworkPeerings/hub-to-spoke"
    flags = [{"resource": peering, "set": {"properties.allowGatewayTransit": flag}} for flag in (False, True)]
    late = {"name": "a flag that is set late", "azure": flags[:1], "later": [{"at": "3s", "azure": flags[1:]}]}
    (tmp_path / "late.yaml").write_text(json.dumps(late))
    chosen = ("-k", "shares_gateways or azure_announces", "--lab-scenario", tmp_path / "late.yaml")
    made = run(*chosen, "--settle", "30", "--record", tmp_path / "kept")
    assert made.code == 0, made.text
    assert "announcement of 10.11.30.0/26 is missing" in made.text
    again = run("-k", chosen[1], "--replay", tmp_path / "kept")
    assert {name: word[0] for name, word in again.outcomes().items()} == {
        name: word[0] for name, word in made.outcomes().items()
    }


def test_workers_ask_azure_no_more_than_one_process_does(run: Runner) -> None:
    costs = [
        line.partition(", 0.")[0].partition(", 1.")[0].partition(" answers")[0]
        for arguments in ((), ("-n2",))
        for line in run("-m", "azure", *arguments).text.splitlines()
        if " to Azure for " in line
    ]
    assert len(costs) == 2
    assert costs[0] == costs[1]


def test_a_baseline_has_azures_side_too(run: Runner, tmp_path: Path) -> None:
    flag = {"resource": "virtualNetworks/hub/virtualNetworkPeerings/hub-to-spoke"}
    changed = {"name": "a flag", "azure": [flag | {"set": {"properties.allowForwardedTraffic": False}}]}
    (tmp_path / "changed.yaml").write_text(json.dumps(changed))
    run("-m", "azure", "--record", tmp_path / "kept")
    chosen = ("-k", "baseline and azure", "--baseline", tmp_path / "kept")
    same = run(*chosen)
    assert same.code == 0, same.text
    assert len(same.outcomes()) > 15
    after = run(*chosen, "--lab-scenario", tmp_path / "changed.yaml")
    (text,) = after.failures().values()
    assert "hub-to-spoke allow forwarded traffic is now off, was on" in text
    declared = run(*chosen, "--lab-scenario", tmp_path / "changed.yaml", "--expect-change", "baseline.azure:vnet/hub")
    assert declared.code == 0, declared.text
    # Without Azure nothing of it is compared, and it says so.
    left = run("-k", "baseline", "--baseline", tmp_path / "kept", "--no-azure")
    assert not any("azure[" in name for name in left.outcomes())
    assert "Azure is not asked" in left.text
