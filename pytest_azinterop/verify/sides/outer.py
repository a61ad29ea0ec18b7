"""A site-to-site VPN over ExpressRoute: the outer path really is the circuit, and nothing travels beside the tunnel.

Over private peering one prefix that both the tunnel and the circuit bring goes unencrypted, for Azure prefers
ExpressRoute. Sources: https://learn.microsoft.com/azure/vpn-gateway/site-to-site-vpn-private-peering and
https://learn.microsoft.com/azure/expressroute/site-to-site-vpn-over-microsoft-peering
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, subject
from pytest_azinterop.verify.sides.verdict import pairs
from pytest_azinterop.verify.sides.view import SidesView
from pytest_azinterop.verify.text import clean, prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.sides import ExpectedCrypto, ExpectedSides
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.sides.observed import ObservedCrypto, ObservedSides

    Prefix = IPv4Network | IPv6Network


def outer_path(expected: ExpectedCrypto, observed: ObservedCrypto) -> list[Finding]:
    """The router forwards encrypted packets over the circuit, and both ends mean the address that goes with it.

    Not judged where the Internet carries the tunnel.
    """
    if expected.over is None:
        return []
    tunnel = expected.tunnel
    decision, connection = observed.outer, observed.connection
    if decision is None:
        evidence.undetermined(f"the forwarding to {tunnel.peer} was not collected", "not-collected")
    if (decision.address, decision.vrf) != (tunnel.peer, tunnel.front_vrf):
        evidence.undetermined(
            f"the answer is about {decision.address} and not about {tunnel.peer}", "not-understood", decision.source
        )
    if connection is None:
        evidence.undetermined(f"connection {expected.connection} was not collected", "not-collected")
    about = subject.of_tunnel(tunnel)
    table = f" vrf {tunnel.front_vrf}" if tunnel.front_vrf else ""
    found = []
    if decision.action != "forward":
        found.append(("no-route", f"outer path to {tunnel.peer} is {decision.action}", [decision.source]))
    else:
        ways = {(each.interface, each.address) for each in decision.next_hops}
        for interface, address in sorted(ways, key=str):
            if not any(
                address == each.neighbor or (interface is not None and interface == each.interface)
                for each in expected.carried_by
            ):
                words = clean(" ".join(str(each) for each in (interface, address) if each is not None)) or "unknown"
                seen = f"outer path to {tunnel.peer} is {words}"
                found.append(("other-path", seen, [decision.source]))
    found += _addresses(expected, observed)
    return [
        about.finding(
            "sides.outer-path",
            f"{seen}, expected {_WANTED[cause].format(over=expected.over)}",
            cause=cause,
            evidence=sources,
            next_command=f"show ip cef{table} {tunnel.peer}",
        )
        for cause, seen, sources in found
    ]


_WANTED = {
    "no-route": "over {over}",
    "other-path": "over {over}",
    "public-address": "the gateway's private one",
    "private-address": "the gateway's public one",
    "gateway-without-private": "on",
    "other-address": "one of the gateway's private addresses",
}


def _addresses(expected: ExpectedCrypto, observed: ObservedCrypto) -> Iterator[tuple[str, str, list[Source]]]:
    connection, gateway = observed.connection, observed.gateway
    if connection is None:
        return
    if connection.over_private_address is None:
        evidence.undetermined(
            f"{connection.name} does not tell which address it uses", "not-understood", connection.source
        )
    if connection.over_private_address != expected.private:
        cause, kind = ("public-address", "public") if expected.private else ("private-address", "private")
        yield cause, f"address of {expected.connection} is the gateway's {kind} one", [connection.source]
    if not expected.private:
        return
    if gateway is None:
        evidence.undetermined(f"the gateway of {expected.connection} was not collected", "not-collected")
    if gateway.private_address_enabled is not True:
        yield "gateway-without-private", f"private address of {clean(gateway.name)} is off", [gateway.source]
        return
    private: set[IPv4Address | IPv6Address] = {
        each.private_address for each in gateway.ip_configurations or () if each.private_address is not None
    }
    if not private:
        evidence.undetermined(f"the private addresses of {gateway.name} are not told", "not-understood", gateway.source)
    if expected.tunnel.peer not in private:
        yield (
            "other-address",
            f"end of the tunnel is {expected.tunnel.peer} (the gateway has {some(sorted(map(str, private)))})",
            [gateway.source],
        )


_DIRECTION = {"to-azure": "to Azure", "from-azure": "from Azure"}


def clear_text(expected: ExpectedSides, observed: ObservedSides) -> list[Finding]:
    """No pair of prefixes that the VPN carries takes the circuit itself, in either direction, at any place.

    Not judged where the VPN does not run over private peering.
    """
    if not expected.encrypted:
        return []
    view = SidesView(expected, observed)
    about = subject.of_site(expected.site)
    if not view.site.active_routers():
        return [
            about.finding(
                "sides.clear-text",
                "number of Established sessions is 0, expected at least one",
                cause="no-session",
                evidence=[router.table.source for router in observed.routers.routers],
            )
        ]
    carried = {network.name for network in expected.networks if "vpn" in network.over}
    clear: dict[tuple[str, str], list[tuple[Prefix, Prefix]]] = defaultdict(list)
    sources: dict[tuple[str, str], list[Source | None]] = defaultdict(list)
    commands: dict[tuple[str, str], str | None] = {}
    judged = 0
    for pair in pairs(view):
        if pair.network not in carried:
            continue
        judged += 1
        for cause, choices in (("to-azure", pair.to_azure), ("from-azure", pair.from_azure)):
            for each in choices:
                if each.role == "expressroute":
                    key = cause, each.words
                    clear[key].append((pair.own, pair.theirs))
                    sources[key] += each.evidence
                    commands.setdefault(key, each.next_command)
    if not judged:
        evidence.undetermined("no pair of prefixes that the VPN carries is declared", "not-collected")
    return [
        about.finding(
            "sides.clear-text",
            f"traffic {_DIRECTION[cause]} between {prefix_list(own for own, _ in each)} and "
            f"{prefix_list(theirs for _, theirs in each)} is in clear {words}, expected inside the VPN",
            cause=cause,
            evidence=sources[cause, words][:4],
            next_command=commands[cause, words],
        )
        for (cause, words), each in clear.items()
    ]
