"""Azure's own failover tests in a drill: started, and stopped again, whatever happens in between.

They do not end by themselves, so a test that may have begun stands in the journal before it does, and what Azure says
about its tests, not the answer to a start or stop, decides whether one runs.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self, cast

from pytest_azinterop.azure import failure
from pytest_azinterop.azure.changes import CHANGES, Change, ChangingTransport
from pytest_azinterop.azure.client import ArmClient
from pytest_azinterop.azure.clock import SystemClock
from pytest_azinterop.azure.credential import GivenToken, build
from pytest_azinterop.azure.request import Request
from pytest_azinterop.azure.resource import ResourceId
from pytest_azinterop.collect import azure_source
from pytest_azinterop.drill.signals import held
from pytest_azinterop.errors import DrillFailedError, DrillRefusedError, UndeterminedError
from pytest_azinterop.intent.azure import split_id
from pytest_azinterop.intent.azure_expectations import ResourceName
from pytest_azinterop.intent.drill_expectations import AzureLink, AzureSite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_azinterop.drill.journal import Journal
    from pytest_azinterop.intent.azure_expectations import AzureCloud
    from pytest_azinterop.intent.drill_expectations import AzureTrigger
    from pytest_azinterop.state.azure_resiliency import LinkFailoverTest, SiteFailoverTest

TOKEN_VARIABLE: Final = "AZINTEROP_DRILL_AZURE_TOKEN"  # noqa: S105 (a name)
CREDENTIAL_VARIABLE: Final = "AZINTEROP_DRILL_AZURE_CREDENTIAL"
_PATIENCE: Final = 300.0
_POLL: Final = 5.0
_SETTLING: Final = 60.0
# Azure has said that it did not take the request.
_REFUSED: Final = frozenset(
    {
        failure.FORBIDDEN,
        failure.LOGIN,
        failure.NO_RESOURCE,
        failure.NOT_FOUND,
        failure.REJECTED,
        failure.THROTTLED,
        failure.LOCKED,
        failure.API_VERSION,
    }
)


@dataclass(frozen=True, slots=True)
class Stopped:
    """How a test was left. `is_stopped`: Azure says that it does not run. `shout`: what a person must do, None:
    nothing."""

    subject: str
    is_stopped: bool
    words: str
    shout: str | None = None


class AzureTest:
    """One test. `__exit__` stops it.

    Seconds of this machine: `patience` for Azure to do what it is asked, `poll` between two looks, `settling` for a
    test to show up of which nobody knows whether it was begun. `begun`: another process may have begun it.
    """

    def __init__(
        self,
        trigger: AzureTrigger,
        client: ArmClient,
        journal: Journal,
        *,
        told: Callable[[str], None] = lambda _: None,
        patience: float = _PATIENCE,
        poll: float = _POLL,
        settling: float = _SETTLING,
        begun: bool = False,
    ) -> None:
        self.trigger = trigger
        self.stopped: Stopped | None = None
        self._client = client
        self._journal = journal
        self._told = told
        self._patience = patience
        self._poll = poll
        self._settling = settling
        self._begun = begun
        self._is_uncertain = begun

    def running(self) -> LinkFailoverTest | SiteFailoverTest | None:
        """The test of this link or site that is under way. Raises AzureError or ParseError."""
        return next((each for each in self._tests() if self._is_ours(each)), None)

    def busy(self) -> tuple[LinkFailoverTest | SiteFailoverTest, ...]:
        """Every test of this circuit or gateway that is under way. Raises AzureError or ParseError."""
        return tuple(each for each in self._tests() if each.is_under_way)

    def start(self) -> str | None:
        """Begin it, and wait until Azure says that it runs. The id of the test, where Azure tells one.

        Raises DrillRefusedError where nothing was begun, else DrillFailedError, after it was stopped.
        """
        try:
            busy = self.busy()
        except UndeterminedError as problem:
            raise DrillRefusedError(f"{self.trigger.id}: {problem}; nothing was begun") from None
        if busy:
            raise DrillRefusedError(f"{self.trigger.id}: a failover test runs there already ({busy[0].status})")
        self._journal.write("azure-start", self.trigger.id, trigger=written(self.trigger))
        self._begun = True
        trouble: UndeterminedError | None = None
        try:
            self._client.ask(self._change("start"))
        except UndeterminedError as problem:
            trouble = problem
        refused = trouble is not None and trouble.cause in _REFUSED
        self._is_uncertain = not refused
        test = self._await(0.0 if refused else self._settling if trouble else self._patience)
        if test is None:
            stopped = self.stop(successful=False)
            why = f"{self.trigger.id}: it did not begin: {trouble or 'Azure does not say that it runs'}"
            if stopped.is_stopped:
                raise DrillRefusedError(f"{why}; no test runs")
            raise DrillFailedError(f"{why}; {stopped.words}", shout=stopped.shout)
        self._is_uncertain = False
        self._journal.write("azure-started", self.trigger.id, test=test.test_id, began=test.started)
        return test.test_id

    def stop(self, *, successful: bool) -> Stopped:
        """End it, and wait until Azure says that it does not run. Never raises for what Azure does.

        `successful` is what Azure is told of the outcome. Signals wait until it is done.
        """
        if self.stopped is None or not self.stopped.is_stopped:
            with held():
                self.stopped = self._stop(successful=successful)
        return self.stopped

    def _stop(self, *, successful: bool) -> Stopped:
        if not self._begun:
            return Stopped(self.trigger.id, True, "nothing was begun")
        give_up = time.monotonic() + self._patience
        settled = time.monotonic() + (self._settling if self._is_uncertain else 0.0)
        trouble = ""
        self._journal.write("azure-stop", self.trigger.id)
        while True:
            try:
                test = self.running()
                if test is not None and test.status != "Stopping":
                    self._client.ask(self._change("stop", successful=str(successful).lower()))
                elif test is None and time.monotonic() >= settled:
                    self._journal.write("azure-stopped", self.trigger.id)
                    return Stopped(self.trigger.id, True, "Azure says that no test runs")
            except UndeterminedError as problem:
                # Whatever the answer was: the next look says whether it still runs.
                trouble = str(problem)
            if time.monotonic() >= give_up:
                break
            time.sleep(self._poll)
        self._journal.write("failed", self.trigger.id, why=trouble)
        words = f"its failover test may still run: {trouble or 'Azure says that it does'}"
        return Stopped(self.trigger.id, False, words, f"{self.trigger.id}: {words}\n{self._by_hand()}")

    def _await(self, seconds: float) -> LinkFailoverTest | SiteFailoverTest | None:
        """The test once it runs; None: there is none after so many seconds, or it does not come to run in time."""
        began = time.monotonic()
        while True:
            test = None
            try:
                test = self.running()
                if test is not None and test.status == "Running":
                    return test
            except UndeterminedError as trouble:
                self._told(f"{self.trigger.id}: {trouble}")
            if time.monotonic() - began >= (seconds if test is None else self._patience):
                return None
            time.sleep(self._poll)

    def _tests(self) -> tuple[LinkFailoverTest | SiteFailoverTest, ...]:
        resource = _resource(self.trigger.resource)
        if isinstance(self.trigger, AzureLink):
            request = Request.about("link-failover-tests", resource, kind="LinkFailover", latest="true")
        else:
            request = Request.about("site-failover-tests", resource, kind="All", latest="true")
        return cast("tuple[LinkFailoverTest | SiteFailoverTest, ...]", self._client.ask(request).read().records)

    def _is_ours(self, test: LinkFailoverTest | SiteFailoverTest) -> bool:
        if not test.is_under_way:
            return False
        if isinstance(self.trigger, AzureLink):
            return str(getattr(test, "link", "")).casefold() == self.trigger.link.casefold()
        return str(getattr(test, "location", "")).casefold() == self.trigger.location.casefold()

    def _change(self, what: str, **more: str) -> Change:
        resource = _resource(self.trigger.resource)
        shared = {"subscription": resource.subscription, "group": resource.group}
        if isinstance(self.trigger, AzureLink):
            of_link = {"circuit": resource.names[0], "link": self.trigger.link, "category": self.trigger.how}
            return Change.of(f"{what}-link-failover-test", **shared, **of_link, **more)
        of_site = {"gateway": resource.names[0], "location": self.trigger.location}
        return Change.of(f"{what}-site-failover-test", **shared, **of_site, **more)

    def _by_hand(self) -> str:
        change = self._change("stop", successful="false")
        version = CHANGES[change.operation_name].api_version
        return (
            "To stop it, type where `az` is logged in:\n"
            f"    az rest --method post --url '{change.path}?api-version={version}' --body '{json.dumps(change.body)}'"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        before = self.stopped
        stopped = self.stop(successful=False)
        if before is None and stopped.shout is not None:
            self._told(stopped.shout)


def changing_client(said: AzureCloud, folder: Path, environ: Mapping[str, str] | None = None) -> ArmClient:
    """A client that can start and stop tests, with a credential of its own: a token, or a kind of azure-identity.

    Raises DrillRefusedError where the environment names none, InventoryError where it cannot be made.
    """
    environ = os.environ if environ is None else environ
    cloud = azure_source.cloud_of(said, folder)
    token, kind = environ.get(TOKEN_VARIABLE), environ.get(CREDENTIAL_VARIABLE)
    if not token and not kind:
        raise DrillRefusedError(
            f"a failover test of Azure needs a credential of its own: set {TOKEN_VARIABLE}, or name a kind of "
            f"credential in {CREDENTIAL_VARIABLE}"
        )
    credential = GivenToken(token) if token else build(str(kind), {}, cloud)
    clock = SystemClock()
    return ArmClient(ChangingTransport(cloud, credential, clock), clock)


def written(trigger: AzureTrigger) -> dict[str, str]:
    """For the journal."""
    if isinstance(trigger, AzureLink):
        of_link = {"kind": "link", "circuit": trigger.circuit, "link": trigger.link, "how": trigger.how}
        return {**of_link, "resource": trigger.resource.id}
    of_site = {"kind": "site", "gateway": trigger.gateway, "location": trigger.location}
    return {**of_site, "resource": trigger.resource.id}


def from_journal(said: Mapping[str, Any]) -> AzureTrigger:
    """The same from the journal. Raises ValueError or KeyError for anything else."""
    resource = ResourceName(*split_id(str(said["resource"])))
    if said["kind"] == "link":
        link, how = str(said["link"]), str(said["how"])
        return AzureLink(str(said["circuit"]), resource, link, how)  # type: ignore[arg-type]  # `Change` checks them
    if said["kind"] == "site":
        return AzureSite(str(said["gateway"]), resource, str(said["location"]))
    raise ValueError(f"unknown test {said['kind']!r}")


def _resource(name: ResourceName) -> ResourceId:
    return ResourceId.parse(name.id)
