"""Judgements about connections of gateways, and the local network gateways behind them.

Sources: https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-devices (default policies),
https://learn.microsoft.com/azure/vpn-gateway/ipsec-ike-policy-howto (custom ones),
https://learn.microsoft.com/azure/vpn-gateway/site-to-site-vpn-private-peering (private addresses)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import azure_supported, evidence
from pytest_azinterop.verify.azure_words import name_of, not_succeeded, of_connection, of_local_gateway, shown
from pytest_azinterop.verify.text import some

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.intent.azure import AzureIpsecPolicy
    from pytest_azinterop.intent.azure_expectations import ExpectedConnection, ExpectedLocalGateway, ResourceName
    from pytest_azinterop.state.azure_connection import Connection, IpsecPolicy
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.azure_observed import ObservedConnection, ObservedLocalGateway
    from pytest_azinterop.verify.finding import Finding

_CONNECTED: Final = "Connected"
_FIELDS: Final = {
    "ike_encryption": "IKE encryption",
    "ike_integrity": "IKE integrity",
    "dh_group": "DH group",
    "ipsec_encryption": "IPsec encryption",
    "ipsec_integrity": "IPsec integrity",
    "pfs_group": "PFS group",
    "lifetime_seconds": "lifetime in seconds",
    "lifetime_kilobytes": "lifetime in kilobytes",
}
_MODES: Final = {"default": "Default", "initiator-only": "InitiatorOnly", "responder-only": "ResponderOnly"}
# Two names of one group.
_SAME: Final = {"DHGroup2048": "DHGroup14", "PFS2048": "PFS14"}


def ends(expected: ExpectedConnection, observed: ObservedConnection) -> list[Finding]:
    """The connection binds what it was declared to bind."""
    seen = observed.connection
    azure_supported.connection(seen)
    found = []
    if seen.kind != expected.kind:
        words = f"kind is {shown(seen.kind)}, expected {expected.kind}"
        found.append(_finding("azure.connection-ends", expected, seen, words, "other-kind"))
    pairs: tuple[tuple[str, str | None, ResourceName | None, str], ...] = (
        ("gateway", seen.gateway, expected.gateway_resource, "other-gateway"),
        ("circuit", seen.circuit, expected.circuit_resource, "other-circuit"),
        ("local network gateway", seen.local_gateway, expected.local_gateway_resource, "other-far-end"),
    )
    for what, told, right, cause in pairs:
        if right is not None and not right.is_(told):
            words = f"{what} is {name_of(told)}, expected {right.name}"
            found.append(_finding("azure.connection-ends", expected, seen, words, cause))
    wanted = expected.to_resource
    if expected.kind == "Vnet2Vnet" and wanted is not None and not wanted.is_(seen.other_gateway):
        words = f"other gateway is {name_of(seen.other_gateway)}, expected {wanted.name}"
        found.append(_finding("azure.connection-ends", expected, seen, words, "other-far-end"))
    return found


def state(expected: ExpectedConnection, observed: ObservedConnection) -> list[Finding]:
    """The connection and each of its tunnels are connected, and there are as many tunnels as the routers have.

    Azure tells no status of a connection to a circuit: whether it carries sessions is told of the circuit's paths.
    """
    seen = observed.connection
    found = []
    if seen.provisioning_state is not None and seen.provisioning_state != "Succeeded":
        words = f"resource is {shown(seen.provisioning_state)}, expected Succeeded"
        found.append(_finding("azure.connection-state", expected, seen, words, "not-succeeded"))
    if expected.circuit is not None:
        if seen.status is not None and seen.status != _CONNECTED:
            words = f"status is {shown(seen.status)}, expected Connected"
            found.append(_finding("azure.connection-state", expected, seen, words, "not-connected"))
        if seen.status is None and seen.provisioning_state is None:
            evidence.undetermined("the connection's status is not told", "not-understood", seen.source)
        return found
    if seen.status is None:
        evidence.undetermined("the connection's status is not told", "not-understood", seen.source)
    if seen.status != _CONNECTED:
        cause = "connecting" if seen.status == "Connecting" else "not-connected"
        words = f"status is {shown(seen.status)}, expected Connected"
        found.append(_finding("azure.connection-state", expected, seen, words, cause))
    return [*found, *_tunnels(expected, seen)]


def _tunnels(expected: ExpectedConnection, seen: Connection) -> list[Finding]:
    found = []
    for tunnel in seen.tunnels or ():
        if tunnel.status != _CONNECTED and seen.status == _CONNECTED:
            words = f"tunnel {shown(tunnel.tunnel)} is {shown(tunnel.status)}, expected Connected"
            found.append(_finding("azure.connection-state", expected, seen, words, "tunnel-down"))
    wanted = len({tunnel.peer for tunnel in expected.tunnels})
    if wanted > 1:
        if seen.tunnels is None:
            evidence.undetermined("the connection's tunnels are not told", "not-understood", seen.source)
        if len(seen.tunnels) < wanted:
            words = f"number of tunnels is {len(seen.tunnels)}, expected {wanted}"
            found.append(_finding("azure.connection-state", expected, seen, words, "tunnel-missing"))
    return found


def bgp(expected: ExpectedConnection, observed: ObservedConnection) -> list[Finding]:
    """BGP runs over the connection, or does not, as declared; with it, selectors must not be policy-based."""
    seen = observed.connection
    if expected.bgp is None:
        return []
    if seen.bgp_enabled is None:
        evidence.undetermined("whether BGP is enabled is not told", "not-understood", seen.source)
    found = []
    if seen.bgp_enabled != expected.bgp:
        words = f"BGP is {'on' if seen.bgp_enabled else 'off'}, expected {'on' if expected.bgp else 'off'}"
        cause = "with-bgp" if seen.bgp_enabled else "without-bgp"
        found.append(_finding("azure.connection-bgp", expected, seen, words, cause))
    if expected.bgp and seen.policy_based is None:
        words = "whether selectors are policy-based is not told"
        return evidence.open_beside(found, words, "not-understood", seen.source)
    if expected.bgp and seen.policy_based:
        words = "traffic selectors are policy-based, expected route-based, as BGP needs"
        found.append(_finding("azure.connection-bgp", expected, seen, words, "policy-based"))
    return found


def mode(expected: ExpectedConnection, observed: ObservedConnection) -> list[Finding]:
    """The gateway begins negotiations, answers them, or both, as declared. A circuit's connection negotiates nothing.

    Source: https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq (connection modes)
    """
    seen = observed.connection
    if expected.circuit is not None:
        return []
    if seen.mode is None:
        evidence.undetermined("the connection's mode is not told", "not-understood", seen.source)
    wanted = _MODES[expected.mode]
    if seen.mode.casefold() == wanted.casefold():
        return []
    cause = next((cause for cause, word in _MODES.items() if word.casefold() == seen.mode.casefold()), None)
    if cause is None:
        evidence.undetermined(f"mode {shown(seen.mode)} is not known", "not-understood", seen.source)
    words = f"mode is {shown(seen.mode)}, expected {wanted}"
    return [_finding("azure.connection-mode", expected, seen, words, cause)]


def weight(expected: ExpectedConnection, observed: ObservedConnection) -> list[Finding]:
    """The routing weight decides between connections that bring the same prefix."""
    seen = observed.connection
    if seen.routing_weight is None:
        evidence.undetermined("the connection's weight is not told", "not-understood", seen.source)
    if seen.routing_weight == expected.weight:
        return []
    words = f"routing weight is {seen.routing_weight}, expected {expected.weight}"
    return [_finding("azure.connection-weight", expected, seen, words, "other-weight")]


def ipsec_policy(expected: ExpectedConnection, observed: ObservedConnection) -> list[Finding]:
    """The policy is the declared one: a custom one replaces Azure's default proposals altogether."""
    seen = observed.connection
    wanted = expected.ipsec
    if wanted is None:
        return []
    if seen.ipsec_policies is None:
        evidence.undetermined("the connection's IPsec policies are not told", "not-understood", seen.source)
    if wanted == "default":
        if not seen.ipsec_policies:
            return []
        words = "IPsec policy is a custom one, expected Azure's default"
        return [_finding("azure.connection-ipsec", expected, seen, words, "custom-policy")]
    if not seen.ipsec_policies:
        words = "IPsec policy is Azure's default, expected the declared one"
        return [_finding("azure.connection-ipsec", expected, seen, words, "default-policy")]
    return [
        _finding("azure.connection-ipsec", expected, seen, f"{what} is {told}, expected {right}", "other-policy")
        for what, told, right in _differences(wanted, seen.ipsec_policies[0])
    ]


