"""A router with several customers, asked about every VRF at once: the same outcomes with fewer commands."""

from __future__ import annotations

import os
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import warm

from pytest_azinterop import all_vrfs
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.lab.launch import start
from pytest_azinterop.options import NamedInventory

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import customers_network  # noqa: E402

CUSTOMERS = 10  # the tenth has a tunnel, which the intent needs
FAULTS = f"""
name: a session that is shut, a VRF without sessions, a VRF that is gone
routers:
  {customers_network.ROUTER}:
    configure: |
      router bgp 64900
       address-family ipv4 vrf CUST-002
        neighbor 192.168.0.18 shutdown
      router bgp 64900
       no address-family ipv4 vrf CUST-003
      no vrf definition CUST-004
"""


@dataclass(frozen=True)
class Done:
    """What a run printed, and per item what became of it and why (as far as it is no command line's name)."""

    text: str
    outcomes: dict[str, tuple[str, str]]

    @property
    def commands(self) -> int:
        found = re.search(r"(\d+) commands", self.text)
        assert found, self.text
        return int(found[1])


class Network:
    """A started network of many customers on one router, and runs against it."""

    def __init__(self, folder: Path, login: dict[str, str]) -> None:
        self.folder = folder
        self._login = login
        self._runs = 0

    def __call__(self, setting: str, *arguments: str | Path) -> Done:
        (self.folder / "defaults.yaml").write_text(f"data: {{azinterop: {{all_vrfs: {setting}}}}}\n")
        self._runs += 1
        junit = self.folder / f"junit-{self._runs}.xml"
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "AZINTEROP_"))}
        done = warm.run(
            [
                *("-p", "no:cacheprovider", f"--junitxml={junit}", "--no-azure"),
                *("--inventory", str(self.folder), *map(str, arguments), "checks"),
            ],
            ROOT,
            {**kept, **self._login, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
            120,
        )
        outcomes = {}
        for case in ET.parse(junit).iter("testcase"):
            told = [each for each in case if each.tag in ("failure", "error", "skipped")]
            message = str(told[0].get("message")) if told else ""
            outcomes[f"{case.get('classname')}::{case.get('name')}"] = (told[0].tag if told else "passed", message)
        return Done(done.stdout, outcomes)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("customers")
    customers_network.write(folder, CUSTOMERS, 2)
    faults = folder / "faults.yaml"
    faults.write_text(FAULTS)
    with start(folder / "network", [str(faults)], intent=folder, inventory=folder / "inventory") as ready:
        door = ready.routers[customers_network.ROUTER]
        inventory = Path(ready.inventory)
        (inventory / "interop.yaml").write_bytes((folder / "interop.yaml").read_bytes())
        yield Network(inventory, {"AZINTEROP_USERNAME": door.username, "AZINTEROP_PASSWORD": door.password})


@pytest.fixture(scope="module")
def recorded(network: Network, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Done]]:
    """A recording and its run with each form."""
    folder = tmp_path_factory.mktemp("recordings")
    names = {"each": "false", "all": "2"}
    return {name: (folder / name, network(setting, f"--record={folder / name}")) for name, setting in names.items()}


def words(done: Done) -> dict[str, tuple[str, str]]:
    """Outcomes, and what failures say without the command that was read, its time and its line."""
    return {
        name: (word, re.sub(r"\(show [^)]*\)|\d\d:\d\d:\d\d", "", message) if word == "failure" else "")
        for name, (word, message) in done.outcomes.items()
    }


def of_customer(done: Done, number: int) -> dict[str, tuple[str, str]]:
    return {name: found for name, found in words(done).items() if f"customer-{number:03}" in name}


