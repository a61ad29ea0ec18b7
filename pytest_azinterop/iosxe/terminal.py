"""A netmiko connection to IOS-XE that does not sleep.

Reads block until bytes arrive or a deadline passes, the prompt is known by the hostname, nothing is looked up twice.
Given up, against netmiko's own: telnet and serial lines, delay factors, and reading on after a timeout.
"""

from __future__ import annotations

import logging
import socket
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

import paramiko
from netmiko.channel import SSHChannel
from netmiko.cisco.cisco_ios import CiscoIosSSH
from paramiko.auth_handler import AuthOnlyHandler

from pytest_azinterop.errors import CommandFailedError, ConnectionFailedError
from pytest_azinterop.iosxe import allow, answer
from pytest_azinterop.iosxe.login import Login, UnknownHostKeyError, explain, known_hosts_name
from pytest_azinterop.iosxe.prompt import Idle, Prompt, Reply, hostname_of, password_wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_azinterop.iosxe.secret import Secret

_CHUNK = 65_536
_LIMIT = 64_000_000  # bytes of one answer; the largest tables are a tenth of it
_PAGES = 100_000
_WIDTH = 511
_JOIN = 5.0  # seconds for a transport's thread to end after its socket has

# Without a handler, Python prints warnings of these to stderr; and at DEBUG netmiko writes unredacted answers.
for _name in ("paramiko", "netmiko"):
    _log = logging.getLogger(_name)
    _log.addHandler(logging.NullHandler())
    if _log.level == logging.NOTSET:
        _log.setLevel(logging.INFO)


class _RefuseUnknown(paramiko.MissingHostKeyPolicy):
    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        del client, hostname
        raise UnknownHostKeyError(f"{key.get_name()} {key.fingerprint}")


class _Transport(paramiko.Transport):
    """Falls back from `password` to `keyboard-interactive` without asking for the authentication service again, which
    strict servers answer by closing the session."""

    def auth_interactive(self, username: str, handler: Callable[..., Any], submethods: str = "") -> list[str]:
        """Only ever called after `auth_password`, when the service was granted."""
        self.auth_handler = AuthOnlyHandler(self)
        return list(self.auth_handler.auth_interactive(username, handler, submethods))


def _transport(sock: socket.socket, **options: object) -> paramiko.Transport:
    return _Transport(sock, disabled_algorithms=cast("dict[str, list[str]] | None", options.get("disabled_algorithms")))


