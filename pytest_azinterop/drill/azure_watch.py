"""Asking Azure again and again while a drill lasts: peers, learned routes, MSEE sessions and effective routes.

Only questions of the catalogue, one round after the other. What a round told is kept as words by subject, so that a
change between two rounds is an event whose moment is known to within a round.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop import subjects_azure as ask
from pytest_azinterop.collect import azure_run
from pytest_azinterop.collect.azure_plan import AzurePlan
from pytest_azinterop.collect.plan import Plan
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.drill.guard import Guard, Scene, objection, whole
from pytest_azinterop.errors import AzinteropError, UndeterminedError
from pytest_azinterop.state.azure_resiliency import LinkFailoverTest, SiteFailoverTest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pytest_azinterop.azure.request import Request
    from pytest_azinterop.collect.azure_run import Asker
    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.azure_expectations import ExpectedCircuit, ExpectedGateway, ExpectedSubnet
    from pytest_azinterop.intent.drill_expectations import Drill
    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.verify.finding import Finding

_TICK = 0.05


@dataclass(frozen=True, slots=True)
class AzureRound:
    """What one round told, by subject, in words. `trouble`: what could not be determined. Times are this machine's."""

    asked_at: datetime
    ended_at: datetime
    told: Mapping[str, str] = field(default_factory=dict)
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and how its records are told."""

    request: Request
    tell: Callable[[Facts], Iterator[tuple[str, str]]]


def questions(drill: Drill, everything: Expectations) -> tuple[Question, ...]:
    """What is asked about a drill; nothing where the intent does not describe Azure."""
    azure = everything.azure
    if azure is None:
        return ()
    networks = {pair.network for pair in drill.pairs}
    served = [each for each in azure.subnets if each.network in networks and each.nic is not None]
    names = {name for each in served for name in each.gateways}
    prefixes = {prefix for each in drill.sessions if each.announce for prefix in each.announce.required}
    found = [
        question
        for each in azure.gateways
        if each.name in names
        for question in (_peers(each), _learned(each, frozenset(map(str, prefixes))))
    ]
    circuits = {each.path.rpartition(" ")[0] for each in drill.sessions if each.role != "vpn"}
    for path in azure.circuit_paths:
        if path.circuit in circuits:
            request = ask.path_table("circuit-sessions", path)
            found.append(Question(request, _msee(request, path.id)))
    found += [_effective(each, frozenset(map(str, prefixes))) for each in served]
    return tuple(found)


def _peers(gateway: ExpectedGateway) -> Question:
    request = ask.gateway(gateway.resource, "bgp-peers")

    def tell(facts: Facts) -> Iterator[tuple[str, str]]:
        for each in facts.records(request):
            yield f"{gateway.name} peer {each.neighbor}", str(each.state)

    return Question(request, tell)


def _learned(gateway: ExpectedGateway, prefixes: frozenset[str]) -> Question:
    request = ask.gateway(gateway.resource, "learned-routes")

    def tell(facts: Facts) -> Iterator[tuple[str, str]]:
        routes = list(facts.records(request))
        for prefix in sorted(prefixes):
            ways = sorted({_way(each) for each in routes if str(each.prefix) == prefix})
            yield f"{gateway.name} route {prefix}", ", ".join(ways) or "none"

    return Question(request, tell)


def _way(route: object) -> str:
    over = "ExpressRoute" if route.over_expressroute else "VPN"  # type: ignore[attr-defined]
    return f"{over} ({route.as_path})"  # type: ignore[attr-defined]


def _msee(request: Request, name: str) -> Callable[[Facts], Iterator[tuple[str, str]]]:
    def tell(facts: Facts) -> Iterator[tuple[str, str]]:
        for each in facts.records(request):
            yield f"{name} session {each.neighbor}", str(each.state)

    return tell


def _effective(subnet: ExpectedSubnet, prefixes: frozenset[str]) -> Question:
    assert subnet.nic is not None
    request = ask.effective_routes(subnet.nic)

    def tell(facts: Facts) -> Iterator[tuple[str, str]]:
        routes = [each for each in facts.records(request) if each.is_active]
        for prefix in sorted(prefixes):
            hops = sorted(
                f"{each.next_hop_type} {', '.join(map(str, each.next_hops or ()))}".strip()
                for each in routes
                if prefix in map(str, each.prefixes)
            )
            yield f"{subnet.name} effective {prefix}", "; ".join(hops) or "none"

    return Question(request, tell)


class AzureWatch:
    """Rounds of questions, as they come."""

    def __init__(
        self, client: Asker, asked: tuple[Question, ...], interval: timedelta, rate: Callable[[], float]
    ) -> None:
        self.rounds: list[AzureRound] = []
        self._client = client
        self._asked = asked
        self._interval = interval
        self._rate = rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drill-azure", daemon=True)

    def start(self) -> None:
        """Begin; what fails is told by the rounds."""
        if self._asked:
            self._thread.start()

    def stop(self, patience: float = 10.0) -> None:
        """End; waits are called off."""
        self._stop.set()
        self._client.call_off()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _run(self) -> None:
        wanted = Plan((), AzurePlan(tuple(dict.fromkeys(each.request for each in self._asked))))
        while not self._stop.is_set():
            began = datetime.now(UTC)
            found = self._round(wanted, began)
            if self._stop.is_set():
                return
            self.rounds.append(found)
            while not self._stop.is_set() and datetime.now(UTC) < began + self._interval / self._rate():
                self._stop.wait(_TICK)

    def _round(self, wanted: Plan, began: datetime) -> AzureRound:
        told: dict[str, str] = {}
        trouble: list[str] = []
        try:
            facts = FactStore(wanted, azure_run.collect(self._client, wanted.azure))
        except AzinteropError as error:
            return AzureRound(began, datetime.now(UTC), {}, (str(error)[:200],))
        except Exception as error:  # noqa: BLE001 (a defect must be seen as something that is not known)
            return AzureRound(began, datetime.now(UTC), {}, (f"asking Azure failed with {type(error).__name__}",))
        for each in self._asked:
            try:
                told.update(each.tell(facts))
            except UndeterminedError as error:
                trouble.append(error.message[:200])
        return AzureRound(began, datetime.now(UTC), told, tuple(dict.fromkeys(trouble)))


# Before it begins ------------------------------------------------------------------------------------------------


def _concerned(scene: Scene) -> tuple[list[ExpectedCircuit], list[ExpectedGateway]]:
    """The site's circuits, and the gateways that serve the networks of the drill."""
    azure = scene.everything.azure
    if azure is None:
        return [], []
    names = {each.path.rpartition(" ")[0] for each in scene.drill.sessions if each.role != "vpn"}
    networks = {pair.network for pair in scene.drill.pairs}
    serving = {name for each in azure.subnets if each.network in networks for name in each.gateways}
    return [each for each in azure.circuits if each.name in names], [
        each for each in azure.gateways if each.name in serving
    ]


