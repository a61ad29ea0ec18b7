"""The items of `--baseline`: per router, and per VRF of a router, what differs from a recording.

They are made here and stand in no file of checks: they compare whatever the intent has a customer on. Each asks only
for the facts that it compares, so that what is missing on one of the two sides costs that comparison alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pytest

from pytest_azinterop import options, subjects_azure
from pytest_azinterop import subject_facts as fact
from pytest_azinterop.azure.request import Request
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.router_scope import configurations
from pytest_azinterop.intent.waivers import matches
from pytest_azinterop.outcomes import RECORD, ItemRecord, Judge, UndeterminedFailure
from pytest_azinterop.report import terminal
from pytest_azinterop.verification import VERIFICATION
from pytest_azinterop.verify import difference, difference_bgp
from pytest_azinterop.verify.change import Change, Compared
from pytest_azinterop.verify.difference_bgp import SessionRoutes
from pytest_azinterop.verify.difference_paths import Tables
from pytest_azinterop.verify.difference_vpn import Associations
from pytest_azinterop.verify.rules_baseline import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.collect.replay import Recording
    from pytest_azinterop.intent.azure_expectations import ResourceName
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSession
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.verification import Verification
    from pytest_azinterop.verify.difference_bgp import VrfScope

ExpectedT = TypeVar("ExpectedT")


@dataclass(frozen=True, slots=True)
class Aspect(Generic[ExpectedT]):
    """One thing that is compared: the facts that it takes, how they are read, and what differs between two readings."""

    name: str
    needs: Callable[[ExpectedT], tuple[Need, ...]]
    read: Callable[[ExpectedT, Facts], Any]
    changes: Callable[[ExpectedT, Compared[Any]], Sequence[Change]]


# What is read ---------------------------------------------------------------------------------------------------------


def _associations_needs(router: ExpectedConfiguration) -> tuple[Need, ...]:
    found: list[Need] = [fact.ike_sas(router.router)] if router.tunnels else []
    for tunnel in router.tunnels:
        probe = fact.probe(tunnel) if tunnel.sampling.probe else None
        found.append(Sampled(fact.ipsec_sas(tunnel), probe=probe, interval=tunnel.sampling.interval))
    return tuple(found)


def _associations(router: ExpectedConfiguration, facts: Facts) -> Associations:
    wanted = [fact.ipsec_sas(tunnel) for tunnel in router.tunnels]
    last = tuple(each for one in wanted for each in _of_interface(one, facts))
    return Associations(
        ike=tuple(facts.records(fact.ike_sas(router.router))) if router.tunnels else (),
        ipsec=last,
        ipsec_first=tuple(each for one in wanted for each in _first(one, facts)),
    )


def _first(wanted: Fact, facts: Facts) -> Sequence[Any]:
    try:
        return facts.samples(wanted)[0]
    except UndeterminedError:
        return _of_interface(wanted, facts)


def _of_interface(wanted: Fact, facts: Facts) -> Sequence[Any]:
    """The records; none where the router says that it does not have the interface at all."""
    try:
        return facts.records(wanted)
    except UndeterminedError as error:
        if error.cause == "no-such-interface":
            return ()
        raise


def _neighbors_needs(scope: VrfScope) -> tuple[Need, ...]:
    return (fact.bgp_neighbors(scope.router, scope.vrf, scope.version),)


def _routes_needs(scope: VrfScope) -> tuple[Need, ...]:
    per_session = (fact.neighbor_routes(session, view) for session in _to_azure(scope) for view in _views(session))
    return (*_neighbors_needs(scope), *per_session)


def _to_azure(scope: VrfScope) -> tuple[ExpectedSession, ...]:
    return tuple(session for session in scope.sessions if session.role != "internal")


def _views(session: ExpectedSession) -> tuple[str, ...]:
    return ("accepted", "advertised", *(("received",) if session.soft_reconfiguration else ()))


def _routes(scope: VrfScope, facts: Facts) -> SessionRoutes:
    """The routes of the neighbors that the router has; of one that keeps no received routes only the others."""
    known = facts.records(fact.bgp_neighbors(scope.router, scope.vrf, scope.version))
    neighbors = {each.address: each for each in known}
    views: dict[str, dict[Any, Any]] = {"accepted": {}, "received": {}, "advertised": {}}
    for session in _to_azure(scope):
        neighbor = neighbors.get(session.neighbor)
        if neighbor is None or not neighbor.is_established:
            continue
        for view in _views(session):
            if view == "received" and not neighbor.soft_reconfiguration_inbound:
                continue
            views[view][session.neighbor] = fact.the_one(facts, fact.neighbor_routes(session, view))
    return SessionRoutes(tuple(neighbors.values()), **views)


def _table(router: str, scope: VrfScope) -> Fact:
    return fact.bgp_table(router, scope.vrf, scope.version)


def _tables(scope: VrfScope, facts: Facts) -> Tables:
    """The table, and those of the other edge routers as far as they are known."""
    known = {address: fact.known(facts, _table(router, scope)) for address, router in scope.peers.items()}
    return Tables(
        own=fact.the_one(facts, _table(scope.router, scope)),
        peers={address: records[0] for address, records in known.items() if records},
    )


ROUTER_ASPECTS: tuple[Aspect[ExpectedConfiguration], ...] = (
    Aspect(
        "device",
        lambda router: (fact.version(router.router),),
        lambda router, facts: fact.the_one(facts, fact.version(router.router)),
        difference.router_device_changes,
    ),
    Aspect(
        "interfaces",
        lambda router: (fact.interfaces(router.router),),
        lambda router, facts: tuple(facts.records(fact.interfaces(router.router))),
        difference.interface_changes,
    ),
    Aspect("security-associations", _associations_needs, _associations, difference.association_changes),
    Aspect(
        "configuration",
        lambda router: (fact.privilege(router.router), fact.running_config(router.router)),
        lambda router, facts: fact.configuration(router.router, facts),
        difference.configuration_changes,
    ),
)
VRF_ASPECTS: tuple[Aspect[VrfScope], ...] = (
    Aspect(
        "neighbors",
        _neighbors_needs,
        lambda scope, facts: tuple(facts.records(fact.bgp_neighbors(scope.router, scope.vrf, scope.version))),
        difference.neighbor_changes,
    ),
    Aspect("prefixes", _routes_needs, _routes, difference.prefix_changes),
    Aspect(
        "paths",
        lambda scope: (_table(scope.router, scope),),
        _tables,
        difference.path_changes,
    ),
)


def _azure_aspect(request: Callable[[ResourceName], Request]) -> Aspect[Any]:
    return Aspect(
        "azure",
        lambda expected: (request(expected.resource),),
        lambda expected, facts: fact.the_one(facts, request(expected.resource)),
        difference.azure_changes,
    )


def _azure(everything: Expectations) -> Iterator[tuple[Aspect[Any], Any]]:
    """Every resource that the intent names; nothing where it does not describe Azure."""
    if (azure := everything.azure) is None:
        return
    for kind, request in (
        (azure.circuits, subjects_azure.circuit),
        (azure.gateways, subjects_azure.gateway),
        (azure.connections, subjects_azure.connection),
        (azure.local_gateways, subjects_azure.local_gateway),
        (azure.vnets, subjects_azure.vnet),
    ):
        aspect = _azure_aspect(request)
        yield from ((aspect, each) for each in kind)


# Expected changes -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Declared:
    """`--expect-change RULE:OBJECT`: a difference that is meant."""

    rule: str
    object: str

    @classmethod
    def parse(cls, given: str) -> Declared:
        """Raises pytest.UsageError for what names no rule of a baseline."""
        rule, colon, object_ = given.partition(":")
        if not colon or not object_:
            raise pytest.UsageError(f"--expect-change {given}: write RULE:OBJECT, such as baseline.best-path:ce1/*")
        if not any(matches(rule, each.name) for each in RULES):
            names = ", ".join(each.name for each in RULES)
            raise pytest.UsageError(f"--expect-change {given}: no such rule; known here: {names}")
        return cls(rule, object_)

    def covers(self, change: Change) -> bool:
        """Whether rule and object match; `*` stands for any run of characters."""
        return matches(self.rule, change.finding.rule) and matches(self.object, change.finding.object)

    def __str__(self) -> str:
        return f"{self.rule}:{self.object}"


# What is compared -----------------------------------------------------------------------------------------------------


def _compared(everything: Expectations, *, with_azure: bool) -> Iterator[tuple[Aspect[Any], Any]]:
    yield from ((aspect, router) for router in configurations(everything) for aspect in ROUTER_ASPECTS)
    yield from ((aspect, scope) for scope in difference_bgp.scopes(everything) for aspect in VRF_ASPECTS)
    yield from _azure(everything) if with_azure else ()


def needs(everything: Expectations, asked: Plan) -> Iterator[Need]:
    """What a recording must hold to be compared with later: of the routers that are asked anyway, and of Azure where it
    is."""
    routers = {router.host for router in asked.routers}
    for aspect, expected in _compared(everything, with_azure=bool(asked.azure.requests)):
        for need in aspect.needs(expected):
            once = _once(need)
            if isinstance(once, Request) or once.host in routers:
                yield need


# Items ----------------------------------------------------------------------------------------------------------------


class Baseline:
    """The recording as facts, and the changes that the command line declares."""

    def __init__(
        self,
        recording: Recording,
        declared: Sequence[Declared],
        everything: Expectations,
        *,
        with_azure: bool = True,
    ) -> None:
        self.declared = tuple(declared)
        self.pairs = list(_compared(everything, with_azure=with_azure))
        wanted = recording.fitted(
            plan(_once(need) for aspect, expected in self.pairs for need in aspect.needs(expected))
        )
        self.facts = FactStore(wanted, recording.collection(wanted))

    def items(self, session: pytest.Session) -> list[pytest.Item]:
        """One item per aspect of a router or VRF that has something to compare, told to pytest as collected."""
        parent = Collector.from_parent(session, name="baseline", nodeid="baseline")
        found: list[pytest.Item] = [
            Item.from_parent(
                parent, name=f"{aspect.name}[{expected.id}]", aspect=aspect, expected=expected, baseline=self
            )
            for aspect, expected in self.pairs
            if aspect.needs(expected)
        ]
        report = pytest.CollectReport(parent.nodeid, "passed", None, list(found))
        session.config.hook.pytest_collectreport(report=report)
        return found


def _once(need: Need) -> Fact | Request:
    """The baseline's side of a sampled fact: one reading, whichever it has."""
    return need.fact if isinstance(need, Sampled) else need


