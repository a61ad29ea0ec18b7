"""A router to be awkward with: an SSH server on 127.0.0.1 whose answers are lists of steps."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import asyncssh

if TYPE_CHECKING:
    from pathlib import Path

# Steps of an answer besides bytes to send.
CLOSE = "close"  # end the session
HANG = "hang"  # say nothing any more
WAIT = "wait"  # go on only when the client has sent something further
PAGE = "page"  # print a page prompt and go on when a key is pressed
RENAME = "rename"  # be called otherwise from now on
DENIED = b"Command authorization failed.\r\n\r\n"

Step = bytes | str
_KEY = asyncssh.generate_private_key("ssh-ed25519")


@dataclass
class FakeRouter:
    """Answers `show …` as told, echoes character by character, counts logins and commands."""

    hostname: str = "ce1-loc1"
    username: str = "netops"
    password: str = "right-horse-battery"
    enable: str | None = None
    privileged: bool = True
    keyboard_interactive: bool = False
    banner: bytes = b""
    answers: dict[str, list[Step]] = field(default_factory=dict)
    chatter: dict[str, bytes] = field(default_factory=dict)  # written once, behind the prompt after a command
    refuse: set[str] = field(default_factory=set)
    refusal: bytes = b"              ^\r\n% Invalid input detected at '^' marker.\r\n"
    questions: tuple[str, ...] = ("Password: ",)  # of keyboard-interactive, one after the other
    silent_at: str | None = None  # "login", "session" or "prompt": from there on nothing is said
    drops_ahead: bool = False  # what is typed while a command runs is lost
    delay: float = 0.0  # seconds before each answer
    rate: int | None = None  # bytes per second of answers
    address: str = "127.0.0.1"
    server: dict[str, Any] = field(default_factory=dict)  # more of asyncssh's options
    loop: asyncio.AbstractEventLoop | None = None  # one that runs already; None: an own one
    attempts: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    open_sessions: int = 0
    most_sessions: int = 0
    port: int = 0
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    key: asyncssh.SSHKey = _KEY
    client_key: asyncssh.SSHKey | None = None

    def __enter__(self) -> Self:
        self._loop = self.loop or asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        if self.loop is None:
            self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        if self.loop is not None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> Any:
        return await asyncssh.listen(
            self.address,
            0,
            server_factory=lambda: _Login(self),
            server_host_keys=[self.key],
            process_factory=self._session,
            encoding=None,
            line_editor=False,
            **self.server,
        )

    async def _close(self) -> None:
        self._server.close()
        for connection in self.connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in self.connections))
        if self.loop is not None:
            return
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def known_hosts(self, folder: Path, key: asyncssh.SSHKey | None = None) -> Path:
        """A known_hosts file with this router's key, or with another."""
        path = folder / f"known_hosts-{self.port}"
        public = (key or self.key).export_public_key().decode().strip()
        path.write_text(f"[{self.address}]:{self.port} {public}\n")
        return path

    async def _session(self, process: Any) -> None:
        self.open_sessions += 1
        self.most_sessions = max(self.most_sessions, self.open_sessions)
        try:
            await _Session(self, process).run()
        except (asyncssh.BreakReceived, asyncssh.TerminalSizeChanged, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open_sessions -= 1
            process.exit(0)


class _Login(asyncssh.SSHServer):
    def __init__(self, router: FakeRouter) -> None:
        self._router = router

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._router.connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def auth_completed(self) -> None:
        if self._router.silent_at == "session":
            self._router.connections[-1]._transport.pause_reading()  # type: ignore[union-attr]

    def password_auth_supported(self) -> bool:
        return not self._router.keyboard_interactive

    def public_key_auth_supported(self) -> bool:
        return self._router.client_key is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._router.attempts.append((username, "key"))
        return self._router.client_key is not None and key == self._router.client_key.convert_to_public()

    def kbdint_auth_supported(self) -> bool:
        return self._router.keyboard_interactive

    async def validate_password(self, username: str, password: str) -> bool:
        self._router.attempts.append((username, password))
        if self._router.silent_at == "login":
            await asyncio.Event().wait()
        return (username, password) == (self._router.username, self._router.password)

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        self._asked = iter(self._router.questions)
        return "", "", "", [(next(self._asked), False)]

    async def validate_kbdint_response(self, username: str, responses: Any) -> Any:
        following = next(self._asked, None)
        if following is not None:
            self._router.attempts.append((username, responses[0]))
            return "", "", "", [(following, False)]
        return await self.validate_password(username, responses[0])


class _Session:
    def __init__(self, router: FakeRouter, process: Any) -> None:
        self._router = router
        self._in = process.stdin
        self._out = process.stdout
        self._privileged = router.privileged
        self._typed = b""

    @property
    def _prompt(self) -> bytes:
        return self._router.hostname.encode() + (b"#" if self._privileged else b">")

    async def run(self) -> None:
        if self._router.silent_at == "banner":
            self._out.write(self._router.banner)
        if self._router.silent_at in ("banner", "prompt"):
            await asyncio.Event().wait()
        self._out.write(self._router.banner + b"\r\n" + self._prompt)
        while True:
            line = await self._line(echo=True)
            if self._router.drops_ahead:
                self._typed = b""
            line = None if line is None else line.rstrip(" ")
            if line is None or line in ("exit", "logout"):
                return
            if line:
                self._router.commands.append(line)
            if not await self._answer(line):
                return
            self._out.write(self._prompt + self._router.chatter.pop(line, b""))

    async def _more(self) -> bool:
        data = await self._in.read(1024)
        self._typed += data
        return bool(data)

    async def _line(self, *, echo: bool) -> str | None:
        line = b""
        while True:
            while not self._typed:
                if not await self._more():
                    return None
            character, self._typed = self._typed[:1], self._typed[1:]
            if character in b"\r\n":
                self._out.write(b"\r\n" if echo else b"")
                return line.decode()
            line += character
            if echo:
                self._out.write(character)

    async def _answer(self, line: str) -> bool:
        if line == "enable" and not self._privileged:
            await self._enable()
            return True
        if line in self._router.refuse:
            self._out.write(self._router.refusal)
            return True
        if not line or line.startswith("terminal "):
            return True
        if self._router.delay:
            await asyncio.sleep(self._router.delay)
        for step in self._router.answers.get(line, [b"% Invalid input detected at '^' marker.\r\n"]):
            if isinstance(step, bytes):
                await self._show(step)
            elif step == RENAME:
                self._router.hostname = "somebody-else"
            elif step == CLOSE:
                return False
            elif step == HANG:
                await asyncio.Event().wait()
            elif step == WAIT:
                await self._more()
            elif step == PAGE:
                await self._page()
        return True

    async def _page(self) -> None:
        self._out.write(b" --More-- ")
        while not self._typed and await self._more():
            pass
        self._typed = self._typed[1:]
        self._out.write(b"\b" * 9 + b" " * 8 + b"\b" * 9)

    async def _show(self, text: bytes) -> None:
        if self._router.rate is not None:
            for at in range(0, len(text), 30):
                self._out.write(text[at : at + 30])
                await asyncio.sleep(30 / self._router.rate)
        elif "terminal length 0" in self._router.refuse:
            lines = text.splitlines(keepends=True)
            for at in range(0, len(lines), 23):
                if at:
                    await self._page()
                self._out.write(b"".join(lines[at : at + 23]))
        else:
            self._out.write(text)

    async def _enable(self) -> None:
        if self._router.enable is None:
            self._privileged = True
            return
        for _ in range(3):
            self._out.write(b"Password: ")
            typed = await self._line(echo=False)
            self._router.attempts.append(("enable", typed or ""))
            self._out.write(b"\r\n")
            if typed == self._router.enable:
                self._privileged = True
                return
        self._out.write(b"% Bad secrets\r\n")
