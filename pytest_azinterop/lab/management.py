"""What can be wrong with reaching a router, apart from the network that it forwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re


@dataclass(frozen=True, slots=True)
class ManagementFaults:
    """Faults of one router's management plane; the default is a healthy one. Times and rates are of real time."""

    unreachable: bool = False
    """The port refuses connections, and sessions are torn down."""
    reject_login: bool = False
    deny: tuple[re.Pattern[str], ...] = ()
    """Lines that command authorization refuses: searched in the line as typed and with its keywords in full."""
    privilege: int | None = None
    """Level that a user gets at login; None as the configuration says."""
    cut_after_bytes: int | None = None
    """The connection breaks after this many bytes of a session's output."""
    bytes_per_second: int | None = None
    delay_ms: int = 0
    """How long each answer is held back."""
    drop_after_commands: int | None = None
    """The connection breaks after the output of a session's Nth line."""
    other_host_key: bool = False
    """New connections meet another SSH host key than the one that the inventory's known_hosts holds."""
    drop_before: tuple[re.Pattern[str], ...] = ()
    """The connection breaks with a matching line, which does not arrive; once for each."""
    drop_after: tuple[re.Pattern[str], ...] = ()
    """The connection breaks when a matching line has been carried out, its answer is lost; once for each."""

    def denies(self, line: str, command: str) -> bool:
        """Whether authorization refuses this line; ``command`` is the line with keywords in full."""
        return any(pattern.search(line) or pattern.search(command) for pattern in self.deny)


_LOOKING = ("show", "ping", "traceroute", "terminal", "dir", "enable", "disable", "exit", "logout", "quit")


def changes_something(command: str, mode: str) -> bool:
    """Whether command authorization keeps a read-only user from a line: all but looking, all of configuration mode."""
    word = command.split(" ", 1)[0].lower()
    return mode != "exec" or not any(each.startswith(word) for each in _LOOKING)
