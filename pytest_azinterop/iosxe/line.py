"""A terminal session over SSH that is read by whoever waits for it."""

from __future__ import annotations

import math
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import paramiko
from paramiko import Message
from paramiko.common import (
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_SUCCESS,
    cMSG_CHANNEL_REQUEST,
    cMSG_CHANNEL_WINDOW_ADJUST,
)

_DATA = struct.Struct(">BII")

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.iosxe.threadless import ThreadlessTransport

    class _Channel(paramiko.Channel):
        """What the types of paramiko leave out."""

        def _set_transport(self, transport: paramiko.Transport) -> None: ...
        def _set_window(self, window_size: int, max_packet_size: int) -> None: ...
        def _check_add_window(self, n: int) -> int: ...

else:
    _Channel = paramiko.Channel


class Line(_Channel):
    """A channel with a shell. Waits as long as its transport's `until` says."""

    transport: ThreadlessTransport
    takes: ClassVar[dict[int, Callable[[Line, Message], None]]]
    """What is done here with a message, by its number; with others paramiko does what it does for any channel."""

    def __init__(self, chanid: int) -> None:
        super().__init__(chanid)
        self.granted = 0
        self._received = bytearray()

    def take_data(self, message: Message) -> None:
        """A packet of it has arrived."""
        self._received += message.get_binary()

    def take_payload(self, payload: bytes) -> bool:
        """The bytes of a packet with text have arrived; False: they are not for this session, or not well formed."""
        if int.from_bytes(payload[1:5], "big") != self.chanid or self.closed:
            return False
        if int.from_bytes(payload[5:9], "big") != len(payload) - 9:
            return False
        self._received += payload[9:]
        return True

    def take_success(self, message: object) -> None:  # noqa: ARG002
        """A request is granted."""
        self.granted += 1

    def request(self, kind: str, *values: int | str | bytes) -> None:
        """Ask for something without waiting for what comes of it; see `granted`."""
        message = self._message(cMSG_CHANNEL_REQUEST)
        message.add_string(kind)
        message.add_boolean(True)
        for value in values:
            if isinstance(value, int):
                message.add_int(value)
            else:
                message.add_string(value)
        self.transport.send(message)

    def await_granted(self, requests: int) -> None:
        """Wait until so many requests are granted. Raises SSHException where one is not."""
        self.transport.pump(lambda: self.granted >= requests or self.closed)
        if self.granted < requests:
            raise paramiko.SSHException("Channel closed.")

    def settimeout(self, timeout: float | None) -> None:
        """Seconds from now for what follows."""
        self.transport.until = math.inf if timeout is None else time.monotonic() + timeout

    def recv_ready(self) -> bool:
        """Whether something has arrived. Raises nothing: a session that broke shows when more is wanted of it."""
        if not self._received and not self.closed:
            try:
                self.transport.take_in()
            except (EOFError, OSError, paramiko.SSHException):
                return bool(self._received)
        return bool(self._received)

    def more_at_hand(self) -> bool:
        """As `recv_ready`, where the socket need not be asked: reading it last took all that had arrived."""
        return bool(self._received) or (not self.transport.packetizer.emptied and self.recv_ready())

    def recv(self, nbytes: int) -> bytes:
        """What has arrived, at least one byte; nothing: the session has ended. Raises TimeoutError."""
        received = self._received
        if not received:
            with suppress(EOFError):
                self.transport.pump(lambda: received or self.eof_received or self.closed)
        taken = bytes(received[:nbytes])
        del received[: len(taken)]
        window = self._check_add_window(len(taken))
        if window > 0:
            message = self._message(cMSG_CHANNEL_WINDOW_ADJUST)
            message.add_int(window)
            self.transport.send(message)
        return taken

    def sendall(self, data: Any) -> None:  # noqa: ANN401 (as paramiko's)
        """Send all of it. Raises TimeoutError, or EOFError for a session that has ended."""
        left = bytes(data)
        while left:
            if self.out_window_size <= 0:
                self.transport.pump(lambda: self.out_window_size > 0 or self.closed)
            if self.closed or self.eof_sent:
                raise EOFError
            size = min(len(left), self.out_window_size, self.out_max_packet_size - 64)
            self.out_window_size -= size
            self.transport.send_payload(_DATA.pack(MSG_CHANNEL_DATA, self.remote_chanid, size) + left[:size])
            left = left[size:]

    def _message(self, kind: bytes) -> Message:
        message = Message()
        message.add_byte(kind)
        message.add_int(self.remote_chanid)
        return message


Line.takes = {MSG_CHANNEL_DATA: Line.take_data, MSG_CHANNEL_SUCCESS: Line.take_success}
