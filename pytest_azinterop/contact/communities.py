"""The communities by which Microsoft says whose a prefix is, as routers show them prefix by prefix. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.contact.tables import MICROSOFT
from pytest_azinterop.intent.values import community_number
from pytest_azinterop.subject_facts import of_family

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.contact.places import Place
    from pytest_azinterop.contact.sightings import SeenSession
    from pytest_azinterop.state.bgp_detail import BgpPrefix

    Prefix = IPv4Network | IPv6Network

_HIGH: Final = 16


def of_prefixes(place: Place, sessions: Sequence[SeenSession]) -> dict[Prefix, frozenset[str]]:
    """Microsoft's communities that a prefix carries on each of these sessions that bring it, by prefix.

    A prefix of which an entry was not read is left out: nobody knows what it carries.
    """
    found: dict[Prefix, frozenset[str]] = {}
    unknown: set[Prefix] = set()
    for session in sessions:
        for prefix in session.received or ():
            carried = _carried(place, session, prefix)
            if carried is None:
                unknown.add(prefix)
            else:
                found[prefix] = found[prefix] & carried if prefix in found else carried
    return {prefix: carried for prefix, carried in found.items() if prefix not in unknown}


def shared(prefixes: Iterable[Prefix], known: Sequence[Mapping[Prefix, frozenset[str]]]) -> tuple[str, ...]:
    """The communities that all of these prefixes carry wherever they come from; none where one is not known."""
    wanted = set(prefixes)
    sets = [carried for each in known for prefix, carried in each.items() if prefix in wanted]
    covered = {prefix for each in known for prefix in each if prefix in wanted}
    if not sets or covered != wanted:
        return ()
    return tuple(sorted(frozenset.intersection(*sets)))


def spelled(texts: Iterable[str]) -> Iterator[str]:
    """Microsoft's among these communities, in the format that the intent has, whichever the router prints."""
    for text in texts:
        number = community_number(text)
        if number is not None and number >> _HIGH == MICROSOFT:
            yield f"{number >> _HIGH}:{number & 0xFFFF}"


def _carried(place: Place, session: SeenSession, prefix: Prefix) -> frozenset[str] | None:
    """What the used path from this neighbor carries; None: not known."""
    kind = of_family("bgp_prefix", prefix.version)
    entry: BgpPrefix | None = place.router(session.router).known.first(kind, vrf=session.vrf, prefix=str(prefix))
    if entry is None or entry.prefix != prefix:
        return None
    paths = [each for each in entry.paths if each.learned_from == session.neighbor.address and not each.received_only]
    return frozenset(spelled(paths[0].communities)) if len(paths) == 1 else None
