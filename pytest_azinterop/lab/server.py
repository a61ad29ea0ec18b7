"""SSH in front of a router: one listening port each, password login, any number of sessions, and management faults."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from dataclasses import dataclass, field
from traceback import format_exception
from typing import TYPE_CHECKING

import asyncssh

from pytest_azinterop.lab.banner import banner
from pytest_azinterop.lab.exec import secret
from pytest_azinterop.lab.exec.session import Session
from pytest_azinterop.lab.exec.terminal import Terminal, screen
from pytest_azinterop.lab.management import ManagementFaults, changes_something
from pytest_azinterop.lab.outlet import Outlet

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence

    from asyncssh.auth import KbdIntChallenge

    from pytest_azinterop.lab.exec.execution import Commands
    from pytest_azinterop.lab.log import LabLog
    from pytest_azinterop.lab.network.view import RouterView

LOOPBACK = "127.0.0.1"
_LOGIN_TRIES = 3
_DEFAULT_SIZE = (80, 24)
_LISTENS = 0.05
"""Real seconds between two looks for what a router writes by itself."""


@dataclass(slots=True)
class RouterServer:
    """One router's SSH server. ``faults`` may be changed at any time through ``set_faults``."""

    view: RouterView
    commands: Commands
    log: LabLog
    port: int = 0
    faults: ManagementFaults = field(default_factory=ManagementFaults)
    read_only: frozenset[str] = frozenset()
    """Users that command authorization lets look and change nothing, whatever their privilege level."""
    host_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    connections: set[Connection] = field(default_factory=set)
    _dropped: set[re.Pattern[str]] = field(default_factory=set)
    """What has broken a connection already."""
    _listener: asyncio.Server | None = None
    _reserved: socket.socket | None = None
    _options: asyncssh.SSHServerConnectionOptions | None = None
    _changed: asyncssh.SSHServerConnectionOptions | None = None
    """The same with another host key."""
    _session_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def public_key(self) -> str:
        """Algorithm and key as they stand in a known_hosts line."""
        return " ".join(self.host_key.export_public_key().decode().split()[:2])

    def next_session(self) -> str:
        """A name for a session in the log, unique within the run."""
        return f"{self.view.name}/{next(self._session_ids)}"

    async def start(self) -> None:
        """Reserve the port, and listen on it unless the router is unreachable."""
        self._options = await self._with_key(self.host_key)
        self._reserve()
        await self.set_faults(self.faults)

    async def _with_key(self, key: asyncssh.SSHKey) -> asyncssh.SSHServerConnectionOptions:
        options: asyncssh.SSHServerConnectionOptions = await asyncssh.SSHServerConnectionOptions.construct(
            server_factory=lambda: _Login(self),
            server_host_keys=[key],
            server_version="Cisco-1.25",
            password_auth=True,
            kbdint_auth=True,
            public_key_auth=False,
            gss_host=None,
            gss_kex=False,
            gss_auth=False,
            allow_pty=True,
            line_editor=False,
            encoding="utf-8",
            errors="replace",
            login_timeout=60,
            agent_forwarding=False,
            x11_forwarding=False,
            compression_algs=None,
        )
        return options

    def _reserve(self) -> None:
        """Hold the port without listening: a client is refused at once."""
        held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((LOOPBACK, self.port))
        held.setblocking(False)
        self.port = held.getsockname()[1]
        self._reserved = held

    async def set_faults(self, faults: ManagementFaults) -> None:
        """Take effect at once: an unreachable router also loses its sessions."""
        self.faults = faults
        self._dropped.clear()
        if faults.other_host_key and self._changed is None:
            self._changed = await self._with_key(asyncssh.generate_private_key("ssh-ed25519"))
        if faults.unreachable and self._listener is not None:
            await self._stop_listening()
            self._reserve()
        elif not faults.unreachable and self._listener is None and self._reserved is not None:
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(self._connection, sock=self._reserved, backlog=512)
            self._reserved = None

    def breaks(self, line: str, command: str, patterns: Sequence[re.Pattern[str]]) -> bool:
        """Whether this line breaks the connection: each of the patterns does so once."""
        for pattern in patterns:
            if pattern not in self._dropped and (pattern.search(line) or pattern.search(command)):
                self._dropped.add(pattern)
                return True
        return False

    def _connection(self) -> Connection:
        options = self._changed if self.faults.other_host_key else self._options
        if options is None:
            raise RuntimeError("the server has not been started")
        return Connection(asyncio.get_running_loop(), options, self)

    async def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in list(self.connections):
            connection.abort()
        await asyncio.sleep(0)

    async def stop(self) -> None:
        """End every session and give the port back."""
        await self._stop_listening()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None


