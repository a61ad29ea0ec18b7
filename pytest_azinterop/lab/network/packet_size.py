"""How large a packet may be, and how large it gets: interface MTUs, ESP and GRE (RFC 4303, 2.4; RFC 2784)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.words import is_logical, parent_interface

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.settings import InterfaceSettings
    from pytest_azinterop.lab.network.crypto import Crypto
    from pytest_azinterop.lab.network.node import Node

GRE_OVERHEAD = 24
_OUTER, _ESP, _TRAILER, _UDP = 20, 8, 2, 8
_ICV = {"esp-sha-hmac": 12, "esp-md5-hmac": 12, "esp-sha256-hmac": 16, "esp-sha384-hmac": 24, "esp-sha512-hmac": 32}
DEFAULT_TRANSFORM = ("esp-aes", "esp-sha-hmac")


def _cipher(transform: tuple[str, ...]) -> tuple[int, int, int]:
    """Bytes of the initialisation vector, of a block, and of the integrity check value."""
    icv = sum(_ICV.get(word, 0) for word in transform)
    if any(word.startswith(("esp-gcm", "esp-gmac")) for word in transform):
        return 8, 4, 16
    if any(word.startswith("esp-aes") for word in transform):
        return 16, 16, icv
    return (8, 8, icv) if any("des" in word for word in transform) else (0, 4, icv)


def encrypted(size: int, transform: tuple[str, ...], *, udp: bool = False) -> int:
    """The outer packet's length in tunnel mode."""
    vector, block, icv = _cipher(transform)
    padded = -(-(size + _TRAILER) // block) * block
    return _OUTER + (_UDP if udp else 0) + _ESP + vector + padded + icv


def plaintext_mtu(path_mtu: int, transform: tuple[str, ...], *, udp: bool = False) -> int:
    """The largest packet that fits into an outer one: 1438 of 1500 with AES-CBC and SHA-1."""
    vector, block, icv = _cipher(transform)
    room = path_mtu - _OUTER - (_UDP if udp else 0) - _ESP - vector - icv
    return room // block * block - _TRAILER


def port_mtu(node: Node, settings: InterfaceSettings) -> int:
    """The IP MTU of anything but a tunnel: its own, else its port's."""
    if settings.ip_mtu is not None:
        return settings.ip_mtu
    port = node.settings.interfaces.get(parent_interface(settings.name) or "")
    inherited = settings.mtu or (None if port is None else port.mtu)
    return inherited or (1514 if is_logical(settings.name) and settings.name.startswith("Loop") else 1500)


def tunnel_transform(node: Node, settings: InterfaceSettings, crypto: Crypto) -> tuple[tuple[str, ...], bool]:
    """The transform of a protected tunnel, agreed or else configured, and whether ESP goes in UDP."""
    association = crypto.associations.get((node.name, settings.name))
    if association is not None:
        return association.child.transform, bool(association.behind_nat)
    known = node.settings.crypto
    profile = known.ipsec_profiles.get((settings.tunnel.profile if settings.tunnel else None) or "")
    names = () if profile is None else profile.transform_sets
    return next((known.transform_sets[name].words for name in names if name in known.transform_sets),
                DEFAULT_TRANSFORM), False  # fmt: skip


def path_mtu(node: Node, settings: InterfaceSettings) -> int:
    """The MTU of the port that a tunnel's outer packets leave by."""
    tunnel = settings.tunnel
    if tunnel is None or tunnel.destination is None:
        return 1500
    hops = node.table(tunnel.outer_vrf).resolve(tunnel.destination)
    port = node.settings.interfaces.get(hops[0].interface or "") if hops else None
    return 1500 if port is None or port.tunnel is not None else port_mtu(node, port)


def ip_mtu(node: Node, settings: InterfaceSettings, crypto: Crypto) -> int:
    """The IP MTU in effect: that of a tunnel follows from the path below it."""
    if settings.tunnel is None or settings.ip_mtu is not None:
        return port_mtu(node, settings)
    below = path_mtu(node, settings)
    if settings.tunnel.profile is None:
        return below - GRE_OVERHEAD
    transform, udp = tunnel_transform(node, settings, crypto)
    return plaintext_mtu(below, transform, udp=udp)
