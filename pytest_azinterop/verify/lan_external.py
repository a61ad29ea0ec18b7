"""What OSPF really tells the site, against what is configured and declared.

The configuration says what should be told; the link-state database says what is. What IOS-XE makes of a route-map that
is not defined is not agreed on anywhere: it is read here, and never guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import evidence, lan_routes, subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.policy_config import definitions
from pytest_azinterop.verify.policy_model import Definitions, Verdict, apply_route_map, clause
from pytest_azinterop.verify.text import clean, prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedInterface, ExpectedOspf, ExpectedPrefixes
    from pytest_azinterop.state.bgp import BgpPath, BgpTable
    from pytest_azinterop.state.config import ConfigLine, RunningConfig
    from pytest_azinterop.state.ospf import OspfDatabase, OspfProcess
    from pytest_azinterop.verify.finding import Finding

    Prefix = IPv4Network | IPv6Network
    Complaint = tuple[str, str, str]

_DEFAULT: Final = IPv4Network("0.0.0.0/0")
_MAX_AGE: Final = 3600  # seconds; an LSA of this age is being withdrawn (RFC 2328, MaxAge)


@dataclass(frozen=True, slots=True)
class ObservedExternal:
    """The configuration, the processes, what each of them tells by itself, and the BGP table of the interface's VRF."""

    config: RunningConfig
    processes: tuple[OspfProcess, ...]
    databases: tuple[OspfDatabase, ...]
    table: BgpTable


def told(expected: ExpectedInterface, observed: ObservedExternal) -> list[Finding]:
    """The site is told the routes of BGP that the configuration lets through and no others, among them every network
    that it reaches, and the declared default.

    Raises UndeterminedError where the database of the process is not there, or the route-map is not modelled.
    """
    wanted = expected.ospf
    if wanted is None:
        return []
    configured = lan_routes.process(expected, observed.config)
    if configured is None:
        return [lan_routes.without_process(expected, observed.config, "lan.external-routes")]
    running = lan_routes.running_process(configured, observed.config, observed.processes)
    database = next((each for each in observed.databases if each.process == configured.number), None)
    if database is None:
        evidence.undetermined(
            f"the database of ospf {configured.number} was not printed", "not-understood", observed.config.source
        )
    if observed.table.vrf != expected.vrf:
        evidence.undetermined("the BGP table is another VRF's", "not-understood", observed.table.source)
    said = {lsa.prefix for lsa in database.externals if lsa.age < _MAX_AGE}
    line = next((each for each in configured.line.children if re.match(r"redistribute bgp \d", each.text)), None)
    return [
        subject.of_interface(expected).finding(
            "lan.external-routes",
            f"ospf {configured.number} {seen}, expected {meant}",
            cause=cause,
            evidence=[database.source, observed.table.source, *reading.at(observed.config, line or configured.line)],
            next_command=f"show ip ospf {configured.number} database external self-originate",
        )
        for cause, seen, meant in (
            *_routes(wanted, observed, configured.line, line, said),
            *_strangers(observed, configured.line, running, said),
            *_default(wanted, said),
        )
    ]


def _routes(
    wanted: ExpectedOspf,
    observed: ObservedExternal,
    process: ConfigLine,
    line: ConfigLine | None,
    said: set[IPv4Network],
) -> Iterator[Complaint]:
    if wanted.redistributes is None:
        return
    paths = list(_redistributable(observed.table))
    if wanted.redistributes and not _has_something(observed.table, said):
        yield (
            "nothing-to-tell",
            "tells the site no route of BGP, which has none of a neighbor outside",
            "the routes to Azure",
        )
        return
    known = {path.prefix for path in paths if _is_told(path, said, process)}
    if not wanted.redistributes:
        if known:
            yield "unexpected", f"tells the site {prefix_list(known)} of BGP", "no route of BGP"
        return
    named = re.search(r"\broute-map (\S+)", line.text) if line is not None else None
    policy = definitions(observed.config)
    if named is not None and named[1] not in policy.route_maps:
        reading.absent(observed.config, f"route-map {named[1]}")
        yield from _undefined(named[1], {path.prefix for path in paths}, known)
        return
    yield from _through(None if named is None else named[1], policy, paths, known, said, wanted.networks)


def _undefined(name: str, prefixes: set[Prefix], known: set[Prefix]) -> Iterator[Complaint]:
    if not prefixes:
        return
    cause = "undefined-everything" if known == prefixes else "undefined-some" if known else "undefined-nothing"
    what = "every route of BGP" if known == prefixes else prefix_list(known) if known else "no route of BGP"
    yield cause, f"tells the site {what} through route-map {clean(name)}, which is undefined", "a defined one"


