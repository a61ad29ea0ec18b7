"""`azinterop drill list`: the drills of an inventory, whether their routers are qualified, and what was left behind."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.contact import doors
from pytest_azinterop.drill import lock, qualification
from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.values import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_azinterop.intent.drill_expectations import Drill

DONE, UNFINISHED = 0, 1


def run(inventory: str) -> int:
    """Print them; asks nobody. 1 where a drill was left unfinished. Raises InventoryError."""
    named = doors.named(inventory)
    drills = load(named.folder).expectations.drills
    folder = named.folder / lock.FOLDER
    for drill in drills:
        sys.stdout.write("\n".join((drill.name, *(f"  {line}" for line in _told(drill, folder)))) + "\n")
    if not drills:
        sys.stdout.write(f"{named.folder}: the intent declares no drills\n")
    left = lock.unfinished(folder)
    for path in left:
        sys.stdout.write(f"unfinished: {path}; run `azinterop drill recover {path}`\n")
    return UNFINISHED if left else DONE


def _told(drill: Drill, folder: Path) -> Iterator[str]:
    yield f"customer {drill.customer} at {drill.site}; takes away {', '.join(each.id for each in drill.triggers)}"
    for pair in drill.pairs:
        words = f"{pair.before.name}, then {pair.during.name}, then {pair.after.name}"
        yield f"{pair.network}: {pair.before.name if pair.before == pair.during == pair.after else words}"
    lost = ", ".join(pair.network for pair in drill.pairs if pair.is_lost)
    yield f"loses service: {lost or 'nothing'}"
    yield (
        f"failover within {duration_text(drill.failover)}, held for {duration_text(drill.hold)}, back within "
        f"{duration_text(drill.fail_back)}; the routers restore themselves after {drill.revert_minutes} min"
    )
    for router in drill.changes:
        yield f"{router}: {_qualified(folder, router, drill)}"


def _qualified(folder: Path, router: str, drill: Drill) -> str:
    """What is on record. Whether serial and release are still the same, the drill itself asks."""
    try:
        found = qualification.load(folder, router)
    except (OSError, ValueError, KeyError, TypeError):
        return "its record of qualification cannot be read"
    if found is None:
        return f"not qualified; run `azinterop drill qualify {router} --inventory NAME --ticket ID`"
    age = datetime.now(UTC) - found.at
    old = (
        ""
        if age <= drill.qualified_within
        else f", too long ago: run `azinterop drill qualify {router} --inventory NAME --ticket ID`"
    )
    return f"qualified {found.at:%Y-%m-%d} with serial {found.serial} and release {found.release}{old}"
