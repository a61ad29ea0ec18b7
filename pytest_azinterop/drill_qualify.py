"""`azinterop drill qualify HOST`: rehearse a router's revert timer, and keep the proof."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop import drill_refusals
from pytest_azinterop.collect import inventory as router_inventory
from pytest_azinterop.contact import doors
from pytest_azinterop.drill import credentials, lock, qualification
from pytest_azinterop.drill.config_session import opener
from pytest_azinterop.drill.journal import NAME, Journal
from pytest_azinterop.drill.signals import stopping
from pytest_azinterop.errors import DrillFailedError, DrillRefusedError, InventoryError
from pytest_azinterop.intent.drill_expectations import SessionShutdown
from pytest_azinterop.intent.loader import load

if TYPE_CHECKING:
    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.inventory import RouterInventory
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSession

QUALIFIED, FAILED, REFUSED = 0, 1, 3


def run(host: str, name: str, minutes: int, *, ticket: str, in_ci: bool = False) -> int:
    """Rehearse and keep; returns the exit code. Raises InventoryError."""
    lacking = list(drill_refusals.missing(os.environ, ticket, in_ci=in_ci))
    if lacking:
        _say(f"the qualification is refused, and nothing was sent: {'; '.join(lacking)}")
        return REFUSED
    named = doors.named(name)
    if named.is_simulated:
        raise InventoryError(
            "a network that is simulated for one run is gone after it; start one with `azinterop lab up`",
            file=str(named.folder),
        )
    everything = load(named.folder).expectations
    session = _session(everything, host)
    if session is None:
        raise InventoryError(f"no BGP session of the intent is on {host!r}", file=str(named.folder))
    device = next(each for each in everything.devices if each.router == host)
    routers = router_inventory.load(named.folder)
    folder = named.folder / lock.FOLDER
    place = folder / f"qualify-{host}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    try:
        login = credentials.find(_reader(routers, host))
        with (
            stopping(),
            lock.DrillLock(folder, f"qualification of {host}", None, (host,), place / NAME, cools=False).acquire(),
        ):
            found = qualification.qualify(
                session,
                device.hostname,
                device.serial,
                opener(routers, host, login),
                Journal.create(place),
                minutes=minutes,
                ticket=ticket,
                told=_say,
            )
    except DrillRefusedError as refused:
        _say(f"refused: {refused}")
        return REFUSED
    except DrillFailedError as failed:
        _say(f"NOT qualified: {failed}")
        return FAILED
    except KeyboardInterrupt:
        _say(f"stopped; how {host} was left stands above and in {place}")
        return FAILED
    kept = qualification.keep(folder, found)
    sys.stdout.write(
        f"{host}: qualified: serial {found.serial}, release {found.release}; it restored itself after {minutes} min\n"
        f"{kept}\n"
    )
    return QUALIFIED


def _reader(routers: RouterInventory, host: str) -> Credentials | None:
    """The login of the checks, which must be another one; None where none is set here."""
    try:
        return routers.credentials(host, None)
    except InventoryError:
        return None


def _session(everything: Expectations, host: str) -> SessionShutdown | None:
    """The one whose neighbor gets another description: that of a drill on this router, or else its first to Azure."""
    for drill in everything.drills:
        for trigger in drill.changes.get(host, ()):
            if isinstance(trigger, SessionShutdown):
                return trigger
    ours = (each for each in everything.sessions if each.router == host)
    first: ExpectedSession | None = min(ours, key=lambda each: each.role == "internal", default=None)
    return None if first is None else SessionShutdown(host, first.local_as, first.vrf, first.neighbor)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
