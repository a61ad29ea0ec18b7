"""A session is one and the same at both ends: up at both, and for as long.

Where the ages differ, one end speaks with somebody else, or tells of a session that is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop.state.azure_gateway import GatewayBgpPeer
from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.sides import ExpectedPassage
    from pytest_azinterop.state.azure_circuit import CircuitSession
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding

_ESTABLISHED: Final = "Established"
# Clocks run apart a little, and neither end is asked at the moment at which its answer was made. A circuit's table is
# told as Azure last fetched it from the MSEE, which is some minutes ago.
_GATEWAY, _CIRCUIT = timedelta(minutes=5), timedelta(minutes=30)
# A router prints hours from a day on, days from a week on, weeks from a year on, and so does an MSEE.
_PRECISION: Final = (
    (timedelta(days=365), timedelta(weeks=1)),
    (timedelta(weeks=1), timedelta(days=1)),
    (timedelta(days=1), timedelta(hours=1)),
)


@dataclass(frozen=True, slots=True)
class ObservedEnds:
    """Both ends of one session: `neighbor` the router's (None: it has none), `rows` all sessions of the gateways or of
    the MSEE that are its other end."""

    neighbor: BgpNeighbor | None
    rows: tuple[GatewayBgpPeer | CircuitSession, ...]


def session_age(expected: ExpectedPassage, observed: ObservedEnds) -> list[Finding]:
    """Established at both ends, for as long as far as they tell it."""
    here, there = observed.neighbor, _azures(expected, observed)
    read = there if there is not None else next(iter(observed.rows), None)
    told: list[Source] = [*([here.source] if here else []), *([read.source] if read else [])]
    up_here = here is not None and here.state == _ESTABLISHED
    up_there = there is not None and _is_up(there)
    states = (
        f"{'missing' if here is None else clean(here.state, 20)} at {expected.session.router} and "
        f"{'missing' if there is None else clean(there.state, 20)} in Azure"
    )
    if not (up_here and up_there):
        cause = "one-end" if up_here or up_there else "no-session"
        words = f"session is {states}, expected up at both ends"
    else:
        assert here is not None
        assert there is not None
        age, azures = here.in_state_for, _age(there)
        if age is None or azures is None:
            evidence.undetermined("since when the session is up is not told", "not-understood", told[-1])
        circuit = not isinstance(there, GatewayBgpPeer)
        allowed = _CIRCUIT if circuit else _GATEWAY
        began, azures_began = here.source.asked_at - age, there.source.asked_at - azures
        if there.source.asked_at + allowed < began:
            words = f"Azure's answer is from before the session began at {expected.session.router}"
            evidence.undetermined(words, "stale", there.source)
        allowed += _precision(age) + (_precision(azures) if circuit else timedelta(0))
        if abs(began - azures_began) <= allowed:
            return []
        cause = "differs"
        words = (
            f"session is up for {_whole(age)} at {expected.session.router} and for {_whole(azures)} in Azure, "
            "expected the same"
        )
    return [
        subject.of_session(expected.session).finding(
            "sides.session-age",
            words,
            cause=cause,
            evidence=told,
            next_command=session.show_neighbor(expected.session),
        )
    ]


def _azures(expected: ExpectedPassage, observed: ObservedEnds) -> GatewayBgpPeer | CircuitSession | None:
    """Azure's row of this session: of an active-active gateway that of the instance that the router calls, and of any
    instance only where the router calls an address of APIPA, by which the table names none."""
    own = expected.session
    mine = [
        each
        for each in observed.rows
        if each.neighbor == own.local_address or (own.local_address is None and each.asn == own.local_as)
    ]
    called = [each for each in mine if isinstance(each, GatewayBgpPeer) and each.instance == own.neighbor]
    rows = called if called or (own.role == "vpn" and not own.neighbor.is_link_local) else mine
    return next((each for each in rows if _is_up(each)), next(iter(rows), None))


def _is_up(row: GatewayBgpPeer | CircuitSession) -> bool:
    return row.is_connected if isinstance(row, GatewayBgpPeer) else row.state == _ESTABLISHED


def _age(row: GatewayBgpPeer | CircuitSession) -> timedelta | None:
    return row.connected_for if isinstance(row, GatewayBgpPeer) else row.up_for


def _precision(age: timedelta) -> timedelta:
    return next((step for least, step in _PRECISION if age >= least), timedelta(seconds=1))


def _whole(age: timedelta) -> str:
    """Without parts of a second."""
    return str(age - timedelta(microseconds=age.microseconds))
