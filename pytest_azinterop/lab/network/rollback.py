"""Going back to a saved configuration: ``configure replace``, ``configure terminal revert timer`` and what ends it.

The timer belongs to the router: neither the end of a session nor that of a client stops it. A reload would forget it.

Sources: Cisco, System Management Configuration Guide 17.x, chapters Configuration Rollback Confirmed Change and
Configuration Replace and Configuration Rollback; System Management Command Reference (``show archive config rollback
timer``). Where this says "not certain", no output of a real router was found, and only the effect is to be relied on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.difference import Change, changes
from pytest_azinterop.lab.config.editor import Editor, load
from pytest_azinterop.lab.network.upkeep_records import PendingRollback
from pytest_azinterop.lab.network.view import Asker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.lab.config.tree import Block
    from pytest_azinterop.lab.network.router import Router
    from pytest_azinterop.lab.network.simulation import Simulation
    from pytest_azinterop.lab.network.upkeep_records import ArchivedConfig

PASSES = 5
"""How often a rollback tries before it gives up."""
WARNING = 60.0
"""Seconds before an absolute timer runs out when the router warns."""
NO_ARCHIVE = "%Turn config archive on before using Rollback Confirmed Change\n"
NOTHING_PENDING = "%No Rollback Confirmed Change pending\n"
ALREADY_PENDING = "%Rollback Confirmed Change already pending\n"
"""That a second timer is refused is in Cisco's guide; the wording is not certain."""
_ARCHIVE = "%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_"


