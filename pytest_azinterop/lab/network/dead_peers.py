"""Dead peer detection (RFC 7296, 2.4): when an end of an IKE SA gives its peer up, because nothing or too little comes.

A router asks every interval and repeats the request five times; with ``periodic`` it asks whatever else arrives. What
Azure does within ``dpdTimeoutSeconds`` is not published: here it asks every three seconds.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.negotiation import ike_profile

if TYPE_CHECKING:
    from pytest_azinterop.lab.network.negotiation import Side

RETRIES = 5
AZURE_ASKS = 3
_FORESEEN = 50_000
"""Requests that are looked at for one that fails: at worst six days ahead."""


def configured(side: Side) -> tuple[int, int, str] | None:
    """Interval and repetition in seconds, and how: what holds for the IKE SA of a side."""
    profile = ike_profile(side)
    return None if profile is None else profile.dpd or side.crypto.dpd


def gives_up_at(side: Side, unheard_since: float, *, router: bool) -> float | None:
    """When an end that hears nothing any more gives up; None: only when the SA expires."""
    dpd = configured(side)
    if dpd is None:
        return None
    return unheard_since + dpd[0] + (dpd[1] * RETRIES if router else 0)


def trips_at(side: Side, since: float, now: float, lost: float, *, router: bool) -> float | None:
    """When the first request from now on fails so often that the peer is given up, though it lives.

    ``lost``: the share, 0 to 1, of requests without an answer. ``since``: when the IKE SA began, so that the same SA
    always meets the same fate. None: not in the time that can be foreseen.
    """
    dpd = configured(side)
    if dpd is None or not lost or (router and dpd[2] != "periodic"):
        return None
    every, again, tries = (
        (dpd[0], dpd[1], 1 + RETRIES) if router else (AZURE_ASKS, AZURE_ASKS, max(1, dpd[0] // AZURE_ASKS))
    )
    run = 0
    first = max(0, int((now - since) // every) - tries)
    for number in range(first, first + _FORESEEN):
        if router:
            failed = all(_draw(side, since, number, each) < lost for each in range(tries))
            at = since + number * every + tries * again
        else:
            run = run + 1 if _draw(side, since, number, 0) < lost else 0
            failed, at = run >= tries, since + (number + 1) * every
        if failed and at > now:
            return at
    return None


def _draw(side: Side, since: float, number: int, attempt: int) -> float:
    text = (
        f"{side.local}|{since:.3f}|{number}|{attempt}"  # neighbors must not resemble each other, as those of a CRC do
    )
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) / 2**32
