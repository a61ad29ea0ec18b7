"""Several declared prefix sets as one expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.intent.expectations import ExpectedPrefixes
from pytest_azinterop.intent.models import PrefixSet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network


def union(sets: Iterable[PrefixSet], version: int | None = None) -> ExpectedPrefixes:
    """Several declared sets as one expectation; `version` leaves the prefixes of the other address family out."""
    if version is not None:
        sets = (part for each in sets if (part := of_version(each, version)) is not None)
    required: set[IPv4Network | IPv6Network] = set()
    allowed: list[IPv4Network | IPv6Network] = []
    demanded: set[IPv4Network | IPv6Network] = set()
    open_ended = False
    for item in sets:
        required.update(item.exactly, item.at_least)
        allowed.extend(space for space in item.within if space not in allowed)
        demanded.update(() if item.at_least else item.within)
        open_ended = open_ended or (bool(item.at_least) and not item.within)
    return ExpectedPrefixes(frozenset(required), tuple(allowed), open_ended, frozenset(allowed) - demanded)


def of_version(declared: PrefixSet, version: int) -> PrefixSet | None:
    """The part of a declared set in one address family; None: it names nothing there."""
    exactly, at_least, within = (
        tuple(prefix for prefix in named if prefix.version == version)
        for named in (declared.exactly, declared.at_least, declared.within)
    )
    if not (exactly or at_least or within):
        return None
    kept = len(exactly) + len(at_least) + len(within)
    if kept == len(declared.exactly) + len(declared.at_least) + len(declared.within):
        return declared  # nothing is left out, and a new set would have every prefix validated again
    return PrefixSet(exactly=exactly, at_least=at_least, within=within)


def named(declared: PrefixSet) -> tuple[IPv4Network | IPv6Network, ...]:
    """Every prefix and space of a declared set, in its order."""
    return (*declared.exactly, *declared.at_least, *declared.within)


def may_hold(declared: PrefixSet, address: IPv4Address | IPv6Address) -> bool:
    """Whether a host of this address can be there: `at_least` alone leaves open what else is of its address family."""
    family = any(prefix.version == address.version for prefix in declared.at_least)
    is_open = family and not any(space.version == address.version for space in declared.within)
    return is_open or any(address in prefix for prefix in named(declared))
