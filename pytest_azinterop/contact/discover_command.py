"""`azinterop discover`: read the routers, write what they say, propose it, and tell where the intent is stale."""

from __future__ import annotations

import difflib
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_azinterop import __version__
from pytest_azinterop.collect.run import gather
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.contact import blocks, doors, sightings, staleness, typed, values
from pytest_azinterop.contact.discovery_facts import DiscoveryFacts
from pytest_azinterop.contact.proposal import propose
from pytest_azinterop.contact.rounds import Rounds
from pytest_azinterop.errors import InventoryError, UndeterminedError
from pytest_azinterop.intent import discovered as record
from pytest_azinterop.intent.loader import load
from pytest_azinterop.report.terminal import clean, finding_text, plural

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from pytest_azinterop.collect.answer import Collection
    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.contact.doors import Doors, StartLab
    from pytest_azinterop.contact.sightings import SeenRouter
    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.options import NamedInventory

ALL_READ: Final = 0
NOT_ALL_READ: Final = 1
NO_LOGIN: Final = 3
_MISSES_NOTHING = frozenset({"feature-off", "no-such-vrf", "soft-reconfiguration-off"})


def run(arguments: argparse.Namespace, start_lab: StartLab) -> int:
    """Discover; returns the exit code. Raises InventoryError."""
    inventory = doors.named(arguments.inventory)
    known = typed.read(inventory.folder)
    with doors.of_inventory(inventory, start_lab) as found:
        plan, collected = _asked(found, arguments.router)
    store = FactStore(plan, collected)
    answered = {answer.host for answer in collected.answers}
    routers = [sightings.router(router.host, store) for router in plan.routers if router.host in answered]
    problems = [*_failures(collected), *_not_read(store)]
    for problem in problems:
        sys.stderr.write(f"azinterop discover: {problem}\n")
    if not routers:
        return NO_LOGIN
    stale = _told_stale(inventory, routers)
    _write_values(inventory, routers)
    _propose(inventory, routers, known, accept=arguments.accept, complete=not problems)
    return NOT_ALL_READ if problems or stale else ALL_READ


def _asked(found: Doors, chosen: Sequence[str]) -> tuple[Plan, Collection]:
    unknown = sorted(set(chosen) - set(found.routers.hosts))
    if unknown:
        raise InventoryError(f"not in the inventory: {', '.join(unknown)}", file=str(found.routers.folder))
    wanted = DiscoveryFacts()
    hosts = chosen or found.routers.hosts
    rounds = Rounds((fact for host in hosts for fact in wanted.first(host)), wanted.further)
    collected = gather(rounds.initial, found.routers, credentials=found.credentials, following=rounds.following)
    for skipped in rounds.skipped:
        sys.stderr.write(f"azinterop discover: not asked: {clean(skipped)}\n")
    totals = collected.totals
    sys.stderr.write(
        f"{plural(totals.logins, 'login')}, {plural(totals.commands, 'command')}, {totals.seconds:.1f} s\n"
    )
    return rounds.plan, collected


def _failures(collected: Collection) -> Iterator[str]:
    for failure in collected.failures.values():
        yield f"{clean(failure.message)} [{failure.cause}]"


def _not_read(store: FactStore) -> Iterator[str]:
    """Answers that are missing from the picture."""
    for router in store.plan.routers:
        if router.host in store.collection.failures:
            continue
        for command in router.commands:
            try:
                store.records(command.facts[0])
            except UndeterminedError as error:
                if error.cause not in _MISSES_NOTHING:
                    yield f"{router.host}: {command.text}: {clean(error.message, 200)} [{error.cause}]"


def _told_stale(inventory: NamedInventory, routers: Sequence[SeenRouter]) -> bool:
    """Tell where both ends agree on something else than the intent."""
    everything = _expectations(inventory.folder)
    if everything is None:
        return False
    findings = staleness.findings(everything, routers)
    for found in findings:
        sys.stdout.write(finding_text(found) + "\n\n")
    return bool(findings)


def _expectations(folder: Path) -> Expectations | None:
    """The intent as a run would take it; None: there is none yet, or not a whole one, which is then told."""
    try:
        return load(folder).expectations
    except InventoryError as error:
        if (folder / "interop.yaml").is_file():
            words = clean("; ".join(line.strip() for line in str(error).splitlines()), 400)
            sys.stderr.write(f"azinterop discover: not compared with the intent, as it is: {words}\n")
        return None


def _write_values(inventory: NamedInventory, routers: Sequence[SeenRouter]) -> None:
    """`discovered.yaml`, replaced as a whole."""
    document = record.Discovered(tool=__version__, read=datetime.now(UTC), values=values.values(routers))
    target = inventory.folder / record.FILE
    if inventory.shipped:
        sys.stderr.write(f"not written: {inventory.name} is the package's own; `azinterop init` makes one of yours\n")
        return
    _write(target, values.text(document))
    sys.stderr.write(f"written: {target} ({plural(len(document.values), 'value')}; no expectation)\n")


def _propose(
    inventory: NamedInventory, routers: Sequence[SeenRouter], known: typed.Typed, *, accept: bool, complete: bool
) -> None:
    proposal = propose(routers, known)
    for note in proposal.notes:
        sys.stderr.write(f"note: {clean(note)}\n")
    target = inventory.folder / typed.ACCEPTED
    heading = (
        "Proposed by azinterop discover, which replaces this file; a block that you move to another file is yours."
    )
    new = [f"{line}\n" for line in blocks.lines(proposal, heading)]
    if not accept:
        if not proposal.tree and not proposal.questions:
            sys.stdout.write("The intent covers every path to Azure that was read.\n")
            return
        sys.stdout.write("".join(new))
        if proposal.tree:
            sys.stdout.write(f"\n# azinterop discover {inventory.name} --accept writes this to {target}\n")
        return
    if inventory.shipped:
        raise InventoryError(
            "is the package's own; `azinterop init DIR` makes one of yours", file=str(inventory.folder)
        )
    if not complete and target.is_file():
        raise InventoryError("stays as it is: not everything could be read, so blocks would be lost", file=str(target))
    old = target.read_text(encoding="utf-8").splitlines(keepends=True) if target.is_file() else []
    sys.stdout.writelines(difflib.unified_diff(old, new, fromfile="accepted", tofile="discovered"))
    if not proposal.tree:
        sys.stderr.write("nothing to accept: the intent covers every path to Azure that was read\n")
        return
    target.parent.mkdir(exist_ok=True)
    _write(target, "".join(new))
    sys.stderr.write(f"written: {target}\n")
    try:
        load(inventory.folder)
    except InventoryError as error:
        sys.stderr.write(f"the intent is not whole yet: {error}\n")


def _write(target: Path, text: str) -> None:
    """Replace a file at once. Raises InventoryError."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as written:
            written.write(text)
        Path(written.name).chmod(0o644)
        Path(written.name).replace(target)
    except OSError as error:
        raise InventoryError(f"cannot be written: {error.strerror or error}", file=str(target)) from None