@pytest.mark.slow
class TestARun:
    def test_has_the_same_outcomes_with_fewer_commands(self, recorded: dict[str, tuple[Path, Done]]) -> None:
        each, together = recorded["each"][1], recorded["all"][1]
        assert words(together) == words(each)
        found = [word for word, _ in words(each).values()]
        assert min(found.count(word) for word in ("passed", "failure", "error")) > 3
        assert each.commands - together.commands == 3 * CUSTOMERS - 3

    def test_shows_the_plan_that_is_sent(self, network: Network) -> None:
        shown = network("2", "--plan").text
        for command in ("show bgp vpnv4 unicast all neighbors", "show bgp vpnv4 unicast all", "show ip route vrf *"):
            assert len(re.findall(rf"^ +\d+  {re.escape(command)}$", shown, re.MULTILINE)) == 1
        assert "vrf CUST-001 neighbors\n" not in shown
        assert "vrf *" not in network("11", "--plan").text


@pytest.mark.slow
@pytest.mark.parametrize("form", ["each", "all"])
class TestARecording:
    def test_is_replayed_with_the_same_outcomes(
        self, network: Network, recorded: dict[str, tuple[Path, Done]], form: str
    ) -> None:
        again = network("2" if form == "each" else "false", f"--replay={recorded[form][0]}")
        assert words(again) == words(recorded[form][1])

    def test_is_replayed_for_one_customer_alone(
        self, network: Network, recorded: dict[str, tuple[Path, Done]], form: str
    ) -> None:
        again = network("2", f"--replay={recorded[form][0]}", "-k", "customer-002")
        assert of_customer(again, 2) == of_customer(recorded[form][1], 2)

    def test_is_compared_with_a_run_in_the_other_form(
        self, network: Network, recorded: dict[str, tuple[Path, Done]], form: str
    ) -> None:
        other = recorded["all" if form == "each" else "each"][0]
        found = network("2", f"--replay={recorded[form][0]}", f"--baseline={other}", "-m", "baseline").outcomes
        of_vrfs = {name: word for name, (word, _) in found.items() if "/vrf-CUST-" in name}
        assert len(of_vrfs) == 3 * CUSTOMERS
        assert set(of_vrfs) - {name for name, word in of_vrfs.items() if word == "passed"} == {
            name for name in of_vrfs if "CUST-004" in name
        }


class TestTheInventory:
    def test_says_it_of_each_router(self, tmp_path: Path) -> None:
        (tmp_path / "hosts.yaml").write_text(
            "r1: {}\nr2: {data: {azinterop: {all_vrfs: false}}}\nr3: {groups: [many]}\n"
        )
        (tmp_path / "groups.yaml").write_text("many: {data: {azinterop: {all_vrfs: 3}}}\n")
        for asks in (True, False):
            least = all_vrfs.by_router(NamedInventory("x", tmp_path, shipped=False), asks=asks)
            assert [least(name) for name in ("r1", "r2", "r3", "unknown")] == [8, None, 3, 8]

    def test_that_is_wrong_is_told_when_it_is_asked(self, tmp_path: Path) -> None:
        (tmp_path / "hosts.yaml").write_text("r1: {data: {azinterop: {all_vrfs: many}}}\n")
        least = all_vrfs.by_router(NamedInventory("x", tmp_path, shipped=False), asks=False)
        with pytest.raises(InventoryError, match="all_vrfs"):
            least("r1")

    def test_of_a_plugin_is_loaded_only_by_a_run_that_asks(self, tmp_path: Path) -> None:
        (tmp_path / "nornir.yaml").write_text("inventory: {plugin: NoSuchPlugin}\n")
        inventory = NamedInventory("x", tmp_path, shipped=False)
        assert all_vrfs.by_router(inventory, asks=False)("r1") == 8
        with pytest.raises(InventoryError, match="cannot be loaded"):
            all_vrfs.by_router(inventory, asks=True)("r1")

    @pytest.mark.parametrize("file", ["lab.yaml", "interop.yaml"])
    def test_without_hosts_has_the_default(self, tmp_path: Path, file: str) -> None:
        (tmp_path / file).write_text("{}\n")
        assert all_vrfs.by_router(NamedInventory("x", tmp_path, shipped=False), asks=True)("r1") == 8
