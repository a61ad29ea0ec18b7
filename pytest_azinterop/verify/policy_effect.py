"""Whether the routes show what the configured policy says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, refresh, session, subject
from pytest_azinterop.verify.local_preference import DEFAULT
from pytest_azinterop.verify.policy_config import definitions
from pytest_azinterop.verify.policy_model import Effect, Filters, Verdict
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpNeighbor, BgpPath
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedPolicy
    from pytest_azinterop.verify.policy_model import Definitions
    from pytest_azinterop.verify.refresh import Contradiction
    from pytest_azinterop.verify.subject import Subject


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What differs, what it is, what policy makes it, and what the intent has against that.

    `unsure`: the intent does not say whether it wants what policy makes of it.
    """

    what: str
    is_: str
    should: str
    against: Contradiction | None = None
    unsure: bool = False


def effect(expected: ExpectedSession, observed: ObservedPolicy) -> list[Finding]:
    """The bound policy, applied to the routes before it, gives the routes after it.

    Without the received routes the accepted ones are checked against the policy: a route that the policy would deny
    or give another preference is then seen, one that it would let in is not. Where the policy has a clause that is not
    modelled, a route that shows the intent's preference counts as evidence; anything else raises UndeterminedError.
    """
    neighbor = observed.neighbor
    if neighbor is None:
        return session.absent(expected, observed.config)
    about = subject.of_session(expected)
    if down := session.not_established(about, neighbor):
        return down
    if expected.soft_reconfiguration and neighbor.soft_reconfiguration_inbound and observed.received is None:
        evidence.undetermined("the received routes were not collected", "not-collected", neighbor.source)
    known = definitions(observed.config, observed.route_maps, observed.prefix_lists)
    return [
        *_inbound(expected, observed, neighbor, known, about),
        *_outbound(expected, observed, neighbor, known, about),
    ]


def _distribute_list(expected: ExpectedSession, config: RunningConfig, way: str) -> str | None:
    """The access list that filters the neighbor's routes in this direction (`in` or `out`)."""
    section = session.configured(expected, config)
    for line in section.lines if section else ():
        words = line.text.split()
        if "distribute-list" in words and words[-1] == way:
            return words[-2]
    return None


def _inbound(
    expected: ExpectedSession, observed: ObservedPolicy, neighbor: BgpNeighbor, known: Definitions, about: Subject
) -> Iterator[Finding]:
    accepted = evidence.routes_of(expected.vrf, expected.neighbor, "accepted", observed.accepted)
    before = accepted
    if observed.received is not None:
        before = evidence.routes_of(expected.vrf, expected.neighbor, "received", observed.received)
    filters = Filters(
        neighbor.route_map_in,
        neighbor.prefix_list_in,
        neighbor.filter_list_in,
        _distribute_list(expected, observed.config, "in"),
    )
    own_as = {neighbor.local_as, observed.config.bgp.asn if observed.config.bgp else None}
    # A route that has our own AS in its path is refused before any policy (RFC 4271 9.1.2).
    candidates = [path for path in before.paths if not own_as & {*path.as_path.sequence, *path.as_path.aggregated}]
    after = defaultdict(list)
    for path in accepted.paths:
        after[path.prefix].append(path)
    lines = list(_policy_lines(expected, observed.config, filters, "in"))
    wrong: dict[_Complaint, list[BgpPath]] = defaultdict(list)
    permitted, unsure = 0, False
    for path in candidates:
        would = filters.apply(path, known)
        permitted += would.verdict is not Verdict.DENY
        unsure |= would.verdict is Verdict.OPEN
        if complaint := _inbound_complaint(expected, observed, filters, would, path, after[path.prefix]):
            wrong[complaint].append(path)
    sent = {each.prefix for each in before.paths}
    if stale := [path for path in accepted.paths if path.prefix not in sent]:
        lost = any(refresh.declares(expected.receive, path.prefix) for path in stale)
        wrong[_Complaint("route", "accepted", "gone, as the neighbor no longer sends it", unsure=lost)] = stale
    unsure |= any(complaint.unsure or complaint.against for complaint in wrong)
    for complaint, paths in wrong.items():
        sources = [accepted.source, *(path.source for path in paths[:3]), *lines]
        what = f"{complaint.what} {prefix_list(path.prefix for path in paths)} is {complaint.is_}"
        if complaint.against is not None:
            yield _wrong_when_refreshed(about, what, complaint.against, sources)
            continue
        yield about.finding(
            "policy.effect",
            f"{what}, expected {complaint.should}",
            cause="not-refreshed",
            evidence=sources,
            next_command=refresh.deciding(filters, expected.version)[1] if unsure else _refresh(expected),
        )
    if not wrong and not accepted.paths and expected.receive is not None:
        yield about.finding(
            "policy.effect",
            f"number of accepted paths is 0, expected routes that {_names(filters)} lets in",
            cause="nothing-accepted",
            evidence=[accepted.source, before.source, *lines],
            likely=None if candidates and not permitted else "the neighbor sends no route",
            next_command=session.show_neighbor(expected),
        )


def _wrong_when_refreshed(
    about: Subject, what: str, against: Contradiction, sources: Iterable[Source | None]
) -> Finding:
    return about.finding(
        "policy.effect",
        f"{what} and {against.would} after a refresh, expected {against.wanted}",
        cause="wrong-when-refreshed",
        evidence=sources,
        likely=against.likely,
        next_command=against.command,
    )


