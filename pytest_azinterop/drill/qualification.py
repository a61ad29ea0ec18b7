"""The proof that a router restores itself: its timer, rehearsed on it with a change that has no effect.

Another description of one BGP neighbor is typed, nobody comes back, and the router takes it away when its timer ends.
The record of that is kept by router, serial and software release; no drill begins without one that is young enough.
"""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pytest_azinterop.drill.contact import Contact
from pytest_azinterop.drill.device import RouterDrill
from pytest_azinterop.drill.lines import QUALIFICATION_WORDS, qualification
from pytest_azinterop.drill.records import Memory, Target
from pytest_azinterop.errors import DrillFailedError, DrillRefusedError, UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_azinterop.drill.contact import Opener
    from pytest_azinterop.drill.journal import Journal
    from pytest_azinterop.intent.drill_expectations import SessionShutdown

FOLDER: Final = "qualified"
MINUTES: Final = 2


@dataclass(frozen=True, slots=True)
class Qualification:
    """One proof. `at` is UTC by this machine's clock, `clock` the router's when it had restored itself."""

    router: str
    hostname: str
    serial: str
    release: str
    minutes: int
    neighbor: str
    user: str
    at: datetime
    clock: datetime


def missing(
    folder: Path, router: str, serial: str, release: str, within: timedelta, now: datetime | None
) -> str | None:
    """Why a router may not be drilled, in words; None: its proof is there. `now` is its clock, None: not known.

    `folder` is that of the drills; `serial` and `release` are what the router says now.
    """
    command = f"azinterop drill qualify {router} --inventory NAME --ticket ID"
    try:
        found = load(folder, router)
    except (OSError, ValueError, KeyError, TypeError):
        return f"the record of its qualification cannot be read; run `{command}`"
    if found is None:
        return f"its revert timer was never rehearsed; run `{command}`"
    if found.serial != serial:
        return f"it is the router {serial}, and {found.serial} was qualified; run `{command}`"
    if found.release != release:
        return f"it runs {release}, and was qualified with {found.release}; run `{command}`"
    age = datetime.now(UTC) - found.at
    if now is not None and (now.tzinfo is None) == (found.clock.tzinfo is None):
        age = max(age, now - found.clock)
    if age > within:
        return f"it was qualified {age.days} days ago, and {within.days} are allowed; run `{command}`"
    return None


def load(folder: Path, router: str) -> Qualification | None:
    """The record of a router, None where there is none. Raises ValueError, KeyError or TypeError for a wrong one."""
    path = _path(folder, router)
    if not path.exists():
        return None
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    times = {name: datetime.fromisoformat(value[name]) for name in ("at", "clock")}
    return Qualification(**{**value, **times})


def qualify(
    session: SessionShutdown,
    hostname: str,
    serial: str | None,
    opened: Opener,
    journal: Journal,
    *,
    minutes: int = MINUTES,
    ticket: str | None = None,
    told: Callable[[str], None] = lambda _: None,
    pause: float = 1.0,
    patience: float | None = None,
) -> Qualification:
    """Rehearse it on one router. The session's neighbor gets another description for some minutes.

    Raises DrillRefusedError where nothing was changed, and DrillFailedError where the router did not restore itself;
    then it was restored from here, as far as the words say.
    """
    program, seen = _prepare(session, hostname, serial, minutes, opened)
    target = Target(session.router, hostname, seen.serial, (program,), minutes)
    written = {"kind": "qualification", "asn": session.asn, "vrf": session.vrf, "neighbor": str(session.neighbor)}
    router = {"router": session.router, "hostname": hostname, "serial": seen.serial, "minutes": minutes}
    old = None if program.replaced is None else program.replaced.partition(" description ")[2]
    triggers = [{**written, "description": old}]
    journal.write("planned", drill="qualification", ticket=ticket, routers=[{**router, "triggers": triggers}])
    with RouterDrill(target, opened, journal, told=told, pause=pause, patience=patience) as drill:
        armed = drill.arm()
        drill.trigger()
        told(f"{session.router}: it restores itself at {armed.until:%H:%M:%S} by its clock; nothing is done until then")
        found = drill.rehearse()
        if found.how != "reverted-by-timer" or not found.is_clean:
            restored = drill.restore()
            raise DrillFailedError(
                f"{session.router}: its timer did not restore it ({found.words}); now: {restored.words}",
                shout=restored.shout,
            )
    journal.write("finished")
    return Qualification(
        session.router,
        hostname,
        seen.serial,
        seen.release,
        minutes,
        str(session.neighbor),
        getpass.getuser(),
        datetime.now(UTC),
        armed.until,
    )


def keep(folder: Path, found: Qualification) -> Path:
    """Write the record; an older one of this router goes."""
    path = _path(folder, found.router)
    path.parent.mkdir(parents=True, exist_ok=True)
    value = {**asdict(found), "at": found.at.isoformat(), "clock": found.clock.isoformat()}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)
    return path


@dataclass(frozen=True, slots=True)
class _Seen:
    serial: str
    release: str


def _prepare(
    session: SessionShutdown, hostname: str, serial: str | None, minutes: int, opened: Opener
) -> tuple[Any, _Seen]:
    """The change, with the description that the neighbor has now. Raises DrillRefusedError."""
    bare = qualification(session, None)
    contact = Contact(Target(session.router, hostname, serial, (bare,), minutes), opened, Memory(), lambda _: None)
    try:
        device = contact.open().device()
        running = contact.open().running_config()
    except UndeterminedError as trouble:
        raise DrillRefusedError(f"{trouble}; nothing was changed") from None
    finally:
        contact.drop()
    words = bare.present.removesuffix(QUALIFICATION_WORDS)
    old = next((line.removeprefix(words) for line in running.below(*bare.above) if line.startswith(words)), None)
    try:
        return qualification(session, old), _Seen(device.serial, device.release)
    except ValueError:
        raise DrillRefusedError(
            f"{session.router}: the description of {session.neighbor} could not be typed again as it is"
        ) from None


def _path(folder: Path, router: str) -> Path:
    return folder / FOLDER / f"{quote(router, safe='')}.json"
