"""SSH packets, read from a socket by whoever waits for them; their form and their ciphers are paramiko's."""

from __future__ import annotations

import math
import select
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import paramiko
from paramiko.packet import Packetizer

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

_CHUNK = 65_536
_LONGEST_LINE = 1024  # bytes of a line before the key exchange; RFC 4253, 4.2 allows 255


class Packets(Packetizer):
    """The packets of a socket. Waits until `until` by `time.monotonic`, then raises TimeoutError."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.until = math.inf
        self._sock = sock
        self._ahead = bytearray()  # received and not yet read
        self._held: bytearray | None = None
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)

    def arrived(self) -> bool:
        """Whether there is something to read without waiting."""
        return bool(self._ahead) or bool(self._readable.poll(0))

    def await_data(self) -> None:
        """Wait until there is something to read. Raises TimeoutError, EOFError or OSError."""
        if not self._ahead:
            self._fill()

    def _fill(self) -> None:
        self._wait(self._readable)
        try:
            chunk = self._sock.recv(_CHUNK)
        except BlockingIOError:  # it was not there after all
            return
        if not chunk:
            raise EOFError
        self._ahead += chunk

    def _wait(self, waiting: select.poll) -> None:
        left = self.until - time.monotonic()
        if left <= 0 or not waiting.poll(None if left == math.inf else math.ceil(left * 1000)):
            raise TimeoutError

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:  # noqa: ARG002 (as paramiko's)
        """So many bytes."""
        ahead = self._ahead
        while len(ahead) < n:
            self._fill()
        taken = bytes(ahead[:n])
        del ahead[:n]
        return taken

    def readline(self, timeout: float) -> str:  # noqa: ARG002 (`until` counts)
        """A line that stands before the first packet."""
        while b"\n" not in self._ahead:
            if len(self._ahead) > _LONGEST_LINE:
                raise paramiko.SSHException("a line without end")
            self._fill()
        line = self.read_all(self._ahead.index(b"\n") + 1)
        return line.rstrip(b"\r\n").decode("utf-8", "replace")

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside leaves in one piece at the end."""
        self._held = held = bytearray()
        try:
            yield
        finally:
            self._held = None
        self.write_all(held)

    def write_all(self, out: Any) -> None:  # noqa: ANN401 (as paramiko's)
        """Write, as long as the other end takes it. Raises EOFError where it does not."""
        if self._held is not None:
            self._held += out
            return
        left = memoryview(out)
        while left:
            try:
                left = left[self._sock.send(left) :]
            except BlockingIOError:
                writable = select.poll()
                writable.register(self._sock, select.POLLOUT)
                self._wait(writable)
            except OSError:
                raise EOFError from None

    def start_handshake(self, timeout: float) -> None:
        """Not timed by a thread: `until` counts."""
