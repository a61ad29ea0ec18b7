"""Addresses of either family: the types, their order, their text, and which contains which."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network, ip_network

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network
IpInterface = IPv4Interface | IPv6Interface

UNSPECIFIED = IPv4Address(0)
DEFAULTS: dict[int, IpNetwork] = {4: IPv4Network("0.0.0.0/0"), 6: IPv6Network("::/0")}
NOWHERE: dict[int, IpAddress] = {4: UNSPECIFIED, 6: IPv6Address(0)}


def network_order(network: IpNetwork) -> tuple[int, int, int]:
    """Sort key: IPv4 before IPv6, then by address and length."""
    return network.version, int(network.network_address), network.prefixlen


def address_order(address: IpAddress) -> tuple[int, int]:
    """Sort key: IPv4 before IPv6."""
    return address.version, int(address)


def within(inner: IpNetwork, outer: IpNetwork) -> bool:
    """Whether a network is part of another one; never across families."""
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def host_route(address: IpAddress) -> IpNetwork:
    """The network of one address."""
    return ip_network(address)


def text(value: IpAddress | IpNetwork | IpInterface | None) -> str:
    """As IOS writes it: IPv6 in capitals."""
    return str(value).upper() if value is not None else "None"


def link_local_address(mac: str) -> IPv6Address:
    """The modified EUI-64 link-local address of an interface (RFC 4291, appendix A); ``mac`` as IOS writes it."""
    digits = int(mac.replace(".", ""), 16)
    identifier = (digits >> 24) << 40 | 0xFFFE << 24 | digits & 0xFFFFFF
    return IPv6Address((0xFE80 << 112) | (identifier ^ 1 << 57))