class Collector(pytest.Collector):
    """The parent of the items; it finds nothing by itself."""

    def collect(self) -> list[pytest.Item]:
        """Nothing."""
        return []


class Item(pytest.Item):
    """One comparison."""

    def __init__(self, *, aspect: Aspect[Any], expected: Any, baseline: Baseline, **rest: Any) -> None:  # noqa: ANN401
        super().__init__(**rest)
        self.aspect = aspect
        self.expected = expected
        self.baseline = baseline
        self.expected_changes: list[str] = []
        self.used: list[str] = []
        self.add_marker("baseline")

    @property
    def azinterop_needs(self) -> tuple[Need, ...]:
        """What must be collected now."""
        return self.aspect.needs(self.expected)

    def runtest(self) -> None:
        """Compare. Raises FindingsFailure or UndeterminedFailure."""
        __tracebackhide__ = True
        verification = self.config.stash[VERIFICATION]
        record = self.stash.setdefault(RECORD, ItemRecord())
        try:
            changes = self._changes(verification)
        except UndeterminedError as error:
            raise UndeterminedFailure(error) from None
        meant = [(change, self._why(change)) for change in changes]
        self.expected_changes = [
            f"{terminal.clean(change.finding.message)} ({why})" for change, why in meant if why is not None
        ]
        self.used = [str(each) for each in self.baseline.declared if any(each.covers(change) for change in changes)]
        for words in self.expected_changes:
            self.user_properties.append(("azinterop.expected-change", words))
        judge = Judge(record, verification.waivers, verification.today)
        judge(change.finding for change, why in meant if why is None)

    def _changes(self, verification: Verification) -> Sequence[Change]:
        if verification.failure is not None:
            raise verification.failure
        if verification.facts is None:
            raise UndeterminedError("nothing was collected in this run", cause="not-collected")
        after = self.aspect.read(self.expected, verification.facts)
        try:
            before = self.aspect.read(self.expected, self.baseline.facts)
        except UndeterminedError as error:
            message = f"baseline: {error.message}"
            raise UndeterminedError(message, cause=error.cause, host=None, command=error.command) from None
        return self.aspect.changes(self.expected, Compared(before, after))

    def _why(self, change: Change) -> str | None:
        """Why a change is expected; None: it is not."""
        if change.expected is not None:
            return change.expected
        declared = next((each for each in self.baseline.declared if each.covers(change)), None)
        return None if declared is None else f"declared by {declared}"

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Where it stands: in no file."""
        return "baseline", None, self.name


class Listed:
    """The expected changes of a run, as the reports of its items tell them, wherever these were run."""

    def __init__(self) -> None:
        self._changes: dict[str, None] = {}
        self._used: set[str] = set()

    @staticmethod
    def told(item: pytest.Item) -> dict[str, list[str]]:
        """Plain data for an item's report."""
        return {
            "expected_changes": getattr(item, "expected_changes", []),
            "declared_changes": getattr(item, "used", []),
        }

    def take(self, told: dict[str, list[str]]) -> None:
        """What `told` said, in the process that reports."""
        self._changes.update(dict.fromkeys(told.get("expected_changes", ())))
        self._used.update(told.get("declared_changes", ()))

    def lines(self, given: Sequence[str]) -> list[str]:
        """Each expected change, and each of those given on the command line that did not happen."""
        return [
            *self._changes,
            *(f"not seen: {terminal.clean(each)}" for each in given if each not in self._used),
        ]


def begin(config: pytest.Config, recording: Recording | None, verification: Verification) -> Baseline | None:
    """What `--baseline` adds to a run; None without it. Raises pytest.UsageError."""
    if recording is None:
        return None
    declared = [Declared.parse(given) for given in options.value(config, "expect-change") or ()]
    asked = verification.azure.not_asked is None
    return Baseline(recording, declared, verification.loaded.expectations, with_azure=asked)
