"""Who an IKEv2 profile says that the router is: behind a NAT, and with certificates."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from verify.lint.lint_network import ROUTERS, changed, config, text

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.router_scope import ExpectedConfiguration
from pytest_azinterop.verify import lint
from pytest_azinterop.verify.lint.observed import ObservedConfiguration

RING = " keyring local RING\n"
PUBLIC = IPv4Address("198.51.100.77")


def with_tunnels(**said: object) -> ExpectedConfiguration:
    router = ROUTERS["edge-a"]
    return replace(router, tunnels=tuple(replace(each, **said) for each in router.tunnels[:1]))  # type: ignore[arg-type]


def judged(expected: ExpectedConfiguration, lines: str = "", key: str = RING) -> list[tuple[str, str]]:
    observed = ObservedConfiguration(config(changed(text("edge-a"), (RING, key + lines))), "17.09.04a")
    return [(each.rule, each.cause) for each in lint.identity(expected, observed)]


@pytest.mark.parametrize(
    ("public", "lines", "causes"),
    [
        (PUBLIC, "", ["private"]),
        (PUBLIC, f" identity local address {PUBLIC}\n", []),
        (PUBLIC, " identity local address 198.51.100.9\n", ["other-address"]),
        (IPv4Address("198.51.100.9"), "", []),
        (None, " identity local address 198.51.100.9\n", []),
        (None, f" identity local address {PUBLIC}\n", ["other-address"]),
        (None, " identity local key-id abc\n", ["not-an-address"]),
    ],
)
def test_the_address_that_azure_sees(public: IPv4Address | None, lines: str, causes: list[str]) -> None:
    assert judged(with_tunnels(public=public), lines) == [("lint.ike-identity", cause) for cause in causes]


@pytest.mark.parametrize(
    ("lines", "causes"),
    [
        (" pki trustpoint AZURE\n", []),
        (" pki trustpoint AZURE sign\n pki trustpoint ROOT verify\n", []),
        (" pki trustpoint AZURE verify\n", ["none"]),
        (" pki trustpoint ROOT\n", ["other"]),
        ("", ["none"]),
    ],
)
def test_the_trustpoint_that_signs(lines: str, causes: list[str]) -> None:
    found = judged(with_tunnels(trustpoint="AZURE"), lines)
    assert found == [("lint.ike-trustpoint", cause) for cause in causes]
    assert judged(with_tunnels(trustpoint=None), lines) == []


def test_a_text_that_is_not_the_whole_one_proves_nothing() -> None:
    part = ObservedConfiguration(replace(config(text("edge-a")), whole=False), "17.09.04a")
    with pytest.raises(UndeterminedError):
        lint.identity(ROUTERS["edge-a"], part)
    with pytest.raises(UndeterminedError):
        lint.default_preference(ROUTERS["edge-a"], part)
