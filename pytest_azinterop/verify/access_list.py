"""Whether the access lists of an interface let the site and its Azure networks talk at all.

A router's own probes say little of it: an inbound list of the LAN and any outbound list never see them. Ports are the
operator's business; a pair of prefixes of which no TCP and no UDP packet passes is not served here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import evidence, interface, subject
from pytest_azinterop.verify.access_list_config import access_list
from pytest_azinterop.verify.access_list_space import call, flow, passage
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.observed import ObservedInterface
from pytest_azinterop.verify.reach_route import ways
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.state.config import ConfigLine, InterfaceConfig, RunningConfig
    from pytest_azinterop.state.routing import RoutingTable
    from pytest_azinterop.verify.access_list_space import Entry
    from pytest_azinterop.verify.finding import Finding

    Pair = tuple[IPv4Network, IPv4Network]

_BOUND: Final = re.compile(r"ip access-group (.+) (in|out)")
# Whose packets pass an interface in a direction: `site` the site's own, `azure` those from there.
_ORIGINS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("lan", "in"): ("site",),
    ("lan", "out"): ("azure",),
    ("internal", "in"): ("site", "azure"),
    ("internal", "out"): ("site", "azure"),
    **{(role, "in"): ("azure",) for role in ("expressroute", "tunnel")},
    **{(role, "out"): ("site",) for role in ("expressroute", "tunnel")},
}


@dataclass(frozen=True, slots=True)
class ObservedInterfaceFilters:
    """The router's configuration. `rib` is the table of the interface's VRF, None where nothing depends on it."""

    config: RunningConfig
    rib: RoutingTable | None = None


def packets(expected: ExpectedInterface, observed: ObservedInterfaceFilters) -> list[Finding]:
    """Of every pair of a prefix of the site and one of Azure some TCP or UDP packet passes, in and out.

    An undefined list and one without entries let everything pass. Raises UndeterminedError where an entry is not
    understood and the outcome hangs on it, and where addresses are translated on the interface.
    """
    config = evidence.whole(observed.config, f"which access lists stand on {expected.name}")
    port = reading.interface(config, expected.name)
    if port is None:
        return interface.exists(expected, ObservedInterface(None, None))
    found: list[Finding] = []
    for line in port.line.children:
        bound = _BOUND.fullmatch(line.text)
        if bound is None:
            continue
        if " " in bound[1]:
            evidence.undetermined(f"`{clean(line.text)}` of {expected.name}", "not-understood", config.source)
        entries = access_list(config, bound[1])
        if entries is None:
            continue
        for source, stopped in _stopped(expected, observed, bound[2], entries).items():
            if reading.has(port.line, "ip nat"):
                words = f"addresses are translated on {expected.name}: what {clean(bound[1])} sees is not declared"
                evidence.undetermined(words, "not-understood", config.source)
            found += _findings(expected, config, line, source, stopped)
        if bound[2] == "in":
            found += _tunnels(expected, config, line, port, entries)
    return found


def _tunnels(
    expected: ExpectedInterface,
    config: RunningConfig,
    line: ConfigLine,
    port: InterfaceConfig,
    entries: tuple[Entry, ...],
) -> Iterator[Finding]:
    """What no tunnel that ends here can do without: to be called by IKE, and ESP, by itself or in UDP.

    A loopback's list sees nothing of what arrives elsewhere, so a loopback has no peers here. An association that is up
    outlives a list that forgets IKE, until the next negotiation.
    """
    here = IPv4Network(port.address.ip) if port.address is not None else IPv4Network("0.0.0.0/0")
    for peer in expected.peers:
        for what, packets in call(IPv4Network(peer), here).items():
            result = passage(entries, packets)
            if result.outcome == "open":
                words = clean(result.decided.line.text) if result.decided else "an entry"
                open_ = f"whether {what} from {peer} passes {expected.name} hangs on `{words}`"
                evidence.undetermined(open_, "not-understood", config.source)
            if result.outcome == "none":
                name = clean(line.text.split()[2])
                yield subject.of_interface(expected).finding(
                    "interface.access-list",
                    f"access list {name} (in) passes no {what} from {peer}, expected the tunnel's",
                    cause="tunnel-denied",
                    evidence=reading.at(config, line, *([result.decided.line] if result.decided else [])),
                    next_command=f"show ip access-lists {name}",
                )


def _stopped(
    expected: ExpectedInterface, observed: ObservedInterfaceFilters, direction: str, entries: tuple[Entry, ...]
) -> dict[str, dict[Pair, Entry | None]]:
    """Per origin of the packets the pairs that the list stops, and by which entry."""
    stopped: dict[str, dict[Pair, Entry | None]] = defaultdict(dict)
    for origin, source, destination in _passing(expected, observed, direction):
        result = passage(entries, flow(source, destination))
        if result.outcome == "open":
            words = clean(result.decided.line.text) if result.decided else "an entry"
            evidence.undetermined(
                f"whether packets from {source} to {destination} pass {expected.name} hangs on `{words}`",
                "not-understood",
                observed.config.source,
            )
        if result.outcome == "none":
            stopped[origin][source, destination] = result.decided
    return stopped


def _passing(
    expected: ExpectedInterface, observed: ObservedInterfaceFilters, direction: str
) -> Iterator[tuple[str, IPv4Network, IPv4Network]]:
    """Whose packets pass in a direction, from where to where, of every customer."""
    for each in expected.flows:
        for origin in _ORIGINS.get((each.role, direction), ()):
            for own in each.site:
                if each.beside_others and not _lies_here(own, expected, observed):
                    continue
                for remote in each.azure:
                    yield origin, *((own, remote) if origin == "site" else (remote, own))


def _lies_here(own: IPv4Network, expected: ExpectedInterface, observed: ObservedInterfaceFilters) -> bool:
    """Whether packets of this prefix of the site pass here: of several interfaces towards the LAN only the routed."""
    rib = observed.rib
    if rib is None:
        evidence.undetermined(f"the routes over {expected.name} are not known", "not-collected")
    related = [route for route in rib.routes if lies_in(route.prefix, own) or lies_in(own, route.prefix)]
    longest = max((route.prefix.prefixlen for route in related if lies_in(own, route.prefix)), default=0)
    return any(
        expected.name in ways(rib, hop)
        for route in related
        if route.prefix.prefixlen >= longest
        for hop in route.next_hops
    )


def _findings(
    expected: ExpectedInterface,
    config: RunningConfig,
    line: ConfigLine,
    origin: str,
    stopped: dict[Pair, Entry | None],
) -> Iterator[Finding]:
    """One finding per list and origin and entry that decides."""
    by_entry: dict[Entry | None, list[Pair]] = defaultdict(list)
    for pair, entry in stopped.items():
        by_entry[entry].append(pair)
    name, _, direction = line.text.removeprefix("ip access-group ").rpartition(" ")
    for entry, pairs in by_entry.items():
        sources, destinations = prefix_list(pair[0] for pair in pairs), prefix_list(pair[1] for pair in pairs)
        of = "the site's" if origin == "site" else "Azure's"
        yield subject.of_interface(expected).finding(
            "interface.access-list",
            f"access list {clean(name)} ({direction}) passes no TCP or UDP packet of {of} {sources} to {destinations}, "
            "expected some",
            cause="denied",
            evidence=reading.at(config, line, *([entry.line] if entry is not None else [])),
            likely=f"`{clean(entry.line.text)}` denies them"
            if entry is not None
            else "no entry permits them, and behind the last one everything is denied",
            next_command=f"show ip access-lists {clean(name)}",
        )
