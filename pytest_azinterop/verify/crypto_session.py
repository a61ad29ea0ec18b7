"""Judgement about what the router says of a tunnel's crypto session as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import next_command, subject
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.crypto_session import CryptoSession
    from pytest_azinterop.verify.finding import Finding

_CAUSES: Final[Mapping[str, str]] = {
    "DOWN": "down",
    "DOWN-NEGOTIATING": "down",
    "UP-IDLE": "idle",
    "UP-NO-IKE": "no-ike",
}


@dataclass(frozen=True, slots=True)
class ObservedCryptoSession:
    """The sessions on the tunnel's interface, one for each peer."""

    sessions: tuple[CryptoSession, ...]


def active(expected: ExpectedTunnel, observed: ObservedCryptoSession) -> list[Finding]:
    """The session with the gateway is UP-ACTIVE."""
    here = [each for each in observed.sessions if each.interface.casefold() == expected.name.casefold()]
    mine = [each for each in here if each.peer == expected.peer]
    if any(each.is_active for each in mine):
        return []
    if not mine:
        others = some(sorted({str(each.peer) for each in here}))
        seen, cause = (f"with {others}", "other-peer") if here else ("missing", "missing")
    else:
        seen = clean(mine[0].status, 40)
        cause = _CAUSES.get(mine[0].status.upper(), "other-status")
    return [
        subject.of_tunnel(expected).finding(
            "tunnel.crypto-session",
            f"crypto session is {seen}, expected UP-ACTIVE with {expected.peer}",
            cause=cause,
            evidence=[each.source for each in (mine or here)],
            next_command=next_command.IKE_ERRORS if cause == "down" else "show crypto ikev2 sa detailed",
        )
    ]
