"""Where the intent and the routers differ and both ends of the thing agree with the routers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify import stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.contact.sightings import SeenRouter
    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.verify.finding import Finding


def findings(everything: Expectations, routers: Iterable[SeenRouter]) -> list[Finding]:
    """What the intent says and the network has left behind, for the routers that were read."""
    seen = {router.name: router for router in routers}
    return [
        *_sessions(everything, seen),
        *_tags(everything, seen),
        *_tunnels(everything, seen),
    ]


def _sessions(everything: Expectations, seen: dict[str, SeenRouter]) -> Iterator[Finding]:
    for expected in everything.sessions:
        router = seen.get(expected.router)
        if router is not None:
            yield from stale.session(
                expected, router.known.neighbors(expected.vrf), router.known.interfaces, router.asn
            )


def _tags(everything: Expectations, seen: dict[str, SeenRouter]) -> Iterator[Finding]:
    for expected in everything.interfaces:
        router = seen.get(expected.router)
        if router is not None:
            for interface in router.known.interfaces:
                if interface.name == expected.name:
                    vrf = router.known.vrf_of(interface.name)
                    yield from stale.tags(expected, interface, router.known.neighbors(vrf))


def _tunnels(everything: Expectations, seen: dict[str, SeenRouter]) -> Iterator[Finding]:
    for expected in everything.tunnels:
        router = seen.get(expected.router)
        if router is not None:
            for interface in router.known.interfaces:
                if interface.name == expected.name:
                    yield from stale.tunnel(expected, interface, router.known.records("ikev2_sas") or ())
