"""The scenarios of docs/lab.md can be used, and the first breaks what it says."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from pytest_azinterop.lab.arm.azure import Azure
from pytest_azinterop.lab.arm.azure_file import AzureFile
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.scenario_file import parse
from pytest_azinterop.lab.topology import TopologyError

DOCUMENT = Path(__file__).parents[2] / "docs" / "lab.md"
SCENARIOS = re.findall(r"^```yaml\n(name: .*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_both_scenarios_are_there() -> None:
    assert [parse(text, "lab.md").name for text in SCENARIOS] == [
        "the primary path fails, the backup carries one direction",
        "every key",
    ]


def run(folder: Path, text: str, *arguments: str) -> set[tuple[str, str]]:
    """Rule and object of every finding, when the simulated network is broken like this."""
    (folder / "scenario.yaml").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--inventory",
        "lab",
        "--no-azure",
        "--lab-scenario",
        "scenario.yaml",
        *arguments,
    ]
    command += ["--junitxml", "junit.xml", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    failed = [case for case in ET.parse(folder / "junit.xml").iter("testcase") if case.find("failure") is not None]
    return {(str(case.get("name")), each.get("value", "")) for case in failed for each in case.iter("property")}


@pytest.mark.parametrize("rule", ["interface.state", "bgp.state", "ipsec.traffic", "reach.answer"])
def test_the_first_breaks_what_it_says(rule: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert f"`{rule}`" in DOCUMENT.read_text(encoding="utf-8")
    found = run(tmp_path_factory.mktemp("lab"), SCENARIOS[0], "-m", "interfaces or bgp or ipsec or reachability")
    assert any("ce1-loc1" in name and value == rule for name, value in found)


ANOTHER = DOCUMENT.read_text(encoding="utf-8").partition("## Another network")[2]
TOPOLOGY = """
routers: {edge: {config: edge.cfg}}
links:
  one: {ends: [{router: edge, interface: GigabitEthernet1}, {far_end: msee-1}], tags: [7]}
  two: {ends: [{router: edge, interface: GigabitEthernet2}, {far_end: msee-2}], tags: [7]}
far_ends:
  msee-1: {kind: msee, asn: 12076, interfaces: {one: 192.0.2.2/30}, neighbors: [{address: 192.0.2.1, remote_as: 65001}]}
  msee-2: {kind: msee, asn: 12076, interfaces: {two: 192.0.2.6/30}, neighbors: [{address: 192.0.2.5, remote_as: 65001}]}
vnets: {hub: {prefixes: [10.64.0.0/16], hosts: [10.64.0.4]}}
"""


def test_the_file_of_azures_side_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(subscription: .*?)^```", ANOTHER, re.MULTILINE | re.DOTALL)
    (tmp_path / "topology.yaml").write_text(TOPOLOGY)
    (tmp_path / "azure.yaml").write_text(example)
    (tmp_path / "edge.cfg").write_text("hostname edge\nend\n")
    azure = Azure.of(Simulation(tmp_path, Clock()))
    assert azure is not None
    assert {"networkInterfaces/server-1-nic", "connections/hub-er-1"} <= set(azure.store.paths())
    (tmp_path / "azure.yaml").write_text(example.replace("msee-2", "msee-3"))
    with pytest.raises(TopologyError, match=re.escape("circuits.er-1.paths: no 'msee-3'")):
        Azure.of(Simulation(tmp_path, Clock()))


def models(model: type[BaseModel]) -> set[type[BaseModel]]:
    """A model and those within it."""
    found = {model}
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            found |= models(part) if isinstance(part, type) and issubclass(part, BaseModel) else set()
    return found


def test_each_key_of_azures_file_is_told() -> None:
    keys = {field.alias or name for model in models(AzureFile) for name, field in model.model_fields.items()} - {
        "description"
    }
    assert len(keys) > 40
    assert [key for key in sorted(keys) if not re.search(rf"`{key}[`.:]", ANOTHER)] == []