def _quiet_needs(scene: Scene) -> tuple[Need, ...]:
    circuits, gateways = _concerned(scene)
    found: list[Need] = []
    for circuit in circuits:
        found += [ask.circuit(circuit.resource), ask.link_tests(circuit.resource)]
    for gateway in gateways:
        found.append(ask.gateway(gateway.resource))
        if gateway.kind == "expressroute":
            found.append(ask.site_tests(gateway.resource))
    return tuple(found)


def quiet(scene: Scene, facts: Facts) -> list[Finding]:
    """No failover test is under way, and no circuit or gateway is being changed."""
    circuits, gateways = _concerned(scene)
    found: list[Finding] = []
    for circuit in circuits:
        found += _tests(circuit.id, facts.records(ask.link_tests(circuit.resource)))
        found += _settled(circuit.id, facts.records(ask.circuit(circuit.resource)))
    for gateway in gateways:
        found += _settled(gateway.id, facts.records(ask.gateway(gateway.resource)))
        if gateway.kind == "expressroute":
            found += _tests(gateway.id, facts.records(ask.site_tests(gateway.resource)))
    return found


def _tests(object_: str, tests: Sequence[LinkFailoverTest | SiteFailoverTest]) -> Iterator[Finding]:
    for each in tests:
        if each.is_under_way:
            what = each.link if isinstance(each, LinkFailoverTest) else each.location
            words = f"a failover test of {what} is {each.status} since {each.started}, expected none"
            yield objection("azure-quiet", object_, "failover-test", words, likely="azinterop drill recover stops it")


def _settled(object_: str, resources: Sequence[Any]) -> Iterator[Finding]:
    for each in resources:
        if each.provisioning_state not in (None, "Succeeded"):
            words = f"its state is {each.provisioning_state}, expected Succeeded: Azure is changing it"
            yield objection("azure-quiet", object_, "changing", words)


GUARDS: Final = (Guard("azure-quiet", "no failover test and no change is under way", whole, _quiet_needs, quiet),)
