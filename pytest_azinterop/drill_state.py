"""The network before, during and after a drill: recorded like any run, and compared like a baseline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pytest_azinterop import __version__, baseline, gathering
from pytest_azinterop import subject_facts as fact
from pytest_azinterop.collect import recording
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.recording_format import About
from pytest_azinterop.collect.recording_scope import scopes
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill.guard import objection
from pytest_azinterop.drill.look import timer
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.router_scope import configurations
from pytest_azinterop.report.progress import Progress
from pytest_azinterop.verify import difference_bgp
from pytest_azinterop.verify.change import Compared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.drill_expectations import Drill
    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.state.operations import RollbackTimer
    from pytest_azinterop.verification import Verification
    from pytest_azinterop.verify.finding import Finding

# What a drill itself changes and a comparison would tell: a session that was down has another age and another count.
_OF_THE_DRILL = frozenset({"baseline.session-reset"})


class States:
    """The recordings of a drill, by phase: `before`, `during`, `after`."""

    def __init__(self, drill: Drill, verification: Verification, folder: Path, deadlines: dict[str, float]) -> None:
        self._drill = drill
        self._verification = verification
        self._folder = folder
        self._deadlines = deadlines
        self.facts: dict[str, Facts] = {}
        self.trouble: dict[str, str] = {}

    def take(self, phase: str) -> None:
        """Record what the routers show now. What fails is told by `trouble`, and nothing is raised."""
        loaded, inventory = self._verification.loaded, self._verification.inventory
        wanted = plan(self._needs(loaded.expectations))
        about = About(
            tool=__version__,
            intent=loaded.digest,
            inventory=inventory.name,
            started=datetime.now(UTC),
            judged_on=self._verification.today,
        )
        try:
            recorder = recording.Recorder(self._folder / phase, about, scopes(loaded.expectations), wanted)
            with Progress(None, wanted, recorder.event) as progress:
                collected = gathering.ask(gathering.Source(inventory.folder), wanted, self._deadlines, progress)
            recorder.keep(collected)
            recorder.finish()
        except Exception as error:  # noqa: BLE001 (nothing of a recording may stop a drill)
            self.trouble[phase] = f"the recording {phase}: {type(error).__name__}: {str(error)[:200]}"
            return
        self.facts[phase] = FactStore(wanted, collected)

    def _needs(self, everything: Expectations) -> Iterator[Need]:
        for aspect, expected in self._pairs(everything):
            yield from (each.fact if isinstance(each, Sampled) else each for each in aspect.needs(expected))
        for router in self._drill.routers:
            yield fact.clock(router)
            yield timer(router)
            yield fact.rib(router, self._drill.vrf)
            yield Fact.of(router, "log")
        for reach in looking.targets(self._drill):
            yield Fact.of(
                reach.router,
                "traceroute",
                vrf=reach.vrf,
                address=str(reach.target),
                source=reach.source,
                timeout="1",
                probes="1",
                ttl="6",
            )

    def _pairs(self, everything: Expectations) -> Iterator[tuple[Any, Any]]:
        for scope in configurations(everything):
            if scope.router in self._drill.routers:
                yield from ((aspect, scope) for aspect in baseline.ROUTER_ASPECTS)
        for vrf in difference_bgp.scopes(everything):
            if vrf.router in self._drill.routers and vrf.vrf == self._drill.vrf:
                yield from ((aspect, vrf) for aspect in baseline.VRF_ASPECTS)

    def compare(self) -> list[Finding]:
        """What is not as before. Raises UndeterminedError where one of both sides is not known."""
        before, after = self._of("before"), self._of("after")
        taken = {each.id for each in looking.taken(self._drill)}
        found: list[Finding] = []
        for aspect, expected in self._pairs(self._verification.loaded.expectations):
            pair = Compared(aspect.read(expected, before), aspect.read(expected, after))
            for change in aspect.changes(expected, pair):
                if change.expected is not None or _is_of_the_drill(change.finding, taken):
                    continue
                found.append(change.finding)
        return found

    def timers(self) -> list[Finding]:
        """No rollback is pending any more. Raises UndeterminedError."""
        after = self._of("after")
        found = []
        for router in self._drill.changes:
            seen: RollbackTimer = fact.the_one(after, timer(router))
            if seen.pending:
                words = f"a rollback is still pending ({seen.minutes} min from {seen.set_at}, by {seen.user})"
                found.append(
                    objection(
                        "timer",
                        router,
                        "rollback-pending",
                        f"{words}; expected none",
                        seen.source,
                        next_command="show archive config rollback timer",
                    )
                )
        return found

    def _of(self, phase: str) -> Facts:
        if phase not in self.facts:
            raise UndeterminedError(self.trouble.get(phase, f"nothing was recorded {phase}"), cause="not-collected")
        return self.facts[phase]


def _is_of_the_drill(finding: Finding, taken: set[str]) -> bool:
    return finding.object in taken and finding.rule in _OF_THE_DRILL