def _through(
    name: str | None,
    policy: Definitions,
    paths: list[BgpPath],
    known: set[Prefix],
    said: set[IPv4Network],
    networks: ExpectedPrefixes,
) -> Iterator[Complaint]:
    """What the route-map lets through of these paths is told, and what it denies is not; nor does it deny a network
    that the site reaches."""
    missing, leaked, permitted = set(), set(), False
    filtered: dict[str, set[Prefix]] = defaultdict(set)
    for path in paths:
        effect = apply_route_map(name, path, policy) if name is not None else None
        verdict = Verdict.PERMIT if effect is None else effect.verdict
        if verdict is Verdict.OPEN:
            # Whatever the clause means: a network that the site reaches is to be told, and the database says whether.
            because = effect.because if effect is not None else None
            if not _is_of(path.prefix, networks):
                evidence.undetermined(f"whether the site is told {path.prefix}: {because}", "not-modelled", path.source)
            permitted = True
            if path.prefix not in known:
                filtered[f"route-map {clean(str(name))}; {clean(str(because))}"].add(path.prefix)
            continue
        permitted = permitted or verdict is Verdict.PERMIT
        if verdict is Verdict.PERMIT and path.prefix not in known:
            missing.add(path.prefix)
        elif verdict is Verdict.DENY and path.prefix in said:
            leaked.add(path.prefix)
        elif (
            verdict is Verdict.DENY and name is not None and path.prefix not in known and _is_of(path.prefix, networks)
        ):
            filtered[_why_denied(name, None if effect is None else effect.sequence, path.prefix, policy)].add(
                path.prefix
            )
    if missing:
        yield "missing", f"does not tell the site {prefix_list(missing)}", "told, as configured"
    if paths and not permitted:
        yield "all-denied", f"lets no route of BGP through route-map {clean(str(name))}", "the routes to Azure"
    for why, prefixes in filtered.items() if permitted else ():
        yield "filtered", f"does not tell the site {prefix_list(prefixes)} ({why})", "told, as the site reaches it"
    if leaked:
        yield "not-filtered", f"tells the site {prefix_list(leaked)}", "not told, as the route-map denies it"


def _is_of(prefix: Prefix, networks: ExpectedPrefixes) -> bool:
    """A declared prefix, or one in a declared space; what else may come (`at_least` alone) is nobody's by name."""
    return prefix in networks.required or any(lies_in(prefix, space) for space in networks.allowed)


def _why_denied(name: str, sequence: int | None, prefix: Prefix, policy: Definitions) -> str:
    """The sequence of the route-map that denies a prefix, or each that lets others through, and what its lists say."""
    words = []
    for entry in policy.route_maps[name].entries:
        if sequence not in (None, entry.sequence):
            continue
        lists = [
            _in_list(value, prefix, policy)
            for each in map(clause, entry.matches)
            if each.kind == "prefix-list"
            for value in each.values
        ]
        verb = "denies" if sequence is not None else "does not match"
        words.append(f"sequence {entry.sequence} {verb}" + (f": {some(lists)}" if lists else ""))
    return f"route-map {clean(name)} {'; '.join(words) or 'has no sequence'}"


def _in_list(name: str, prefix: Prefix, policy: Definitions) -> str:
    """What a prefix-list says of a prefix."""
    known = policy.prefix_lists.get(name)
    entry = next((each for each in known.entries if each.matches(prefix)), None) if known is not None else None
    if entry is None:
        return f"prefix-list {clean(name)} {'is undefined' if known is None else 'has no sequence for it'}"
    return f"prefix-list {clean(name)} sequence {entry.sequence} {'permits' if entry.permit else 'denies'} it"


def _has_something(table: BgpTable, said: set[IPv4Network]) -> bool:
    """A neighbor outside brings routes, if only as the second choice of a router that stands by; or what another
    router of the site brings is told, as `bgp redistribute-internal` does."""
    brought = any(_is_of_neighbor(path) and path.valid and path.prefix != _DEFAULT for path in table.paths)
    return brought or not said.isdisjoint(path.prefix for path in table.paths)


def _is_of_neighbor(path: BgpPath) -> bool:
    """Of one outside. What a `network` line takes from another protocol has a next hop as theirs, and no AS path."""
    return bool(path.as_path.sequence) and not (path.internal or path.is_local)


def _redistributable(table: BgpTable) -> Iterator[BgpPath]:
    """What `redistribute bgp` takes: best paths of external neighbors that stand in the routing table, no default."""
    for path in table.paths:
        if path.best and _is_of_neighbor(path) and not path.rib_failure and path.prefix != _DEFAULT:
            yield path


def _is_told(path: BgpPath, said: set[IPv4Network], process: ConfigLine) -> bool:
    """By itself, or within a summary."""
    return path.prefix in said or any(
        summary in said and path.prefix.subnet_of(summary)  # type: ignore[arg-type]
        for summary in _summaries(process)
    )


def _summaries(process: ConfigLine) -> Iterator[IPv4Network]:
    for each in process.children:
        found = re.match(r"summary-address (\S+) (\S+)(?!\S)(?! not-advertise)", each.text)
        if found is not None:
            summary = ip_network(f"{found[1]}/{found[2]}", strict=False)
            if isinstance(summary, IPv4Network):
                yield summary


def _strangers(
    observed: ObservedExternal, process: ConfigLine, running: OspfProcess, said: Iterable[IPv4Network]
) -> Iterator[Complaint]:
    """Prefixes that nothing explains: where other protocols are redistributed as well, theirs are not told apart."""
    if any(each.protocol != "bgp" for each in running.redistributed):
        return
    known = {path.prefix for path in observed.table.paths} | {_DEFAULT, *_summaries(process)}
    strange = {prefix for prefix in said if prefix not in known}
    if strange:
        yield "stranger", f"tells the site {prefix_list(strange)}", "only what BGP has"


def _default(wanted: ExpectedOspf, said: set[IPv4Network]) -> Iterator[Complaint]:
    """Whether a conditional one is told depends on its condition, and says nothing."""
    if wanted.default_route == "none" and _DEFAULT in said:
        yield "default-told", "tells the site a default route", "none"
    elif wanted.default_route == "always" and _DEFAULT not in said:
        yield "default-missing", "does not tell the site a default route", "one, always"
