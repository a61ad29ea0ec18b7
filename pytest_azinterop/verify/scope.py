"""Where the intent says that a rule does not apply: the item is then skipped with the reason, and never passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from pytest_azinterop.intent.expectations import (
    ExpectedDevice,
    ExpectedInterface,
    ExpectedSession,
    ExpectedSite,
    ExpectedTunnel,
)
from pytest_azinterop.intent.router_scope import ExpectedConfiguration
from pytest_azinterop.verify import scope_azure, scope_sides
from pytest_azinterop.verify.interface import PORT_ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Expected = TypeVar("_Expected")


def reason_not_judged(rule: str, expected: object) -> str | None:
    """Why the intent leaves nothing to judge, None where it does. Raises KeyError for an unknown rule.

    `expected` is any expectation of `pytest_azinterop.intent`.
    """
    from pytest_azinterop.verify.rules import RULES

    name = RULES[rule].name
    if isinstance(expected, ExpectedDevice):
        return _reason(_DEVICE.get(name), expected)
    if isinstance(expected, ExpectedInterface):
        return _reason(_INTERFACE.get(name), expected)
    if isinstance(expected, ExpectedSession):
        return _reason(_SESSION.get(name), expected)
    if isinstance(expected, ExpectedTunnel):
        return _reason(_TUNNEL.get(name), expected)
    if isinstance(expected, ExpectedConfiguration):
        return _reason(_CONFIGURATION.get(RULES[rule].judged_by), expected)
    if isinstance(expected, ExpectedSite):
        return _reason(_SITE.get(name), expected)
    return scope_azure.reason_not_judged(name, expected) or scope_sides.reason_not_judged(name, expected)


def _reason(check: Callable[[_Expected], str | None] | None, expected: _Expected) -> str | None:
    return check(expected) if check else None


def _unless(condition: bool, reason: str) -> str | None:
    return None if condition else reason


_NO_CERTIFICATES: Final = "the intent declares no certificates for this connection"
_NO_SIZE: Final = "the intent declares no size of packets for this connection"
_DEVICE: Final[Mapping[str, Callable[[ExpectedDevice], str | None]]] = {
    "device.ntp": lambda each: _unless(each.ntp is not None, "the intent declares no time source"),
    "device.release": lambda each: _unless(
        each.software is not None and bool(each.software.releases), "the intent approves no releases"
    ),
    "device.uptime": lambda each: _unless(
        each.software is not None and each.software.minimum_uptime is not None, "the intent declares no uptime"
    ),
    "device.archive": lambda each: _unless(each.archive is not None, "the intent declares no archive"),
}
_INTERFACE: Final[Mapping[str, Callable[[ExpectedInterface], str | None]]] = {
    "interface.errors": lambda each: _unless(each.role in PORT_ROLES, "the intent has no port here"),
    "interface.tags": lambda each: _unless(each.vlans is not None, "the intent declares no 802.1Q tags"),
    "interface.traffic": lambda each: _unless(each.traffic is not None, "the intent expects no traffic here"),
    "lan.redistribution": lambda each: _unless(
        each.ospf is not None and each.ospf.redistributes is not None, "the intent does not judge redistribution"
    ),
    "lan.external-routes": lambda each: _unless(
        each.ospf is not None
        and (each.ospf.redistributes is not None or each.ospf.default_route in ("none", "always")),
        "the intent judges nothing of what OSPF tells the site",
    ),
    "lan.default-route": lambda each: _unless(
        each.ospf is not None and each.ospf.default_route is not None, "the intent declares no default route"
    ),
    "interface.address": lambda each: _unless(each.address is not None, "the intent declares no address"),
    "lan.routes": lambda each: _unless(each.ospf is not None and bool(each.owned), "the intent has no OSPF here"),
    "lan.next-hop": lambda each: _unless(bool(each.owned), "the intent names no prefix of the site"),
    "interface.access-list": lambda each: _unless(
        bool(each.flows or each.peers), "the intent names no prefixes that pass here"
    ),
    "interface.ipv6-address": lambda each: _unless(each.ipv6 is not None, "the intent declares no IPv6 address"),
    "interface.route-distinguisher": lambda each: _unless(
        each.route_distinguisher is not None, "the intent declares no route distinguisher"
    ),
}


def _binds(each: ExpectedSession) -> bool:
    policy = each.policy
    names = (policy.route_map_in, policy.route_map_out, policy.prefix_list_in, policy.prefix_list_out)
    needs_policy = each.local_preference is not None and each.role != "internal"
    return needs_policy or any(name is not None for name in names)


_NO_BFD: Final = "the intent does not require BFD here"
_SESSION: Final[Mapping[str, Callable[[ExpectedSession], str | None]]] = {
    "bgp.source": lambda each: _unless(each.local_address is not None, "the intent declares no local address"),
    "bgp.timers": lambda each: _unless(
        each.hold_time is not None or each.keepalive is not None, "the intent does not judge timers"
    ),
    "bgp.soft-reconfiguration": lambda each: _unless(
        each.soft_reconfiguration, "the intent does not expect inbound soft reconfiguration"
    ),
    "bgp.head-room": lambda each: _unless(each.head_room is not None, "the intent does not judge limits of prefixes"),
    "bgp.flaps": lambda each: _unless(
        each.most_drops is not None and each.flap_window is not None, "the intent does not judge flaps"
    ),
    "routes.next-hop": lambda each: _unless(each.role != "internal", "next hops are not judged within the site"),
    "routes.as-path": lambda each: _unless(
        each.prepends is not None and each.role != "internal", "the intent does not judge this neighbor's AS paths"
    ),
    "routes.announced-as-path": lambda each: _unless(
        each.announce_prepends is not None and each.role != "internal",
        "the intent does not judge how often is prepended to what this neighbor is sent",
    ),
    "policy.bound": lambda each: _unless(
        _binds(each), "the intent names no policy of this session and declares no local preference for it"
    ),
    "policy.local-preference": lambda each: _unless(
        each.local_preference is not None, "the intent declares no local preference for this session"
    ),
    "routes.announced": lambda each: _unless(each.announce is not None, "the intent declares no announced prefixes"),
    "bfd.state": lambda each: _unless(each.bfd is not None, _NO_BFD),
    "bfd.registered": lambda each: _unless(each.bfd is not None, _NO_BFD),
    "bfd.timers": lambda each: _unless(each.bfd is not None, _NO_BFD),
    "bfd.age": lambda each: _unless(each.bfd is not None, _NO_BFD),
    "policy.inbound": lambda each: _unless(
        each.soft_reconfiguration and each.receive is not None and bool(each.receive.required),
        "the intent names no received prefix of this session, or does not expect what it receives to be kept",
    ),
    "routes.communities": lambda each: _unless(bool(each.carried), "the intent declares no communities here"),
    "routes.announced-communities": lambda each: _unless(
        bool(each.announce_communities), "the intent declares no communities of announced prefixes"
    ),
    "routes.microsoft": lambda each: _unless(
        each.role == "microsoft" and each.receive is not None, "the intent has no Microsoft peering here"
    ),
    "routes.received": lambda each: _unless(each.receive is not None, "the intent declares no received prefixes"),
}
_TUNNEL: Final[Mapping[str, Callable[[ExpectedTunnel], str | None]]] = {
    "ipsec.pfs": lambda each: _unless(
        each.ipsec.pfs_groups is not None, "the intent does not judge perfect forward secrecy"
    ),
    "ike.flaps": lambda each: _unless(
        each.most_drops is not None and each.flap_window is not None, "the intent does not judge flaps"
    ),
    "ike.authentication": lambda each: _unless(
        each.authentication is not None, "the intent declares no authentication method"
    ),
    "tunnel.path-mtu": lambda each: _unless(each.mtu is not None, _NO_SIZE),
    "tunnel.mss": lambda each: _unless(each.mtu is not None, _NO_SIZE),
    "certificate.identity": lambda each: _unless(each.trustpoint is not None, _NO_CERTIFICATES),
    "certificate.authority": lambda each: _unless(each.trustpoint is not None, _NO_CERTIFICATES),
}


def _prefers(each: ExpectedSite) -> str | None:
    return _unless(bool(each.prefer), "the intent has no path here between which to prefer")


def _backs_up(each: ExpectedSite) -> str | None:
    return _unless(
        bool(each.backed_up),
        "the intent lets no prefix survive on a second role: `backup` of this site names none, and both reach none",
    )


def _on_circuits(each: ExpectedSite) -> str | None:
    return _unless(any(session.role != "vpn" for session in each.sessions), "the intent has no circuit here")


def _on_two_routers(each: ExpectedSite) -> str | None:
    return _unless(len(set(each.routers)) > 1, "the intent has one edge router here")


_SITE: Final[Mapping[str, Callable[[ExpectedSite], str | None]]] = {
    "site.preference": _prefers,
    "site.backup": _backs_up,
    "site.more-specific": _prefers,
    "site.static": _prefers,
    "site.weight": _prefers,
    "site.rib": _prefers,
    "site.own-prefixes": lambda each: _unless(
        bool(each.lan and not each.owned.is_empty), "the intent names no `lan` of this site, or no prefix of it"
    ),
    "site.paths": lambda each: _unless(
        any(reach.required for _, reach in each.reach), "the intent names no prefix that this site reaches"
    ),
    "lint.path-preference": _on_circuits,
    "lint.path-policy": _on_circuits,
    "lint.default-metric": _on_two_routers,
}


def _with_tunnels(each: ExpectedConfiguration) -> str | None:
    return _unless(bool(each.tunnels), "the intent has no VPN tunnel on this router")


def _with_azure(each: ExpectedConfiguration) -> str | None:
    return _unless(any(session.role != "internal" for session in each.sessions), "the intent has no session to Azure")


def _with_circuit(each: ExpectedConfiguration) -> str | None:
    on_circuit = any(session.role in ("expressroute", "microsoft") for session in each.sessions)
    return _unless(on_circuit, "the intent has no path of a circuit on this router")


# By judgement: all rules of one share what it walks over.
_CONFIGURATION: Final[Mapping[str, Callable[[ExpectedConfiguration], str | None]]] = {
    "lint.sizes": _with_tunnels,
    "lint.addressing": _with_tunnels,
    "lint.front_vrf": _with_tunnels,
    "lint.identity": _with_tunnels,
    "lint.negotiation": _with_tunnels,
    "lint.default_preference": _with_tunnels,
    "lint.filters": _with_azure,
    "lint.limits": _with_azure,
    "lint.settings": _with_azure,
    "lint.detection": _with_circuit,
}
