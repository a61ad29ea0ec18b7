"""A router without a network behind it: enough of the view for the terminal and the SSH server."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_azinterop.lab.exec.actions import ACTIONS
from pytest_azinterop.lab.exec.clearing import CLEARING
from pytest_azinterop.lab.exec.configuring import CONFIGURING
from pytest_azinterop.lab.exec.execution import Commands
from pytest_azinterop.lab.exec.grammar import Grammar, ShowCommand
from pytest_azinterop.lab.exec.probes import PROBES
from pytest_azinterop.lab.exec.session import Session
from pytest_azinterop.lab.exec.terminal import Terminal
from pytest_azinterop.lab.network.records import PingReply, PingResult, TraceHop, TraceResult, User
from pytest_azinterop.lab.network.view import ConfigReply, PingRequest, TraceRequest

USERNAME, PASSWORD, ENABLE = "netops", "Tr1cky-pass", "En4ble-pass"


class FakeEditor:
    """Accepts everything but ``wrong``; ``interface`` opens a deeper mode."""

    def __init__(self, lines: list[str]) -> None:
        self.mode = "config"
        self._lines = lines

    def apply(self, line: str) -> ConfigReply:
        word = line.split(maxsplit=1)[0]
        if word == "wrong":
            return ConfigReply(ok=False, caret=line.index("wrong") + 2)
        if word == "end" or (word == "exit" and self.mode == "config"):
            return ConfigReply(ok=True, left=True)
        self._lines.append(line)
        self.mode = {"interface": "config-if", "exit": "config"}.get(word, self.mode)
        return ConfigReply(ok=True)


class FakeView:
    name = "r1"

    def __init__(self) -> None:
        self.hostname = "edge-router-with-a-long-name"
        self.config = f"hostname {self.hostname}\n!\nbanner motd ^C\nKeep out\n^C\n!\nend\n"
        self.secret: str | None = ENABLE
        self.configured: list[str] = []
        self.calls: list[tuple[Any, ...]] = []
        self.level = 15
        self.logged: list[str] = []

    def add_log(self, text: str) -> None:
        self.logged.append(text)

    def enter(self, user: str, location: str) -> int:
        return 0

    def leave(self, line: int) -> None:
        pass

    def active(self, line: int) -> None:
        pass

    def users(self) -> tuple[User, ...]:
        return (User(USERNAME, self.level, PASSWORD),)

    def enable_secret(self) -> str | None:
        return self.secret

    def running_config(self) -> str:
        return self.config

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    def configure(self, user: str | None = None, via: str = "console") -> FakeEditor:
        self.calls.append(("configure", user))
        return FakeEditor(self.configured)

    rollback = SimpleNamespace(pending=None)

    def typed(self, line: str, command: str) -> None:
        pass

    def lock_refusal(self, via: str, *, exclusive: bool = False) -> str | None:
        return None

    def write_memory(self, user: str | None = None) -> None:
        self.calls.append(("write", user))

    def bgp(self) -> object:
        return SimpleNamespace()

    def bgp_neighbors(self, vrf: str | None) -> tuple[SimpleNamespace, ...]:
        return (SimpleNamespace(address=IPv4Address("10.0.0.2"), remote_as=65010),) if vrf == "30" else ()

    def clear_bgp(
        self, vrf: str | None, neighbor: IPv4Address | None, *, soft: str | None, every_vrf: bool = False
    ) -> None:
        self.calls.append(("clear bgp", vrf, str(neighbor), soft, every_vrf))

    def clear_counters(self, interface: str | None) -> None:
        self.calls.append(("clear counters", interface))

    def interface(self, name: str) -> object | None:
        return SimpleNamespace() if name == "Tunnel30" else None

    def ping(self, request: PingRequest) -> PingResult:
        self.calls.append(("ping", request))
        replies = tuple(PingReply("!" if at % 5 else ".", 1.6 if at % 5 else None) for at in range(request.repeat))
        return PingResult(
            IPv4Address(request.destination), IPv4Address("10.0.0.1"), request.size, request.timeout, replies
        )

    def traceroute(self, request: TraceRequest) -> TraceResult:
        self.calls.append(("traceroute", request))
        hops = (
            TraceHop(1, IPv4Address("10.0.0.2"), (0.4, 11.6)),
            TraceHop(2, None, ()),
            TraceHop(3, IPv4Address("10.0.0.3"), (), "!H"),
        )
        return TraceResult(IPv4Address(request.destination), hops, reached=False)


class Watch:
    """Allows what it is not told to refuse."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []
        self.denied: set[str] = set()
        self.limit = 10**9

    def authorize(self, line: str, command: str, mode: str) -> bool:
        self.lines.append((line, command, mode))
        return command not in self.denied

    def keeps_open(self) -> bool:
        return len(self.lines) < self.limit


def commands() -> Commands:
    grammar: Commands = Grammar()
    lines = "".join(f"line {number}\n" for number in range(1, 61))
    shows = [
        ShowCommand("show lines", lambda view, args: lines),
        ShowCommand("show version", lambda view, args: f"Cisco IOS XE Software\n{view.hostname} uptime is 1 week\n"),
        ShowCommand("show clock", lambda view, args: "00:00:00.000 UTC Mon Nov 23 2026\n"),
        ShowCommand("show running-config", lambda view, args: view.running_config(), 15),
        ShowCommand(
            "show ip route [vrf <vrf>] [<prefix>]", lambda view, args: f"{args.get('vrf')} {args.get('prefix')}\n"
        ),
        ShowCommand("show ip interface brief", lambda view, args: "brief\n"),
        ShowCommand("show interfaces [<interface>]", lambda view, args: f"{args.get('interface')}\n"),
        ShowCommand("show broken", lambda view, args: args["no such argument"]),
        ShowCommand("show inventory", lambda view, args: "inventory\n"),
        ShowCommand(
            "show sections",
            lambda view, args: (
                "router bgp 1\n neighbor a\n  deep a\n neighbor b\n!\nrouter ospf 1\n network a_b\nend\n"
            ),
        ),
    ]
    for show in shows:
        grammar.add(show.pattern, show, privilege=show.privilege)
    for action in (*ACTIONS, *CLEARING, *CONFIGURING, *PROBES):
        grammar.add(action.pattern, action, privilege=action.privilege)
    return grammar


@pytest.fixture
def view() -> FakeView:
    return FakeView()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def session(view: FakeView) -> Session:
    return Session(view, USERNAME, 15, "vty0 (127.0.0.1)", length=0)  # type: ignore[arg-type]


@pytest.fixture
def terminal(session: Session, watch: Watch) -> Terminal:
    terminal = Terminal(session, commands(), watch)
    terminal.start()
    return terminal


@pytest.fixture(name="commands")
def grammar() -> Commands:
    return commands()


@pytest.fixture
def credentials() -> tuple[str, str, str]:
    return USERNAME, PASSWORD, ENABLE
