"""A tunnel that is down refuses to send a probe: that it is down is what there is to say, and nothing is left open."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_azinterop import subjects_vpn
from pytest_azinterop.errors import UndeterminedError


class Refused:
    """Facts of which each is refused."""

    def __init__(self, cause: str) -> None:
        self.cause = cause

    def records(self, _: object) -> Any:
        raise UndeterminedError("no", cause=self.cause)


@pytest.mark.parametrize("cause", ["rejected", "no-such-interface"])
def test_a_probe_from_a_tunnel_that_is_down_is_none(cause: str) -> None:
    facts: Any = Refused(cause)
    probe: Any = object()
    down: Any = SimpleNamespace(is_up=False)
    up: Any = SimpleNamespace(is_up=True)
    assert subjects_vpn.probed(facts, probe, down) is None
    with pytest.raises(UndeterminedError):
        subjects_vpn.probed(facts, probe, up)


def test_any_other_refusal_stays_one() -> None:
    facts: Any = Refused("not-authorised")
    probe: Any = object()
    down: Any = SimpleNamespace(is_up=False)
    with pytest.raises(UndeterminedError):
        subjects_vpn.probed(facts, probe, down)
