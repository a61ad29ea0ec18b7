"""Judgements about the data plane: who answers, along which hops, with packets of which size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, reach_route
from pytest_azinterop.verify.subject import Subject, vrf_words
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from pytest_azinterop.intent.reachability import ExpectedReach
    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.state.probe import PingResult, TraceResult
    from pytest_azinterop.state.routing import RibRoute, RoutingTable
    from pytest_azinterop.verify.finding import Finding

# The router asks for the next hop's hardware address with the first packet, and drops that one.
_LOST_TO_ARP = 1
LONGEST_PATH: Final = 12  # hops; each silent one costs a second
PROBES: Final = 5


@dataclass(frozen=True, slots=True)
class ObservedReach:
    """What came back of a router's echo requests.

    `rib` (of the source's VRF) and `interfaces` (all of the router's) None: not known; they then name no cause.
    """

    ping: PingResult
    rib: RoutingTable | None = None
    interfaces: tuple[Interface, ...] | None = None


@dataclass(frozen=True, slots=True)
class ObservedRoute:
    """The routing table of the VRF."""

    rib: RoutingTable


@dataclass(frozen=True, slots=True)
class ObservedTrace:
    """The hops on the way."""

    trace: TraceResult


@dataclass(frozen=True, slots=True)
class ObservedSizes:
    """A ping that must not be fragmented for each size in bytes.

    `small` is one of ordinary size to the same target; its ping None: not known.
    """

    pings: tuple[tuple[int, PingResult], ...]
    small: ObservedReach | None = None


def of_reach(expected: ExpectedReach) -> Subject:
    """A target as seen from a router."""
    where = f"{expected.router} {vrf_words(expected.vrf)}"
    return Subject(expected.id, f"{where} to {expected.to} ({expected.target})")


def answer(expected: ExpectedReach, observed: ObservedReach) -> list[Finding]:
    """The target answers; the first packet of a series may be lost."""
    ping = _about_target(expected, observed.ping)
    missing = ping.sent - ping.received
    if missing <= _LOST_TO_ARP and ping.received:
        return []
    cause = "loss" if ping.received else "unreachable" if "U" in ping.marks else "no-answer"
    rib = observed.rib if observed.rib is not None and observed.rib.vrf == expected.vrf else None
    own = reach_route.reason(rib, expected.target, observed.interfaces) if rib and not ping.received else None
    return [
        of_reach(expected).finding(
            "reach.answer",
            f"{ping.received} of {ping.sent} echo requests from {expected.source} are answered "
            f"({clean(ping.marks, 40)}), expected all",
            cause=own.cause if own else cause,
            evidence=[ping.source, *(own.evidence if own else ())],
            likely=own.words if own else None,
            next_command=own.next_command if own else _traceroute(expected),
        )
    ]


def loss(expected: ExpectedReach, observed: ObservedReach) -> list[Finding]:
    """Of many packets no larger share is lost than declared. The first one of a series is not counted where it is lost:
    the router then asked for the next hop's hardware address."""
    if expected.loss_percent is None:
        return []
    ping = _about_target(expected, observed.ping)
    if ping.sent < expected.loss_probes:
        evidence.undetermined(
            f"{ping.sent} echo requests were sent, and {expected.loss_probes} are needed", "cut-off", ping.source
        )
    first = int(ping.marks[:1] not in ("", "!"))
    sent, lost = ping.sent - first, ping.sent - ping.received - first
    if 100 * lost <= expected.loss_percent * sent:
        return []
    return [
        of_reach(expected).finding(
            "reach.loss",
            f"loss is {100 * lost / sent:.1f}% ({lost} of {sent} echo requests from {expected.source}), "
            f"expected at most {expected.loss_percent:g}%",
            cause="loss" if ping.received else "no-answer",
            evidence=[ping.source],
            next_command=_traceroute(expected),
        )
    ]


def no_route(expected: ExpectedReach, observed: ObservedRoute) -> list[Finding]:
    """No route but the default one leads to the target: where nothing is known, nothing can leak one way. The longest
    match decides; one to Null0, as a site holds its own summary with, leads nowhere."""
    rib = observed.rib
    if rib.vrf != expected.vrf:
        evidence.undetermined("the routing table is another VRF's", "not-understood", rib.source)
    covering = [route for route in rib.routes if route.prefix.prefixlen and _covers(route, expected)]
    if not covering:
        return []
    best = max(covering, key=lambda route: route.prefix.prefixlen)
    if reach_route.is_null(best):
        return []
    family = "ip" if expected.target.version == 4 else "ipv6"
    hops = some(str(hop.address or hop.interface) for hop in best.next_hops)
    return [
        of_reach(expected).finding(
            "reach.forbidden-route",
            f"route {best.prefix} ({clean(best.codes)}) via {clean(hops) or 'nowhere'} is there, expected no route",
            cause="bgp" if best.protocol == "B" else "other-protocol",
            evidence=[best.source],
            next_command=f"show {family} route {_vrf(expected)}{expected.target}",
        )
    ]


def _covers(route: RibRoute, expected: ExpectedReach) -> bool:
    return route.prefix.version == expected.target.version and expected.target in route.prefix