class Rollback:
    """The rollbacks of one router."""

    def __init__(self, router: Router, simulation: Simulation) -> None:
        self._router, self._simulation = router, simulation
        self._timer = 0
        """Grows with every timer that is set: an older one that runs out means nothing."""
        self._asker = Asker("", "")
        self._due = 0.0
        self._pending: PendingRollback | None = None

    def forget(self) -> None:
        """A reload takes the timer with it."""
        self._timer, self._pending = self._timer + 1, None

    @property
    def pending(self) -> PendingRollback | None:
        """What will happen unless it is confirmed."""
        self._router.settle()
        return self._pending

    # -- arming

    def arm(self, minutes: int, asker: Asker, *, idle: bool = False) -> tuple[bool, str]:
        """Keep the running-config and set the timer. False, with the router's refusal, where it does not."""
        self._router.settle()
        if self._router.node.settings.archive.path is None:
            return False, NO_ARCHIVE
        if self.pending is not None:
            return False, ALREADY_PENDING
        room = self._router.platform().free
        if room < len(self._router.running_config()):
            return False, f"%Error opening {self._router.node.settings.archive.path} (No space left on device)\n"
        file = self._keep()
        self._log(f"{_ARCHIVE}BACKUP: Backing up current running config to {file.name}")
        self._set(file, minutes, asker, idle=idle)
        return True, f"Rollback Confirmed Change: Backing up current running config to {file.name}\n\n"

    def _keep(self) -> ArchivedConfig:
        self._router.keep_archive()
        return self._router.node.archive.files[-1]

    def _set(self, file: ArchivedConfig, minutes: int, asker: Asker, *, idle: bool) -> None:
        node, now = self._router.node, self._simulation.moment
        self._asker = asker
        self._pending = PendingRollback(file, node.local_time(now), minutes, idle, asker.user)
        who = f"User: {asker.user}(Priv: 15, View: 0)"
        if idle:  # the wording of both messages about an idle timer is not certain
            self._log(
                f"{_ARCHIVE}START_IDLETIMER: {who}: Scheduled to rollback to config {file.name} if session has been "
                f"idle for {minutes} minutes"
            )
        else:
            self._log(
                f"{_ARCHIVE}START_ABSTIMER: {who}: Scheduled to rollback to config {file.name} in {minutes} minutes"
            )
        self._wind(minutes * 60.0)

    def _wind(self, seconds: float) -> None:
        self._timer += 1
        number = self._timer
        self._due = self._simulation.moment + seconds
        self._simulation.schedule(max(0.0, seconds - WARNING), lambda: self._warn(number))
        self._simulation.schedule(seconds, lambda: self._expire(number))

    def typed(self, line: str) -> None:
        """Somebody has typed: an idle timer of that session starts anew."""
        pending = self._pending
        if pending is not None and pending.idle and line == self._asker.line:
            self._pending = PendingRollback(
                pending.file, self._router.node.local_time(self._simulation.moment), pending.minutes, True, pending.user
            )
            self._wind(pending.minutes * 60.0)

    def left(self, line: str) -> None:
        """A session is over: who comes to its line next is somebody else."""
        self._router.node.told.pop(line, None)
        if line == self._asker.line:
            self._asker = Asker(self._asker.user, "")

    def _warn(self, number: int) -> None:
        pending = self._pending
        if pending is None or number != self._timer:
            return
        self._tell(
            "Rollback Confirmed Change: Rollback will begin in one minute.\n"
            'Enter "configure confirm" if you wish to keep what you\'ve configured\n\n'
        )
        kind = "IDLETIMER" if pending.idle else "ABSTIMER"
        self._log(
            f"{_ARCHIVE}WARNING_{kind}: System will rollback to config {pending.file.name} in one minute. "
            'Enter "configure confirm" if you wish to keep what you\'ve configured'
        )

    def _expire(self, number: int) -> None:
        pending = self._pending
        if pending is None or number != self._timer:
            return
        self._pending = None
        self._log(f"{_ARCHIVE}ROLLBACK_START: Start rolling to: {pending.file.name}")
        rolled = self._restore(pending, "timer", pending.user)
        self._tell(f"Rollback Confirmed Change: rolling to:{pending.file.name}\n\n{rolled}")

    # -- what the operator says about a pending one

    def change_timer(self, minutes: int, asker: Asker, *, idle: bool) -> str:
        """``configure revert timer``: the same configuration, later or sooner."""
        pending = self.pending
        if pending is None:
            return NOTHING_PENDING
        self._set(pending.file, minutes, asker, idle=idle)
        return ""

    def confirm(self, asker: Asker) -> str:
        """``configure confirm``: no rollback. It saves nothing."""
        if self.pending is None:
            return NOTHING_PENDING
        self._pending = None
        self._log(f"{_ARCHIVE}CONFIRM: User: {asker.user}: Confirm the configuration change")
        return ""

    def now(self, asker: Asker) -> str:
        """``configure revert now``."""
        pending = self.pending
        if pending is None:
            return NOTHING_PENDING
        self._pending = None
        self._log(f"{_ARCHIVE}ROLLBACK_START: Start rolling to: {pending.file.name}")
        return f"Rollback Confirmed Change: rolling to:{pending.file.name}\n\n" + self._restore(
            pending, "revert now", asker.user
        )

    def _restore(self, pending: PendingRollback, cause: str, user: str) -> str:
        """From the archive's file, if that has kept it: ``maximum`` may have dropped it since."""
        text = self._file(pending.file.name)
        if text is None:
            self._report(cause, "aborted", [])
            return f"%Error opening {pending.file.name} (No such file or directory)\n"
        return self._replay(text, cause, user)

    # -- configure replace

    def prepare(self, name: str, minutes: int | None, asker: Asker) -> tuple[str | None, str]:
        """Find a file, and arm where a time was given. The text of the file (None: refused), and what is printed."""
        self._router.settle()
        text = self._file(name)
        if text is None:
            return None, f"%Error opening {name} (No such file or directory)\n"
        if minutes is None:
            return text, ""
        armed, printed = self.arm(minutes, asker)
        return (text if armed else None), printed

    def _file(self, name: str) -> str | None:
        if name in ("nvram:startup-config", "startup-config"):
            return self._router.startup_config()
        files = self._router.node.archive.files
        return next((each.text for each in files if each.name == name), None)

    def replace(self, text: str, asker: Asker, *, listed: bool) -> str:
        """Make the running-config what the text says."""
        return self._replay(text, "replace", asker.user, listed=listed)

    # -- the work

    def _replay(self, text: str, cause: str, user: str, *, listed: bool = True) -> str:
        """Type what is different, up to five times. Its output."""
        self._log("Rollback:Acquired Configuration lock.")
        wanted = load(text).root
        done: list[list[str]] = []
        failed: list[str] = []
        while left := changes(self._running(), wanted):
            if len(done) == PASSES:
                break
            failed = list(self._type(left, user))
            done.append([line for change in left for line in change.lines()])
        self._report(cause, "aborted" if left else "done", done)
        if left:
            return _aborted([line for change in left for line in change.lines()], failed)
        self._log("%SYS-5-CONFIG_R: Config Replace is Done")
        shown = "".join(f"!Pass {at}\n{_configlet(lines)}\n\n" for at, lines in enumerate(done, 1)) if listed else ""
        return f"{shown}Total number of passes: {len(done)}\nRollback Done\n\n"

    def _report(self, cause: str, result: str, done: list[list[str]]) -> None:
        lines = done[0] if done else []
        self._simulation.report(
            "rollback", router=self._router.name, cause=cause, result=result, passes=len(done), lines=lines
        )

    def _running(self) -> Block:
        configuration = self._router.node.configuration
        if configuration is None:
            raise AssertionError(self._router.name)
        return configuration.root

    def _type(self, wanted: tuple[Change, ...], user: str) -> Iterator[str]:
        """Every line from the top of configuration mode; those that the router does not take."""
        configuration = self._router.node.configuration
        if configuration is None:
            raise AssertionError(self._router.name)
        refused = [re.compile(each) for each in self._router.node.not_replayed]
        for change in wanted:
            editor = Editor(configuration, lambda: self._router.configured(user))
            yield from self._enter(editor, change, refused)

    def _enter(self, editor: Editor, change: Change, refused: list[re.Pattern[str]]) -> Iterator[str]:
        if any(each.search(change.line) for each in refused) or not editor.apply(change.line).ok:
            yield from change.lines()
            return
        if not change.below:
            return
        depth = editor.depth
        for each in change.below:
            editor.leave_to(depth)
            yield from self._enter(editor, each, refused)

    def _tell(self, text: str) -> None:
        """Write to the terminal that armed the rollback. That a virtual terminal gets it too is not certain."""
        if self._router.node.tells and self._asker.line:
            self._router.node.told.setdefault(self._asker.line, []).append(text)

    def _log(self, text: str) -> None:
        self._router.node.note(self._simulation.moment, text)


def _configlet(lines: list[str]) -> str:
    return "\n".join(["!List of Rollback Commands:", *lines, "end"])


def _aborted(left: list[str], failed: list[str]) -> str:
    stars = "********"
    lines = ["The rollback configlet from the last pass is listed below:", stars, _configlet(left), stars, "", ""]
    lines += [f"Rollback aborted after {PASSES} passes", "The following commands are failed to apply to the IOS image."]
    lines += [stars, *(each.strip() for each in failed), stars]
    return "\n".join(lines) + "\n\n"
