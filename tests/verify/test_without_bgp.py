"""What a configuration without BGP, or with other families beside the judged one, says of a session and its routes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from plugin.test_subjects import EVERYTHING

from pytest_azinterop.iosxe.parsers import config as parser
from pytest_azinterop.verify import announce, session
from tests.iosxe.parsers.parser_samples import SOURCE

if TYPE_CHECKING:
    from pytest_azinterop.state.config import RunningConfig

EXPECTED = next(each for each in EVERYTHING.sessions if each.vrf is not None)


def configured(*lines: str) -> RunningConfig:
    text = "\n".join(("Building configuration...", "!", "version 17.9", "hostname ce1", *lines, "end", ""))
    (config,) = parser.parse(text, SOURCE).records
    return replace(config, hidden=False, whole=True)


def family(vrf: str | None, *lines: str) -> RunningConfig:
    head = "address-family ipv4" + (f" vrf {vrf}" if vrf else "")
    return configured("router bgp 64900", f" {head}", *(f"  {line}" for line in lines), " exit-address-family")


def test_without_bgp_no_neighbor_is_left_out() -> None:
    assert not session._is_left_out(EXPECTED, configured())
    assert not session._is_left_out(EXPECTED, None)


def test_a_neighbor_that_is_configured_and_not_activated_is_left_out() -> None:
    neighbor = f"neighbor {EXPECTED.neighbor} remote-as {EXPECTED.remote_as}"
    assert not session._is_left_out(EXPECTED, family(EXPECTED.vrf, neighbor, f"neighbor {EXPECTED.neighbor} activate"))
    assert not session._is_left_out(EXPECTED, family(EXPECTED.vrf, "neighbor 192.0.2.1 remote-as 64999"))


@pytest.mark.parametrize(
    ("vrf", "config", "originates"),
    [
        ("30", configured(), False),
        (None, configured(), False),
        ("30", family("30", "redistribute connected"), True),
        ("30", family("30", "aggregate-address 10.0.0.0 255.0.0.0"), True),
        ("30", family("30", "network 10.0.0.0"), False),
        ("30", family("31", "redistribute connected"), False),
        ("30", family("300", "redistribute connected"), False),
        (None, family(None, "redistribute static"), True),
        (None, family("30", "redistribute static"), False),
        ("30", configured("router bgp 64900", " redistribute static"), False),
        (None, configured("router bgp 64900", " redistribute static"), True),
    ],
)
def test_only_its_own_family_originates_a_vrf_s_routes(
    vrf: str | None, config: RunningConfig, originates: bool
) -> None:
    assert announce._redistributes(vrf, config) is originates