class Connection(asyncssh.SSHServerConnection):
    """A TCP connection that can also just end, as when a path is lost in the middle of an answer."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, options: asyncssh.SSHServerConnectionOptions, server: RouterServer
    ) -> None:
        super().__init__(loop, options)
        self._router = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Small answers go out at once."""
        self._router.connections.add(self)
        peer = transport.get_extra_info("socket")
        if peer is not None:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None = None) -> None:
        """Forget it."""
        self._router.connections.discard(self)
        super().connection_lost(exc)

    def hang_up(self) -> None:
        """Close the TCP connection after what was written, without an SSH farewell."""
        if self._transport is not None:
            self._transport.close()


class _Login(asyncssh.SSHServer):
    """Authentication against the router's own users."""

    def __init__(self, router: RouterServer) -> None:
        self._router = router
        self._connection: asyncssh.SSHServerConnection | None = None
        self._refused = 0
        self._session_id = router.next_session()
        self._user = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        self._user = username
        text = banner(self._router.view.running_config(), "login")
        if text and self._connection is not None:
            self._connection.send_auth_banner(text.replace("\n", "\r\n"))
        return True

    def password_auth_supported(self) -> bool:
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._decide(username, password, "password")

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> KbdIntChallenge:  # noqa: ARG002
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        return self._decide(username, responses[0] if responses else "", "keyboard-interactive")

    def _decide(self, username: str, password: str, method: str) -> bool:
        user = next((user for user in self._router.view.users() if user.name == username), None)
        accepted = user is not None and not self._router.faults.reject_login and secret.matches(user.secret, password)
        self._router.log.write(
            "login",
            router=self._router.view.name,
            session=self._session_id,
            user=username,
            method=method,
            result="ok" if accepted else "refused",
        )
        self._report(username, accepted=accepted)
        if not accepted:
            self._refused += 1
            if self._refused >= _LOGIN_TRIES and self._connection is not None:
                self._connection.disconnect(
                    asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many authentication failures"
                )
        return accepted

    def _report(self, username: str, *, accepted: bool) -> None:
        """The router's own log, where ``login on-success log`` or ``login on-failure log`` asks for it."""
        view = self._router.view
        if f"\nlogin on-{'success' if accepted else 'failure'} log\n" not in view.running_config():
            return
        peer = self._connection.get_extra_info("peername") if self._connection is not None else None
        where = f"[user: {username}] [Source: {peer[0] if peer else LOOPBACK}] [localport: 22]"
        at = f"at {view.now():%H:%M:%S UTC %a %b} {view.now().day} {view.now().year}"
        if accepted:
            view.add_log(f"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success {where} {at}")
        else:
            view.add_log(f"%SEC_LOGIN-4-LOGIN_FAILED: Login failed {where} [Reason: Login Authentication Failed] {at}")

    def session_requested(self) -> asyncssh.SSHServerSession[str]:
        return _Shell(self._router, self._user, self._session_id)


