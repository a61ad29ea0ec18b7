"""An interface of several tunnels or customers is one object, and answers for all that passes there."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

from pytest_azinterop.intent.derive import _unique
from pytest_azinterop.intent.expectations import ExpectedFlow, ExpectedInterface

PORT = ExpectedInterface("edge", "a", "town", None, "GigabitEthernet0/0/0", "internal", None, None)
OURS, THEIRS, AZURE = (IPv4Network(each) for each in ("10.1.0.0/24", "10.2.0.0/24", "10.9.0.0/24"))


def carrying(site: IPv4Network, **changes: Any) -> ExpectedInterface:
    return replace(PORT, site_prefixes=(site,), azure_prefixes=(AZURE,), owned=(site,), **changes)


def test_what_each_customer_sends_is_kept() -> None:
    (found,) = _unique([carrying(OURS), carrying(THEIRS, customer="b", role="lan", beside_others=True)])
    assert found.customer == "a"
    assert found.owned == (OURS, THEIRS)
    assert found.flows == (
        ExpectedFlow("internal", (OURS,), (AZURE,)),
        ExpectedFlow("lan", (THEIRS,), (AZURE,), beside_others=True),
    )


def test_the_same_is_kept_once() -> None:
    (found,) = _unique([carrying(OURS), carrying(OURS), carrying(OURS)])
    assert found.flows == (ExpectedFlow("internal", (OURS,), (AZURE,)),)


def test_nothing_passes_where_nothing_is_said() -> None:
    (found,) = _unique([PORT, PORT])
    assert found.flows == ()
