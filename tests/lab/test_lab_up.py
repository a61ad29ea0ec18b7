"""The lab as a process of its own, and foreign clients against it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import asyncssh
import jsonschema
import napalm
import netmiko
import pytest
import yaml

from pytest_azinterop.lab.commands import main
from pytest_azinterop.lab.inventory import Account, RouterDoor, claimed
from pytest_azinterop.lab.launch import LabStartError, Ready, start
from tests.lab_log import lab_events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EDGE = "ce1-loc1"


@pytest.fixture(scope="module")
def lab() -> Iterator[Ready]:
    with start(speed=0) as ready:
        yield ready


def login(ready: Ready, router: str = EDGE) -> dict[str, Any]:
    door = ready.routers[router]
    return {"host": door.host, "port": door.port, "username": door.username, "password": door.password}


def ask(ready: Ready, *commands: str, router: str = EDGE) -> list[str]:
    with netmiko.ConnectHandler(device_type="cisco_xe", **login(ready, router)) as connection:
        return [str(connection.send_command(command)) for command in commands]


@pytest.fixture
def driver(lab: Ready) -> Iterator[Any]:
    door = lab.routers[EDGE]
    device = napalm.get_network_driver("ios")(
        door.host, door.username, door.password, optional_args={"port": door.port}
    )
    device.open()
    yield device
    device.close()


def test_every_router_of_the_published_network_answers(lab: Ready) -> None:
    assert sorted(lab.routers) == ["ce1-loc1", "ce1-loc2", "ce2-loc1", "ce2-loc2"]
    for name in lab.routers:
        version, config = ask(lab, "show version", "show running-config", router=name)
        assert version.splitlines()[0].startswith("Cisco IOS XE Software, Version 17.")
        assert config.rstrip().endswith("end")


def test_the_inventory_is_an_ordinary_one(lab: Ready) -> None:
    hosts = yaml.safe_load((lab.inventory / "hosts.yaml").read_text())
    for name, door in lab.routers.items():
        assert (hosts[name]["hostname"], hosts[name]["port"], hosts[name]["groups"]) == (door.host, door.port, ["lab"])
        assert f"[{door.host}]:{door.port} {door.host_key}\n" in (lab.inventory / "known_hosts").read_text()
    assert yaml.safe_load((lab.inventory / "groups.yaml").read_text()) == {"lab": {"platform": "ios"}}
    assert (lab.inventory / "interop.yaml").is_file()
    assert all(
        door.password not in path.read_text() for door in lab.routers.values() for path in lab.inventory.iterdir()
    )


def test_stock_napalm_reads_facts(driver: Any) -> None:
    facts = driver.get_facts()
    assert (facts["hostname"], facts["vendor"]) == (EDGE, "Cisco")
    assert facts["model"].startswith("ASR1")
    assert facts["uptime"] > 7 * 86400
    assert {"Te0/0/0.300", "Tunnel30"} <= set(facts["interface_list"])  # as `show ip interface brief` shortens them


def test_stock_napalm_reads_neighbors(driver: Any) -> None:
    peers = driver.get_bgp_neighbors()["30"]["peers"]
    assert {address: (peer["remote_as"], peer["is_up"]) for address, peer in peers.items()} == {
        "192.168.30.18": (12076, True),
        "10.10.30.254": (65515, True),
        "192.168.30.3": (65021, True),
    }


def test_stock_napalm_reads_configuration_and_interfaces(driver: Any) -> None:
    config = driver.get_config()
    assert "router bgp 65021" in config["running"]
    assert "router bgp 65021" in config["startup"]
    interfaces = driver.get_interfaces()
    assert interfaces["TenGigabitEthernet0/0/0.300"]["is_up"]
    assert interfaces["Tunnel30"]["is_enabled"]


def test_the_log_tells_who_asked_what(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with start(speed=0, log=log) as ready:
        ask(ready, "sh clock")
        password = ready.routers[EDGE].password
    events = lab_events(log)
    assert [event["event"] for event in events if event["event"] != "command"] == ["login", "logout"]
    assert [event["command"] for event in events if event["event"] == "command"][-2:] == ["show clock", "exit"]
    assert all(event["router"] == EDGE and event["time"] and event["simulated"] for event in events)
    assert password not in log.read_text()


def test_a_scenario_changes_the_network_before_the_start(tmp_path: Path) -> None:
    scenario = tmp_path / "shut.yaml"
    scenario.write_text(
        "routers:\n"
        f"  {EDGE}:\n"
        "    configure: |\n"
        "      router bgp 65021\n"
        "       address-family ipv4 vrf 30\n"
        "        neighbor 192.168.30.18 shutdown\n"
        "management:\n"
        "  ce2-loc1: {unreachable: true}\n"
        "advance: 1h\n"
    )
    with start(scenario=[str(scenario)], speed=0) as ready:
        summary, running = ask(ready, "show bgp vpnv4 unicast vrf 30 summary", "show running-config | include shutdown")
        assert "Idle (Admin)" in next(line for line in summary.splitlines() if line.startswith("192.168.30.18"))
        assert "neighbor 192.168.30.18 shutdown" in running
        door = ready.routers["ce2-loc1"]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((door.host, door.port), timeout=5)


def test_the_published_example_leaks_what_the_lab_corrects(lab: Ready) -> None:
    command = "show bgp vpnv4 unicast vrf 30 neighbors 10.10.30.254 advertised-routes | include 12076"
    with start(scenario=["as-published"], speed=0) as published:
        leaked, undefined = ask(published, command, "show route-map BGP2OSPF")
    assert "10.17.30.0/25" in leaked
    assert "not found" in undefined
    assert ask(lab, command) == [""]


def test_configuration_typed_by_hand_changes_the_network() -> None:
    policy = "show bgp vpnv4 unicast vrf 30 10.10.30.0/24 | include from 192.168.30.18|localpref 200"
    with start(speed=0) as ready, netmiko.ConnectHandler(device_type="cisco_xe", **login(ready)) as connection:
        before = connection.send_command(policy)
        connection.send_config_set(
            [
                "router bgp 65021",
                "address-family ipv4 vrf 30",
                "no neighbor 192.168.30.18 route-map prefer-ER-over-VPN in",
            ]
        )
        unrefreshed = connection.send_command(policy)
        connection.send_command("clear ip bgp vrf 30 192.168.30.18 soft in")
        refreshed = connection.send_command(policy)
    assert "localpref 200" in before
    assert unrefreshed == before
    assert "from 192.168.30.18" in refreshed
    assert "localpref 200" not in refreshed


def test_each_router_has_an_account_that_may_only_look_and_one_for_drills(lab: Ready) -> None:
    async def ask(door: RouterDoor, account: Account, command: str) -> str:
        async with asyncssh.connect(
            door.host, door.port, username=account.username, password=account.password, known_hosts=None, config=None
        ) as connection:
            return str((await connection.run(command)).stdout)

    for name, door in lab.routers.items():
        assert door.reader is not None
        assert door.drill is not None
        assert len({door.username, door.reader.username, door.drill.username}) == 3
        for account, answer in ((door.reader, "Command authorization failed."), (door.drill, "Enter configuration")):
            shown = asyncio.run(ask(door, account, "show running-config | include ^hostname"))
            assert f"hostname {name}" in shown
            assert answer in asyncio.run(ask(door, account, "configure terminal"))


def test_a_later_change_comes_at_its_time(tmp_path: Path) -> None:
    scenario = tmp_path / "later.yaml"
    scenario.write_text("later: [{at: 100s, management: {ce1-loc1: {unreachable: true}}}]\n")
    with start(scenario=[str(scenario)], speed=100) as ready:
        door = ready.routers[EDGE]
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection((door.host, door.port), timeout=5).close()
            except ConnectionRefusedError:
                return
            time.sleep(0.05)
    pytest.fail("the router stayed reachable")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("routers: {ce1-loc1: {configure: frobnicate}}", "routers.ce1-loc1.configure: 'frobnicate' in config: %"),
        ("colour: red", "unknown key"),
    ],
)
def test_a_bad_scenario_is_refused_at_the_start(tmp_path: Path, text: str, message: str) -> None:
    scenario = tmp_path / "bad.yaml"
    scenario.write_text(text)
    with pytest.raises(LabStartError) as caught, start(scenario=[str(scenario)]):
        pass
    assert message in str(caught.value)


def test_the_lab_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from pytest_azinterop.lab.launch import start\n"
        "with start(speed=0) as ready:\n"
        "    print(ready.routers['ce1-loc1'].port, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    port = int(parent.stdout.readline())
    assert list(tmp_path.iterdir())
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    parent.kill()
    parent.wait(10)
    parent.stdin.close()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            if not list(tmp_path.iterdir()):
                return
        time.sleep(0.02)
    pytest.fail("the lab, or its folder, outlived its parent")


def test_the_ready_file_goes_with_the_lab(tmp_path: Path) -> None:
    ready_file, inventory = tmp_path / "ready.json", tmp_path / "inventory"
    command = [sys.executable, "-m", "pytest_azinterop.lab", "up", "--ready-file", str(ready_file)]
    command += ["--inventory-dir", str(inventory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not ready_file.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        document = json.loads(ready_file.read_text())
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=10)[0]
    assert process.returncode == 0
    assert not ready_file.exists()
    assert set(document) == {"inventory", "log", "routers", "arm", "hosts"}
    door = document["routers"][EDGE]
    assert set(door) == {"host", "port", "username", "password", "host_key", "reader", "drill"}
    assert door["drill"] == {"username": "drill", "password": "lab-only-drill"}
    assert document["inventory"] == str(inventory)
    assert f"pytest --inventory {inventory}" in output


def test_names_are_those_that_scenarios_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["names"]) == 0
    names = yaml.safe_load(capsys.readouterr().out.replace(":\n", ": |\n"))
    assert EDGE in names["routers"].split()
    assert "expressroute-1-primary" in names["links"].split()
    assert "msee-1-primary" in names["far_ends"].split()
    assert "as-published" in names["scenarios"].split()


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_a_network_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--network", str(tmp_path)]) == 2
    assert "no topology.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["hosts.yaml", "interop.yaml", "discovered.yaml"])
def test_an_inventory_that_no_lab_wrote_is_left_as_it_is(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("mine\n")
    assert main(["up", "--inventory-dir", str(tmp_path)]) == 2
    assert f"holds {name}, which no lab wrote" in capsys.readouterr().err
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, "mine\n")]


def test_a_lab_writes_into_its_own_folder_again_but_not_while_another_runs(tmp_path: Path) -> None:
    with claimed(tmp_path, None):
        (tmp_path / "hosts.yaml").write_text("of the first\n")
        with pytest.raises(ValueError, match="still runs"), claimed(tmp_path, None):
            pytest.fail("claimed twice")
    with claimed(tmp_path, None):
        assert (tmp_path / "hosts.yaml").read_text() == "of the first\n"


def test_an_intent_may_lie_where_the_inventory_goes(tmp_path: Path) -> None:
    (tmp_path / "interop.yaml").write_text("version: 1\n")
    with claimed(tmp_path, tmp_path):
        assert (tmp_path / "interop.yaml").read_text() == "version: 1\n"