def _differences(wanted: AzureIpsecPolicy, seen: IpsecPolicy) -> Iterable[tuple[str, str, str]]:
    for field, what in _FIELDS.items():
        told, right = str(getattr(seen, field)), str(getattr(wanted, field))
        if _SAME.get(told, told).casefold() != _SAME.get(right, right).casefold():
            yield what, shown(told), right


def traffic(expected: ExpectedConnection, observed: ObservedConnection) -> list[Finding]:
    """Bytes have passed in both directions since the tunnel came up."""
    seen = observed.connection
    if not expected.traffic:
        return []
    found = []
    for what, count, cause in (
        ("bytes into Azure", seen.ingress_bytes, "nothing-in"),
        ("bytes out of Azure", seen.egress_bytes, "nothing-out"),
    ):
        if count is None:
            evidence.undetermined(f"the number of {what} is not told", "not-understood", seen.source)
        if count == 0:
            words = f"number of {what} is 0, expected some"
            found.append(_finding("azure.connection-traffic", expected, seen, words, cause))
    return found


def outer_address(expected: ExpectedConnection, observed: ObservedConnection) -> list[Finding]:
    """Over private peering the gateway encrypts from its private address; everywhere else from its public one."""
    seen = observed.connection
    wanted = expected.over_peering == "private"
    if seen.over_private_address is None:
        evidence.undetermined("which address the gateway uses is not told", "not-understood", seen.source)
    if seen.over_private_address == wanted:
        return []
    kinds = {True: "private", False: "public"}
    words = f"gateway's address is its {kinds[not wanted]} one, expected its {kinds[wanted]} one"
    return [_finding("azure.connection-address", expected, seen, words, f"{kinds[not wanted]}-address")]


