"""From an approved plan to a drill that is carried out: logins, journal, recordings, and the conduct of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop import options
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.drill import approval, azure_watch, conduct, credentials, observer, recover
from pytest_azinterop.drill import plan as planning
from pytest_azinterop.drill.device import Target
from pytest_azinterop.drill.journal import Journal
from pytest_azinterop.drill_state import States
from pytest_azinterop.errors import AzinteropError
from pytest_azinterop.verification import VERIFICATION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pytest

    from pytest_azinterop.collect.azure_run import Asker
    from pytest_azinterop.collect.facts import Facts
    from pytest_azinterop.drill.azure_tests import AzureTest
    from pytest_azinterop.drill.plan import DrillPlan
    from pytest_azinterop.drill.record import Record


class Acting:
    """One drill that is carried out, into this folder. `states` are what was recorded before, meanwhile and after."""

    def __init__(
        self, config: pytest.Config, record: Record, plan: DrillPlan, folder: Path, say: Callable[[str], None]
    ) -> None:
        self._config = config
        self._verification = config.stash[VERIFICATION]
        self._record = record
        self._drill = record.drill
        self._plan = plan
        self._say = say
        self._journal = Journal.create(folder)
        self.states = States(self._drill, self._verification, folder / "recordings", self._deadlines())

    def carry_out(self, fingerprints: Mapping[str, str], facts: Facts) -> None:
        """All of it; what goes wrong stands in the record. `fingerprints` are of the configurations that were planned
        with, `facts` what the pre-checks saw. Raises UndeterminedError before anything is sent."""
        record, drill = self._record, self._drill
        record.unproven = list(planning.unproven(drill))
        self.states.take("before")
        targets = self._targets(fingerprints, facts)
        approved = record.approval
        self._journal.write(
            "planned",
            None,
            drill=drill.name,
            inventory=str(self._verification.inventory.folder.resolve()),
            plan=self._plan.digest,
            ticket=None if approved is None else approved.ticket,
            user=None if approved is None else approved.user,
            routers=recover.plan_facts({target: drill.changes[target.router] for target in targets}),
        )
        self._journal.write("locked", None)
        tests: tuple[AzureTest, ...] = ()
        try:
            tests = self._tests()
            scenery = observer.Scenery(
                inventory=load(self._verification.inventory.folder),
                everything=self._verification.loaded.expectations,
                drill_login=credentials.find(),
                targets=targets,
                journal=self._journal,
                say=self._say,
                snapshot=self.states.take,
                azure=self._azure(),
                questions=azure_watch.questions(drill, self._verification.loaded.expectations),
                tests=tests,
            )
        except AzinteropError as error:
            record.failure = f"{error}; nothing was changed"
        else:
            conduct.Conduct(drill, scenery, record).run()
        self._finish(tests)
        record.unproven += list(self.states.trouble.values())

    def _targets(self, fingerprints: Mapping[str, str], facts: Facts) -> tuple[Target, ...]:
        hostnames = {each.router: each.hostname for each in self._verification.loaded.expectations.devices}
        return tuple(
            Target(
                router=router,
                hostname=hostnames[router],
                serial=approval.serial(facts, router),
                programs=self._plan.programs[router],
                minutes=self._drill.revert_minutes,
                fingerprint=fingerprints[router],
                busy=self._drill.failover + self._drill.hold,
            )
            for router in self._drill.changes
        )

    def _finish(self, tests: tuple[AzureTest, ...]) -> None:
        """The journal ends only where nothing is left to restore."""
        left = [each for each in self._record.ends if each.how in ("left-to-timer", "unknown")]
        running = [each for each in tests if each.stopped is not None and not each.stopped.is_stopped]
        if not left and not running:
            early = None if self._record.abort is None else self._record.abort.cause
            self._journal.write("finished", None, ended_early=early)

    def _azure(self) -> Asker | None:
        expected = self._verification.loaded.expectations.azure
        if expected is None or self._verification.azure.not_asked is not None:
            return None
        from pytest_azinterop.collect.azure_source import open_client

        seconds = options.value(self._config, "azure-deadline")
        client = open_client(expected.cloud, self._verification.inventory.folder, deadline_seconds=seconds)
        client.log_in()
        return client

    def _tests(self) -> tuple[AzureTest, ...]:
        """Azure's own tests, with the credential of drills. Raises DrillRefusedError."""
        expected = self._verification.loaded.expectations.azure
        if not self._drill.azure_tests or expected is None:
            return ()
        from pytest_azinterop.drill.azure_tests import AzureTest, changing_client

        client = changing_client(expected.cloud, self._verification.inventory.folder)
        client.log_in()
        return tuple(AzureTest(each, client, self._journal, told=self._say) for each in self._drill.azure_tests)

    def _deadlines(self) -> dict[str, float]:
        given = {name: options.value(self._config, f"{name}-deadline") for name in ("command", "router")}
        return {f"{name}_deadline": float(seconds) for name, seconds in given.items() if seconds is not None}
