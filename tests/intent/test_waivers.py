from __future__ import annotations

from datetime import date

import pytest

from pytest_azinterop.intent.models import Waiver
from pytest_azinterop.intent.waivers import covering, expired

WAIVER = Waiver(rule="bgp.*", object="ce2-loc1/*/192.168.30.22", reason="as published", expires=date(2027, 1, 31))


@pytest.mark.parametrize(
    ("rule", "subject", "covered"),
    [
        ("bgp.state", "ce2-loc1/vrf-30/192.168.30.22", True),
        ("bgp.state", "ce2-loc1/vrf-30/192.168.30.221", False),
        ("bgpxstate", "ce2-loc1/vrf-30/192.168.30.22", False),
        ("policy.bound", "ce2-loc1/vrf-30/192.168.30.22", False),
        ("bgp.state", "ce2-loc1/vrf-30/192x168.30.22", False),
    ],
)
def test_a_waiver_covers_its_rule_and_object_only(rule: str, subject: str, covered: bool) -> None:
    assert (covering([WAIVER], rule, subject, date(2027, 1, 31)) is WAIVER) is covered


def test_a_waiver_ends_after_its_day() -> None:
    subject = "ce2-loc1/vrf-30/192.168.30.22"
    assert covering([WAIVER], "bgp.state", subject, date(2027, 2, 1)) is None
    assert expired([WAIVER], "bgp.state", subject, date(2027, 2, 1)) is WAIVER
    assert expired([WAIVER], "bgp.state", subject, date(2027, 1, 31)) is None
