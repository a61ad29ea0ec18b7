"""Real SSH clients against a router's server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import subprocess
import threading
import time
from io import StringIO
from typing import TYPE_CHECKING, Any

import asyncssh
import netmiko
import paramiko
import pytest

from pytest_azinterop.lab.log import LabLog
from pytest_azinterop.lab.management import ManagementFaults
from pytest_azinterop.lab.server import RouterServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_azinterop.lab.exec.execution import Commands


class Running:
    """A server whose loop runs in a thread of its own, so that blocking clients can talk to it."""

    def __init__(self, view: Any, commands: Commands) -> None:
        self.stream = StringIO()
        self.server = RouterServer(view, commands, LabLog(self.stream, view.now))
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self._await(self.server.start())

    @property
    def port(self) -> int:
        return self.server.port

    def break_(self, **faults: Any) -> None:
        self._await(self.server.set_faults(ManagementFaults(**faults)))

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for line in self.stream.getvalue().splitlines() if (event := json.loads(line))["event"] == kind]

    def _await(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def close(self) -> None:
        self._await(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture
def running(view: Any, commands: Commands) -> Iterator[Running]:
    running = Running(view, commands)
    yield running
    running.close()


@pytest.fixture
def netmiko_login(running: Running, credentials: tuple[str, str, str]) -> dict[str, Any]:
    username, password, secret = credentials
    return {
        "device_type": "cisco_xe",
        "host": "127.0.0.1",
        "port": running.port,
        "username": username,
        "password": password,
        "secret": secret,
    }


def ssh(running: Running, credentials: tuple[str, str, str], command: str) -> str:
    """One command over an exec channel of asyncssh."""

    async def ask() -> str:
        async with asyncssh.connect(
            "127.0.0.1", running.port, username=credentials[0], password=credentials[1], known_hosts=None, config=None
        ) as connection:
            result = await connection.run(command)
            return str(result.stdout)

    return asyncio.run(ask())


def shell(running: Running, credentials: tuple[str, str, str], keys: str) -> str:
    """Everything that a PTY shows until the router closes it, or the connection breaks."""
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(
            "127.0.0.1", running.port, credentials[0], credentials[1], allow_agent=False, look_for_keys=False
        )
        channel = client.invoke_shell()
        channel.settimeout(10)
        with contextlib.suppress(OSError):  # the router may have hung up already
            channel.sendall(keys.encode())
        text = b""
        while data := channel.recv(65536):
            text += data
        return text.decode()


def test_stock_netmiko_works(running: Running, netmiko_login: dict[str, Any], view: Any) -> None:
    with netmiko.ConnectHandler(**netmiko_login) as connection:
        assert connection.send_command("show version").splitlines()[0] == "Cisco IOS XE Software"
        assert connection.send_command("sh lines | include 60") == "line 60"
        assert "Invalid input" in connection.send_command("show nothing")
        connection.send_config_set(["interface Tunnel30", "description to Azure"])
        assert connection.check_enable_mode()
    assert view.configured == ["interface Tunnel30", "description to Azure"]
    assert [event["result"] for event in running.events("login")] == ["ok"]


def test_stock_netmiko_enables(netmiko_login: dict[str, Any], view: Any) -> None:
    view.level = 1
    with netmiko.ConnectHandler(**netmiko_login) as connection:
        assert not connection.check_enable_mode()
        connection.enable()
        assert "hostname" in connection.send_command("show running-config")


def test_openssh_logs_in_and_runs_a_command(
    running: Running, credentials: tuple[str, str, str], tmp_path: Path
) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{running.port} {running.server.public_key}\n")
    ask = tmp_path / "ask"
    ask.write_text(f"#!/bin/sh\necho '{credentials[1]}'\n")
    ask.chmod(0o700)
    command = ["ssh", "-F", "none", "-p", str(running.port), "-o", f"UserKnownHostsFile={known}"]
    command += ["-o", "StrictHostKeyChecking=yes", f"{credentials[0]}@127.0.0.1", "show clock"]
    environment = {
        "SSH_ASKPASS": str(ask),
        "SSH_ASKPASS_REQUIRE": "force",
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
    }
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        pytest.skip("this machine has no OpenSSH client")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["", "00:00:00.000 UTC Mon Nov 23 2026"]


def test_keyboard_interactive_login(running: Running, credentials: tuple[str, str, str]) -> None:
    transport = paramiko.Transport(("127.0.0.1", running.port))
    transport.start_client(timeout=10)
    transport.auth_interactive(credentials[0], lambda _title, _text, prompts: [credentials[1] for _ in prompts])
    assert transport.is_authenticated()
    transport.close()
    assert [event["method"] for event in running.events("login")] == ["keyboard-interactive"]


def test_the_banner_stands_before_the_first_prompt(running: Running, credentials: tuple[str, str, str]) -> None:
    text = shell(running, credentials, "exit\r")
    assert text == "\r\nKeep out\r\nedge-router-with-a-long-name#exit\r\n"


def test_several_sessions_at_once(running: Running, credentials: tuple[str, str, str]) -> None:
    async def all_of_them() -> list[str]:
        async with asyncssh.connect(
            "127.0.0.1", running.port, username=credentials[0], password=credentials[1], known_hosts=None, config=None
        ) as connection:
            results = await asyncio.gather(*(connection.run(f"show lines | include line {at}$") for at in range(1, 31)))
            return [str(result.stdout).strip() for result in results]

    assert asyncio.run(all_of_them()) == [f"line {at}" for at in range(1, 31)]


def test_a_wrong_password_is_refused_and_logged(running: Running, netmiko_login: dict[str, Any]) -> None:
    with pytest.raises(netmiko.NetmikoAuthenticationException):
        netmiko.ConnectHandler(**{**netmiko_login, "password": "Wr0ng"})
    assert {event["result"] for event in running.events("login")} == {"refused"}
    assert "Wr0ng" not in running.stream.getvalue()


def test_login_rejected(running: Running, netmiko_login: dict[str, Any]) -> None:
    running.break_(reject_login=True)
    with pytest.raises(netmiko.NetmikoAuthenticationException):
        netmiko.ConnectHandler(**netmiko_login)


def test_unreachable_and_back(running: Running, credentials: tuple[str, str, str]) -> None:
    port = running.port
    running.break_(unreachable=True)
    with pytest.raises(ConnectionRefusedError):
        ssh(running, credentials, "show clock")
    running.break_()
    assert running.port == port
    assert "Nov 23" in ssh(running, credentials, "show clock")


def test_another_host_key_and_back(running: Running, credentials: tuple[str, str, str]) -> None:
    known = running.server.public_key
    running.break_(other_host_key=True)
    assert running.server.public_key == known, "what the inventory's known_hosts holds"
    assert _host_key(running) != known
    running.break_()
    assert _host_key(running) == known


def _host_key(running: Running) -> str:
    """What a client is shown."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as connection:
        transport = paramiko.Transport(connection)
        try:
            transport.start_client(timeout=5)
            key = transport.get_remote_server_key()
        finally:
            transport.close()
    return f"{key.get_name()} {key.get_base64()}"


