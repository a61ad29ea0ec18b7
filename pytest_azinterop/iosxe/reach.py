"""The way to a router: straight by TCP, or through the command of a jump host that the user's ssh_config names.

Whatever the way, what comes out is a socket, so that deadlines and interruptions work alike.
"""

from __future__ import annotations

import math
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from pytest_azinterop.errors import ConnectionFailedError
from pytest_azinterop.iosxe.login import DEFAULT_PORT, Login, printable

if TYPE_CHECKING:
    from pathlib import Path

_MOST_WORDS = 4096  # bytes that a router may say before it speaks SSH
_FAREWELL = 1.0  # seconds for the command of a jump host to end when told so
_SECRET_VARIABLES = ("AZINTEROP_PASSWORD", "AZINTEROP_ENABLE")


@dataclass(frozen=True, slots=True)
class Route:
    """Where to connect to. `proxy` is a shell command that stands for the connection, None: TCP.

    `alias` is the name under which known_hosts files know the router besides its address.
    """

    address: str
    port: int
    alias: str | None = None
    proxy: str | None = None


class Reached:
    """A connection on which nothing has been said yet."""

    def __init__(self, sock: socket.socket, proxy: _Proxy | None = None) -> None:
        self.sock = sock
        self._proxy = proxy

    def interrupt(self) -> None:
        """Make everyone who waits for the other end stop waiting. For another thread; closes nothing."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give back the socket, and end the command of the jump host."""
        self.interrupt()
        with suppress(OSError):
            self.sock.close()
        if self._proxy is not None:
            self._proxy.end()

    @property
    def jump_words(self) -> str | None:
        """What the jump host's command complained about last, bounded and printable; None: no jump host."""
        return None if self._proxy is None else self._proxy.words()


class _Proxy:
    """A command whose input and output are the connection."""

    def __init__(self, command: str) -> None:
        here, there = socket.socketpair()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `end`)
        environment = {name: value for name, value in os.environ.items() if name not in _SECRET_VARIABLES}
        try:
            self._process = subprocess.Popen(  # noqa: S602 (ssh_config's commands are for the shell)
                f"exec {command}",
                shell=True,
                stdin=there.fileno(),
                stdout=there.fileno(),
                stderr=self._errors,
                start_new_session=True,
                env=environment,
            )
        except BaseException:
            here.close()
            self._errors.close()
            raise
        finally:
            there.close()
        self.sock = here

    def words(self) -> str:
        with suppress(OSError, ValueError):
            # What the command writes just before it ends.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_FAREWELL)
            size = self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, size - 1000))
            lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            return printable(lines[-1]) if lines else ""
        return ""

    def end(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_FAREWELL)
                break
        self._errors.close()


def route(login: Login) -> Route:
    """The way that the login's ssh_config names; without one, straight. Raises ConnectionFailedError."""
    if login.ssh_config is None:
        return Route(login.address, login.port)
    try:
        found = _resolved(login, login.ssh_config)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise ConnectionFailedError(
            f"{login.host}: {login.ssh_config} cannot be read for {login.address!r} ({type(error).__name__});"
            f" see `ssh -G -F {login.ssh_config} {login.address}`",
            cause="ssh-config",
            host=login.host,
        ) from None
    address = found.get("hostname", login.address)
    port = int(found.get("port", login.port)) if login.port == DEFAULT_PORT else login.port
    alias = found.get("hostkeyalias")
    command = found.get("proxycommand", "none")
    jumps = found.get("proxyjump", "none")
    proxy = None
    if command != "none":
        proxy = _expanded(command, {"h": address, "p": str(port), "r": login.username, "n": login.address, "%": "%"})
    elif jumps != "none":
        proxy = _jump(login.ssh_config, jumps, address, port, login.login_deadline)
    return Route(address, port, alias, proxy)


def _resolved(login: Login, config: Path) -> dict[str, str]:
    """The options of ssh_config(5) that hold for the router. OpenSSH itself is asked, as only it knows all of them."""
    ssh = shutil.which("ssh")
    if ssh is None:
        import paramiko

        try:
            found = paramiko.SSHConfig.from_path(str(config)).lookup(login.address)
        except Exception as error:  # noqa: BLE001 (also of packages that it may want)
            raise ValueError(type(error).__name__) from None
        return {name: value for name, value in dict[str, object](found).items() if isinstance(value, str)}
    asked = subprocess.run(  # noqa: S603 (OpenSSH, with a name from the inventory behind `--`)
        [ssh, "-G", "-F", str(config), "-l", login.username, "--", login.address],
        capture_output=True,
        text=True,
        timeout=login.connect_deadline,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return {name: value for name, _, value in (line.partition(" ") for line in asked.stdout.splitlines())}


def _expanded(command: str, tokens: dict[str, str]) -> str:
    """The command with ssh_config's tokens filled in; their values cannot break out of their word."""
    parts = command.split("%")
    text = parts[0]
    rest = iter(parts[1:])
    for part in rest:
        if part == "":  # `%%`
            text += "%" + next(rest, "")
        else:
            text += shlex.quote(tokens[part[0]]) + part[1:] if part[0] in tokens else f"%{part}"
    return text


def _jump(config: Path, jumps: str, address: str, port: int, deadline: float) -> str:
    """OpenSSH's way through one or more jump hosts, which asks nobody for a password."""
    *before, last = [jump if jump.startswith("ssh://") else f"ssh://{jump}" for jump in jumps.split(",")]
    target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    options = ["-F", str(config), "-o", "BatchMode=yes", "-o", f"ConnectTimeout={max(1, round(deadline))}"]
    through = ["-J", ",".join(before)] if before else []
    return shlex.join(["ssh", *options, *through, "-W", target, "--", last])


def reach(login: Login, way: Route) -> Reached:
    """Connect. Raises OSError."""
    if way.proxy is not None:
        proxy = _Proxy(way.proxy)
        return Reached(proxy.sock, proxy)
    until = time.monotonic() + login.connect_deadline
    failure: OSError = TimeoutError()
    for family, kind, protocol, _, address in socket.getaddrinfo(way.address, way.port, type=socket.SOCK_STREAM):
        left = until - time.monotonic()
        if left <= 0:
            break
        connected = socket.socket(family, kind, protocol)
        try:
            if login.connected is not None:
                login.connected(connected)
            connected.settimeout(left)
            connected.connect(address)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connected.close()
            failure = error
        except BaseException:
            connected.close()
            raise
        else:
            return Reached(connected)
    raise failure


class NoSshError(Exception):
    """The other end closed before it spoke SSH. `words` is what it said instead, bounded and printable."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


def await_ssh(sock: socket.socket, until: float) -> None:
    """Read away what stands before the SSH version (RFC 4253, 4.2). Raises NoSshError, TimeoutError or OSError."""
    said = b""
    readable = select.poll()  # unlike select(), it takes any number of open files
    readable.register(sock, select.POLLIN)
    while True:
        left = until - time.monotonic()
        if left <= 0 or not readable.poll(math.ceil(left * 1000)):
            raise TimeoutError
        ahead = sock.recv(255, socket.MSG_PEEK)
        if not ahead or len(said) > _MOST_WORDS:
            raise NoSshError(printable(said.decode("utf-8", "replace")))
        if b"SSH-".startswith(ahead[:4]):  # also while fewer than four bytes are there: the transport waits for more
            return
        said += sock.recv(ahead.find(b"\n") + 1 or len(ahead))
