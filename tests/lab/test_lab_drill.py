"""A whole failover over real SSH, in a lab whose clock runs fast: by hand, lost half-way, and with a colleague."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import netmiko
import paramiko
import pytest

from pytest_azinterop.lab.launch import Ready, start
from tests.lab_log import lab_events

EDGE, SPEED = "ce1-loc1", 60.0
FAMILY = ["router bgp 65021", "address-family ipv4 vrf 30"]
SHUT, RETURN = "neighbor 192.168.30.18 shutdown", "no neighbor 192.168.30.18 shutdown"
DIFFERENCES = "show archive config differences nvram:startup-config system:running-config"
STATE = "show bgp vpnv4 unicast vrf 30 neighbors 192.168.30.18 | include BGP state"
TIMER = "show archive config rollback timer"


@contextmanager
def lab(tmp_path: Path, scenario: str = "{}") -> Iterator[Ready]:
    file = tmp_path / "scenario.yaml"
    file.write_text(scenario)
    with start(scenario=[str(file)], speed=SPEED, log=tmp_path / "lab.jsonl") as ready:
        yield ready


@contextmanager
def driller(ready: Ready) -> Iterator[Any]:
    door = ready.routers[EDGE]
    assert door.drill is not None
    account = door.drill
    with netmiko.ConnectHandler(
        device_type="cisco_xe", host=door.host, port=door.port, username=account.username, password=account.password
    ) as connection:
        yield connection


def armed(connection: Any, minutes: int) -> None:
    text = connection.send_command(f"configure terminal revert timer {minutes}", expect_string=r"\(config\)#")
    assert "Backing up current running config to bootflash:archive-" in text


def until_it_breaks(ready: Ready, *lines: str) -> None:
    """Type line by line until the router, or what is between, ends the connection."""
    door = ready.routers[EDGE]
    assert door.drill is not None
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(
            door.host, door.port, door.drill.username, door.drill.password, allow_agent=False, look_for_keys=False
        )
        channel = client.invoke_shell()
        channel.settimeout(5)
        for line in ("", *lines):
            channel.sendall(f"{line}\r".encode() if line else b"")
            seen = b""
            while not seen.endswith(b"#"):
                seen += (data := channel.recv(65536))
                if not data:
                    assert line == SHUT
                    return
    pytest.fail("the connection stayed")


def asked(ready: Ready, command: str) -> str:
    """One command over a connection of its own."""
    door = ready.routers[EDGE]

    async def ask() -> str:
        async with asyncssh.connect(
            door.host, door.port, username=door.username, password=door.password, known_hosts=None, config=None
        ) as connection:
            return str((await connection.run(command)).stdout)

    return asyncio.run(ask())


def types(connection: Any, *lines: str) -> str:
    return "".join(str(connection.send_command(line, expect_string=r"\)?#", read_timeout=1)) for line in lines)


def state(connection: Any) -> str:
    text = str(connection.send_command(STATE))
    return text.strip().removeprefix("BGP state = ").split(",")[0]


def wait(connection: Any, wanted: str, simulated: float = 60) -> None:
    deadline = time.monotonic() + simulated / SPEED + 2
    while state(connection) != wanted:
        assert time.monotonic() < deadline, state(connection)


def events(tmp_path: Path, *kinds: str) -> list[dict[str, Any]]:
    return lab_events(tmp_path / "lab.jsonl", *kinds)


def test_armed_shut_returned_and_confirmed(tmp_path: Path) -> None:
    with lab(tmp_path) as ready, driller(ready) as connection:
        before = connection.send_command("show running-config | exclude ^!")
        armed(connection, 5)
        types(connection, *FAMILY, SHUT, "end")
        assert state(connection) == "Idle"
        assert "Timer value: 5 min" in connection.send_command(TIMER)
        trace = "traceroute vrf 30 10.10.30.4 source Loopback130"
        assert "192.168.30.18" not in connection.send_command(trace)
        types(connection, "configure terminal", *FAMILY, RETURN, "end")
        wait(connection, "Established")
        assert "192.168.30.18" in connection.send_command(trace)
        assert "No changes were found" in connection.send_command(DIFFERENCES)
        connection.send_command("configure confirm")
        assert "No Rollback Confirmed Change pending" in connection.send_command(TIMER)
        after = connection.send_command("show running-config | exclude ^!")
    assert after.split("\n", 3)[3] == before.split("\n", 3)[3]
    typed = [event["line"] for event in events(tmp_path, "config")]
    assert typed == [*FAMILY, SHUT, "end", *FAMILY, RETURN, "end"]
    assert not events(tmp_path, "rollback")


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_connection_that_is_lost_at_the_trigger_leaves_a_router_that_restores_itself(
    tmp_path: Path, fault: str
) -> None:
    with lab(tmp_path, f"management: {{{EDGE}: {{{fault}: ['^neighbor .* shutdown']}}}}") as ready:
        until_it_breaks(ready, "configure terminal revert timer 3", *FAMILY, SHUT)
        assert "Timer value: 3 min" in asked(ready, TIMER)
        deadline = time.monotonic() + 240 / SPEED + 5
        while "pending" not in asked(ready, TIMER) or "Established" not in asked(ready, STATE):
            assert time.monotonic() < deadline
        assert "No changes were found" in asked(ready, DIFFERENCES)
    (rollback,) = events(tmp_path, "rollback")
    assert (rollback["router"], rollback["cause"], rollback["result"]) == (EDGE, "timer", "done")
    assert any(SHUT in line for line in rollback["lines"]) is (fault == "drop_after")


def test_the_router_writes_to_the_terminal_by_itself(tmp_path: Path) -> None:
    with lab(tmp_path) as ready:
        door = ready.routers[EDGE]
        assert door.drill is not None
        with paramiko.SSHClient() as client:
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            client.connect(
                door.host, door.port, door.drill.username, door.drill.password, allow_agent=False, look_for_keys=False
            )
            channel = client.invoke_shell()
            channel.settimeout(10)
            channel.sendall(b"configure terminal revert timer 1\r")
            seen = b""
            while b"Rollback Done\r\n" not in seen:
                seen += channel.recv(65536)
    text = seen.decode()
    prompt, warning, rolling = (
        text.index(part) for part in (f"{EDGE}(config)#", "Rollback will begin in one minute", "rolling to:bootflash:")
    )
    assert prompt < warning < rolling


def test_an_undo_that_is_refused_leaves_the_timer(tmp_path: Path) -> None:
    quiet = (
        f"routers: {{{EDGE}: {{rollback: {{tells: false}}}}}}\n"  # netmiko takes what the router writes for a prompt
    )
    denied = f"management: {{{EDGE}: {{deny: ['^no neighbor']}}}}\n"
    with lab(tmp_path, quiet + denied) as ready, driller(ready) as connection:
        armed(connection, 1)
        types(connection, *FAMILY, SHUT)
        assert "Command authorization failed." in types(connection, RETURN, "end")
        assert "Timer value: 1 min" in connection.send_command(TIMER)
        wait(connection, "Established", simulated=90)
    assert len(events(tmp_path, "rollback")) == 1


def test_a_colleague_who_types_is_in_the_difference_and_in_the_log(tmp_path: Path) -> None:
    scenario = (
        f"operator: [{{router: {EDGE}, user: bob, typed: '^neighbor .* shutdown', after: 10s, "
        "configure: ip route vrf 30 10.99.0.0 255.255.0.0 Null0}]"
    )
    with lab(tmp_path, scenario) as ready, driller(ready) as connection:
        armed(connection, 10)
        types(connection, *FAMILY, SHUT, "end")
        deadline = time.monotonic() + 5
        while "10.99.0.0" not in connection.send_command(DIFFERENCES):
            assert time.monotonic() < deadline
        assert "by bob on vty" in connection.send_command("show logging | include CONFIG_I")
        assert "no ip route vrf 30 10.99.0.0" in connection.send_command("configure revert now")
    (typed,) = events(tmp_path, "operator")
    assert (typed["user"], typed["result"]) == ("bob", "ok")


def test_another_router_stands_behind_the_address(tmp_path: Path) -> None:
    with lab(tmp_path, f"management: {{{EDGE}: {{answers_as: ce2-loc1}}}}") as ready, driller(ready) as connection:
        assert connection.find_prompt() == "ce2-loc1#"
        assert "FXS2231Q1AB" in connection.send_command("show version | include Processor board")


def test_what_the_router_does_after_everybody_has_left_stands_in_the_log(tmp_path: Path) -> None:
    with lab(tmp_path) as ready:
        with driller(ready) as connection:
            armed(connection, 1)
            types(connection, *FAMILY, SHUT, "end")
        time.sleep(61 / SPEED)  # nobody may look at the router meanwhile
    assert [event["result"] for event in events(tmp_path, "rollback")] == ["done"]
