"""Linux hosts on the LAN that probe without a break: the hosts of the Nornir group `linux`.

They are asked for `ping`, `traceroute` and `date` only. A host belongs to the drill's site where its way to Azure leads
over a LAN address that the intent has for the site. Its login comes from `AZINTEROP_LINUX_USERNAME` and
`AZINTEROP_LINUX_PASSWORD`, an SSH key of the inventory, or the keyring.
"""

from __future__ import annotations

import math
import os
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_azinterop.collect.credentials import find
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe import reach, transport
from pytest_azinterop.iosxe.login import DEFAULT_PORT, HostKeyError, Login, LoginRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address

    import paramiko

    from pytest_azinterop.collect.inventory import RouterInventory

GROUP: Final = "linux"
USERNAME, PASSWORD = "AZINTEROP_LINUX_USERNAME", "AZINTEROP_LINUX_PASSWORD"
INTERVAL: Final = 0.1  # seconds between two probes
_LONGEST = 24 * 3600  # seconds that a host probes if nobody stops it
_DEADLINE = 15.0
_ANSWER = re.compile(r"\[(?P<at>\d+\.\d+)\] \d+ bytes from \S+: icmp_seq=(?P<number>\d+) .*time=(?P<ms>[\d.]+) ms")
_SILENCE = re.compile(r"\[(?P<at>\d+\.\d+)\] no answer yet for icmp_seq=(?P<number>\d+)")
_HOP = re.compile(r"\s*(?P<ttl>\d+)\s+(?P<rest>\S.*)")


@dataclass(frozen=True, slots=True)
class Hop:
    """One line of a traceroute. `address` None: no answer (`*`); `milliseconds` the first that is printed."""

    ttl: int
    address: IPv4Address | IPv6Address | None
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A traceroute of a Linux host."""

    host: str
    target: str
    hops: tuple[Hop, ...]

    def __str__(self) -> str:
        return " ".join("*" if each.address is None else str(each.address) for each in self.hops)


@dataclass(frozen=True, slots=True)
class Probe:
    """One echo request. `at` by the host's clock, UTC; `milliseconds` None: not answered."""

    at: datetime
    number: int
    milliseconds: float | None


@dataclass(slots=True)
class Series:
    """The probes of one host to one target, in order. `trouble` None: all is well."""

    host: str
    target: str
    probes: list[Probe] = field(default_factory=list)
    trouble: str | None = None


class LinuxError(Exception):
    """A host that cannot be used, in words."""


def hosts(inventory: RouterInventory) -> tuple[str, ...]:
    """The names of the Linux hosts of an inventory."""
    found = inventory.nornir.inventory.hosts
    return tuple(sorted(name for name, host in found.items() if GROUP in (group.name for group in host.groups)))


def parse_probe(line: str) -> Probe | None:
    """A line of `ping -n -D -O`; None for a line that tells no probe."""
    found = _ANSWER.fullmatch(line.strip())
    silent = _SILENCE.fullmatch(line.strip()) if found is None else None
    each = found or silent
    if each is None:
        return None
    at = datetime.fromtimestamp(float(each["at"]), UTC)
    return Probe(at, int(each["number"]), float(found["ms"]) if found is not None else None)


