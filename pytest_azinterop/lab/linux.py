"""The Linux hosts of a lab: ``ping`` and ``traceroute`` as iputils and traceroute print them, in the lab's time.

A ping looks at the network at the exact simulated time of each of its packets, however fast the clock runs.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING

import asyncssh

from pytest_azinterop.lab.server import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.lab.log import LabLog
    from pytest_azinterop.lab.network.control import NetworkControl
    from pytest_azinterop.lab.network.host_probe import HostProbe

USERNAME, PASSWORD = "probe", "lab-only-probe"
_TICK = 0.02
"""Real seconds between two looks at what a ping has found."""
_LEAST_INTERVAL = 0.002
_SAME_WAY = 0.5
"""Simulated seconds for which a packet goes as the one before did, if nothing in the network has changed."""


class _Usage(Exception):  # noqa: N818 - what the program says
    """A command line that the program does not take."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise _Usage(message)


def _ping_parser() -> _Parser:
    parser = _Parser("ping", add_help=False)
    for flag in ("-4", "-n", "-D", "-O", "-q"):
        parser.add_argument(flag, action="store_true", dest=f"flag{flag}")
    parser.add_argument("-i", type=float, default=1.0, dest="interval")
    parser.add_argument("-c", type=int, dest="count")
    parser.add_argument("-w", type=float, dest="deadline")
    parser.add_argument("-W", type=float, default=10.0, dest="patience")
    parser.add_argument("-s", type=int, default=56, dest="size")
    parser.add_argument("target")
    return parser


@dataclass(slots=True)
class Ping:
    """One run. Lines appear in ``lines`` as the packets are sent and answered."""

    network: NetworkControl
    host: HostProbe
    target: IPv4Address
    options: argparse.Namespace
    standing: bool = False
    lines: list[str] = field(default_factory=list)
    sent: int = 0
    times: list[float] = field(default_factory=list)
    began: float = 0.0
    over: bool = False
    _way: tuple[int, float, float | None] = (-1, 0.0, None)
    _unanswered: int | None = None

    def start(self) -> None:
        """Send the first packet now."""
        size = self.options.size
        self.lines.append(f"PING {self.target} ({self.target}) {size}({size + 28}) bytes of data.")
        self.network.settle()
        self.began = self.network.now
        self.network.observe(0.0, self._send)

    def _send(self) -> None:
        if self.over:
            return
        options, now = self.options, self.network.now
        self._stamped_silence(now)
        if (options.deadline is not None and now - self.began >= options.deadline) or self.sent == options.count:
            self.over = True
            return
        self.sent += 1
        found = self._echo(now)
        if found is None:
            self._unanswered = self.sent
        else:
            self.times.append(found)
            if not getattr(options, "flag-q"):
                text = f"{options.size + 8} bytes from {self.target}: icmp_seq={self.sent} ttl=60 time={found:.2f} ms"
                self.lines.append(self._stamp(now + found / 1000) + text)
        wait = options.patience if self.sent == options.count and found is None else options.interval
        self.network.observe(0.0 if self.standing else max(_LEAST_INTERVAL, wait), self._send)

    def _echo(self, now: float) -> float | None:
        """Milliseconds; the way is only followed again where it may have become another one."""
        revision, until, found = self._way
        if revision != self.network.revision or now >= until:
            found = self.host.echo(self.target, self.options.size)
            self._way = (self.network.revision, now + _SAME_WAY, found)
        return found

    def _stamped_silence(self, now: float) -> None:
        if self._unanswered is not None and getattr(self.options, "flag-O"):
            self.lines.append(f"{self._stamp(now)}no answer yet for icmp_seq={self._unanswered}")
        self._unanswered = None

    def _stamp(self, at: float) -> str:
        return f"[{at:.6f}] " if getattr(self.options, "flag-D") else ""

    def summary(self) -> list[str]:
        """What stands at the end."""
        got = len(self.times)
        loss = f"{100 * (self.sent - got) / self.sent:.6g}" if self.sent else "0"
        span = int((self.network.now - self.began) * 1000)
        lines = [
            "",
            f"--- {self.target} ping statistics ---",
            f"{self.sent} packets transmitted, {got} received, {loss}% packet loss, time {span}ms",
        ]
        if self.times:
            mean = sum(self.times) / got
            spread = (sum((each - mean) ** 2 for each in self.times) / got) ** 0.5
            numbers = "/".join(f"{each:.3f}" for each in (min(self.times), mean, max(self.times), spread))
            lines.append(f"rtt min/avg/max/mdev = {numbers} ms")
        return [*lines, ""]


class _Login(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USERNAME, PASSWORD)