class IosXeTerminal(CiscoIosSSH):
    """One session with one router. Every failure to answer drops the session: what is read later could be the rest."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._prompt = Prompt()
        self._line: paramiko.Channel | None = None
        self._at_prompt = False
        self._last: bytes | None = None
        self._last_prompt = b""
        self._amended: str | None = None
        self._clock = time.monotonic
        super().__init__(
            host=login.address,
            port=login.port,
            username=login.username,
            password=login.password,
            secret=login.enable or "",
            device_type="cisco_xe",
            ssh_strict=True,
            system_host_keys=False,
            use_keys=False,
            allow_agent=login.use_agent,
            key_file=None if login.key_file is None else str(login.key_file),
            ssh_config_file=None if login.ssh_config is None else str(login.ssh_config),
            conn_timeout=login.connect_deadline,
            banner_timeout=login.login_deadline,
            auth_timeout=login.login_deadline,
            auto_connect=False,
        )
        self.key_policy = _RefuseUnknown()

    def open(self) -> None:
        """Connect, log in once, learn the prompt, switch paging and wrapping off. Raises ConnectionFailedError."""
        __tracebackhide__ = True
        failure: tuple[str, str] | None = None
        try:
            self.establish_connection(width=_WIDTH)
            self._prepare()
        except ConnectionFailedError:
            self.disconnect()
            raise
        except CommandFailedError as error:
            host = f"{self._login.host}: "
            failure = (error.cause, f"{host}the session could not be prepared: {error.message.removeprefix(host)}")
        except Exception as error:  # noqa: BLE001 (whatever a transport raises must not pass on what it was given)
            failure = explain(error, self._login)
        except BaseException:
            self.disconnect()
            raise
        if failure is not None:
            self.disconnect()
            raise ConnectionFailedError(failure[1], cause=failure[0], host=self._login.host)

    # ------------------------------------------------------------------ what netmiko calls

    def establish_connection(self, width: int = _WIDTH, height: int = 1000) -> None:
        """As netmiko's, with an undelayed socket, strict host keys and the transport's own exceptions."""
        __tracebackhide__ = True
        parameters: dict[str, Any] = self._connect_params_dict()
        where = parameters["hostname"], parameters["port"]
        client = self._build_ssh_client()
        self.remote_conn_pre = client
        self._load_host_keys(client, *where)
        if parameters.get("sock") is None:
            connection = socket.create_connection(where, timeout=parameters["timeout"])
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            parameters["sock"] = connection
        parameters["transport_factory"] = _transport
        try:
            if self._login.before_login is not None:
                self._login.before_login(parameters["sock"])
            client.connect(**parameters)
        except BaseException:
            parameters["sock"].close()
            raise
        finally:
            parameters.clear()
        self.remote_conn = self._line = client.invoke_shell(term="vt100", width=width, height=height)
        self.channel = SSHChannel(conn=self._line, encoding=self.encoding)

    def _load_host_keys(self, client: paramiko.SSHClient, address: str, port: int) -> None:
        """The given files first: where they know the router, the user's own file has no say."""
        known = client.get_host_keys()
        for path in self._login.known_hosts:
            if path.is_file():
                known.load(str(path))
        if known.lookup(known_hosts_name(address, port)) is None and self._login.user_known_hosts:
            client.load_system_host_keys()

    def cleanup(self, command: str = "exit") -> None:
        """Say goodbye without waiting for an answer; but never in answer to a question, such as for a password."""
        if self.is_open and self._at_prompt:
            self._write(command + "\n", self._clock() + 1.0)

    def paramiko_cleanup(self) -> None:
        """As netmiko's, but the transport is woken up first: else its thread sleeps on for up to 0.1 s."""
        client: paramiko.SSHClient | None = getattr(self, "remote_conn_pre", None)
        self.remote_conn_pre = None
        self.remote_conn = self._line = None
        transport = None if client is None else client.get_transport()
        if client is None or transport is None:
            return
        with suppress(OSError, EOFError):
            if isinstance(transport.sock, socket.socket):
                transport.sock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError, EOFError, paramiko.SSHException):
            client.close()
        transport.join(_JOIN)

    def send_command(self, command_string: str, *_: object, read_timeout: float = 60.0, **__: object) -> str:
        """What netmiko's callers use (the inherited NAPALM getters among them); its tuning has no meaning here."""
        return self.ask(command_string, read_timeout).replace("\r\n", "\n").rstrip("\n")

    # ------------------------------------------------------------------ asking

    def ask(self, command: str, deadline: float) -> str:
        """The answer to one command, between its echo and the prompt, as sent by the router.

        `deadline` in seconds for the whole answer. Raises NotAllowedError before anything is sent, and
        CommandFailedError (`timeout`, `cut-off`) after which the session is closed.
        """
        allow.check(command)
        reply = Reply(command, self._prompt)
        self._exchange(command, reply, command + "\n", deadline)
        self._note_rest(reply.rest_of_previous)
        self._last = reply.text
        self._last_prompt = reply.prompt
        return self._last.decode("utf-8", "replace")

    def settle(self, deadline: float) -> None:
        """Make sure that the last answer was complete: an empty line brings the prompt and nothing else."""
        idle = Idle(self._prompt)
        self._exchange("", idle, "\n", deadline)
        self._note_rest(idle.rest_of_previous)

    def take_amendment(self) -> str | None:
        """The whole text of the answer before the latest exchange, where it turned out to have gone on after what
        looked like the prompt; None (mostly): it was complete."""
        amended, self._amended = self._amended, None
        return amended

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return self._line is not None and not self._line.closed

    @property
    def _open_line(self) -> paramiko.Channel:
        if self._line is None or self._line.closed:
            raise _Cut("the session is closed")
        return self._line

    def _note_rest(self, rest: bytes) -> None:
        if rest and self._last is not None:
            whole = self._last + self._last_prompt + rest
            self._amended = whole.decode("utf-8", "replace")

    def _exchange(self, command: str, reply: Reply | Idle, sent: str, deadline: float) -> None:
        with self._answering(command, deadline):
            until = self._clock() + deadline
            self._write(sent, until)
            pages = 0
            while not reply.complete or self._open_line.recv_ready():
                reply.feed(self._receive(until))
                if isinstance(reply, Reply):
                    if reply.paging and not self._open_line.recv_ready():
                        pages += 1
                        self._write(" ", until)
                    _check_size(reply.size, pages)

    @contextmanager
    def _answering(self, command: str, deadline: float) -> Iterator[None]:
        """Drop the session and raise CommandFailedError where the router does not answer inside."""
        self._at_prompt = False
        try:
            yield
            self._at_prompt = True
        except TimeoutError:
            failure = "timeout", f"no complete answer within {deadline:g} s"
        except (_Cut, OSError, EOFError, paramiko.SSHException) as error:
            failure = "cut-off", str(error) if isinstance(error, _Cut) else "the session broke in mid-answer"
        else:
            return
        self.disconnect()
        host, what = self._login.host, command or "the prompt"
        raise CommandFailedError(f"{host}: {what}: {failure[1]}", cause=failure[0], host=host, command=command or None)

    def _receive(self, until: float) -> bytes:
        left = until - self._clock()
        if left <= 0:
            raise TimeoutError
        line = self._open_line
        line.settimeout(left)
        chunk = line.recv(_CHUNK)
        if not chunk:
            raise _Cut("the router closed the session in mid-answer")
        return chunk

    def _write(self, text: str, until: float) -> None:
        # Past netmiko's write_channel, which logs what it writes.
        line = self._open_line
        line.settimeout(max(0.001, until - self._clock()))
        line.sendall(text.encode())

    # ------------------------------------------------------------------ after the login

    def _prepare(self) -> None:
        until = self._clock() + self._login.login_deadline
        with self._answering("login", self._login.login_deadline):
            self._wait(lambda received: self._prompt.at_end(received) is not None, until)
        # A banner can end like a prompt; what ends the first command's answer is the prompt.
        unpaged = self._setting("terminal length 0", until)
        self._prompt = Prompt(hostname_of(unpaged.prompt))
        if unpaged.prompt.endswith(b">") and self._login.enable is not None:
            with self._answering("enable", self._login.login_deadline):
                self._enable(self._login.enable, until)
        if _refused(unpaged):
            raise self._failed("rejected", "paging cannot be switched off")
        if _refused(self._setting("terminal width 0", until)) and _refused(
            self._setting(f"terminal width {_WIDTH}", until)
        ):
            raise self._failed("rejected", "the terminal width cannot be set: long lines would be wrapped")
        self.base_prompt = hostname_of(unpaged.prompt).decode("utf-8", "replace")

    def _setting(self, command: str, until: float) -> Reply:
        allow.check(command)
        reply = Reply(command, self._prompt)
        self._exchange(command, reply, command + "\n", max(0.001, until - self._clock()))
        return reply

    def _enable(self, secret: Secret, until: float) -> None:
        """One attempt with the enable secret. Raises ConnectionFailedError where the router refuses it."""

        def answered(received: bytearray) -> bool:
            return password_wanted(received) or self._prompt.at_end(received) is not None

        allow.check("enable")
        self._write("enable\n", until)
        received = self._wait(answered, until)
        if password_wanted(received):
            self._write(secret.reveal() + "\n", until)
            received = self._wait(answered, until)
        prompt = self._prompt.at_end(received)
        if prompt is None or not prompt.endswith(b"#"):
            raise self._failed("enable-refused", "the enable secret was refused")

    def _wait(self, done: Callable[[bytearray], bool], until: float) -> bytearray:
        received = bytearray()
        while not done(received) or self._open_line.recv_ready():
            received += self._receive(until)
            _check_size(len(received), 0)
        return received

    def _failed(self, cause: str, why: str) -> ConnectionFailedError:
        return ConnectionFailedError(f"{self._login.host}: {why}", cause=cause, host=self._login.host)


class _Cut(Exception):  # noqa: N818 (internal)
    """The session ended, or must end, before an answer did."""


def _check_size(size: int, pages: int) -> None:
    if size > _LIMIT or pages > _PAGES:
        raise _Cut("the answer has no end")


def _refused(reply: Reply) -> bool:
    return answer.refused(reply.text.decode("utf-8", "replace")) is not None
