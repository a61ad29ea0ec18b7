"""Which addresses the name of a router stands for, as this machine resolves it."""

from __future__ import annotations

import socket
import threading
from ipaddress import ip_address
from typing import Final

SECONDS: Final = 10.0
"""As long as a connection may take: what is not resolved by then would not be reached either."""


def resolve(name: str, seconds: float = SECONDS) -> tuple[str, ...]:
    """The addresses of a name, an address being its own; () where nobody answered in time, or with none.

    The system's resolver cannot be interrupted, so a thread asks it that nobody waits for any longer than that.
    """
    plain = name.strip("[]")
    try:
        return (str(ip_address(plain)),)
    except ValueError:
        pass
    found: list[str] = []

    def ask() -> None:
        try:
            told = socket.getaddrinfo(plain, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(ip_address(str(each[4][0]).partition("%")[0])) for each in told))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return () if asking.is_alive() else tuple(found)
