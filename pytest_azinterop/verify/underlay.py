"""Judgements about how the VPN's BGP neighbor is reached: through its tunnel, or past it."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, next_command, session, subject
from pytest_azinterop.verify.subject import vrf_words
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.config import StaticRoute
    from pytest_azinterop.state.routing import ForwardingDecision
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedUnderlay


def forwarding(expected: ExpectedTunnel, observed: ObservedUnderlay) -> list[Finding]:
    """Every way that packets to the neighbor take leaves through the tunnel interface."""
    decision = _decision(expected, observed)
    if _goes_into(expected.name, decision):
        return []
    cause, likely = _why(expected, observed, decision)
    return [
        subject.of_tunnel(expected).finding(
            "vpn.underlay",
            f"way to neighbor {expected.neighbor} is {_way(decision)}, expected out of {expected.name}",
            cause=cause,
            evidence=[
                decision.source,
                observed.config.source if observed.config and cause.startswith("host-route") else None,
            ],
            likely=likely,
            next_command=_following(expected, cause),
        )
    ]


def session_in_tunnel(expected: ExpectedTunnel, observed: ObservedUnderlay) -> list[Finding]:
    """The session is Established from the tunnel's address, over a tunnel that is up, by packets that enter it.

    `update-source` alone proves nothing: the session keeps the tunnel's address while its packets go elsewhere.
    """
    neighbor = observed.neighbor
    of_neighbor = subject.of_neighbor(expected.router, expected.inner_vrf, expected.neighbor)
    if neighbor is None:
        return [
            of_neighbor.finding(
                "bgp.neighbor",
                f"neighbor is missing, expected in {vrf_words(expected.inner_vrf)}",
                cause="missing",
                evidence=[observed.config.source if observed.config else observed.forwarding.source],
                next_command=next_command.BGP,
            )
        ]
    if down := session.not_established(of_neighbor, neighbor, observed.tunnel):
        return down
    decision = _decision(expected, observed)
    about = subject.of_tunnel(expected)
    found = []
    if not _goes_into(expected.name, decision):
        tunnel_down = observed.tunnel is not None and not observed.tunnel.is_up
        found.append(
            about.finding(
                "vpn.session-in-tunnel",
                f"way of the Established session with {expected.neighbor} is {_way(decision)}, "
                f"expected out of {expected.name}",
                cause="tunnel-down" if tunnel_down else "outside-tunnel",
                evidence=[neighbor.source, decision.source],
                likely=_while_down(neighbor, decision) if tunnel_down else None,
                next_command=_following(expected, "tunnel-down" if tunnel_down else "outside-tunnel"),
            )
        )
    elif observed.tunnel is None:
        words = f"{expected.name} is not among the interfaces, and packets to {expected.neighbor} leave by it"
        evidence.undetermined(words, "contradiction", decision.source)
    elif not observed.tunnel.is_up:
        found.append(
            about.finding(
                "vpn.session-in-tunnel",
                f"state of {expected.name} is {clean(observed.tunnel.status)}, line protocol "
                f"{clean(observed.tunnel.line_protocol)}, with the session Established, expected up, up",
                cause="tunnel-down",
                evidence=[neighbor.source, observed.tunnel.source],
                likely=_while_down(neighbor, None),
                next_command="show crypto ikev2 sa detailed",
            )
        )
    of_tunnel = expected.address or (observed.tunnel.address if observed.tunnel else None)
    wanted = expected.bgp_address or (None if of_tunnel is None else of_tunnel.ip)
    if wanted is None or neighbor.local_address is None:
        evidence.undetermined(
            "the session's local address or the tunnel's is not known", "not-understood", neighbor.source
        )
    if neighbor.local_address != wanted:
        found.append(
            about.finding(
                "vpn.session-in-tunnel",
                f"local address of the session with {expected.neighbor} is {neighbor.local_address}, expected {wanted}",
                cause="other-local-address",
                evidence=[neighbor.source],
                next_command=next_command.BGP,
            )
        )
    return found


def _while_down(neighbor: BgpNeighbor, decision: ForwardingDecision | None) -> str:
    """What a session that is Established without its tunnel tells: until its hold time has passed, not which way it
    takes (RFC 4271 6.5). `decision`: where its packets go instead, None: still into the tunnel."""
    heard, hold = neighbor.last_read, neighbor.hold_time
    if decision is not None and decision.action == "drop":
        now = "packets to the neighbor are dropped"
    else:
        now = "packets to the neighbor " + ("take another way" if decision is not None else "still enter the tunnel")
    if heard is None or not hold:
        return f"{now}; whether it runs over another path, or its hold time has not passed yet, is not known"
    seconds = int(heard.total_seconds())
    left = max(0, hold - seconds)
    return (
        f"{now}; the last message came {seconds}s ago and the hold time is {hold}s: if the session still stands in "
        f"{left}s, it runs over another path"
    )


def _decision(expected: ExpectedTunnel, observed: ObservedUnderlay) -> ForwardingDecision:
    decision = observed.forwarding
    if decision.address != expected.neighbor or decision.vrf != expected.inner_vrf:
        evidence.undetermined(
            f"the forwarding decision is about {decision.address} in {vrf_words(decision.vrf)}",
            "not-understood",
            decision.source,
        )
    if decision.action in ("forward", "attached") and not any(hop.interface for hop in decision.next_hops):
        evidence.undetermined(
            f"the interface towards {expected.neighbor} was not printed", "not-understood", decision.source
        )
    return decision


def _goes_into(tunnel: str, decision: ForwardingDecision) -> bool:
    if decision.action not in ("forward", "attached"):
        return False
    return {(hop.interface or "").casefold() for hop in decision.next_hops} == {tunnel.casefold()}


def _way(decision: ForwardingDecision) -> str:
    if decision.action == "drop":
        return f"dropped ({decision.prefix})"
    if decision.action == "receive":
        return "to the router itself"
    ways = (
        clean(" ".join(filter(None, (f"via {hop.address}" if hop.address else "", hop.interface))))
        for hop in decision.next_hops
    )
    return f"{some(ways)} ({decision.prefix})"


def _following(expected: ExpectedTunnel, cause: str) -> str:
    if cause == "tunnel-down":
        return f"show interfaces {expected.name}"
    if cause.startswith("host-route"):
        return "show running-config | include ip route"
    return next_command.route(expected.inner_vrf, expected.neighbor)


def _why(expected: ExpectedTunnel, observed: ObservedUnderlay, decision: ForwardingDecision) -> tuple[str, str | None]:
    """Cause and words. Only a whole, unhidden configuration says anything about a host route that is not there."""
    if decision.action == "receive":
        return "own-address", None
    if evidence.is_proof(observed.config):
        host = ip_network(expected.neighbor)
        routes = [
            route
            for route in observed.config.static_routes
            if route.prefix == host and (route.interface or "").casefold() != "null0"
        ]
        here = [route for route in routes if route.vrf == expected.inner_vrf]
        subnet_binds = expected.address is not None and expected.neighbor in expected.address.network
        if any(_points_into(expected, route) for route in here) or subnet_binds:
            if observed.tunnel is not None and not observed.tunnel.is_up:
                bound = (
                    "the host route" if any(_points_into(expected, route) for route in here) else "its subnet's route"
                )
                return "tunnel-down", f"{bound} is withdrawn while the tunnel is down, {_instead(decision)}"
        elif here:
            return "host-route-elsewhere", f"it points to {_target(here[0])}"
        elif routes:
            return "host-route-in-other-table", f"it is in {clean(vrf_words(routes[0].vrf))}"
        else:
            words = f"no host route binds the neighbor to its tunnel, {_instead(decision)}"
            return "host-route-missing", words
    if decision.action == "drop":
        return "no-route", None
    interfaces = {hop.interface for hop in decision.next_hops if hop.interface}
    if all(name.casefold().startswith("tunnel") for name in interfaces):
        return "other-tunnel", None
    return "outside-tunnel", f"a route learned elsewhere covers the neighbor: {decision.prefix}"


def _instead(decision: ForwardingDecision) -> str:
    """What becomes of the packets that the tunnel does not take."""
    if decision.action == "drop":
        return f"and no other route covers the neighbor: packets to it are dropped ({decision.prefix})"
    return f"and another route takes over: {decision.prefix}"


def _points_into(expected: ExpectedTunnel, route: StaticRoute) -> bool:
    if route.interface is not None:
        return route.interface.casefold() == expected.name.casefold()
    return expected.address is not None and route.next_hop in expected.address.network


def _target(route: StaticRoute) -> str:
    return clean(" ".join(str(part) for part in (route.interface, route.next_hop) if part is not None)) or "nowhere"
