"""When a drill is ended before its time. Pure: every rule is evaluated on every look while something is taken away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill import window as windows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from pytest_azinterop.drill.look import Look
    from pytest_azinterop.intent.drill_expectations import Drill


@dataclass(frozen=True, slots=True)
class Abort:
    """Why it is ended: a stable `cause`, and words with what was seen."""

    cause: str
    words: str


@dataclass(slots=True)
class Watchkeeper:
    """Remembers since when something has been wrong, so that a rule can say `for longer than`.

    Times are those of the routers' clocks; only how long a router may show nothing (`most_silent`) is of this
    machine's, since a router that is silent tells no time.
    """

    drill: Drill
    most_silent: timedelta
    _since: dict[str, datetime] = field(default_factory=dict)

    def judge(self, looks: Mapping[str, Look], now: datetime, here: datetime) -> Abort | None:
        """The first rule that is broken; None: go on. `now` is the routers' clock, `here` this machine's."""
        return (
            self._silent(looks, here)
            or self._blind(looks)
            or self._disarmed(looks)
            or self._backup(looks)
            or self._others(looks, now)
            or self._forbidden(looks)
            or self._lost(looks)
            or self._window(now)
        )

    def _lasting(self, key: str, at: datetime, *, wrong: bool) -> timedelta | None:
        """For how long it has been wrong, from the first look that showed it to the last; None: it is not."""
        if not wrong:
            self._since.pop(key, None)
            return None
        return at - self._since.setdefault(key, at)

    def _silent(self, looks: Mapping[str, Look], here: datetime) -> Abort | None:
        for router in self.drill.routers:
            last = looks.get(router)
            if last is None or here - last.ended_at > self.most_silent:
                return Abort("router-lost", f"{router} has shown nothing for {self.most_silent.total_seconds():.0f} s")
        return None

    def _blind(self, looks: Mapping[str, Look]) -> Abort | None:
        for router, last in looks.items():
            blind = self._lasting(f"blind {router}", last.at, wrong=bool(last.trouble))
            if blind is not None and blind > self.drill.lost:
                return Abort("blind", f"{router}: {last.trouble[0]} for {blind.total_seconds():.0f} s")
        return None

    def _disarmed(self, looks: Mapping[str, Look]) -> Abort | None:
        """Somebody has confirmed or ended what only the drill may: without the timer there is one net less."""
        for router in self.drill.changes:
            if router in looks and looks[router].pending is False:
                return Abort("timer-gone", f"{router}: its revert timer is not pending any more")
        return None

    def _backup(self, looks: Mapping[str, Look]) -> Abort | None:
        """Once all expected sessions of a network are down, it has no backup left."""
        for pair in self.drill.pairs:
            if pair.is_lost:
                continue
            states = [(each, _state(looks, each.router, each.id)) for each in pair.during.sessions]
            if states and all(state not in ("Established", "unknown") for _, state in states):
                session, state = states[0]
                return Abort("backup-lost", f"{session.id} is {state}: it carries {pair.network}")
        for tunnel in self.drill.tunnels:
            carries = any(
                (each.router, each.vrf, each.neighbor) == (tunnel.router, tunnel.inner_vrf, tunnel.neighbor)
                for pair in self.drill.pairs
                if not pair.is_lost
                for each in pair.during.sessions
            )
            look = looks.get(tunnel.router)
            seen = None if look is None else look.tunnels.get(tunnel.id)
            if carries and seen is not None and not seen.active:
                return Abort("backup-lost", f"{tunnel.id} has no pair of security associations any more")
        return None

    def _others(self, looks: Mapping[str, Look], now: datetime) -> Abort | None:
        """Nothing but what is taken away goes down."""
        taken = {each.id for each in looking.taken(self.drill)}
        for site in self.drill.sites:
            for each in (*site.sessions, *site.internal):
                state = _state(looks, each.router, each.id)
                key = f"up {each.id}"
                if state == "Established":
                    self._since[key] = now
                elif key in self._since and each.id not in taken and state != "unknown":
                    return Abort("another-session-lost", f"{each.id} is {state}, and was Established before")
        return None

    def _forbidden(self, looks: Mapping[str, Look]) -> Abort | None:
        for reach in self.drill.forbidden:
            if looking.answered(looks.get, reach):
                return Abort("forbidden-reached", f"{reach.target} ({reach.to}) answers {reach.router}, and must not")
        return None

    def _lost(self, looks: Mapping[str, Look]) -> Abort | None:
        for pair in self.drill.pairs:
            for reach in pair.reaches:
                look = looks.get(reach.router)
                if look is None:
                    continue
                silent = not pair.is_lost and looking.answered(looks.get, reach) is False
                lasting = self._lasting(f"silent {reach.id}", look.at, wrong=silent)
                if lasting is not None and lasting > self.drill.lost:
                    words = f"{pair.network} ({reach.target}) has not answered for {lasting.total_seconds():.0f} s"
                    return Abort("loss", f"{words}; the drill allows {self.drill.lost.total_seconds():.0f} s")
        return None

    def _window(self, now: datetime) -> Abort | None:
        window = self.drill.window
        if window is not None and windows.opening(window, now) is None:
            return Abort("window", f"the window ended ({now:%H:%M:%SZ} by the router's clock)")
        return None


def _state(looks: Mapping[str, Look], router: str, session: str) -> str:
    look = looks.get(router)
    return "unknown" if look is None else look.sessions.get(session, "unknown")
