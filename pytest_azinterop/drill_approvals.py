"""What speaks against a drill that the network does not show: its logins, and other drills of this inventory folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.collect.inventory import load
from pytest_azinterop.drill import approval, credentials, lock, used
from pytest_azinterop.drill import plan as planning
from pytest_azinterop.errors import DrillRefusedError, InventoryError, UndeterminedError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pytest_azinterop.intent.drill_expectations import Drill
    from pytest_azinterop.verify.finding import Finding


def logins(drill: Drill, inventory: Path) -> list[Finding]:
    """The drill's login is there, and another one than that of the checks."""
    try:
        for router in drill.changes:
            credentials.find(load(inventory).credentials(router, None))
    except (DrillRefusedError, InventoryError) as error:
        return [approval.no_go(drill, "login", f"{error}; expected a login of its own")]
    return []


def unfinished(drill: Drill, folder: Path) -> list[Finding]:
    """No drill of this folder is unfinished."""
    return [
        approval.no_go(
            drill,
            "unfinished",
            f"the drill of {path} was not finished, expected none",
            next_command=f"azinterop drill recover {path}",
        )
        for path in lock.unfinished(folder)
    ]


def number(drill: Drill, folder: Path) -> int:
    """The how manieth time it would be. Raises UndeterminedError where that cannot be read."""
    try:
        return len(used.uses(folder, drill.name)) + 1
    except DrillRefusedError as refused:
        raise UndeterminedError(str(refused), cause="not-readable") from None


def is_of_now(drill: Drill, given: str, digest: str, folder: Path, again: str) -> list[Finding]:
    """The hash that was given is that of what would be done now, and was not used. The right one is never told."""
    before = next((each for each in used.uses(folder, drill.name) if each.digest == given.strip()), None)
    words = planning.refusal(given, digest)
    if before is not None:
        words = f"this hash was used already, {before.words}, and approves one drill"
    if words is None:
        return []
    return [approval.no_go(drill, "not-approved", f"{words}; plan again and read it", next_command=again)]


def cooled(drill: Drill, folder: Path, clock: datetime) -> list[Finding]:
    """The cool-down of the last drill is over; for a plan, which locks nothing."""
    left = lock.cooling(folder, drill.customer, drill.routers, drill.cool_down, clock)
    return [] if left is None else [approval.no_go(drill, "not-free", f"{left}; expected it to be over")]
