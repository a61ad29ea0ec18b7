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
    "link": "interface.exists interface.state interface.vrf interface.tags interface.address interface.ipv6-address",
    "filters": "interface.access-list",
    "circuit": "azure.circuit-state azure.peering-state azure.peering-subnets azure.peering-vlan azure.peering-asn",
    "tunnel-settings": """
        tunnel.state:missing tunnel.state:shut tunnel.source tunnel.destination tunnel.mode tunnel.protection
        sides.ike sides.ipsec sides.outer-path azure.gateway-state azure.gateway-asn azure.gateway-active-active
        azure.connection-ends azure.connection-bgp azure.connection-address azure.connection-ipsec
        azure.local-gateway-address azure.local-gateway-bgp azure.local-gateway-prefixes certificate.authority
        certificate.identity
    """,
    "arp": "msee.arp msee.neighbor-discovery",
    "azure-arp": "azure.path-arp",
    "binding": "sides.binding",
    "ike": "ike.sa",
    "ipsec": "ipsec.sa",
    "tunnel": "tunnel.state tunnel.crypto-session azure.connection-state ike.algorithms ipsec.transform ipsec.pfs",
    "underlay": "vpn.underlay",
    "session-settings": "bgp.neighbor bgp.remote-as bgp.local-as bgp.source",
    "bfd": "bfd.state",
    "session-shut": "bgp.state:shutdown",
    "session": "bgp.state",
    "azure-path": "azure.path-session",
    "azure-session": "azure.gateway-peers azure.path-gateways",
    "network": """
        azure.vnet-peering-state azure.vnet-peering-gateways azure.vnet-peering-traffic azure.subnet-table
        azure.vnet-space azure.connection-weight
    """,
    "definitions": """
        lint.outbound-filter lint.undefined-neighbor-map lint.undefined-match
    """,
    "lan-definitions": "lint.undefined-redistribution lint.default-origination",
    "lan": "lan.ospf lan.routes lan.next-hop lan.redistribution lan.default-route",
    "policy": "policy.bound policy.defined",
    "effect": "policy.effect",
    "preference": "policy.local-preference",
    "routes": "routes.announced routes.received routes.next-hop routes.announced-as-path routes.as-path "
    "site.weight site.static",
    "effect-out": "policy.effect:nothing-advertised",
    "azure-prefix": "azure.path-session:no-prefix azure.gateway-peers:no-route",
    "exchange": "sides.announced sides.learned",
    "lan-routes": "lan.external-routes",
    "own-prefixes": "site.own-prefixes",
    "site": "site.preference site.backup site.more-specific site.rib site.paths",
    "traffic": "ipsec.traffic vpn.session-in-tunnel azure.connection-traffic interface.traffic tunnel.path-mtu",
    "next-hop": "azure.subnet-next-hop",
    "sides": "sides.path sides.reach sides.backup sides.loss sides.clear-text sides.apart",
    "probe": "reach.answer reach.path reach.rtt reach.size reach.forbidden reach.forbidden-route",
    "alike": "lint.path-preference lint.path-policy lint.default-preference",
}
_LINE: Final = "link circuit arp azure-arp binding session-settings bfd"
_TUNNEL: Final = "link tunnel-settings ike ipsec tunnel underlay"
_SESSION: Final = f"{_LINE} {_TUNNEL} session-shut session"
_SERVICE: Final = "azure-path azure-session azure-prefix network"
_AZURE: Final = f"{_SERVICE} exchange next-hop"
_ROUTES: Final = "routes.announced routes.received definitions policy effect"
# Finding, `rule` or `rule:cause,cause`: stages and findings that it may follow from. The first line that fits holds.
FOLLOWS: Final = {
    "device.ntp": "time-settings",
    "device.clock:not-authoritative,not-synchronised,offset": "time-settings time",
    "msee.arp:missing,incomplete": "link circuit",
    "msee.neighbor-discovery:missing,incomplete": "link circuit",
    "azure.path-arp:incomplete,missing,microsoft-incomplete,microsoft-missing": "link circuit arp",
    "azure.path-arp:other-address": "azure.peering-subnets",
    "sides.binding:vlan": "azure.peering-vlan interface.tags",
    "sides.binding:other-subnet": "azure.peering-subnets interface.address",
    "sides.binding:customer-asn,azure-asn": "azure.peering-asn",
    "sides.binding:no-peering": "azure.circuit-state azure.peering-state",
    "sides.binding:circuit-arp-missing,circuit-arp-incomplete,router-arp,no-interface": "link circuit arp azure-arp",
    "tunnel.state:missing,shut": "link",
    "ike.sa": "link tunnel-settings",
    "ipsec.sa": "link tunnel-settings ike",
    "ike.algorithms": "sides.ike",
    "ipsec.transform": "sides.ipsec",
    "tunnel.state": "link tunnel-settings ike ipsec",
    "interface.state:protocol-down": "tunnel-settings ike ipsec",
    "tunnel.crypto-session": "link tunnel-settings ike ipsec",
    "azure.connection-state:not-connected,connecting,tunnel-down,tunnel-missing": "link tunnel-settings ike ipsec",
    "vpn.underlay:tunnel-down,outside-tunnel,no-route": "link tunnel-settings ike ipsec tunnel",
    "bgp.neighbor": "",
    "bfd.state:missing,bgp-down,down,remote-down": f"link circuit arp azure-arp binding session-settings {_TUNNEL}",
    "bgp.state:shutdown,prefix-limit": "",
    "bgp.state:far-end-shut": "session-shut",
    "bgp.state:wrong-as": "session-settings circuit tunnel-settings",
    "bgp.state": f"{_LINE} {_TUNNEL}",
    "azure.path-session:no-prefix": f"{_SESSION} definitions policy routes.announced",
    "azure.path-session": _SESSION,
    "azure.gateway-peers:no-route": f"{_SESSION} azure-path definitions policy routes.announced",
    "azure.gateway-peers": f"{_SESSION} azure-path",
    "azure.path-gateways": f"{_SESSION} azure-path",
    "policy.defined": "definitions",
    "lan.ospf": "link",
    "lan.redistribution:route-map-undefined": "lint.undefined-redistribution",
    "lan.default-route:unexpected,always": "lint.default-origination",
    "lan.external-routes": "lan lan-definitions session-shut session routes.received",
    "policy.effect:nothing-advertised": "definitions policy routes.announced",
    "policy.effect": "definitions policy",
    "policy.local-preference": "definitions policy effect",
    "routes.received:missing,nothing-received,not-sent": f"{_SESSION} azure-path azure-session network",
    "routes.received:filtered-inbound,route-map-undefined": "definitions policy effect",
    "routes.announced:missing,nothing-announced,not-originated": "definitions policy link lan",
    "routes.announced": "definitions policy",
    "sides.announced:not-announced": f"{_SESSION} {_SERVICE} {_ROUTES} lan",
    "sides.announced": f"{_SESSION} {_SERVICE} {_ROUTES}",
    "sides.learned": f"{_SESSION} {_SERVICE} {_ROUTES}",
    "site.preference:equal-preference,local-preference": "policy effect preference",
    "site.preference:weight": "site.weight",
    "site.preference:less-preferred": f"{_SESSION} {_ROUTES} policy effect preference site.weight exchange",
    "site.preference:preferred-missing,no-path,no-session": f"{_SESSION} {_ROUTES} exchange {_SERVICE}",
    "site.backup:tunnel-down,no-sa,outside-tunnel,no-answer": f"{_SESSION} underlay",
    "site.backup:missing,session-down,invalid": f"{_SESSION} {_ROUTES} exchange {_SERVICE}",
    "site.more-specific:less-preferred,undeclared-source": "routes.received",
    "site.more-specific:static": "site.static",
    "site.rib": f"{_SESSION} site.static",
    "site.own-prefixes:no-session": _SESSION,
    "site.own-prefixes:no-route": "link lan",
    "site.paths:no-session,missing,not-valid": f"{_SESSION} {_ROUTES} exchange",
    "ipsec.traffic": _TUNNEL,
    "vpn.session-in-tunnel": _TUNNEL,
    "azure.connection-traffic": f"{_TUNNEL} session-shut session",
    "interface.traffic": f"{_LINE} {_TUNNEL}",
    "tunnel.path-mtu:no-answer": _TUNNEL,
    "azure.subnet-next-hop:no-route": f"{_SESSION} {_ROUTES} {_SERVICE} exchange",
    "azure.subnet-next-hop": "azure.subnet-table network routes.announced routes.announced-as-path",
    "sides.path:site-local-preference,site-equal-preference": "policy effect preference site.preference",
    "sides.path:site-weight": "site.weight site.preference",
    "sides.path:site-static": "site.static site.rib",
    "sides.path:site-more-specific": "routes.received site.more-specific",
    "sides.path:site-missing": f"{_SESSION} {_ROUTES} {_AZURE} site",
    "sides.path:azure-user-route": "azure.subnet-table azure.subnet-next-hop",
    "sides.path:azure-more-specific": "routes.announced azure.subnet-next-hop",
    "sides.path:azure-other-site": "routes.announced azure.connection-weight",
    "sides.path:azure-prepend": "routes.announced-as-path",
    "sides.path:azure-weight,azure-equal-cost": "azure.connection-weight",
    "sides.path:azure-missing,azure-less-preferred": f"{_SESSION} routes.announced policy effect {_AZURE}",
    "sides.path": f"{_SESSION} {_ROUTES} {_AZURE} preference routes site",
    "sides.reach:to-azure,no-session": f"{_SESSION} {_ROUTES} {_SERVICE} exchange site",
    "sides.reach:no-way-home": f"link lan {_SESSION} routes.announced own-prefixes site",
    "sides.reach": f"{_SESSION} routes.announced policy effect {_AZURE} site",
    "sides.backup:no-backup-role,no-gateway": "network",
    "sides.backup": f"{_SESSION} {_ROUTES} {_AZURE} preference site",
    "sides.loss": f"{_SESSION} {_ROUTES} {_AZURE} preference site",
    "sides.clear-text": f"{_SESSION} {_ROUTES} {_AZURE} preference site",
    "reach.size:lost": f"tunnel.path-mtu {_TUNNEL}",
    "reach.forbidden": "sides.apart routes.received",
    "reach.forbidden-route": "sides.apart routes.received",
    "reach.answer": f"filters {_SESSION} lan own-prefixes {_ROUTES} {_AZURE} site traffic sides.path sides.reach",
    "reach.path": f"filters {_SESSION} lan {_ROUTES} {_AZURE} preference routes site traffic sides.path sides.reach",
    "reach.rtt": f"{_SESSION} {_ROUTES} {_AZURE} preference routes site traffic sides.path sides.reach",
    "lint.path-preference": "policy effect preference site.weight",
    "lint.path-policy": "policy effect preference",
    "lint.default-preference": "policy effect preference",
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
