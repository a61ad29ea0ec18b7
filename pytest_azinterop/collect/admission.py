"""Who may log in now: the gates of all credential groups, and the numbers of logins at once of all AAA domains."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

from pytest_azinterop.collect.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.collect.limits import HostSettings


class Admission(Protocol):
    """What a router's session asks before its login, and tells after it."""

    def enter(self, host: str) -> None:
        """Wait until this router's login may be tried. Raises ConnectionFailedError where it must not be."""
        ...

    def leave(self, host: str, cause: str | None) -> None:
        """What became of the router: None for an accepted login, else the cause of the failure. Every router says so,
        also one that never entered."""
        ...

    def wake(self) -> None:
        """Make waiting routers look at whether the run was stopped."""
        ...


class Doorkeeper:
    """The `Admission` of a whole run: every login of it passes here, wherever the session is."""

    def __init__(
        self, groups: Mapping[str, tuple[str, str]], settings: Mapping[str, HostSettings], stop: threading.Event
    ) -> None:
        """`groups` is the credential group by router."""
        members: dict[tuple[str, str], list[str]] = defaultdict(list)
        domains: dict[str, list[int]] = defaultdict(list)
        for host in sorted(groups):
            members[groups[host]].append(host)
            domains[settings[host].aaa_domain].append(settings[host].limits.logins_at_once)
        gates = {group: Gate(hosts, stop) for group, hosts in members.items()}
        at_once = {name: threading.BoundedSemaphore(min(numbers)) for name, numbers in domains.items()}
        self._gates = {host: gates[group] for host, group in groups.items()}
        self._at_once = {host: at_once[settings[host].aaa_domain] for host in groups}
        self._inside: set[str] = set()

    def enter(self, host: str) -> None:
        """See `Admission`."""
        self._gates[host].enter(host)
        self._at_once[host].acquire()
        self._inside.add(host)

    def leave(self, host: str, cause: str | None) -> None:
        """See `Admission`."""
        if host in self._inside:
            self._inside.discard(host)
            self._at_once[host].release()
        self._gates[host].leave(host, cause)

    def wake(self) -> None:
        """See `Admission`."""
        for gate in self._gates.values():
            gate.wake()
