"""Who is logged in to a router, and on which line."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_azinterop.lab.network.upkeep_records import UserLine


@dataclass(slots=True)
class _Login:
    user: str
    location: str
    active_at: float


@dataclass(slots=True)
class UserLines:
    """The console and the virtual terminals. A line is ``(kind, number)``."""

    logins: dict[tuple[str, int], _Login] = field(default_factory=dict)

    def enter(self, user: str, location: str, now: float, *, kind: str = "vty") -> int:
        """Take the lowest free line; its number."""
        number = 0
        while kind == "vty" and ("vty", number) in self.logins:
            number += 1
        self.logins[kind, number] = _Login(user, location, now)
        return number

    def leave(self, number: int, *, kind: str = "vty") -> None:
        """Free a line."""
        self.logins.pop((kind, number), None)

    def active(self, number: int, now: float, *, kind: str = "vty") -> None:
        """A line is typed on."""
        login = self.logins.get((kind, number))
        if login is not None:
            login.active_at = now

    def lines(self, now: float) -> tuple[UserLine, ...]:
        """In the order of ``show users``."""
        return tuple(
            UserLine(kind, number, login.user, login.location, max(0.0, now - login.active_at))
            for (kind, number), login in sorted(self.logins.items())
        )