def far_address(expected: ExpectedLocalGateway, observed: ObservedLocalGateway) -> list[Finding]:
    """Azure sends the tunnel to the address that the router, or the other gateway, really has."""
    wanted = _addresses(expected, observed)
    local = observed.local
    if (unready := not_succeeded(local.provisioning_state)) is not None:
        return [_local("azure.local-gateway-address", expected, observed, unready, "not-succeeded")]
    if local.address is None and local.fqdn is not None:
        words = f"address is the name {shown(local.fqdn)}, which Azure resolves by itself"
        evidence.undetermined(words, "not-supported", local.source)
    if local.address in wanted:
        return []
    words = f"address is {shown(local.address)}, expected {some(map(str, wanted))}"
    return [
        of_local_gateway(expected).finding(
            "azure.local-gateway-address", words, cause="other-address", evidence=_read(observed)
        )
    ]


def _addresses(expected: ExpectedLocalGateway, observed: ObservedLocalGateway) -> tuple[IPv4Address | IPv6Address, ...]:
    if observed.far is None:
        return expected.addresses
    settings = observed.far.bgp
    instances = None if settings is None else settings.instances
    found = tuple(address for each in instances or () for address in each.tunnel or ())
    if not found:
        evidence.undetermined(
            "the other gateway's tunnel addresses are not told", "not-understood", observed.far.source
        )
    return found


def far_bgp(expected: ExpectedLocalGateway, observed: ObservedLocalGateway) -> list[Finding]:
    """ASN and BGP address are those of the router, or of the other gateway."""
    local = observed.local
    if expected.asn is None:
        return []
    if local.bgp is None:
        words = f"BGP is not configured, expected AS {expected.asn}"
        return [_local("azure.local-gateway-bgp", expected, observed, words, "without-bgp")]
    found = []
    if local.bgp.asn != expected.asn:
        words = f"ASN is {local.bgp.asn}, expected {expected.asn}"
        found.append(_local("azure.local-gateway-bgp", expected, observed, words, "other-asn"))
    wanted = _bgp_addresses(expected, observed)
    told = local.bgp.addresses or ()
    if wanted and not set(told) & set(wanted):
        seen = some(map(str, told)) or "not told"
        words = f"BGP address is {seen}, expected {some(map(str, wanted))}"
        found.append(_local("azure.local-gateway-bgp", expected, observed, words, "other-bgp-address"))
    return found


def far_prefixes(expected: ExpectedLocalGateway, observed: ObservedLocalGateway) -> list[Finding]:
    """With BGP only the far side's BGP address is a prefix: what else stands here stays a static route into the tunnel.

    Not judged without BGP. Source: Microsoft, "About BGP with VPN Gateway", on the prefixes of a local network gateway.
    """
    if expected.asn is None:
        return []
    local = observed.local
    if local.prefixes is None:
        evidence.undetermined("the prefixes of the local network gateway are not told", "not-understood", local.source)
    own = set(_bgp_addresses(expected, observed)) | set((local.bgp.addresses if local.bgp else None) or ())
    outer = {local.address, *expected.addresses}
    found = []
    for prefix in local.prefixes:
        if prefix.num_addresses == 1 and prefix.network_address in own:
            continue
        inside = any(each is not None and each.version == prefix.version and each in prefix for each in outer)
        cause = "holds-tunnel-end" if inside else "further"
        words = f"prefix {prefix} is there, expected BGP addresses alone"
        found.append(_local("azure.local-gateway-prefixes", expected, observed, words, cause))
    return found


def _bgp_addresses(
    expected: ExpectedLocalGateway, observed: ObservedLocalGateway
) -> tuple[IPv4Address | IPv6Address, ...]:
    """The routers' addresses, or the other gateway's own; () where the intent declares none."""
    if observed.far is None:
        return expected.bgp_addresses
    told = None if observed.far.bgp is None else observed.far.bgp.addresses
    if not told:
        evidence.undetermined("the other gateway's BGP addresses are not told", "not-understood", observed.far.source)
    return told


def _local(
    rule: str, expected: ExpectedLocalGateway, observed: ObservedLocalGateway, words: str, cause: str
) -> Finding:
    return of_local_gateway(expected).finding(rule, words, cause=cause, evidence=_read(observed))


def _read(observed: ObservedLocalGateway) -> list[Source]:
    return [observed.local.source, *((observed.far.source,) if observed.far else ())]


def _finding(rule: str, expected: ExpectedConnection, seen: Connection, words: str, cause: str) -> Finding:
    return of_connection(expected).finding(rule, words, cause=cause, evidence=[seen.source])
