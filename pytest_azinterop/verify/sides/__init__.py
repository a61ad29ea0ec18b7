"""Judgements over both sides: what the edge routers hold against what Azure holds.

Every name here is a judgement of the rules that `verify.rules` registers for it.
"""

from __future__ import annotations

from pytest_azinterop.verify.sides.backup import complete
from pytest_azinterop.verify.sides.binding import bound
from pytest_azinterop.verify.sides.crypto import ike, ipsec, key_volume, rekey
from pytest_azinterop.verify.sides.ends import initiation, tunnel_peer
from pytest_azinterop.verify.sides.matrix import apart, reached, remaining
from pytest_azinterop.verify.sides.outer import clear_text, outer_path
from pytest_azinterop.verify.sides.session_age import session_age
from pytest_azinterop.verify.sides.to_azure import announced
from pytest_azinterop.verify.sides.to_site import learned
from pytest_azinterop.verify.sides.verdict import path

__all__ = [
    "announced",
    "apart",
    "bound",
    "clear_text",
    "complete",
    "ike",
    "initiation",
    "ipsec",
    "key_volume",
    "learned",
    "outer_path",
    "path",
    "reached",
    "rekey",
    "remaining",
    "session_age",
    "tunnel_peer",
]