@dataclass(slots=True)
class LinuxServer:
    """One host's SSH server. ``standing``: the lab's clock does not run, so packets all leave at one moment."""

    name: str
    network: NetworkControl
    log: LabLog
    port: int = 0
    standing: bool = False
    host_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    _listener: asyncssh.SSHAcceptor | None = None

    @property
    def public_key(self) -> str:
        """Algorithm and key as they stand in a known_hosts line."""
        return " ".join(self.host_key.export_public_key().decode().split()[:2])

    async def start(self) -> None:
        """Listen."""
        self._listener = await asyncssh.listen(
            LOOPBACK, self.port, server_factory=_Login, process_factory=self._serve, server_host_keys=[self.host_key],
            public_key_auth=False, gss_host=None, agent_forwarding=False, x11_forwarding=False,
        )  # fmt: skip
        self.port = self._listener.get_port()

    async def stop(self) -> None:
        """End every session."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _serve(self, process: asyncssh.SSHServerProcess[str]) -> None:
        try:
            if process.command is not None:
                process.exit(await self._run(process, process.command))
                return
            process.stdout.write(f"{USERNAME}@{self.name}:~$ ")
            while line := await process.stdin.readline():
                if line.strip() in ("exit", "logout"):
                    break
                await self._run(process, line)
                process.stdout.write(f"{USERNAME}@{self.name}:~$ ")
            process.exit(0)
        except (asyncssh.Error, asyncssh.BreakReceived, asyncssh.SignalReceived, BrokenPipeError, ConnectionError):
            process.close()

    async def _run(self, process: asyncssh.SSHServerProcess[str], line: str) -> int:
        """One command; its exit code, 127 for one that the host has not."""
        words = shlex.split(line)
        if not words:
            return 0
        self.log.write("linux", host=self.name, line=line.strip())
        program = words[0].rpartition("/")[2]
        try:
            match program:
                case "ping":
                    return await self._ping(process, words[1:])
                case "traceroute":
                    return self._traceroute(process.stdout.write, words[1:])
                case "hostname":
                    process.stdout.write(f"{self.name}\n")
                case "date":
                    self.network.settle()
                    now = datetime.fromtimestamp(self.network.now, UTC)
                    process.stdout.write(f"{now.timestamp():.9f}\n" if "+%s.%N" in words else f"{now:%c} UTC\n")
                case "true":
                    pass
                case _:
                    process.stderr.write(f"-bash: {program}: command not found\n")
                    return 127
        except (_Usage, AddressValueError) as problem:
            process.stderr.write(f"{program}: {problem}\n")
            return 2
        return 0

    async def _ping(self, process: asyncssh.SSHServerProcess[str], words: list[str]) -> int:
        options = _ping_parser().parse_args(words)
        if self.standing and options.count is None:
            raise _Usage("the lab's clock stands still: -c is needed")
        ping = Ping(self.network, self.network.host(self.name), IPv4Address(options.target), options, self.standing)
        ping.start()
        try:
            while not ping.over and not process.is_closing():
                self.network.settle()
                process.stdout.write("".join(f"{line}\n" for line in ping.lines))
                ping.lines.clear()
                await asyncio.sleep(0 if self.standing else _TICK)
        finally:
            ping.over = True
        process.stdout.write("".join(f"{line}\n" for line in [*ping.lines, *ping.summary()]))
        return 0 if ping.times else 1

    def _traceroute(self, write: Callable[[str], object], words: list[str]) -> int:
        parser = _Parser("traceroute", add_help=False)
        for flag in ("-n", "-I"):
            parser.add_argument(flag, action="store_true", dest=f"flag{flag}")
        parser.add_argument("-w", type=float, default=5.0, dest="patience")
        parser.add_argument("-q", type=int, default=3, dest="queries")
        parser.add_argument("-m", type=int, default=30, dest="most")
        parser.add_argument("target")
        options = parser.parse_args(words)
        target = IPv4Address(options.target)
        self.network.settle()
        host = self.network.host(self.name)
        hops, whole = host.trace(target), host.echo(target, 32)
        write(f"traceroute to {target} ({target}), {options.most} hops max, 60 byte packets\n")
        silent = " ".join("*" * options.queries)
        lines = []
        for number, hop in enumerate(hops, 1):
            time = f"{(whole or 1.0) * number / len(hops):.3f} ms"
            lines.append(silent if hop is None else f"{hop}  {'  '.join([time] * options.queries)}")
        if whole is None:
            lines += [silent] * (options.most - len(lines))
        write("".join(f"{number:>2}  {line}\n" for number, line in enumerate(lines, 1)))
        return 0
