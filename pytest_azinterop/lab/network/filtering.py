"""What an interface does to packets besides forwarding them: access lists, the reverse path check, policy routing.

As IOS-XE has it: an inbound list concerns everything that arrives, what is meant for the router included; an outbound
list and policy routing concern what passes through, never what the router itself sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.config.settings import InterfaceSettings, MapEntry
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.records import AccessList

PORTS: Final = {
    "bgp": 179, "telnet": 23, "www": 80, "443": 443, "ftp": 21, "smtp": 25, "domain": 53, "ntp": 123, "snmp": 161,
    "isakmp": 500, "non500-isakmp": 4500, "syslog": 514, "tacacs": 49, "bootps": 67, "bootpc": 68, "tftp": 69,
}  # fmt: skip
PROTOCOLS: Final = {"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ahp": 51, "eigrp": 88, "ospf": 89}
_OPERATORS: Final = {"eq": 10, "neq": 10, "gt": 1, "lt": 1, "range": 2}
_MOST: Final = 65535


@dataclass(frozen=True, slots=True)
class Packet:
    """What an access list looks at besides the addresses. `kind` is an ICMP type as IOS writes it."""

    protocol: str = "icmp"
    source_port: int | None = None
    target_port: int | None = None
    kind: str = "echo"

    def answer(self) -> Packet:
        """The packet that answers it."""
        kind = "echo-reply" if self.kind == "echo" else self.kind
        return Packet(self.protocol, self.target_port, self.source_port, kind)


ECHO: Final = Packet()
BGP_OPENED: Final = Packet("tcp", 50179, 179)
BGP_ANSWERED: Final = BGP_OPENED.answer()
BFD: Final = Packet("udp", 49152, 3784)
IKE: Final = Packet("udp", 500, 500)
IKE_BEHIND_NAT: Final = Packet("udp", 4500, 4500)
ESP: Final = Packet("esp")
GRE: Final = Packet("gre")
NTP: Final = Packet("udp", 123, 123)
OSPF: Final = Packet("ospf")


def permits(found: AccessList | None, source: IpAddress, target: IpAddress, packet: Packet) -> bool:
    """What a list says of a packet. One that is not defined, or has no line, filters nothing."""
    if found is None or not found.entries:
        return True
    for entry in found.entries:
        words = [word for word in entry.text.split() if word not in ("log", "log-input")]
        if found.kind == "standard":
            hit = _address(words, source, found)[0]
        else:
            hit = _extended(words, source, target, packet, found)
        if hit:
            return entry.permit
    return False


def _extended(words: list[str], source: IpAddress, target: IpAddress, packet: Packet, found: AccessList) -> bool:
    protocol, *rest = words
    if protocol == "object-group":
        name, *rest = rest
        if not any(_service(line.split(), packet) for line in found.services.get(name, ())):
            return False
    elif not _is_protocol(protocol, packet):
        return False
    hit, rest = _address(rest, source, found)
    hit_port, rest = _port(rest, packet.source_port)
    hit_target, rest = _address(rest, target, found)
    hit_target_port, rest = _port(rest, packet.target_port)
    return hit and hit_port and hit_target and hit_target_port and _flags(rest, packet)


def _is_protocol(word: str, packet: Packet) -> bool:
    known = ("ip", "ipv6", packet.protocol, str(PROTOCOLS.get(packet.protocol)))
    return word in known or (word == "tcp-udp" and packet.protocol in ("tcp", "udp"))


def _service(words: list[str], packet: Packet) -> bool:
    """Whether a packet is of a line of an ``object-group service``: ``tcp eq 443``, ``udp source eq 53``, ``icmp``."""
    protocol, *rest = words
    if not _is_protocol(protocol, packet):
        return False
    hit = True
    if rest[:1] == ["source"]:
        hit, rest = _port(rest[1:], packet.source_port)
    if rest[:1] and rest[0].isdigit() and packet.protocol != "icmp":
        rest = ["eq", *rest]
    hit_target, rest = _port(rest, packet.target_port)
    return hit and hit_target and _flags(rest, packet)


def _address(words: list[str], address: IpAddress, found: AccessList) -> tuple[bool, list[str]]:
    """Whether `any`, `host A`, an object-group, `A WILDCARD`, an IPv6 prefix or a lone `A` at the front holds the
    address, and what stands behind.
    """
    if not words:
        return True, []
    if words[0] == "any":
        return True, words[1:]
    if words[0] == "host":
        return ip_address(words[1]) == address, words[2:]
    if words[0] == "object-group":
        return any(address in network for network in found.networks.get(words[1], ())), words[2:]
    if ":" in words[0]:
        return address in ip_network(words[0], strict=False), words[1:]
    if not isinstance(address, IPv4Address):
        return False, words[2:]
    wildcard = len(words) > 1 and words[1].count(".") == 3
    care = ~int(IPv4Address(words[1])) if wildcard else -1
    return (int(IPv4Address(words[0])) ^ int(address)) & care & 0xFFFFFFFF == 0, words[2 if wildcard else 1 :]


def _port(words: list[str], port: int | None) -> tuple[bool, list[str]]:
    if not words or words[0] not in _OPERATORS:
        return True, words
    most = _OPERATORS[words[0]]
    numbers: list[int] = []
    for word in words[1 : 1 + most]:
        number = PORTS.get(word, int(word) if word.isdigit() else -1)
        if not 0 <= number <= _MOST:
            break
        numbers.append(number)
    rest = words[1 + len(numbers) :]
    if port is None or not numbers:
        return False, rest
    hit = {
        "eq": port in numbers,
        "neq": port not in numbers,
        "gt": port > numbers[0],
        "lt": port < numbers[0],
        "range": numbers[0] <= port <= numbers[-1],
    }[words[0]]
    return hit, rest


_OF_OTHER_PACKETS: Final = frozenset(("fragments", "dscp", "precedence", "tos", "option", "routing", "flow-label"))
"""A line with one of these is about packets that nobody sends here."""
_TYPES: Final = {"echo": ("echo", "echo-request", "8", "128"), "echo-reply": ("echo-reply", "0", "129")}


def _flags(words: list[str], packet: Packet) -> bool:
    """`established` and the types of ICMP, of IPv4 and of IPv6."""
    if _OF_OTHER_PACKETS & set(words):
        return False
    if "established" in words:
        return packet.protocol == "tcp" and packet.source_port == BGP_OPENED.target_port
    return not words or packet.protocol != "icmp" or words[0] in _TYPES.get(packet.kind, (packet.kind,))


def lets_in(node: Node, interface: InterfaceSettings, source: IpAddress, target: IpAddress, packet: Packet) -> str:
    """What becomes of a packet that arrives: empty, or ``filtered`` (the sender is told) or ``lost`` (nobody is)."""
    if not _passes(node, (interface.group_in, interface.filter6_in), source, target, packet):
        return "filtered"
    if interface.reverse_path is not None and not _comes_back(node, interface, source):
        return "lost"
    return ""


def lets_out(node: Node, interface: InterfaceSettings, source: IpAddress, target: IpAddress, packet: Packet) -> bool:
    """Whether the interface's outbound list permits a packet that passes through."""
    return _passes(node, (interface.group_out, interface.filter6_out), source, target, packet)


