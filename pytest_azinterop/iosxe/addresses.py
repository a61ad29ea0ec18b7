"""Addresses and prefixes from their text: the same few are printed again and again, and making one takes long."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_KEPT = 16_384


@lru_cache(maxsize=_KEPT)
def address(text: str) -> IPv4Address | IPv6Address:
    """As `ip_address`: ValueError for anything else."""
    return ip_address(text)


def address_or_none(word: str) -> IPv4Address | IPv6Address | None:
    """The address that a word is; None for any other word, which most words can be seen to be."""
    if "." not in word and ":" not in word:
        return None
    try:
        return address(word)
    except ValueError:
        return None


@lru_cache(maxsize=_KEPT)
def ipv4_address(text: str) -> IPv4Address:
    """As `IPv4Address`: ValueError for anything else."""
    return IPv4Address(text)


@lru_cache(maxsize=_KEPT)
def ipv4_interface(text: str) -> IPv4Interface:
    """As `IPv4Interface`: ValueError for anything else."""
    return IPv4Interface(text)


@lru_cache(maxsize=_KEPT)
def ipv4_network(text: str) -> IPv4Network:
    """As `IPv4Network`: ValueError for anything else, also for bits behind the length."""
    return IPv4Network(text)


@lru_cache(maxsize=_KEPT)
def network(text: str) -> IPv4Network | IPv6Network:
    """As `ip_network`: ValueError for anything else, also for bits behind the length."""
    return ip_network(text)


@lru_cache(maxsize=_KEPT)
def network_around(text: str) -> IPv4Network | IPv6Network:
    """As `network`; bits behind the length are dropped."""
    return ip_network(text, strict=False)
