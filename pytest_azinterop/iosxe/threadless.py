"""paramiko's SSH without its thread: whoever waits for the router reads from it.

paramiko reads every session in a thread of its own and hands over what arrives, which costs two changes of thread for
each answer. Here the thread that waits for an answer reads the packets itself; nothing is read while nobody waits.
Key exchange, ciphers, packets and the meaning of messages are paramiko's.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import paramiko
from paramiko import Message
from paramiko.auth_handler import AuthOnlyHandler
from paramiko.common import (
    MSG_CHANNEL_DATA,
    MSG_DEBUG,
    MSG_DISCONNECT,
    MSG_IGNORE,
    MSG_KEXINIT,
    MSG_SERVICE_ACCEPT,
    MSG_UNIMPLEMENTED,
    cMSG_CHANNEL_OPEN,
    cMSG_SERVICE_REQUEST,
    cMSG_UNIMPLEMENTED,
    cMSG_USERAUTH_REQUEST,
)

from pytest_azinterop.iosxe.line import Line
from pytest_azinterop.iosxe.packets import Packets

if TYPE_CHECKING:
    from collections.abc import Callable

_REST = 1.0  # seconds for the rest of a packet that has begun to arrive while nobody waited
_KEX = range(30, 42)  # the numbers that key exchanges use each in their own way

if TYPE_CHECKING:

    class _Transport(paramiko.Transport):
        """What the types of paramiko leave out."""

        _handler_table: dict[int, Callable[[Message], None]]
        _channel_handler_table: dict[int, Callable[[Any, Message], None]]
        _channels: Any
        _expected_packet: tuple[int, ...]
        channels_seen: dict[int, bool]
        channel_events: dict[int, Event]

        def _next_channel(self) -> int: ...
        def _sanitize_window_size(self, size: int | None) -> int: ...
        def _sanitize_packet_size(self, size: int | None) -> int: ...
        def _send_message(self, data: Message) -> None: ...
        def _send_user_message(self, data: Message) -> None: ...
        def _send_kex_init(self) -> None: ...
        def _check_banner(self) -> None: ...
        def _expect_packet(self, *kinds: int) -> None: ...
        def _enforce_strict_kex(self, kind: int) -> None: ...

else:
    _Transport = paramiko.Transport


class ThreadlessTransport(_Transport):
    """One SSH connection, for one thread at a time. Every wait ends at `until` with TimeoutError.

    Another thread may shut the socket down, which ends whatever is waited for. Once logged in, a thread of its own can
    read it after all (`start`): then it is as paramiko's, for any number of channels and threads, but has no lines.
    """

    packetizer: Packets

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock, packetizer_class=Packets)
        sock.setblocking(False)
        self._served = False
        self._line: Line | None = None
        self._handler_table[MSG_SERVICE_ACCEPT] = self._take_service

    @property
    def until(self) -> float:
        """When waiting ends, by `time.monotonic`."""
        return self.packetizer.until

    @until.setter
    def until(self, until: float) -> None:
        self.packetizer.until = until

    def exchange_keys(self) -> None:
        """From the router's version line, which must be on its way, to the first keys."""
        self.active = True
        try:
            self._check_banner()
            with self.packetizer.together():
                self.packetizer.write_all(f"{self.local_version}\r\n".encode())
                self._send_kex_init()
            self._expect_packet(MSG_KEXINIT)
            self.pump(lambda: self.initial_kex_done)
        except BaseException:
            self.end()
            raise

    def open_line(self, term: str, width: int, height: int) -> Line:
        """A shell on a terminal. Raises SSHException where the router refuses."""
        line = Line(self._next_channel())
        window, size = self._sanitize_window_size(None), self._sanitize_packet_size(None)
        line._set_transport(self)  # noqa: SLF001
        line._set_window(window, size)  # noqa: SLF001
        self._channels.put(line.chanid, line)
        self.channels_seen[line.chanid] = True
        self.channel_events[line.chanid] = answered = Event()
        message = Message()
        message.add_byte(cMSG_CHANNEL_OPEN)
        message.add_string("session")
        for number in (line.chanid, window, size):
            message.add_int(number)
        self.send(message)
        self.pump(answered.is_set)
        if not line.active:
            raise self.get_exception() or paramiko.SSHException("Unable to open channel.")
        # As OpenSSH does: the shell is asked for without waiting for the terminal.
        with self.packetizer.together():
            line.request("pty-req", term, width, height, 0, 0, b"")
            line.request("shell")
        line.await_granted(2)
        self._line = line
        return line

    def await_service(self) -> None:
        """Ask for authentication, once."""
        if not self._served:
            message = Message()
            message.add_byte(cMSG_SERVICE_REQUEST)
            message.add_string("ssh-userauth")
            self._send_message(message)
            self.pump(lambda: self._served)

    def _take_service(self, message: Message) -> None:
        self._served = message.get_text() == "ssh-userauth"

    def send(self, message: Message) -> None:
        """Send a message of the connection, after an exchange of keys that is under way."""
        self._send_user_message(message)

    def send_payload(self, payload: bytes) -> None:
        """As `send`, for the bytes of a message."""
        if self.is_alive():
            self._send_user_message(Message(payload))
            return
        if self.active and not self.clear_to_send.is_set():
            self.pump(self.clear_to_send.is_set)
        if self.active:
            self.packetizer.send_payload(payload)

    def _send_user_message(self, data: Message) -> None:
        if self.is_alive():
            super()._send_user_message(data)
        else:
            self.send_payload(data.asbytes())

    def pump(self, done: Callable[[], object]) -> None:
        """Read and act until something is the case.

        Raises TimeoutError; any other failure ends the connection: EOFError, OSError, SSHException.
        """
        while not done():
            if not self.active:
                raise EOFError
            if time.monotonic() >= self.packetizer.until:
                raise TimeoutError
            self._step()

    def take_in(self) -> None:
        """Act on what has arrived, without waiting for more than the rest of a packet. Raises as `pump`."""
        self.until = max(self.until, time.monotonic() + _REST)
        while self.active and self.packetizer.arrived():
            self._step()

    def _step(self) -> None:
        """Wait for one message and act on it."""
        try:
            self.packetizer.await_data()
        except TimeoutError:
            raise  # between two messages: nothing is lost
        except BaseException:
            self.end()
            raise
        try:
            payload = self.packetizer.read_payload()
            kind, line = payload[0], self._line
            # Most messages by far: text of the session, which paramiko would take three objects to hand over.
            if kind == MSG_IGNORE:
                self._enforce_strict_kex(kind)
            elif kind != MSG_CHANNEL_DATA or self._expected_packet or line is None or not line.take_payload(payload):
                self._take(kind, self.packetizer.message(payload))
            if not self.in_kex and self.packetizer.need_rekey():
                self._send_kex_init()
        except BaseException:
            self.end()
            raise

    def _take(self, kind: int, message: Message) -> None:
        """As the loop of paramiko's thread."""
        if kind == MSG_DEBUG:
            self._enforce_strict_kex(kind)
            return
        if kind == MSG_DISCONNECT:
            raise EOFError
        if self._expected_packet:
            if kind not in self._expected_packet:
                raise paramiko.SSHException(f"Expecting packet from {self._expected_packet!r}, got {kind}")
            self._expected_packet = ()
            if kind in _KEX:
                cast("Any", self.kex_engine).parse_next(kind, message)
                return
        if kind in self._handler_table:
            self._handler_table[kind](message)
        elif kind in self._channel_handler_table:
            self._take_for_channel(kind, message)
        elif isinstance(self.auth_handler, Authentication) and kind in self.auth_handler.takes:
            self.auth_handler.takes[kind](message)
        elif kind != MSG_UNIMPLEMENTED:
            answer = Message()
            answer.add_byte(cMSG_UNIMPLEMENTED)
            answer.add_int(message.seqno)
            self._send_message(answer)

    def _take_for_channel(self, kind: int, message: Message) -> None:
        number = message.get_int()
        channel = self._channels.get(number)
        if channel is not None:
            own = Line.takes.get(kind) if isinstance(channel, Line) else None
            (own or self._channel_handler_table[kind])(channel, message)
        elif number not in self.channels_seen:
            raise paramiko.SSHException("a message for a channel that was never opened")

    def run(self) -> None:
        """What a thread of its own does."""
        with suppress(EOFError, OSError, paramiko.SSHException):
            while self.active:
                self._step()

    def close(self) -> None:
        """End the connection and close the socket; a thread that waits for it wakes up."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        super().close()
        self.sock.close()  # also where the connection ended by itself

    def end(self) -> None:
        """Nothing more is read or written. Closes nothing."""
        self.active = False
        for channel in list(self._channels.values()):
            channel._unlink()  # noqa: SLF001


class Authentication(AuthOnlyHandler):
    """Authentication whose answers are read by who waits for them. The service is asked for before the first proof."""

    transport: ThreadlessTransport

    @property
    def takes(self) -> dict[int, Callable[[Message], None]]:
        """What is done with a message, by its number."""
        return cast("dict[int, Callable[[Message], None]]", super()._client_handler_table)  # type: ignore[misc]

    def send_auth_request(self, username: str, method: str, finish_message: Any = None) -> Any:  # noqa: ANN401
        """One proof, and what comes of it; see `wait_for_response`."""
        self.transport.await_service()
        self.auth_method = method
        self.username = username
        self.auth_event = event = Event()
        message = Message()
        message.add_byte(cMSG_USERAUTH_REQUEST)
        for text in (username, "ssh-connection", method):
            message.add_string(text)
        if finish_message is not None:
            finish_message(message)
        self.transport._send_message(message)  # noqa: SLF001
        return self.wait_for_response(event)

    def wait_for_response(self, event: Event) -> list[str]:
        """What the router wants besides; nothing: the login is accepted. Raises AuthenticationException."""
        try:
            self.transport.pump(event.is_set)
        except EOFError:
            raise paramiko.AuthenticationException("the session ended") from None
        if self.is_authenticated():
            return []
        error = self.transport.get_exception() or paramiko.AuthenticationException("Authentication failed.")
        if isinstance(error, paramiko.ssh_exception.PartialAuthentication):
            return list(error.allowed_types)
        raise error