def silence(expected: ExpectedReach, observed: ObservedReach) -> list[Finding]:
    """The target does not answer."""
    ping = _about_target(expected, observed.ping)
    if not ping.received:
        return []
    return [
        of_reach(expected).finding(
            "reach.forbidden",
            f"{ping.received} of {ping.sent} echo requests are answered, expected none",
            cause="answers",
            evidence=[ping.source],
            next_command=_traceroute(expected),
        )
    ]


def path(expected: ExpectedReach, observed: ObservedTrace) -> list[Finding]:
    """The hops hold a marker of the declared path, and none of another one.

    A hop that stays silent may be the marker, and proves no path. Another one is proven by a hop that the path avoids,
    by the far end of another path of the site, or where every hop answers and none is the marker. What answered in the
    target's place is no hop on a way that goes on.
    """
    trace = observed.trace
    if trace.target != expected.target:
        evidence.undetermined("the trace is another target's", "not-understood", trace.source)
    seen = [address for hop in trace.hops for address in hop.addresses]
    between = [hop for hop in trace.hops if expected.target not in hop.addresses]
    told = some("*" if not hop.addresses else str(hop.addresses[0]) for hop in trace.hops)
    about, command = of_reach(expected), _traceroute(expected)

    def finding(disagreement: str, cause: str) -> Finding:
        return about.finding("reach.path", disagreement, cause=cause, evidence=[trace.source], next_command=command)

    found = []
    elsewhere = trace.end == "elsewhere"
    passed = [address for hop in (trace.hops[:-1] if elsewhere else trace.hops) for address in hop.addresses]
    marked = any(address in passed for address in expected.through)
    wrong = [address for address in expected.avoids if address in seen]
    proven = bool(wrong) or any(address in seen for address in expected.far_ends)
    if wrong:
        found.append(finding(f"path is {told}, expected not over {some(map(str, wrong))}", "other-path"))
    if elsewhere and not (marked or proven):
        by = some(map(str, trace.hops[-1].addresses))
        evidence.undetermined(
            f"path is {told}: {by} answered for {expected.target}, as another address of it, a translation or a "
            "firewall would; the path behind is not seen",
            "no-marker",
            trace.source,
        )
    if expected.through and not marked:
        if not (trace.reached or elsewhere):
            return [*found, finding(f"path ends after {told}, expected {expected.target} to be reached", "not-reached")]
        markers = " or ".join(map(str, expected.through))
        if not proven and any(not hop.addresses for hop in between):
            evidence.undetermined(
                f"path to {expected.target} is {told}: a hop that stays silent may be {markers}, or another path's",
                "no-marker",
                trace.source,
            )
        found.append(finding(f"path is {told}, expected over {markers}", "other-path"))
    return found


def sizes(expected: ExpectedReach, observed: ObservedSizes) -> list[Finding]:
    """Whole packets of each declared size pass without being fragmented.

    Where no packet of any size is answered, an ordinary one neither, there is nothing to say about sizes.
    """
    small = observed.small
    if small is not None and not any(ping.received for _, ping in observed.pings):
        unanswered = answer(expected, small) if not small.ping.received else []
        if unanswered:
            return unanswered
    found = []
    for size, answered in observed.pings:
        ping = _about_target(expected, answered)
        if ping.received:
            continue
        cause = "too-big" if "M" in ping.marks else "lost"
        found.append(
            of_reach(expected).finding(
                "reach.size",
                f"{ping.received} of {ping.sent} packets of {size} bytes pass unfragmented "
                f"({clean(ping.marks, 40)}), expected all",
                cause=cause,
                evidence=[ping.source],
                next_command=f"ping {_vrf(expected)}{expected.target} source {expected.source} repeat {PROBES} "
                f"size {size} df-bit timeout 1",
            )
        )
    return found


def round_trip(expected: ExpectedReach, observed: ObservedReach) -> list[Finding]:
    """Answers take as long as the declared path makes them: neither longer, nor less.

    The fastest answer tells the path, as nothing makes a packet faster than its path; the average tells how busy it is.
    """
    if expected.rtt_ms is None:
        return []
    ping = _about_target(expected, observed.ping)
    if not ping.received:
        return answer(expected, observed)
    if ping.rtt_min is None or ping.rtt_avg is None:
        evidence.undetermined("round-trip times were not printed", "not-understood", ping.source)
    least, most = expected.rtt_ms
    outside = not least <= ping.rtt_min <= most
    if not outside and ping.rtt_avg <= most:
        return []
    return [
        of_reach(expected).finding(
            "reach.rtt",
            f"round-trip time is {ping.rtt_min} ms at least and {ping.rtt_avg} ms on average, "
            f"expected {least} to {most} ms",
            cause="other-path" if outside else "slow-path",
            evidence=[ping.source],
            next_command=_traceroute(expected),
        )
    ]


def _about_target(expected: ExpectedReach, ping: PingResult) -> PingResult:
    if ping.target != expected.target or ping.sent < 1:
        evidence.undetermined("the echo requests went to another target", "not-understood", ping.source)
    return ping


def _vrf(expected: ExpectedReach) -> str:
    return "" if expected.vrf is None else f"vrf {expected.vrf} "


def _traceroute(expected: ExpectedReach) -> str:
    """Bounded, as IOS-XE asks three times for each of 30 hops and waits three seconds each time."""
    way = f"{_vrf(expected)}{expected.target} numeric source {expected.source}"
    return f"traceroute {way} timeout 1 probe 1 ttl 1 {LONGEST_PATH}"