def _passes(
    node: Node, names: tuple[str | None, str | None], source: IpAddress, target: IpAddress, packet: Packet
) -> bool:  # fmt: skip
    """By the list of IPv4 or that of IPv6: neither is about the other's packets."""
    old = target.version == 4
    name, lists = names[0 if old else 1], node.settings.access_lists if old else node.settings.access_lists6
    return name is None or permits(lists.get(name), source, target, packet)


def _comes_back(node: Node, interface: InterfaceSettings, source: IpAddress) -> bool:
    """`rx`: a route to the source leaves by the interface that it came by; `any`: there is one at all."""
    mode = interface.reverse_path
    table = node.table(interface.vrf)
    route = table.lookup(source, default=mode is not None and mode.endswith("+default"))
    if route is None:
        return False
    hops = table.resolve_route(route, source)
    if mode is not None and mode.startswith("any"):
        return bool(hops) and not all((hop.interface or "Null0").startswith("Null") for hop in hops)
    return any(hop.interface == interface.name for hop in hops)


def steered(
    node: Node, interface: InterfaceSettings | None, source: IpAddress, target: IpAddress, packet: Packet
) -> IpAddress:  # fmt: skip
    """Where the routing table is asked for: the next hop that the interface's route-map sets, else the target.

    `interface` is where the packet came in; what the router sends itself is not steered. A next hop that the table has
    no way to is not taken.
    """
    if interface is None or interface.policy_map is None:
        return target
    for entry in node.settings.route_maps.get(interface.policy_map, ()):
        if _hits(node, entry, source, target, packet):
            hop = next((text.split()[0] for kind, text in entry.sets if kind == "next-hop"), "")
            if entry.permit and hop[:1].isdigit() and node.table(interface.vrf).lookup(IPv4Address(hop)) is not None:
                return IPv4Address(hop)
            return target
    return target


def _hits(node: Node, entry: MapEntry, source: IpAddress, target: IpAddress, packet: Packet) -> bool:
    """Policy routing matches packets by access lists; a clause about routes matches none."""
    lists = node.settings.access_lists
    return all(
        kind == "address" and any(permits(lists.get(name), source, target, packet) for name in text.split())
        for kind, text in entry.matches
    )
