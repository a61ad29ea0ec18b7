"""Hundreds of routers that repeat what was answered once: SSH as IOS-XE speaks it, at the least possible cost.

`python bench/bench_server.py ANSWERS ROUTER COUNT READY [--rtt MS] [--authorization MS]` opens COUNT ports that all
answer as ROUTER, writes READY (ports and host key), and ends with its standard input; it then prints what it did.

A line on standard input is a question: `tell`, what was done since the last `tell`; `sessions N SECONDS` and `open N
SECONDS`, answered when there were N sessions since then, or no more than N connections are open.

`--rtt` holds back every byte that comes in for a round trip, key exchange and login included. `--authorization` is what
a command waits for its AAA server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
from collections import Counter, deque
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh
from bench_machine import pin, used

if TYPE_CHECKING:
    from collections.abc import Callable

USERNAME, PASSWORD = "bench", "bench-only"
_INVALID = "              ^\r\n% Invalid input detected at '^' marker.\r\n\r\n"
_SETTINGS = ("terminal length", "terminal width")


class Routers:
    """What all of them share."""

    def __init__(self, answers: dict[str, list[str]], rtt: float, authorization: float) -> None:
        self.answers = {command: [_screen(text) for text in texts] for command, texts in answers.items()}
        self.rtt = rtt
        self.authorization = authorization
        self.names: dict[int, str] = {}
        """The hostname by port."""
        self.sessions = 0
        self.commands = 0
        self.unknown: set[str] = set()
        self.open = 0
        """TCP connections."""
        self.changed = asyncio.Event()

    async def until(self, met: Callable[[], bool], seconds: float) -> bool:
        """Whether this is the case before the time is up."""
        try:
            async with asyncio.timeout(seconds):
                while not met():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return False
        return True

    def had(self, sessions: float) -> bool:
        return self.sessions >= sessions

    def has_open(self, connections: float) -> bool:
        """No more than these."""
        return self.open <= connections

    def answer(self, line: str, times: int) -> bytes:
        """The answer to a line that was sent `times` times before in the session; the last one stands for all later."""
        self.commands += 1
        if line == "show clock":
            now = datetime.now(UTC)
            return f"{now:%H:%M:%S}.{now.microsecond // 1000:03} UTC {now:%a %b} {now.day} {now.year}\r\n".encode()
        texts = self.answers.get(line)
        if texts is not None:
            return texts[min(times, len(texts) - 1)]
        self.commands -= 1
        if not line or line.startswith(_SETTINGS):
            return b""
        self.unknown.add(line)
        return _INVALID.encode()


def _screen(text: str) -> bytes:
    """As a terminal gets it: answers are kept as they were received, which may be either."""
    body = text.replace("\r\n", "\n").strip("\n")
    return (body.replace("\n", "\r\n") + "\r\n").encode() if body else b""


class Connection(asyncssh.SSHServerConnection):
    """A TCP connection of which every byte comes late."""

    def __init__(self, loop: asyncio.AbstractEventLoop, options: asyncssh.SSHServerConnectionOptions,
                 routers: Routers) -> None:  # fmt: skip
        super().__init__(loop, options)
        self._routers = routers
        self._rtt = routers.rtt
        self._late: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("socket")
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._routers.open += 1
        self._routers.changed.set()
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None = None) -> None:
        super().connection_lost(exc)
        self._routers.open -= 1
        self._routers.changed.set()

    def data_received(self, data: bytes, datatype: int | None = None) -> None:
        if not self._rtt:
            super().data_received(data, datatype)
            return
        self._late.append(data)
        asyncio.get_running_loop().call_later(self._rtt, self._arrive)

    def _arrive(self) -> None:
        super().data_received(self._late.popleft())


class _Server(asyncssh.SSHServer):
    def __init__(self, routers: Routers) -> None:
        self._routers = routers
        self._prompt = b""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._prompt = f"{self._routers.names[conn.get_extra_info('sockname')[1]]}#".encode()

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USERNAME, PASSWORD)

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return _Shell(self._routers, self._prompt)


class _Shell(asyncssh.SSHServerSession[bytes]):
    """One session: characters are echoed as they come, a line is answered when it ends."""

    def __init__(self, routers: Routers, prompt: bytes) -> None:
        self._routers = routers
        self._prompt = prompt
        self._typed = b""
        self._sent: Counter[str] = Counter()
        self._waiting: deque[str] = deque()
        self._busy = False

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._chan = chan

    def pty_requested(self, term_type: str, term_size: object, term_modes: object) -> bool:  # noqa: ARG002
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self._routers.sessions += 1
        self._routers.changed.set()
        self._chan.write(b"\r\n" + self._prompt)

    def data_received(self, data: bytes, datatype: int | None) -> None:  # noqa: ARG002
        *lines, self._typed = (self._typed + data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).split(b"\n")
        for line in lines:
            self._waiting.append(line.decode("utf-8", "replace"))
        if not self._busy:
            self._next(self._typed if lines else data)

    def _next(self, typed: bytes = b"") -> None:
        shown = b""
        while self._waiting and not self._busy:
            line = self._waiting.popleft()
            if line.strip() in ("exit", "logout"):
                self._chan.exit(0)
                return
            asked = line.rstrip(" ")
            text = self._routers.answer(asked, self._sent[asked])
            self._sent[asked] += 1
            if text and self._routers.authorization:
                self._busy = True
                self._chan.write(shown + line.encode() + b"\r\n")
                shown = b""
                asyncio.get_running_loop().call_later(self._routers.authorization, self._authorized, text)
                return
            shown += line.encode() + b"\r\n" + text + self._prompt
        if shown or typed:
            self._chan.write(shown + typed)

    def _authorized(self, text: bytes) -> None:
        self._busy = False
        if not self._chan.is_closing():
            self._chan.write(text + self._prompt)
            self._next()


async def serve(routers: Routers, router: str, count: int, ready: Path) -> None:
    """Listen until standard input ends."""
    # A key that is made once: one that is read from a file would be validated anew for every session.
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.get_running_loop()
    names = [router] if count == 1 else [f"edge-{number:03}" for number in range(1, count + 1)]
    options = await asyncssh.SSHServerConnectionOptions.construct(
        server_factory=lambda: _Server(routers), server_host_keys=[key], server_version="Cisco-1.25",
        public_key_auth=False, gss_host=None, gss_kex=False, gss_auth=False, allow_pty=True, line_editor=False,
        encoding=None, agent_forwarding=False, x11_forwarding=False, compression_algs=None, login_timeout=600,
    )  # fmt: skip
    servers = [
        await loop.create_server(lambda: Connection(loop, options, routers), "127.0.0.1", 0, backlog=512) for _ in names
    ]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    routers.names = dict(zip(ports, names, strict=True))
    host_key = " ".join(key.export_public_key().decode().split()[:2])
    draft = ready.with_suffix(".draft")
    draft.write_text(json.dumps({"ports": ports, "host_key": host_key, "names": names}))
    draft.replace(ready)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    before = used()[0]
    while line := await reader.readline():
        word, *numbers = line.decode().split()
        if word in ("sessions", "open"):
            number, seconds = map(float, numbers)
            met = routers.had if word == "sessions" else routers.has_open
            print(json.dumps(await routers.until(partial(met, number), seconds)), flush=True)
        if word == "tell":
            cpu, memory = used()
            print(json.dumps({"sessions": routers.sessions, "commands": routers.commands, "cpu": cpu - before,
                              "memory": memory, "open": routers.open, "unknown": sorted(routers.unknown)}),
                  flush=True)  # fmt: skip
            routers.sessions = routers.commands = 0
            before = cpu


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("answers", type=Path)
    parser.add_argument("router")
    parser.add_argument("count", type=int)
    parser.add_argument("ready", type=Path)
    parser.add_argument("--rtt", type=float, default=0.0)
    parser.add_argument("--authorization", type=float, default=0.0)
    parser.add_argument("--processor", type=int)
    given = parser.parse_args()
    if given.processor is not None:
        pin(given.processor)
    answers = json.loads(given.answers.read_text(encoding="utf-8"))[given.router]
    routers = Routers(answers, given.rtt / 1000, given.authorization / 1000)
    asyncio.run(serve(routers, given.router, given.count, given.ready))


if __name__ == "__main__":
    main()
