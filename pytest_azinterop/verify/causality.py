"""What follows from what: of which other finding a finding may be the consequence.

A chain runs from a router's port to a probe's answer: port and circuit, tunnel, BGP session, policy and routes, choice
of path, both sides together. A finding further down follows from one further up where both concern the same session,
and where its cause leaves room for it: a prefix that is missing follows from a session that is down, a static route
does not. Only whoever shows several findings together needs this; a judgement never looks at another one.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

# Stage: the findings that stand there, `rule` or `rule:cause`; the first stage that names a finding has it. A finding
# follows only from stages above its own, so nothing follows from itself.
STAGES: Final = {
    "time-settings": "device.ntp:missing-server",
    "time": "device.ntp",
    "clock": "device.clock",
    "interface": "interface.exists",
    "vrf": "interface.vrf",
    "link": "interface.state interface.tags interface.address interface.ipv6-address",
    "frames": "interface.errors",
    "filters": "interface.access-list",
    "circuit": "azure.circuit-state azure.peering-state azure.peering-subnets azure.peering-vlan azure.peering-asn",
    "protection": "tunnel.protection",
    "azure-tunnel": "azure.connection-ipsec azure.connection-bgp",
    "identity": "lint.ike-identity lint.ike-trustpoint lint.ike-policy lint.ike-key",
    "nat": "ike.nat:nat-detected",
    "tunnel-settings": """
        tunnel.state:missing tunnel.state:shut tunnel.source tunnel.destination tunnel.mode
        sides.tunnel-peer sides.ike sides.ipsec sides.outer-path azure.gateway-state azure.gateway-asn
        azure.gateway-bgp-address azure.gateway-active-active
        azure.connection-ends azure.connection-address azure.local-gateway-address azure.local-gateway-bgp
        azure.local-gateway-prefixes certificate.authority certificate.identity
    """,
    "negotiated": "sides.ike:negotiated sides.ipsec:negotiated sides.rekey sides.key-volume",
    "arp": "msee.arp msee.neighbor-discovery",
    "azure-arp": "azure.path-arp",
    "binding": "sides.binding",
    "ike": "ike.sa",
    "ipsec": "ipsec.sa",
    "tunnel": "tunnel.state tunnel.crypto-session azure.connection-state ike.algorithms ipsec.transform ipsec.pfs",
    "underlay": "vpn.underlay",
    "session-elsewhere": "bgp.neighbor:other-vrf",
    "session-settings": "bgp.neighbor bgp.remote-as bgp.local-as bgp.source",
    "bfd-settings": "lint.bfd",
    "bfd": "bfd.state",
    "bfd-age": "bfd.age",
    "tunnel-flaps": "ike.flaps",
    "flaps": "bgp.flaps",
    "session-shut": "bgp.state:shutdown",
    "session": "bgp.state",
    "bfd-follows": "bfd.state:bgp-down",
    "azure-path": "azure.path-session",
    "azure-session": "azure.gateway-peers",
    "azure-served": "azure.path-gateways",
    "space": "azure.vnet-space",
    "one-sided": "azure.vnet-peering-state:missing",
    "network": """
        azure.vnet-peering-state azure.vnet-peering-gateways azure.vnet-peering-traffic:no-access azure.subnet-table
        azure.connection-weight azure.gateway-subnet azure.gateway-remote-vnets
    """,
    "forwarded": "azure.vnet-peering-traffic:forwarded azure.vnet-peering-traffic:no-forwarded",
    "definitions": """
        lint.outbound-filter lint.undefined-neighbor-map lint.undefined-match lint.undefined-filter
    """,
    "lan-definitions": "lint.undefined-redistribution lint.default-origination lint.policy-routing",
    "lan-identity": "lan.router-id",
    "lan": "lan.ospf lan.routes lan.next-hop lan.redistribution lan.default-route",
    "default": "policy.local-preference:default-changed",
    "policy": "policy.bound policy.defined",
    "not-in-azure": "sides.learned:not-advertised sides.learned:not-in-circuit",
    "not-sent": "routes.received:missing routes.received:nothing-received routes.received:not-sent",
    "effect": "policy.effect",
    "preference": "policy.local-preference",
    "routes": "routes.announced routes.received routes.next-hop",
    "attributes": "routes.announced-as-path routes.as-path site.weight site.static",
    "effect-out": "policy.effect:nothing-advertised",
    "azure-prefix": "azure.path-session:no-prefix azure.gateway-peers:no-route",
    "ages": "sides.session-age",
    "exchange": "sides.announced sides.learned",
    "lan-routes": "lan.external-routes",
    "lan-exit": "lan.exit",
    "own-prefixes": "site.own-prefixes",
    "site": "site.preference site.backup site.more-specific site.rib site.paths",
    "errors": "ipsec.errors",
    "traffic": "ipsec.traffic vpn.session-in-tunnel azure.connection-traffic interface.traffic tunnel.path-mtu",
    "next-hop": "azure.subnet-next-hop azure.subnet-return azure.appliance",
    "apart": "sides.apart",
    "sides": "sides.path sides.reach sides.backup sides.loss sides.clear-text",
    "answer": "reach.answer",
    "probe": "reach.loss reach.path reach.rtt reach.size reach.forbidden reach.forbidden-route",
    "alike": "lint.path-preference lint.path-policy lint.default-preference",
}
_PORT: Final = "interface vrf link"
_SETTINGS: Final = "session-elsewhere session-settings"
_NEIGHBOR: Final = f"{_PORT} circuit arp azure-arp"
_LINE: Final = f"{_NEIGHBOR} binding {_SETTINGS} bfd"
_SET_UP: Final = "protection azure-tunnel identity tunnel-settings"
_TUNNEL: Final = f"{_PORT} {_SET_UP} ike ipsec tunnel underlay"
_SESSION: Final = f"{_LINE} {_TUNNEL} session-shut session"
_NETWORK: Final = "space one-sided network"
_SERVICE: Final = f"azure-path azure-session azure-served azure-prefix {_NETWORK} not-in-azure"
_AZURE: Final = f"{_SERVICE} exchange next-hop"
_POLICY: Final = "definitions default policy"
_ROUTES: Final = f"routes.announced routes.received {_POLICY} effect"
_CHOICE: Final = "preference routes attributes"
# Finding, `rule` or `rule:cause,cause`: stages and findings that it may follow from. The first line that fits holds.
FOLLOWS: Final = {
    "device.ntp": "time-settings",
    "device.clock:not-authoritative,not-synchronised,offset": "time-settings time",
    "interface.vrf": "interface",
    "interface.address:no-address": "interface vrf",
    "interface.state:protocol-down": f"interface {_SET_UP} ike ipsec",
    "interface.state": "interface",
    "interface.errors": "interface",
    "interface.tags": "interface",
    "interface.address": "interface",
    "sides.ike:negotiated": "azure-tunnel sides.ike",
    "sides.ipsec:negotiated": "azure-tunnel sides.ipsec",
    "sides.ike:no-policy": "lint.ike-policy",
    "sides.ike": "azure-tunnel",
    "sides.ipsec": "azure-tunnel",
    "sides.rekey": "azure-tunnel",
    "sides.key-volume:azure-volume": "azure-tunnel",
    "msee.arp:missing,incomplete": f"{_PORT} circuit",
    "msee.neighbor-discovery:missing,incomplete": f"{_PORT} circuit",
    "azure.path-arp:incomplete,missing,microsoft-incomplete,microsoft-missing": f"{_PORT} circuit arp",
    "azure.path-arp:other-address": "azure.peering-subnets",
    "sides.binding:vlan": "azure.peering-vlan interface.tags",
    "sides.binding:other-subnet": "azure.peering-subnets interface.address",
    "sides.binding:router-address": _PORT,
    "sides.binding:customer-asn,azure-asn": "azure.peering-asn",
    "sides.binding:no-peering": "azure.circuit-state azure.peering-state",
    "sides.binding:circuit-arp-missing,circuit-arp-incomplete,router-arp,no-interface": _NEIGHBOR,
    "tunnel.state:missing,shut": _PORT,
    "azure.local-gateway-address": "nat",
    "ike.sa": f"{_PORT} {_SET_UP}",
    "ipsec.sa": f"{_PORT} {_SET_UP} ike",
    "sides.ike:unprotected,undefined-profile": "protection",
    "sides.ipsec:unprotected,undefined-profile": "protection",
    "sides.rekey:unprotected,undefined-profile": "protection",
    "sides.key-volume:unprotected,undefined-profile": "protection",
    "sides.initiation:unprotected,undefined-profile": "protection",
    "ike.algorithms": "azure-tunnel sides.ike",
    "ipsec.transform": "azure-tunnel sides.ipsec",
    "ipsec.pfs": "azure-tunnel sides.rekey",
    "ipsec.lifetime:overdue": "azure-tunnel sides.ipsec sides.rekey",
    "tunnel.state": f"{_PORT} {_SET_UP} ike ipsec",
    "tunnel.crypto-session": f"{_PORT} {_SET_UP} ike ipsec",
    "azure.connection-state:not-connected,connecting,tunnel-down,tunnel-missing": f"{_PORT} {_SET_UP} ike ipsec",
    "vpn.underlay:tunnel-down,outside-tunnel,no-route": f"{_PORT} {_SET_UP} ike ipsec tunnel",
    "bgp.neighbor:missing": "session-elsewhere",
    "bgp.neighbor": "",
    "bgp.source": _PORT,
    "bgp.soft-reconfiguration": "bgp.neighbor",
    "bfd.state:bgp-down": _SESSION,
    "bfd.state:missing,down,remote-down": f"{_NEIGHBOR} binding {_SETTINGS} {_TUNNEL}",
    "bfd.state:not-configured": "bfd-settings",
    "bfd.registered:not-configured": "bfd-settings",
    "bgp.state:shutdown,prefix-limit,null-route,no-ipv6-routing,no-multihop": "",
    "bgp.state:far-end-shut": "session-shut",
    "bgp.state:wrong-as": f"{_SETTINGS} circuit {_SET_UP}",
    "bgp.state": f"{_LINE} {_TUNNEL}",
    "bgp.flaps": "bfd-age tunnel-flaps",
    "bgp.age": "bfd-age tunnel-flaps flaps",
    "azure.path-session:no-prefix": f"{_SESSION} {_POLICY} routes.announced",
    "azure.path-session": _SESSION,
    "azure.gateway-peers:no-route": f"{_SESSION} azure-path {_POLICY} routes.announced",
    "azure.gateway-peers": f"{_SESSION} azure-path",
    "azure.path-gateways": f"{_SESSION} azure-path azure-session",
    "azure.vnet-peering-state:not-in-sync": "space",
    "azure.vnet-peering-state:disconnected,initiated": "one-sided",
    "azure.head-room:connection-limit": "space",
    "azure.head-room:circuit-limit": f"{_POLICY} routes.announced",
    "azure.gateway-head-room": f"{_POLICY} routes.announced",
    "bgp.head-room:neighbors-limit": f"{_POLICY} routes.announced",
    "bgp.head-room": f"{_NETWORK} routes.received",
    "policy.bound:no-inbound-policy": "bgp.neighbor default",
    "policy.bound": "bgp.neighbor",
    "policy.defined": "definitions",
    "lan.ospf": _PORT,
    "lan.redistribution:route-map-undefined": "lint.undefined-redistribution",
    "lan.default-route:unexpected,always": "lint.default-origination",
    "lan.external-routes": f"lan lan-definitions session-shut session {_POLICY} routes.received",
    "lan.exit": f"lan lan-definitions session-shut session {_POLICY} routes.received lan-routes",
    "policy.effect:nothing-accepted": (
        f"{_SESSION} azure-path azure-session azure-served {_NETWORK} not-in-azure {_POLICY} not-sent"
    ),
    "policy.effect:nothing-advertised": f"{_POLICY} routes.announced",
    "policy.effect": _POLICY,
    "policy.local-preference:default-changed": "",
    "policy.local-preference:no-routes": f"{_SESSION} {_POLICY} not-sent effect",
    "policy.local-preference": f"{_POLICY} effect",
    "routes.received:missing,nothing-received,not-sent": (
        f"{_SESSION} azure-path azure-session azure-served {_NETWORK} not-in-azure"
    ),
    "routes.received:filtered-inbound,route-map-undefined": f"{_POLICY} effect",
    "routes.received:undeclared,more-specific": "space",
    "routes.as-path": "routes.received",
    "routes.announced:missing,nothing-announced,not-originated": f"{_POLICY} {_PORT} lan",
    "routes.announced:default-route": f"{_POLICY} lint.default-origination",
    "routes.announced": _POLICY,
    "site.static:policy-routing": "lint.policy-routing",
    "site.static:other-protocol": "space routes.received",
    "sides.announced:not-announced": f"{_SESSION} {_SERVICE} {_ROUTES} lan",
    "sides.announced": f"{_SESSION} {_SERVICE} {_ROUTES}",
    "sides.session-age:one-end,no-session": f"{_SESSION} azure-path azure-session",
    "sides.learned:not-advertised,not-in-circuit": f"{_SESSION} azure-path azure-session azure-served {_NETWORK}",
    "sides.learned": f"{_SESSION} {_SERVICE} {_ROUTES}",
    "site.preference:equal-preference,local-preference": f"{_POLICY} effect preference",
    "site.preference:weight": "site.weight",
    "site.preference:less-preferred": f"{_SESSION} {_ROUTES} preference site.weight exchange",
    "site.preference:preferred-missing,no-path,inaccessible,no-session": f"{_SESSION} {_ROUTES} exchange {_SERVICE}",
    "site.preference:local-origin": "space routes.received",
    "site.backup:tunnel-down,no-sa,outside-tunnel,no-answer": f"{_SESSION} underlay",
    "site.backup:missing,session-down,invalid": f"{_SESSION} {_ROUTES} exchange {_SERVICE}",
    "site.more-specific:less-preferred,undeclared-source": "space routes.received",
    "site.more-specific:static": "site.static",
    "site.rib:mixed-roles": f"{_SESSION} {_POLICY} effect preference site.weight site.static",
    "site.rib": f"{_SESSION} site.static",
    "site.own-prefixes:no-session": _SESSION,
    "site.own-prefixes:no-route": f"{_PORT} lan",
    "site.own-prefixes:to-azure": "space routes.received",
    "site.paths:no-session,missing,not-valid": f"{_SESSION} {_ROUTES} exchange",
    "ipsec.traffic": _TUNNEL,
    "vpn.session-in-tunnel": _TUNNEL,
    "azure.connection-traffic": f"{_TUNNEL} session-shut session",
    "interface.traffic": f"{_LINE} {_TUNNEL}",
    "tunnel.path-mtu:no-answer": _TUNNEL,
    "azure.subnet-next-hop:no-route": f"{_SESSION} {_ROUTES} {_SERVICE} exchange",
    "azure.appliance": "",
    "azure.subnet-return": "azure.gateway-subnet azure.subnet-table",
    "azure.subnet-next-hop": f"azure.subnet-table {_NETWORK} routes.announced routes.announced-as-path",
    "sides.path:site-local-preference,site-equal-preference": f"{_POLICY} effect preference site.preference",
    "sides.path:site-weight": "site.weight site.preference",
    "sides.path:site-static": "site.static site.rib site.more-specific",
    "sides.path:site-more-specific": "routes.received site.more-specific",
    "sides.path:site-missing": f"{_SESSION} {_ROUTES} {_AZURE} site",
    "sides.path:azure-user-route": "azure.subnet-table azure.subnet-next-hop",
    "sides.path:azure-more-specific": "routes.announced azure.subnet-next-hop",
    "sides.path:azure-other-site": "routes.announced exchange azure.connection-weight",
    "sides.path:azure-prepend": "routes.announced-as-path",
    "sides.path:azure-weight,azure-equal-cost": "azure.connection-weight",
    "sides.path:azure-missing,azure-less-preferred": f"{_SESSION} routes.announced {_POLICY} effect {_AZURE}",
    "sides.path": f"{_SESSION} {_ROUTES} {_AZURE} {_CHOICE} site",
    "sides.reach:to-azure,no-session": f"{_SESSION} {_ROUTES} {_SERVICE} exchange attributes site",
    "sides.reach:no-way-home": f"{_PORT} lan {_SESSION} routes.announced own-prefixes site",
    "sides.reach": f"{_SESSION} routes.announced {_POLICY} effect {_AZURE} site",
    "sides.backup:no-backup-role,no-gateway": _NETWORK,
    "sides.backup": f"{_SESSION} {_ROUTES} {_AZURE} preference site",
    "sides.loss": f"{_SESSION} {_ROUTES} {_AZURE} preference site",
    "sides.clear-text": f"{_SESSION} {_ROUTES} {_AZURE} preference site",
    "sides.apart": "space routes.received routes.announced azure.connection-ends",
    "reach.size:lost": f"tunnel.path-mtu {_TUNNEL}",
    "reach.size:too-big": "tunnel.path-mtu site sides.path",
    "reach.forbidden": "space sides.apart routes.received",
    "reach.forbidden-route": "space sides.apart routes.received",
    "reach.answer": (
        f"filters {_SESSION} tunnel-flaps lan own-prefixes {_ROUTES} {_AZURE} forwarded attributes site errors traffic "
        "sides.path "
        "sides.reach"
    ),
    "reach.loss": "frames tunnel-flaps errors answer",
    "reach.path": f"filters {_SESSION} lan {_ROUTES} {_AZURE} {_CHOICE} site traffic sides.path sides.reach",
    "reach.rtt": f"{_SESSION} errors {_ROUTES} {_AZURE} {_CHOICE} site traffic sides.path sides.reach",
    "lint.reserved-as": "bgp.local-as",
    "lint.path-preference": f"{_POLICY} effect preference site.weight",
    "lint.path-policy": f"{_POLICY} effect preference",
    "lint.default-preference": f"{_POLICY} effect preference",
}
_STAGE_OF: Final = {each: place for place, names in enumerate(STAGES.values()) for each in names.split()}
_TUNNEL_INTERFACE: Final = re.compile(r"/tunnel\d+$", re.IGNORECASE)


def stage(rule: str, cause: str, object_: str) -> int:
    """The place of a finding on the chain; behind its end for what has none.

    A tunnel interface whose line protocol is down shows the state of the tunnel, not of a port.
    """
    if rule == "interface.state" and cause == "protocol-down" and _TUNNEL_INTERFACE.search(object_):
        return _STAGE_OF["tunnel.state"]
    return _STAGE_OF.get(f"{rule}:{cause}", _STAGE_OF.get(rule, len(STAGES)))


def may_follow(effect: tuple[str, str, str], root: tuple[str, str, str]) -> bool:
    """Whether a finding may be a consequence of another one; each is rule, cause and object."""
    if stage(*root) >= stage(*effect):
        return False
    rule, cause, _ = root
    return not _reasons(*effect[:2]).isdisjoint((rule, f"{rule}:{cause}"))


@cache
def _reasons(rule: str, cause: str) -> frozenset[str]:
    """The findings, `rule` or `rule:cause`, that this one may follow from."""
    for key, reasons in FOLLOWS.items():
        of, _, causes = key.partition(":")
        if of == rule and (not causes or cause in causes.split(",")):
            return frozenset(name for each in reasons.split() for name in STAGES.get(each, each).split())
    return frozenset()