def test_a_denied_command_in_any_abbreviation(running: Running, credentials: tuple[str, str, str]) -> None:
    running.break_(deny=(pattern("show ip route"),))
    assert ssh(running, credentials, "sh ip ro vrf 30") == "\r\nCommand authorization failed.\r\n\r\n"
    assert "Nov 23" in ssh(running, credentials, "show clock")
    assert [event["result"] for event in running.events("command")] == ["denied", "ok"]


def pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def test_a_lower_privilege_at_login(running: Running, credentials: tuple[str, str, str]) -> None:
    running.break_(privilege=1)
    assert "long-name>" in shell(running, credentials, "exit\r")
    assert "Invalid input" in ssh(running, credentials, "show running-config")


@pytest.mark.parametrize("size", [1, 60, 200])
def test_the_connection_breaks_after_so_many_bytes(
    running: Running, credentials: tuple[str, str, str], size: int
) -> None:
    whole = shell(running, credentials, "terminal length 0\rshow lines\rexit\r")
    running.break_(cut_after_bytes=size)
    assert shell(running, credentials, "terminal length 0\rshow lines\rexit\r") == whole[:size]


def test_the_connection_drops_after_so_many_commands(running: Running, credentials: tuple[str, str, str]) -> None:
    running.break_(drop_after_commands=2)
    text = shell(running, credentials, "show clock\rshow ip int br\rshow inventory\r")
    assert text.endswith("show ip int br\r\nbrief\r\n")


def test_a_slow_line_carries_the_same_text(running: Running, credentials: tuple[str, str, str]) -> None:
    whole = ssh(running, credentials, "show lines")
    running.break_(bytes_per_second=2000)
    start = time.monotonic()
    assert ssh(running, credentials, "show lines") == whole
    assert time.monotonic() - start >= len(whole) / 2000 * 0.8


def test_a_late_answer(running: Running, credentials: tuple[str, str, str]) -> None:
    running.break_(delay_ms=150)
    start = time.monotonic()
    assert "Nov 23" in ssh(running, credentials, "show clock")
    assert time.monotonic() - start >= 0.15


