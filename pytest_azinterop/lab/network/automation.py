"""What routers do by themselves: applets of the embedded event manager, at a time, again and again, or on a message."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.lab.config.settings import Applet
    from pytest_azinterop.lab.network.node import Node

    Runner = Callable[[str, Applet], None]
    """Carries an applet's actions out on a router, as somebody at its terminal would."""


@dataclass(slots=True)
class Automation:
    """The registered applets. ``follow`` runs something so many seconds after what happens now."""

    nodes: dict[str, Node]
    follow: Callable[[float, Callable[[], None]], None]
    runner: Runner | None = None
    """None while nobody is there to type: then nothing happens."""
    _registered: dict[tuple[str, str], tuple[Applet, float]] = field(default_factory=dict)
    """With the start of the router: a reload registers them anew."""

    def update(self, now: float) -> None:
        """Register what is configured now; what is not any more is forgotten."""
        if self.runner is None:
            return
        wanted = {
            (name, applet.name): (applet, node.boot)
            for name, node in self.nodes.items()
            if node.is_router and not node.off
            for applet in node.settings.applets.values()
        }
        for key in [key for key in self._registered if key not in wanted]:
            del self._registered[key]
        for key, registration in wanted.items():
            if self._registered.get(key) != registration:
                self._registered[key] = registration
                self._wind(key, now)
        for name, node in self.nodes.items():
            if node.is_router:
                node.watcher = self._hears if any(router == name for router, _ in wanted) else None

    def _wind(self, key: tuple[str, str], now: float) -> None:
        registration = self._registered[key]
        event, node = registration[0].event, self.nodes[key[0]]
        after: float | None = None
        if event.kind in ("watchdog", "countdown"):
            after = event.seconds
        elif event.cron is not None:
            local = node.local_time(now)
            due = event.cron.after(local)
            after = None if due is None else due - local
        if after is not None:
            self.follow(after, lambda: self._expire(key, registration, now + after))

    def _expire(self, key: tuple[str, str], registration: tuple[Applet, float], now: float) -> None:
        if self._registered.get(key) != registration or self.runner is None:
            return
        if registration[0].event.kind != "countdown":
            self._wind(key, now)
        self.runner(key[0], registration[0])

    def _hears(self, node: Node, text: str) -> None:
        """A message is logged: an applet that waits for it starts a second later."""
        for key, registration in self._registered.items():
            event = registration[0].event
            if key[0] == node.name and event.pattern is not None and re.search(event.pattern, text):
                self.follow(1.0, lambda key=key, made=registration: self._start(key, made))  # type: ignore[misc]

    def _start(self, key: tuple[str, str], registration: tuple[Applet, float]) -> None:
        if self._registered.get(key) == registration and self.runner is not None:
            self.runner(key[0], registration[0])
