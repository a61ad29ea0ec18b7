"""No password and no pre-shared key is found in anything that a run leaves behind, however it ends."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from scenarios.conftest import HERE, run

from pytest_azinterop import shipped
from pytest_azinterop.lab import launch

PUBLISHED = Path(launch.__file__).parent / "data" / "published"
PLANTED = {
    "lab-only-password": "Planted4Login-q7",
    "lab-only-enable": "Planted4Enable-q7",
    "IamSecure123": "Planted4Tunnel-q7",
}
TELLING = """
import pytest

def test_whole_configuration(configuration):
    told = repr(configuration.observed)
    print(told)
    assert not told

@pytest.mark.parametrize("deep", [1])
def test_everything_below(request, tunnel_transport, deep):
    bundle, config = tunnel_transport.observed, request.config
    verification = [value for value in config.stash._storage.values()]
    lines = [line for line in bundle.config.lines]
    texts = [line.text for line in lines]
    raise RuntimeError(texts)
"""
# Long traces of some hundred items take minutes and show nothing more than those of some.
SOME = ("-k", "telling or ike_is_ready or session_is_established or clock")
LOUD = (*SOME, "-vv", "-l", "--tb=long", "-s", "--lab-log", "lab.jsonl", "-rA")
ENDINGS = {
    "as planned": "{}",
    "login refused": "management: {ce1-loc1: {reject_login: true}}",
    "cut within the configuration": "management: {ce1-loc1: {cut_after_bytes: 27000}}",
    "cut early": "management: {ce1-loc1: {cut_after_bytes: 300}}",
    "a command denied": "management: {ce1-loc1: {deny: ['^show crypto', '^show running']}}",
    "hidden by privilege": "management: {ce1-loc1: {privilege: 1}}",
    "dropped": "management: {ce1-loc1: {drop_after_commands: 9}}",
}


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A folder with an inventory `net` of the published network with secrets of our own, and a loud check."""
    network = tmp_path / "network"
    shutil.copytree(PUBLISHED, network)
    for file in network.iterdir():
        text = file.read_text()
        for known, own in PLANTED.items():
            text = text.replace(known, own)
        file.write_text(text)
    everything = "".join(file.read_text() for file in network.iterdir())
    assert all(own in everything for own in PLANTED.values())
    assert found_in(network, "")  # where they stand, they are found
    folder = tmp_path / "run"
    inventory = folder / "inventory" / "net"
    lab = shipped.inventory("lab")
    assert lab is not None
    shutil.copytree(lab, inventory)
    (inventory / "lab.yaml").write_text(f"network: {network}\n")
    (folder / "test_telling.py").write_text(TELLING)
    return folder


def found_in(folder: Path, text: str) -> list[str]:
    """Where a planted secret stands: the terminal, and every file that the run left, by its name."""
    places = {"terminal": text.encode()}
    places |= {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return [name for name, content in places.items() if any(own.encode() in content for own in PLANTED.values())]


@pytest.mark.slow
@pytest.mark.parametrize("ending", ENDINGS)
def test_no_secret_is_found(planted: Path, ending: str) -> None:
    scenario = planted / "scenario.yaml"
    scenario.write_text(ENDINGS[ending])
    done = run(planted, *LOUD, "--lab-scenario", str(scenario), "test_telling.py", inventory="net")
    assert done.code == 1, done.text
    assert (done.folder / "lab.jsonl").read_text()
    assert (done.folder / ".pytest_cache").is_dir()
    telling = done.items["test_whole_configuration[ce1-loc2]"]
    if "login" not in ending:
        assert telling.outcome == "failed"
        assert "pre-shared-key" in done.text or "secret" in done.text  # the lines are there, without their secrets
    assert found_in(planted, done.text) == []


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_refused_password_is_not_found(planted: Path, workers: str) -> None:
    inventory = planted / "served"
    with launch.start(network=planted.parent / "network", inventory=inventory, intent=planted / "inventory" / "net"):
        wrong = {"AZINTEROP_USERNAME": "azinterop", "AZINTEROP_PASSWORD": PLANTED["lab-only-enable"]}
        done = run(planted, *SOME, "-n", workers, "-vv", "-l", environment=wrong, inventory=str(inventory))
    assert done.code == 1
    assert {item.outcome for item in done.items.values()} == {"error"}
    assert "login-refused" in done.text
    assert found_in(planted, done.text) == []


def test_the_scenarios_hold_no_published_key() -> None:
    for file in HERE.glob("*.yaml"):
        assert not any(known in file.read_text() for known in PLANTED)
