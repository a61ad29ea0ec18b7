"""`azinterop drill recover`: what an interrupted drill has left, put back, proved and told."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect import inventory as router_inventory
from pytest_azinterop.contact import doors
from pytest_azinterop.drill import credentials, lock, recover
from pytest_azinterop.drill.config_session import opener
from pytest_azinterop.drill.journal import NAME, Journal, is_finished, read
from pytest_azinterop.drill.shout import pending_words
from pytest_azinterop.drill.signals import stopping
from pytest_azinterop.errors import DrillRefusedError, InventoryError, UndeterminedError
from pytest_azinterop.intent.loader import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.inventory import RouterInventory
    from pytest_azinterop.drill.journal import Entry

CLEAN, NOT_CLEAN, REFUSED = 0, 1, 3


def run(path: Path | None, inventory: str | None, patience: float | None) -> int:
    """Recover one journal, or every unfinished one of the inventory; returns the worst exit code. Without any the
    routers of the inventory's drills are asked. Raises InventoryError."""
    if path is None and inventory is None:
        raise InventoryError("say which: azinterop drill recover JOURNAL, or --inventory NAME")
    if path is not None:
        found = [path / NAME if path.is_dir() else path]
    else:
        folder = doors.named(str(inventory)).folder
        found = lock.unfinished(folder / lock.FOLDER)
        if not found:
            return _without_journal(folder)
    worst = CLEAN
    for each in found:
        try:
            with stopping():
                worst = max(worst, _recover(each, inventory, patience))
        except DrillRefusedError as refused:
            _say(f"{each}: refused: {refused}")
            worst = REFUSED
        except KeyboardInterrupt:
            _say(f"{each}: stopped; run it again")
            worst = max(worst, NOT_CLEAN)
    return worst


def _without_journal(folder: Path) -> int:
    """Nothing is known here. A drill of another machine shows on the routers alone: ask them."""
    sys.stdout.write(f"no unfinished journal in {folder / lock.FOLDER}\n")
    everything = load(folder).expectations
    hostnames = {each.router: each.hostname for each in everything.devices}
    names = list(dict.fromkeys(router for drill in everything.drills for router in drill.changes))
    if any(drill.azure_tests for drill in everything.drills):
        sys.stdout.write("Azure was not asked: without a journal look there yourself whether a failover test runs\n")
    if not names or (folder / "lab.yaml").is_file():
        why = "no drill of this intent changes one" if not names else "they are simulated for one run"
        sys.stdout.write(f"no router was asked: {why}\n")
        return CLEAN
    try:
        login = credentials.find()
    except DrillRefusedError as refused:
        sys.stdout.write(
            f"no router was asked: {refused}\n"
            "so nobody knows whether a drill that another machine began is unfinished; run this there, or type"
            f" `show archive config rollback timer` on {', '.join(names)}\n"
        )
        return REFUSED
    inventory = router_inventory.load(folder)
    return max(_asked(inventory, name, hostnames[name], login) for name in names)


def _asked(inventory: RouterInventory, name: str, hostname: str, login: Credentials) -> int:
    """Whether a router's timer is pending. Nothing is changed: whose it is, its own journal knows."""
    try:
        session = opener(inventory, name, login)(())
        try:
            if session.hostname != hostname:
                raise UndeterminedError(f"{name}: another router answers at its address", cause="wrong-router")
            timer = session.timer()
        finally:
            session.close()
    except UndeterminedError as trouble:
        sys.stdout.write(f"{name}: not known whether a timer is pending: {trouble}\n")
        return REFUSED
    if not timer.pending:
        sys.stdout.write(f"{name}: no rollback timer is pending\n")
        return CLEAN
    sys.stdout.write(
        f"{name}: {pending_words(timer)}\n"
        f"{name}: if it is that of a drill, run `azinterop drill recover` on the machine that began it; left alone,"
        f" {name} goes back by itself to what was there when the timer was set\n"
    )
    return NOT_CLEAN


def _recover(path: Path, inventory: str | None, patience: float | None) -> int:
    entries = read(path)
    if is_finished(entries):
        sys.stdout.write(f"{path}: finished already; nothing is left to do\n")
        return CLEAN
    facts: Any = next((each.facts for each in entries if each.step == "planned"), {})
    folder = (
        Path(str(facts.get("inventory", path.parent.parent.parent)))
        if inventory is None
        else doors.named(inventory).folder
    )
    left = recover.left_by(entries)
    drill = str(facts.get("drill", "a drill"))
    routers = [each.target.router for each in left]
    # Whoever holds these locks is alive, and restores what it has changed by itself.
    with lock.DrillLock(folder / lock.FOLDER, drill, None, routers, path).acquire():
        journal = Journal.reopen(path)
        if (folder / "lab.yaml").is_file():
            journal.write("finished", why="the network was simulated for that run, and is gone")
            sys.stdout.write(f"{path}: its network was simulated for that run, and is gone\n")
            return CLEAN
        clean = _routers(left, folder, journal, patience)
        clean = _azure(entries, folder, journal) and clean
        settled = all(each.is_settled for each in recover.left_by(journal.entries)) and not recover.azure_left(
            journal.entries
        )
        if settled:
            journal.write("finished", clean=clean)
    words = (
        "everything is as before" if clean else "not everything is as before" if settled else "it is still not finished"
    )
    sys.stdout.write(f"{path}: {drill}: {words}\n")
    return CLEAN if clean and settled else NOT_CLEAN


def _routers(left: Sequence[recover.Left], folder: Path, journal: Journal, patience: float | None) -> bool:
    """Restore each router that is not settled, and tell how it was left."""
    clean = True
    inventory = None
    for each in left:
        name = each.target.router
        if each.is_settled:
            sys.stdout.write(f"{name}: nothing to do, its last step was `{each.last}`\n")
            continue
        inventory = inventory or router_inventory.load(folder)
        if name not in inventory.hosts:
            raise InventoryError(
                f"{name}: not in this inventory; name the right one: --inventory NAME", file=str(folder)
            )
        opened = opener(inventory, name, credentials.find())
        restored = recover.recover_router(each, opened, journal, told=_say, patience=patience)
        sys.stdout.write(f"{name}: {restored.words}\n")
        for line in restored.difference:
            sys.stdout.write(f"    {line}\n")
        if restored.shout is not None:
            _say(restored.shout)
        clean = clean and restored.is_clean
    return clean


def _azure(entries: Sequence[Entry], folder: Path, journal: Journal) -> bool:
    """Stop every failover test of Azure that may run."""
    begun = recover.azure_left(entries)
    if not begun:
        return True
    from pytest_azinterop.drill.azure_tests import AzureTest, changing_client

    azure = load(folder).expectations.azure
    if azure is None:
        raise InventoryError("the intent describes Azure's side no more, and a failover test may run", file=str(folder))
    client = changing_client(azure.cloud, folder)
    clean = True
    for trigger in begun:
        stopped = AzureTest(trigger, client, journal, told=_say, begun=True).stop(successful=False)
        sys.stdout.write(f"{stopped.subject}: {stopped.words}\n")
        if stopped.shout is not None:
            _say(stopped.shout)
        clean = clean and stopped.is_stopped
    return clean


def _say(words: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()