def _inbound_complaint(
    expected: ExpectedSession,
    observed: ObservedPolicy,
    filters: Filters,
    would: Effect,
    before: BgpPath,
    after: list[BgpPath],
) -> _Complaint | None:
    """How the accepted paths of a prefix differ from what policy would give; None where they agree."""
    seen = {path.local_preference for path in after}
    if would.verdict is Verdict.OPEN:
        if expected.local_preference is not None and expected.local_preference in seen:
            return None
        evidence.undetermined(
            f"what inbound policy does with {before.prefix} is not known: {clean(would.because or '')}",
            "not-modelled",
            before.source,
        )
    neighbor, bgp = observed.neighbor, observed.config.bgp
    external = neighbor is None or neighbor.external
    default = DEFAULT if bgp is None or bgp.default_local_preference is None else bgp.default_local_preference
    wanted = would.local_preference
    if wanted is None and not external:
        wanted = before.local_preference  # iBGP carries it; eBGP does not (RFC 4271 5.1.5)
    given = default if wanted is None else wanted
    against = refresh.inbound(expected, filters, would, before.prefix, given)
    if would.verdict is Verdict.DENY:
        return _Complaint("route", "accepted", "denied by the configured policy", against) if after else None
    if not after:
        return _Complaint("route", "not accepted", "permitted by the configured policy", against)
    what, values = "local preference of route", _values(seen)
    if wanted is not None and wanted not in seen:
        return _Complaint(what, values, f"{wanted} by the configured policy", against)
    if wanted is None and external and not seen & {None, default}:
        return _Complaint(what, values, "the default, as the configured policy sets none", against)
    weights = {path.weight for path in after}
    if would.weight is not None and would.weight not in weights:
        # Weight overrules every preference that the intent declares.
        return _Complaint(
            "weight of route", _values(weights), f"{would.weight} by the configured policy", unsure=would.weight > 0
        )
    return None


def _values(seen: Iterable[int | None]) -> str:
    return " and ".join("the default" if value is None else str(value) for value in sorted(seen, key=lambda v: v or 0))


def _refresh(expected: ExpectedSession) -> str:
    """Not a command of ours: it changes routes, and is for a person to type in a window."""
    vrf = "" if expected.vrf is None else f"vrf {expected.vrf} "
    if expected.version == 6:
        family = "ipv6 unicast" if expected.vrf is None else f"vpnv6 unicast vrf {expected.vrf}"
        return f"clear bgp {family} {expected.neighbor} soft in (changes routes: in a window)"
    return f"clear ip bgp {vrf}{expected.neighbor} soft in (changes routes: in a window)"


def _outbound(
    expected: ExpectedSession, observed: ObservedPolicy, neighbor: BgpNeighbor, known: Definitions, about: Subject
) -> Iterator[Finding]:
    """Only what is sent can be checked: the advertised routes are what the outbound policy has let through."""
    advertised = evidence.routes_of(expected.vrf, expected.neighbor, "advertised", observed.advertised)
    filters = Filters(
        neighbor.route_map_out,
        neighbor.prefix_list_out,
        neighbor.filter_list_out,
        _distribute_list(expected, observed.config, "out"),
    )
    sources = [advertised.source, *_policy_lines(expected, observed.config, filters, "out")]
    if not advertised.prefixes and expected.announce is not None:
        yield about.finding(
            "policy.effect",
            f"number of advertised routes is 0, expected routes that {_names(filters)} lets out",
            cause="nothing-advertised",
            evidence=sources,
            next_command=refresh.deciding(filters, expected.version)[1],
        )
    denied: dict[Contradiction | None, list[BgpPath]] = defaultdict(list)
    for path in advertised.paths:
        would = filters.apply(path, known)
        if would.verdict is Verdict.DENY:
            denied[refresh.outbound(expected, filters, would, path.prefix)].append(path)
        elif would.verdict is Verdict.OPEN and not (expected.announce and expected.announce.permits(path.prefix)):
            evidence.undetermined(
                f"what outbound policy does with {path.prefix} is not known: {clean(would.because or '')}",
                "not-modelled",
                neighbor.source,
            )
    for against, paths in denied.items():
        what = f"route {prefix_list(path.prefix for path in paths)} is advertised"
        if against is not None:
            yield _wrong_when_refreshed(about, what, against, sources)
            continue
        yield about.finding(
            "policy.effect",
            f"{what}, expected denied by {_names(filters)}",
            cause="denied-route-advertised",
            evidence=sources,
            next_command=refresh.deciding(filters, expected.version)[1],
        )


def _names(filters: Filters) -> str:
    """What is bound, each with its kind where the name alone does not tell what it is: lists may be numbers."""
    kinds = (
        ("", filters.route_map),
        ("", filters.prefix_list),
        ("filter-list ", filters.filter_list),
        ("distribute-list ", filters.distribute_list),
    )
    return " and ".join(f"{kind}{clean(name)}" for kind, name in kinds if name is not None) or "no filter"


def _policy_lines(
    expected: ExpectedSession, config: RunningConfig, filters: Filters, direction: str
) -> Iterator[Source]:
    """Where the configuration binds and defines what is in effect; where nothing is bound, the neighbor's lines."""
    section = session.configured(expected, config)
    lines = section.lines if section is not None else ()
    bound = [
        line for line in lines if line.text.endswith(f" {direction}") and set(line.text.split()) & {*filters.names}
    ]
    for group in (
        bound or lines,
        [line for line in config.starting_with("route-map") if line.text.split()[1] == filters.route_map],
        [
            line
            for line in (*config.starting_with("ip prefix-list"), *config.starting_with("ipv6 prefix-list"))
            if line.text.split()[2:3] == [filters.prefix_list]
        ],
    ):
        if group:
            yield config.where(*group)
