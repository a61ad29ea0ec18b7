"""From the resources of Azure to the block `azure` of an intent. Pure.

Names are those of the intent where addresses say that the same thing is meant; what matches nothing is a question. A
resource that needs what is not supported (Virtual WAN, Global Reach, FastPath) is told and left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from pytest_azinterop.contact.proposal import Proposal
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.verify import azure_supported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_azinterop.contact.azure_sightings import SeenAzure
    from pytest_azinterop.intent.expectations import Expectations, ExpectedTunnel
    from pytest_azinterop.intent.models import Network
    from pytest_azinterop.state.azure_circuit import Circuit
    from pytest_azinterop.state.azure_connection import Connection, IpsecPolicy
    from pytest_azinterop.state.azure_gateway import LocalNetworkGateway
    from pytest_azinterop.state.azure_network import VnetPeering

RecordT = TypeVar("RecordT")
_PRIVATE: Final = "AzurePrivatePeering"
_MICROSOFT: Final = "MicrosoftPeering"
_MODES: Final = {"initiatoronly": "initiator-only", "responderonly": "responder-only"}
_DEFAULT_ASN: Final = 65515


def propose(seen: SeenAzure, everything: Expectations | None, networks: Mapping[str, Network]) -> Proposal:
    """The block for everything in the group; empty where there is nothing."""
    return _Block(seen, everything, networks).proposal()


class _Block:
    def __init__(self, seen: SeenAzure, everything: Expectations | None, networks: Mapping[str, Network]) -> None:
        self.seen = seen
        self.sessions = everything.sessions if everything is not None else ()
        self.tunnels = everything.tunnels if everything is not None else ()
        self.networks = networks
        self.made = Proposal()
        self.circuits: dict[str, str] = {}  # ids in lower case: keys of the intent
        self.gateways = {(each.resource_id or each.name).casefold(): each.name for each in seen.gateways}
        self.vnets = {(each.resource_id or each.name).casefold(): each.name for each in seen.vnets}
        self.ended: set[str] = set()

    def proposal(self) -> Proposal:
        self.made.put(("azure", "subscription"), self.seen.subscription)
        self.made.put(("azure", "resource_group"), self.seen.group)
        for circuit in self.seen.circuits:
            if self._is_supported(azure_supported.circuit, circuit):
                self._circuit(circuit)
        self._gateways()
        for connection in self.seen.connections:
            if self._is_supported(azure_supported.connection, connection):
                self._connection(connection)
        self._vnets()
        self._elsewhere()
        if self.made.tree["azure"].keys() <= {"subscription", "resource_group", "elsewhere"}:
            self.made.tree.clear()
        return self.made

    def _is_supported(self, check: Callable[[RecordT], None], record: RecordT) -> bool:
        try:
            check(record)
        except UndeterminedError as problem:
            self.made.ask(f"{problem.message}; it is left out here")
            return False
        return True

    def _circuit(self, circuit: Circuit) -> None:
        peerings = {each.kind: each for each in circuit.peerings or ()}
        peering = peerings.get(_PRIVATE) or peerings.get(_MICROSOFT)
        links = (peering.primary_prefix, peering.secondary_prefix) if peering is not None else ()
        named = {
            session.path.rpartition(" ")[0]
            for session in self.sessions
            if session.role != "vpn" and session.path and any(link and session.neighbor in link for link in links)
        }
        key = next(iter(named)) if len(named) == 1 else circuit.name
        if len(named) != 1:
            shown = " and ".join(str(link) for link in links if link) or "no /30"
            self.made.ask(f"no path of the intent has {shown} of circuit {circuit.name}: which circuit is it there?")
        self.circuits[(circuit.resource_id or circuit.name).casefold()] = key
        self.ended.add(key)
        said: dict[str, Any] = {} if key == circuit.name else {"resource": circuit.name}
        if circuit.tier is not None:
            said["tier"] = circuit.tier.casefold()
        if circuit.bandwidth_mbps is not None:
            said["bandwidth_mbps"] = circuit.bandwidth_mbps
        if circuit.peering_location is not None:
            said["peering_location"] = circuit.peering_location
        if peering is not None:
            known = (("vlan", peering.vlan), ("peer_asn", peering.peer_asn))
            said |= {name: value for name, value in known if value is not None}
            ends = (("primary", peering.primary_prefix), ("secondary", peering.secondary_prefix))
            said |= {name: str(value) for name, value in ends if value is not None}
        self._put("circuits", key, said, circuit.resource_id)

    def _gateways(self) -> None:
        for each in self.seen.gateways:
            subnets = {place.subnet for place in each.ip_configurations or () if place.subnet}
            homes = {subnet.rpartition("/subnets/")[0].casefold() for subnet in subnets}
            vnet = self.vnets.get(next(iter(homes))) if len(homes) == 1 else None
            if vnet is None:
                self.made.ask(f"gateway {each.name} is in no VNet of this group: in which one?")
                self.gateways.pop((each.resource_id or each.name).casefold(), None)
                continue
            vpn = each.kind == "Vpn"
            said: dict[str, Any] = {"kind": "vpn" if vpn else "expressroute", "vnet": vnet}
            if vpn and each.bgp is not None and each.bgp.asn != _DEFAULT_ASN:
                said["asn"] = each.bgp.asn
            said["sku"] = each.sku
            if each.active_active is not None:
                said["active_active"] = each.active_active
            if not vpn:
                flags = {"remote_vnets": each.allow_remote_vnet_traffic, "virtual_wan": each.allow_virtual_wan_traffic}
                said |= {name: value for name, value in flags.items() if value is not None}
            self._put("gateways", each.name, said, each.resource_id)

    def _connection(self, each: Connection) -> None:
        gateway = self.gateways.get(each.gateway.casefold())
        ends = self._ends(each) if gateway is not None else None
        if ends is None:
            self.made.ask(f"connection {each.name} leads to nothing that the intent or this group has: where to?")
            return
        said: dict[str, Any] = {"gateway": gateway, **ends}
        if each.routing_weight:
            said["weight"] = each.routing_weight
        if "circuit" not in ends:
            if each.bgp_enabled is False:
                said["bgp"] = False
            if (mode := _MODES.get((each.mode or "").casefold())) is not None:
                said["mode"] = mode
            if each.ipsec_policies is not None:
                said["ipsec"] = _policy(each.ipsec_policies[0]) if each.ipsec_policies else "default"
        self._put("connections", each.name, said, each.resource_id)

    def _ends(self, each: Connection) -> dict[str, Any] | None:
        if each.circuit is not None:
            circuit = self.circuits.get(each.circuit.casefold())
            return None if circuit is None else {"circuit": circuit}
        if each.other_gateway is not None:
            other = self.gateways.get(each.other_gateway.casefold())
            return None if other is None else {"to": other}
        wanted = (each.local_gateway or "").casefold()
        local = next((one for one in self.seen.local_gateways if (one.resource_id or "?").casefold() == wanted), None)
        if local is None:
            return None
        found = self._behind(local)
        if found is None:
            return None
        self._put("local_gateways", local.name, {}, local.resource_id)
        return {**found, "local_gateway": local.name}

    def _behind(self, local: LocalNetworkGateway) -> dict[str, Any] | None:
        """The tunnels of the intent, or the gateway, that a local network gateway stands for."""
        addresses = set(local.bgp.addresses or ()) if local.bgp is not None else set()
        mine = [
            tunnel
            for tunnel in self.tunnels
            if local.address in {tunnel.public, tunnel.local} - {None}
            or (tunnel.address is not None and tunnel.address.ip in addresses)
        ]
        if mine:
            return self._tunnels(mine)
        for gateway in self.seen.gateways:
            instances = (gateway.bgp.instances or ()) if gateway.bgp is not None else ()
            if any(local.address in (one.tunnel or ()) for one in instances):
                return {"to": gateway.name}
        return None

    def _tunnels(self, mine: list[ExpectedTunnel]) -> dict[str, Any] | None:
        names, routers = {each.connection for each in mine}, {each.router for each in mine}
        if len(names) != 1:
            return None
        (name,) = names
        self.ended.add(name)
        everywhere = {each.router for each in self.tunnels if each.connection == name}
        narrow = {"router": next(iter(routers))} if len(routers) == 1 and everywhere != routers else {}
        return {"connection": name, **narrow}

    def _vnets(self) -> None:
        for each in self.seen.vnets:
            try:
                azure_supported.vnet(each)
            except UndeterminedError as problem:
                self.made.ask(problem.message)
            said: dict[str, Any] = {}
            spaces = frozenset(each.prefixes)
            owners = [name for name, network in self.networks.items() if _is(network, spaces)]
            if len(owners) == 1 and owners[0] != each.name:
                said["network"] = owners[0]
            elif len(owners) > 1:
                names = ", ".join(sorted(owners))
                self.made.ask(f"networks {names} of the intent all have the prefixes of VNet {each.name}: which is it?")
            elif not owners:
                self.made.ask(f"no network of the intent has the prefixes of VNet {each.name}: which one is it?")
            peerings = {peering.name: one for peering in each.peerings or () if (one := self._peering(peering))}
            if peerings:
                said["peerings"] = peerings
            self._put("vnets", each.name, said, each.resource_id)

    def _peering(self, peering: VnetPeering) -> dict[str, Any] | None:
        to = self.vnets.get(peering.remote_vnet.casefold())
        if to is None:
            self.made.ask(
                f"VNet peering {peering.name} leads to a VNet outside of this group: is it part of the intent?"
            )
            return None
        said: dict[str, Any] = {"to": to}
        if peering.use_remote_gateways:
            said["gateways"] = "remote"
        elif peering.allow_gateway_transit:
            said["gateways"] = "shared"
        if peering.allow_forwarded_traffic is not None:
            said["forwarded_traffic"] = peering.allow_forwarded_traffic
        return said

    def _elsewhere(self) -> None:
        declared = {session.path.rpartition(" ")[0] for session in self.sessions if session.role != "vpn"}
        left = sorted((declared | {each.connection for each in self.tunnels}) - self.ended - {""})
        if left:
            self.made.put(("azure", "elsewhere"), left)
            self.made.comment(
                ("azure", "elsewhere"), "question: nothing in this group is their Azure side; whose is it?"
            )

    def _put(self, block: str, key: str, said: dict[str, Any], resource: str | None) -> None:
        self.made.put(("azure", block, key), said)
        if resource is not None:
            self.made.comment(("azure", block, key), resource)


def _is(network: Network, spaces: frozenset[Any]) -> bool:
    return spaces == {*network.exactly, *network.at_least} and bool(spaces)


def _policy(seen: IpsecPolicy) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in (
        "ike_encryption", "ike_integrity", "dh_group", "ipsec_encryption", "ipsec_integrity", "pfs_group",
        "lifetime_seconds", "lifetime_kilobytes",
    )}  # fmt: skip