class _Shell(asyncssh.SSHServerSession[str]):
    """One channel: its terminal, watched by authorization, the log and the faults."""

    def __init__(self, router: RouterServer, user: str, session_id: str) -> None:
        self._router = router
        self._user = user
        self._id = session_id
        self._size = _DEFAULT_SIZE
        self._terminal: Terminal | None = None
        self._outlet: Outlet | None = None
        self._channel: asyncssh.SSHServerChannel[str] | None = None
        self._command: str | None = None
        self._lines = 0
        self._line_number: int | None = None
        self._broken = False
        """The connection breaks with the present line."""
        self._listening: asyncio.TimerHandle | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:  # noqa: ARG002
        self._size = (term_size[0] or _DEFAULT_SIZE[0], term_size[1] or _DEFAULT_SIZE[1])
        return True

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:  # noqa: ARG002
        if self._terminal is not None and width and height:
            self._terminal.resize(width, height)

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        if self._channel is None:
            return
        faults, view = self._router.faults, self._router.view
        connection = self._channel.get_connection()
        self._outlet = Outlet(
            write=self._channel.write,
            finish=self._finish,
            hang_up=connection.hang_up if isinstance(connection, Connection) else connection.abort,
            cut_after=faults.cut_after_bytes,
            rate=faults.bytes_per_second,
            delay=faults.delay_ms / 1000,
        )
        peer = self._channel.get_extra_info("peername")
        location = peer[0] if peer else LOOPBACK
        self._line_number = view.enter(self._user, location)
        session = Session(view, self._user, self._privilege(), f"vty{self._line_number} ({location})")
        session.width, session.length = self._size
        self._terminal = Terminal(session, self._router.commands, self)
        terminal, command = self._terminal, self._command
        if command is None:
            configuration = view.running_config()
            greeting = "\n" + banner(configuration, "motd") + banner(configuration, "exec")
            self._answer(lambda: terminal.start(greeting))
        else:
            self._answer(lambda: "\r\n" + terminal.run(command))

    def _privilege(self) -> int:
        if self._router.faults.privilege is not None:
            return self._router.faults.privilege
        return next((user.privilege for user in self._router.view.users() if user.name == self._user), 1)

    def data_received(self, data: str, datatype: asyncssh.DataType) -> None:  # noqa: ARG002
        terminal = self._terminal
        if terminal is not None:
            self._answer(lambda: terminal.feed(data))

    def eof_received(self) -> bool:
        """A client that closes its input (``ssh router < commands``) still gets the answers."""
        if self._terminal is not None and not self._terminal.closed and self._outlet is not None:
            self._outlet.send("", last=True)
        return True

    def _answer(self, work: Callable[[], str]) -> None:
        if self._outlet is None or self._terminal is None:
            return
        try:
            text = work()
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the client must not take it for an answer
            self._router.log.write(
                "failure", router=self._router.view.name, session=self._id, error="".join(format_exception(error))
            )
            self._outlet.send("", broken=True)
            return
        dropped = self._terminal.closed and not self.keeps_open()
        self._listen()
        self._outlet.send("" if self._broken else text, last=self._terminal.closed and not dropped, broken=dropped)

    def _listen(self) -> None:
        """While a rollback is pending, the router may write to this terminal at any time."""
        if self._listening is None and self._command is None and self._router.view.rollback.pending is not None:
            self._listening = asyncio.get_running_loop().call_later(_LISTENS, self._hear)

    def _hear(self) -> None:
        self._listening = None
        if self._outlet is None or self._line_number is None:
            return
        text = self._router.view.told(f"vty{self._line_number}")
        if text:
            self._outlet.send(screen(text))
        self._listen()

    def _finish(self) -> None:
        if self._channel is not None:
            with contextlib.suppress(OSError):
                self._channel.exit(0)

    def authorize(self, line: str, command: str, mode: str) -> bool:
        if self._router.breaks(line, command, self._router.faults.drop_before):
            self._broken = True
            return False
        self._broken = self._router.breaks(line, command, self._router.faults.drop_after)
        self._lines += 1
        if self._line_number is not None:
            self._router.view.active(self._line_number)
        allowed = not self._router.faults.denies(line, command) and not (
            self._user in self._router.read_only and changes_something(command, mode)
        )
        self._router.log.write(
            "command" if mode == "exec" else "config",
            router=self._router.view.name,
            session=self._id,
            user=self._user,
            mode=mode,
            line=line,
            command=command,
            result="ok" if allowed else "denied",
        )
        if allowed:
            self._router.view.typed(line, command)
        return allowed

    def keeps_open(self) -> bool:
        limit = self._router.faults.drop_after_commands
        if self._broken:
            return False
        return limit is None or self._lines < limit

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._outlet is not None:
            self._outlet.stop()
        if self._listening is not None:
            self._listening.cancel()
        if self._line_number is not None:
            self._router.view.leave(self._line_number)
        self._router.log.write("logout", router=self._router.view.name, session=self._id, user=self._user)