def test_input_that_ends_still_gets_its_answers(running: Running, credentials: tuple[str, str, str]) -> None:
    async def piped() -> str:
        async with asyncssh.connect(
            "127.0.0.1", running.port, username=credentials[0], password=credentials[1], known_hosts=None, config=None
        ) as connection:
            result = await connection.run(input="show clock\nshow ip int br\n")
            return str(result.stdout)

    text = asyncio.run(piped())
    assert "brief" in text
    assert "Nov 23" in text


def test_keys_do_not_reach_the_log(running: Running, credentials: tuple[str, str, str]) -> None:
    shell(running, credentials, "conf t\rpre-shared-key local S3cret-key\rusername x secret 0 S3cret-key\rend\rexit\r")
    assert "S3cret-key" not in running.stream.getvalue()
    assert [event["line"] for event in running.events("config")] == [
        "pre-shared-key local <removed>",
        "username x secret 0 <removed>",
        "end",
    ]


def test_a_fault_of_the_lab_itself_is_never_an_answer(running: Running, credentials: tuple[str, str, str]) -> None:
    assert ssh(running, credentials, "show broken") == ""
    assert "KeyError" in running.events("failure")[0]["error"]
    assert "Nov 23" in ssh(running, credentials, "show clock")


def test_the_router_logs_logins_where_it_is_told_to(
    running: Running, credentials: tuple[str, str, str], netmiko_login: dict[str, Any], view: Any
) -> None:
    ssh(running, credentials, "show clock")
    assert view.logged == []
    view.config = view.config.replace("end\n", "login on-failure log\nlogin on-success log\n!\nend\n")
    ssh(running, credentials, "show clock")
    with pytest.raises(netmiko.NetmikoAuthenticationException):
        netmiko.ConnectHandler(**{**netmiko_login, "password": "Wr0ng"})
    where = "[user: netops] [Source: 127.0.0.1] [localport: 22]"
    assert view.logged[0] == (f"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success {where} at 00:00:00 UTC Mon Nov 23 2026")
    assert all(line.startswith("%SEC_LOGIN-4-LOGIN_FAILED: Login failed") for line in view.logged[1:])
    assert len(view.logged) > 1


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("show version", True),
        ("ping vrf 30 10.0.0.2", True),
        ("terminal length 0", True),
        ("configure terminal", False),
        ("conf t", False),
        ("configure terminal revert timer 5", False),
        ("configure replace x force", False),
        ("write memory", False),
        ("copy running-config startup-config", False),
        ("clear counters", False),
        ("archive config", False),
    ],
)
def test_a_read_only_user_may_look(
    running: Running, credentials: tuple[str, str, str], view: Any, line: str, allowed: bool
) -> None:
    running.server.read_only = frozenset({credentials[0]})
    refused = "Command authorization failed." in ssh(running, credentials, line)
    assert refused is not allowed
    assert [event["result"] for event in running.events("command")] == ["ok" if allowed else "denied"]
    changed = [call for call in view.calls if call[0] != "ping"]
    assert changed == view.configured == []


def test_another_user_may_change(running: Running, credentials: tuple[str, str, str], view: Any) -> None:
    running.server.read_only = frozenset({"reader"})
    assert "[OK]" in ssh(running, credentials, "write memory")
    assert view.calls == [("write", credentials[0])]


def test_a_line_is_lost_with_the_connection_once(
    running: Running, credentials: tuple[str, str, str], view: Any
) -> None:
    running.break_(drop_before=(re.compile("^interface Tunnel30"),))
    keys = "configure terminal\rinterface Tunnel30\rexit\r"
    assert "(config-if)#" not in shell(running, credentials, keys)
    assert view.calls == [("configure", credentials[0])]
    assert view.configured == []
    assert [event["line"] for event in running.events("config")] == []
    assert "(config-if)#" in shell(running, credentials, f"{keys}end\rexit\r")
    assert view.configured == ["interface Tunnel30", "exit"]


def test_an_answer_is_lost_with_the_connection_once(
    running: Running, credentials: tuple[str, str, str], view: Any
) -> None:
    running.break_(drop_after=(re.compile("^interface Tunnel30"),))
    keys = "configure terminal\rinterface Tunnel30\rexit\r"
    assert "(config-if)#" not in shell(running, credentials, keys)
    assert view.configured == ["interface Tunnel30"]
    assert [event["result"] for event in running.events("config")] == ["ok"]
    assert "(config-if)#" in shell(running, credentials, f"{keys}end\rexit\r")