def parse_trace(text: str, host: str, target: str) -> Trace:
    """The hops of `traceroute -n -q 1`. Raises LinuxError for what is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not lines[0].startswith("traceroute to "):
        raise LinuxError(f"{host}: traceroute {target}: not understood")
    hops: list[Hop] = []
    for line in lines[1:]:
        found = _HOP.fullmatch(line)
        if found is None:
            raise LinuxError(f"{host}: traceroute {target}: not understood: {line[:80]!r}")
        words = found["rest"].split()
        if words[0] == "*":
            hops.append(Hop(int(found["ttl"]), None))
            continue
        try:
            spent = float(words[1]) if len(words) > 1 else None
            hops.append(Hop(int(found["ttl"]), ip_address(words[0]), spent))
        except ValueError:
            raise LinuxError(f"{host}: traceroute {target}: not understood: {line[:80]!r}") from None
    return Trace(host, target, tuple(hops))


class LinuxHost:
    """One host. Raises LinuxError where it cannot be used."""

    def __init__(self, inventory: RouterInventory, name: str) -> None:
        self.name = name
        host = inventory.nornir.inventory.hosts[name]
        settings = inventory.settings(name, {})
        environ = {
            "AZINTEROP_USERNAME": os.environ.get(USERNAME, ""),
            "AZINTEROP_PASSWORD": os.environ.get(PASSWORD, ""),
        }
        try:
            login = find(host.username, environ)
        except InventoryError:
            raise LinuxError(f"{name}: no login for Linux hosts; set {USERNAME} and {PASSWORD}") from None
        self._login = Login(
            host=name,
            address=host.hostname or name,
            port=host.port or DEFAULT_PORT,
            username=login.username,
            password=login.password,
            known_hosts=(inventory.known_hosts,),
            key_file=None if settings.key_file is None else Path(settings.key_file).expanduser(),
            use_agent=settings.use_agent,
        )
        self._lock = threading.Lock()
        self._channels: list[paramiko.Channel] = []
        self._transport: paramiko.Transport | None = None
        self.series: dict[str, Series] = {}

    def open(self) -> None:
        """One login."""
        import paramiko

        try:
            way = reach.route(self._login)
            reached = reach.reach(self._login, way)
            started = transport.start(reached.sock, self._login, way, time.monotonic() + _DEADLINE)
            self._transport = started
            transport.authenticate(started, self._login)
            started.until = math.inf
            started.start()  # several probes at once are read from it
        except (HostKeyError, LoginRefusedError) as error:
            raise LinuxError(f"{self.name}: {error}") from None
        except (OSError, paramiko.SSHException, EOFError) as error:
            raise LinuxError(f"{self.name}: cannot be reached ({type(error).__name__})") from None

    def close(self) -> None:
        """End every probe and the session."""
        for each in self._channels:
            with suppress(Exception):
                each.close()
        if self._transport is not None:
            self._transport.close()

    def trace(self, target: str) -> Trace:
        """The way to a target."""
        return parse_trace(self._run(f"traceroute -n -q 1 -w 1 -m 12 {ip_address(target)}"), self.name, target)

    def clock(self) -> tuple[datetime, datetime]:
        """This machine's clock and the host's, at one moment."""
        text = self._run("date +%s.%N").strip()
        try:
            return datetime.now(UTC), datetime.fromtimestamp(float(text), UTC)
        except ValueError:
            raise LinuxError(f"{self.name}: date: not understood: {text[:60]!r}") from None

    def probe(self, target: str) -> None:
        """Begin to probe a target, ten times a second, until `close`."""
        series = self.series[target] = Series(self.name, target)
        command = f"ping -n -D -O -i {INTERVAL} -w {_LONGEST} {ip_address(target)}"
        threading.Thread(target=self._listen, args=(series, command), name=f"ping-{target}", daemon=True).start()

    def _session(self) -> paramiko.Channel:
        if self._transport is None or not self._transport.is_active():
            raise LinuxError(f"{self.name}: there is no session")
        import paramiko

        try:
            channel = self._transport.open_session(timeout=_DEADLINE)
        except (paramiko.SSHException, EOFError) as error:
            raise LinuxError(f"{self.name}: no session ({type(error).__name__})") from None
        self._channels.append(channel)
        return channel

    def _run(self, command: str) -> str:
        channel = self._session()
        channel.settimeout(_DEADLINE)
        channel.exec_command(command)
        said = b""
        until = time.monotonic() + _DEADLINE
        try:
            while time.monotonic() < until:
                data = channel.recv(65536)
                if not data:
                    return said.decode("utf-8", "replace")
                said += data
        except OSError:
            pass
        finally:
            channel.close()
        raise LinuxError(f"{self.name}: {command.split(maxsplit=1)[0]}: no answer in {_DEADLINE:g} s")

    def _listen(self, series: Series, command: str) -> None:
        try:
            for line in self._lines(command):
                probe = parse_probe(line)
                if probe is not None:
                    series.probes.append(probe)
        except LinuxError as error:
            series.trouble = str(error)
        else:
            series.trouble = series.trouble or f"{self.name}: ping {series.target} ended"

    def _lines(self, command: str) -> Iterator[str]:
        channel = self._session()
        channel.exec_command(command)
        rest = ""
        while True:
            try:
                data = channel.recv(65536)
            except OSError:
                return
            if not data:
                return
            *whole, rest = (rest + data.decode("utf-8", "replace")).split("\n")
            yield from whole
