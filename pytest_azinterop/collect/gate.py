"""Which logins may be tried, and how many at once: accounts lock after a few refusals, AAA servers are shared."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from pytest_azinterop.errors import ConnectionFailedError

if TYPE_CHECKING:
    from collections.abc import Iterable

# Causes that say that the credentials are wrong, not that the router is.
REFUSALS = frozenset({"login-refused", "enable-refused"})
# Seconds that a router waits for one before it in order to be reached first, so that the same one is the canary in
# every run; a dead router delays the others no longer than this.
PATIENCE = 2.0
# Logins one after the other that may end without a verdict (nobody answered them) before several are tried at once:
# else many routers whose AAA servers are silent would hold the healthy ones up for a deadline each.
UNDECIDED = 3


class Gate:
    """The logins of one credential group: one goes first, and its refusal speaks for all of them.

    The first is the first router in the given order that shows the right host key. Where the first few get no verdict,
    more and more go at once. `stop` ends all waiting.
    """

    def __init__(self, hosts: Iterable[str], stop: threading.Event, patience: float = PATIENCE) -> None:
        self._order = list(hosts)
        self._stop = stop
        self._patience = patience
        self._changed = threading.Condition()
        self._trying: set[str] = set()
        self._undecided = 0
        self._accepted = False
        self._refused_by: str | None = None

    def enter(self, host: str) -> None:
        """Wait until this router's login may be tried. Raises ConnectionFailedError where it must not be."""
        until = time.monotonic() + self._patience
        with self._changed:
            while not self._may_try(host, until):
                if self._refused_by is not None:
                    raise ConnectionFailedError(
                        f"{host}: not tried: {self._refused_by} refused the same login",
                        cause="login-not-tried",
                        host=host,
                    )
                if self._stop.is_set():
                    raise ConnectionFailedError(f"{host}: interrupted", cause="not-collected", host=host)
                left = until - time.monotonic()
                self._changed.wait(left if left > 0 else None)

    def _may_try(self, host: str, until: float) -> bool:
        if self._accepted:
            return True
        at_once = max(1, self._undecided + 2 - UNDECIDED)
        if self._refused_by is not None or len(self._trying) >= at_once or self._stop.is_set():
            return False
        if self._order and self._order[0] != host and time.monotonic() < until:
            return False
        self._trying.add(host)
        return True

    def leave(self, host: str, cause: str | None) -> None:
        """What became of a router: None for an accepted login, else the cause of the failure. Every router says so."""
        with self._changed:
            if cause is None:
                self._accepted = True
            elif host in self._trying and not self._accepted:
                if cause in REFUSALS:
                    self._refused_by = self._refused_by or host
                else:
                    self._undecided += 1
            self._trying.discard(host)
            if host in self._order:
                self._order.remove(host)
            self._changed.notify_all()

    def wake(self) -> None:
        """Make waiting routers look at `stop`."""
        with self._changed:
            self._changed.notify_all()
