"""A netmiko connection to IOS-XE that does not sleep.

Reads block until bytes arrive or a deadline passes, the prompt is known by the hostname, nothing is looked up twice.
Given up, against netmiko's own: telnet and serial lines, delay factors, and reading on after a timeout.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import paramiko
from netmiko.channel import SSHChannel
from netmiko.cisco.cisco_ios import CiscoIosSSH

from pytest_azinterop.errors import CommandFailedError, ConnectionFailedError
from pytest_azinterop.iosxe import allow, answer, pipeline
from pytest_azinterop.iosxe.deadline import Deadline
from pytest_azinterop.iosxe.login import Login, explain
from pytest_azinterop.iosxe.prompt import Idle, Prompt, Reply, hostname_of, name_wanted, password_wanted
from pytest_azinterop.iosxe.reach import await_ssh, reach, route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_azinterop.iosxe.line import Line
    from pytest_azinterop.iosxe.reach import Reached, Route
    from pytest_azinterop.iosxe.secret import Secret
    from pytest_azinterop.iosxe.threadless import ThreadlessTransport

_CHUNK = 65_536
_LIMIT = 64_000_000  # bytes of one answer; the largest tables are a tenth of it
_PAGES = 100_000
_WIDTH = 511
_QUIET = 1.0  # seconds of silence after which a question at the end of what was received is one

_TWICE = "its echo stands twice in what the router answered to the commands typed with it"
_UNECHOED = (
    "it was typed ahead, and the router did not echo it: where it drops what is typed ahead, leave pipelining off"
)
_CLOSED = "the router closed the session before the answer was complete"

# What a login is waiting for, and what it means that it does not come.
_STAGES = {
    "version": ("unreachable", "accepted the connection, but did not speak SSH"),
    "exchange": ("timeout", "did not finish the SSH key exchange"),
    "login": ("timeout", "did not answer the login; are its AAA servers reachable?"),
    "session": ("timeout", "accepted the login, but opened no session"),
    "prompt": ("timeout", "accepted the login, but showed no prompt"),
    "setting": ("timeout", "did not answer the first commands of the session"),
    "enable": ("timeout", "did not answer `enable`; are its AAA servers reachable?"),
}

# Without a handler, Python prints warnings of these to stderr; and at DEBUG netmiko writes unredacted answers.
for _name in ("paramiko", "netmiko"):
    _log = logging.getLogger(_name)
    _log.addHandler(logging.NullHandler())
    if _log.level == logging.NOTSET:
        _log.setLevel(logging.INFO)


class IosXeTerminal(CiscoIosSSH):
    """One session with one router. Every failure to answer drops the session: what is read later could be the rest."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._prompt = Prompt()
        self._reached: Reached | None = None
        self._transport: ThreadlessTransport | None = None
        self._line: Line | None = None
        self._stage = "version"
        self._at_prompt = False
        self._last: bytes | None = None
        self._last_prompt = b""
        self._amended: str | None = None
        self._paged = False
        self._clock = time.monotonic
        super().__init__(
            host=login.address,
            port=login.port,
            username=login.username,
            password=None,
            device_type="cisco_xe",
            ssh_strict=True,
            auto_connect=False,
        )

    def open(self) -> None:
        """Connect, log in once, learn the prompt, switch paging and wrapping off. Raises ConnectionFailedError."""
        __tracebackhide__ = True
        login = self._login
        deadline = Deadline(login.login_deadline)
        failure: tuple[str, str] | None = None
        try:
            way = route(login)
            self._reached = reach(login, way)
            if login.connected is not None:
                login.connected(self._reached.sock)
            deadline.begin()
            self._log_in(way, deadline)
            self._prepare(deadline)
        except ConnectionFailedError:
            if not deadline.expired:
                self.disconnect()
                raise
            failure = self._late()
        except CommandFailedError as error:
            failure = error.cause, f"{login.host}: {error.message.removeprefix(f'{login.host}: ')}"
            if error.cause == "timeout":
                failure = self._late()
        except Exception as error:  # noqa: BLE001 (whatever a transport raises must not pass on what it was given)
            failure = self._late() if deadline.expired or self._is_late(error) else self._explained(error)
        except BaseException:
            self.disconnect()
            raise
        if failure is not None:
            self.disconnect()
            raise ConnectionFailedError(failure[1], cause=failure[0], host=login.host)

    def _is_late(self, error: Exception) -> bool:
        return isinstance(error, TimeoutError) and self._reached is not None

    def _late(self) -> tuple[str, str]:
        """The cause code and a sentence for a login that did not come to its end in time."""
        cause, what = _STAGES[self._stage]
        what, _, hint = what.partition(";")
        remedy = f";{hint}" if hint else "; a slow router needs a larger login_deadline"
        words = self._jump_words() if self._stage == "version" else ""
        login = self._login
        return cause, f"{login.host}: {login.where} {what} within {login.login_deadline:g} s{words}{remedy}"

    def _explained(self, error: Exception) -> tuple[str, str]:
        reached = self._reached
        if self._stage == "version" and reached is not None and reached.jump_words is not None:
            login = self._login
            words = self._jump_words() or ": it ended without a word"
            what = f"{login.host}: the way through the jump host to {login.where} failed{words}"
            return "jump-host", f"{what}; try the same with `ssh -F {login.ssh_config} {login.address}`"
        return explain(error, self._login)

    def _jump_words(self) -> str:
        words = None if self._reached is None else self._reached.jump_words
        return f": {words}" if words else ""

    # ------------------------------------------------------------------ what netmiko calls

    def _log_in(self, way: Route, deadline: Deadline) -> None:
        """From a connection to a shell. Nothing of the login is sent before the router has shown the right host key."""
        __tracebackhide__ = True
        from pytest_azinterop.iosxe import transport

        reached, login = self._reached, self._login
        if reached is None:
            raise _Cut("there is no connection")
        await_ssh(reached.sock, deadline.until)
        self._stage = "exchange"
        self._transport = transport.start(reached.sock, login, way, deadline.until)
        if login.before_login is not None:
            with deadline.paused():
                login.before_login(reached.sock)
        self._transport.until = deadline.until
        self._stage = "login"
        transport.authenticate(self._transport, login)
        self._stage = "session"
        line = self._transport.open_line("vt100", _WIDTH, 1000)
        self.remote_conn = self._line = line
        self.channel = SSHChannel(conn=line, encoding=self.encoding)

    def cleanup(self, command: str = "exit") -> None:
        """Say goodbye without waiting for an answer; but never in answer to a question, such as for a password."""
        if self.is_open and self._at_prompt:
            self._write(command + "\n", self._clock() + 1.0)

    def paramiko_cleanup(self) -> None:
        """Close everything. The socket first: whoever waits for it wakes up."""
        transport, reached = self._transport, self._reached
        self.remote_conn = self._line = self._transport = self._reached = None
        if reached is not None:
            reached.interrupt()
        if transport is not None:
            with suppress(OSError, EOFError, paramiko.SSHException):
                transport.close()
        if reached is not None:
            reached.close()

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

    def ask_together(self, commands: Sequence[str], deadline: float, most: float) -> list[Told]:
        """As `ask`, for commands that are typed at once (see `pipeline`): what came of each, in order.

        `deadline` in seconds for each answer, `most` for all of them. After anything but an answer the session is
        closed; no answer is ever told for another command than its own. Raises NotAllowedError before anything is sent.
        """
        for command in commands:
            allow.check(command)
        typed = [command + pipeline.blanks() for command in commands]
        replies = pipeline.Replies(typed, self._prompt)
        host, began = self._login.host, self._clock()
        times: list[float] = []
        failure: CommandFailedError | None = None
        try:
            with self._answering(commands[0], deadline):
                self._exchange_together("\n".join(typed) + "\n", replies, deadline, began + most, times)
        except CommandFailedError as error:
            failure = error
        self._note_rest(replies.rest_of_previous)
        texts = replies.texts()
        told: list[Told] = []
        for number, (command, text) in enumerate(zip(commands, texts, strict=True)):
            ended = times[number + 1] if number + 1 < len(times) else self._clock()
            seconds = max(0.0, ended - (times[number] if 0 < number < len(times) else began))
            if text is not None:
                told.append(Told(seconds, text.decode("utf-8", "replace")))
                continue
            if failure is None:
                self.disconnect()
            why = failure.message.removeprefix(f"{host}: {commands[0]}: ") if failure is not None else _TWICE
            if number >= replies.echoed and failure is not None and failure.cause == "timeout":
                why = f"{why}; {_UNECHOED}"
            cause = "cut-off" if failure is None else failure.cause
            told.append(Told(seconds, failure=CommandFailedError(f"{host}: {command}: {why}", cause=cause, host=host,
                                                                 command=command)))  # fmt: skip
        self._last, self._last_prompt = (texts[-1], replies.prompt) if texts[-1] is not None else (None, b"")
        return told

    def _exchange_together(self, sent: str, replies: pipeline.Replies, deadline: float, end: float,
                           times: list[float]) -> None:  # fmt: skip
        until = min(end, self._clock() + deadline)
        self._write(sent, until)
        while not replies.complete or self._open_line.more_at_hand():
            replies.feed(self._receive(until))
            if replies.echoed > len(times):
                now = self._clock()
                times += [now] * (replies.echoed - len(times))
                until = min(end, now + deadline)
            if replies.doubt:
                raise _Cut(replies.doubt)
            if not replies.complete and replies.paging:
                raise _Cut("the router asks for a key in mid-answer, which what was typed ahead would be")
            _check_size(replies.size, 0)

    @property
    def may_be_typed_ahead(self) -> bool:
        """Whether the router turns no pages, which would take what is typed ahead for keys."""
        return not self._paged

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
        if self._line is not None:
            self._line.recv_ready()  # the end of the session may have arrived
        return self._line is not None and not self._line.closed

    @property
    def _open_line(self) -> Line:
        if self._line is None or self._line.closed:
            raise _Cut(_CLOSED)
        return self._line

    def _note_rest(self, rest: bytes) -> None:
        if rest and self._last is not None:
            whole = self._last + self._last_prompt + rest
            self._amended = whole.decode("utf-8", "replace")

    def _exchange(self, command: str, reply: Reply | Idle, sent: str, deadline: float) -> None:
        with self._answering(command, deadline, reply):
            until = self._clock() + deadline
            self._write(sent, until)
            pages = 0
            while not reply.complete or self._open_line.more_at_hand():
                reply.feed(self._receive(until))
                if isinstance(reply, Reply):
                    if not reply.complete and reply.paging and not self._open_line.recv_ready():
                        pages += 1
                        self._write(" ", until)
                    _check_size(reply.size, pages)

    @contextmanager
    def _answering(self, command: str, deadline: float, reply: Reply | Idle | None = None) -> Iterator[None]:
        """Drop the session and raise CommandFailedError where the router does not answer inside."""
        self._at_prompt = False
        try:
            yield
            self._at_prompt = True
        except TimeoutError:
            failure = "timeout", f"no complete answer within {deadline:.3g} s{'' if reply is None else reply.state}"
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
            raise _Cut(_CLOSED)
        return chunk

    def _write(self, text: str, until: float) -> None:
        # Past netmiko's write_channel, which logs what it writes.
        line = self._open_line
        line.settimeout(max(0.001, until - self._clock()))
        line.sendall(text.encode())

    # ------------------------------------------------------------------ after the login

    def _prepare(self, deadline: Deadline) -> None:
        self._stage = "prompt"
        with self._answering("login", self._login.login_deadline):
            self._first_prompt(deadline)
        self._stage = "setting"
        # A banner can end like a prompt; what ends the first command's answer is the prompt. A router that refuses
        # this one goes on paging; the pages are turned.
        unpaged = self._setting("terminal length 0", deadline)
        self._prompt = Prompt(hostname_of(unpaged.prompt))
        self._paged = _refused(unpaged)
        if unpaged.prompt.endswith(b">") and self._login.enable is not None:
            self._stage = "enable"
            with self._answering("enable", self._login.login_deadline):
                self._enable(self._login.enable, deadline)
            self._stage = "setting"
        if _refused(self._setting("terminal width 0", deadline)):
            refused = self._setting(f"terminal width {_WIDTH}", deadline)
            if _refused(refused):
                raise self._failed(
                    "rejected",
                    "the router lets this account not set the terminal's width, so long lines would be cut or wrapped;"
                    " authorise `terminal width` for it",
                )
        self.base_prompt = hostname_of(unpaged.prompt).decode("utf-8", "replace")

    def _setting(self, command: str, deadline: Deadline) -> Reply:
        allow.check(command)
        reply = Reply(command, self._prompt)
        self._exchange(command, reply, command + "\n", max(0.001, deadline.until - self._clock()))
        return reply

    def _first_prompt(self, deadline: Deadline) -> None:
        """Wait for the shell. A router that asks for a login again is not answered."""
        received = bytearray()
        while self._prompt.at_end(received) is None or self._open_line.recv_ready():
            asked = password_wanted(received) or name_wanted(received)
            try:
                received += self._receive(min(deadline.until, self._clock() + _QUIET) if asked else deadline.until)
            except TimeoutError:
                if not asked or self._clock() >= deadline.until:
                    raise
                raise self._failed(
                    "login-refused",
                    "the router asks for a name or password again after the SSH login; it was not answered: let its"
                    " VTY lines use the login of SSH (`login local` or `login authentication`)",
                ) from None
            _check_size(len(received), 0)

    def _enable(self, secret: Secret, deadline: Deadline) -> None:
        """One attempt with the enable secret. Raises ConnectionFailedError where the router refuses it."""

        def answered(received: bytearray) -> bool:
            return password_wanted(received) or self._prompt.at_end(received) is not None

        allow.check("enable")
        self._write("enable\n", deadline.until)
        received = self._wait(answered, deadline.until)
        if password_wanted(received):
            if not secret:
                raise self._failed(
                    "enable-refused", "the router asks for an enable password, and none is given; set AZINTEROP_ENABLE"
                )
            self._write(secret.reveal() + "\n", deadline.until)
            received = self._wait(answered, deadline.until)
        prompt = self._prompt.at_end(received)
        if prompt is None or not prompt.endswith(b"#"):
            raise self._failed(
                "enable-refused", "the enable password was refused; it was tried once; check AZINTEROP_ENABLE"
            )

    def _wait(self, done: Callable[[bytearray], bool], until: float) -> bytearray:
        received = bytearray()
        while not done(received) or self._open_line.recv_ready():
            received += self._receive(until)
            _check_size(len(received), 0)
        return received

    def _failed(self, cause: str, why: str) -> ConnectionFailedError:
        return ConnectionFailedError(f"{self._login.host}: {why}", cause=cause, host=self._login.host)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one of several commands: `text`, or why there is none."""

    seconds: float
    text: str | None = None
    failure: CommandFailedError | None = None


class _Cut(Exception):  # noqa: N818 (internal)
    """The session ended, or must end, before an answer did."""


def _check_size(size: int, pages: int) -> None:
    if size > _LIMIT or pages > _PAGES:
        raise _Cut(f"the answer is larger than {_LIMIT // 1_000_000} MB or {_PAGES} pages; it was not read to its end")


def _refused(reply: Reply) -> bool:
    return answer.refused(reply.text.decode("utf-8", "replace")) is not None
