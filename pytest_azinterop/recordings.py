"""The recordings of a run: the one that it makes, the one that it replays, the one that it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_azinterop import __version__, options
from pytest_azinterop.collect import recording, replay
from pytest_azinterop.collect.recording_format import About
from pytest_azinterop.collect.recording_scope import scopes
from pytest_azinterop.report import terminal

if TYPE_CHECKING:
    from datetime import date

    import pytest

    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.collect.replay import Recording
    from pytest_azinterop.intent.loader import LoadedIntent
    from pytest_azinterop.verification import Verification


@dataclass(frozen=True, slots=True)
class Recordings:
    """What the command line names. `record` is the folder that is still to be made."""

    intent: str
    record: Path | None = None
    replay: Recording | None = None
    baseline: Recording | None = None

    @property
    def today(self) -> date | None:
        """The day by which waivers are judged: that of a replayed recording; None: of the clock."""
        return None if self.replay is None else self.replay.about.judged_on

    def header(self) -> list[str]:
        """What a reader must know before any outcome."""
        lines = [f"azinterop: recording to {self.record}"] if self.record is not None else []
        for word, source in (("replay of", self.replay), ("baseline", self.baseline)):
            if source is not None:
                about = source.about
                lines.append(
                    f"azinterop: {word} {source.folder}, recorded {about.started:%Y-%m-%d %H:%M:%SZ}"
                    f" with version {terminal.clean(about.tool, 40)}"
                )
        return lines + self.warnings()

    def warnings(self) -> list[str]:
        """What is wrong with a recording that was read, or not as it is now."""
        return [
            f"azinterop: warning: {word}: {terminal.clean(warning)}"
            for word, source in (("replay", self.replay), ("baseline", self.baseline))
            if source is not None
            for warning in source.warnings(self.intent, __version__)
        ]

    def recorder(self, plan: Plan, verification: Verification) -> recording.Recorder | None:
        """A recorder for a plan; None where nothing is to be kept. Raises InventoryError."""
        if self.record is None:
            return None
        loaded = verification.loaded
        about = About(
            tool=__version__,
            intent=loaded.digest,
            inventory=verification.inventory.name,
            started=datetime.now(UTC),
            judged_on=verification.today,
        )
        return recording.Recorder(self.record, about, scopes(loaded.expectations), plan)


def begin(config: pytest.Config, loaded: LoadedIntent) -> Recordings:
    """Read the recordings that the command line names, and see that a new one can be made. Raises InventoryError."""
    cwd = config.invocation_params.dir

    def folder(name: str) -> Path | None:
        given = options.value(config, name)
        return None if given is None else cwd / Path(given).expanduser()

    record, replayed, baseline = folder("record"), folder("replay"), folder("baseline")
    if record is not None and not hasattr(config, "workerinput"):
        recording.refuse_used(record)
    return Recordings(
        intent=loaded.digest,
        record=record,
        replay=None if replayed is None else replay.read(replayed),
        baseline=None if baseline is None else replay.read(baseline),
    )
