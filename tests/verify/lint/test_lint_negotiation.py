"""The next IKEv2 negotiation: which policy is used for a tunnel, and whether the keyring has its key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from verify.lint.lint_network import ROUTERS, changed, config, text

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.verify import lint
from pytest_azinterop.verify.lint.observed import ObservedConfiguration

POLICY = "crypto ikev2 policy POL\n match fvrf FRONT\n"
PEER = "  address 203.0.113.0 255.255.255.248\n  pre-shared-key 6 abcdefgh\n"
OTHER = "crypto ikev2 policy OTHER\n match fvrf FRONT\n match address local 203.0.113.77\n proposal PROP\n"


def judged(*changes: tuple[str, str]) -> list[tuple[str, str, str]]:
    observed = ObservedConfiguration(config(changed(text("edge-a"), *changes)), "17.09.04a")
    found = lint.negotiation(ROUTERS["edge-a"], observed)
    return [(each.rule, each.cause, each.object.rpartition("/")[2]) for each in found]


@pytest.mark.parametrize(
    ("policy", "lacking"),
    [
        (POLICY, False),
        (f"{POLICY} match address local 203.0.113.77\n", True),
        (f"{POLICY} match address local 203.0.113.77\n match address local 198.51.100.9\n", False),
        ("crypto ikev2 policy POL\n match fvrf any\n", False),
        (OTHER + "crypto ikev2 policy POL\n", True),
        (OTHER + POLICY, False),
        (f"{POLICY} match something new\n match address local 203.0.113.77\n", False),
        ("crypto ikev2 policy POL\n", False),  # lint.front-vrf speaks
        ("crypto ikev2 policy default\n match fvrf any\n proposal PROP\n" + OTHER + "crypto ikev2 policy P2\n", False),
    ],
)
def test_the_policy_is_the_one_for_this_end(policy: str, lacking: bool) -> None:
    found = judged((POLICY, policy))
    assert found == [("lint.ike-policy", "no-match", tunnel) for tunnel in ("Tunnel1", "Tunnel2") if lacking]


@pytest.mark.parametrize(
    ("peer", "cause"),
    [
        ("  address 203.0.113.9\n  pre-shared-key 6 abcdefgh\n", "no-peer"),
        ("  address 203.0.113.0 255.255.255.0\n  pre-shared-key 6 abcdefgh\n", None),
        ("  address 0.0.0.0 0.0.0.0\n  pre-shared-key 6 abcdefgh\n", None),
        (
            "  address 203.0.113.9\n  identity address 203.0.113.1\n  identity address 203.0.113.2\n"
            "  pre-shared-key 6 abcdefgh\n",
            None,
        ),
        ("  address 203.0.113.9\n  identity address 203.0.113.8\n  pre-shared-key 6 abcdefgh\n", "no-peer"),
        ("  identity fqdn gateway.example\n  pre-shared-key 6 abcdefgh\n", None),
        ("  hostname gateway.example\n  pre-shared-key 6 abcdefgh\n", None),
        ("  address 203.0.113.0 255.255.255.0\n", "no-key"),
        ("  address 203.0.113.0 255.255.255.0\n  pre-shared-key local 6 abcdefgh\n", "no-key"),
        ("  address 203.0.113.0 255.255.255.0\n  pre-shared-key local 6 a\n  pre-shared-key remote 6 b\n", None),
    ],
)
def test_the_keyring_has_the_gateway(peer: str, cause: str | None) -> None:
    expected = [("lint.ike-key", cause, tunnel) for tunnel in ("Tunnel1", "Tunnel2")]
    assert judged((PEER, peer)) == (expected if cause else [])


def test_a_keyring_with_one_gateway_of_two() -> None:
    peer = "  address 203.0.113.1\n  pre-shared-key 6 abcdefgh\n"
    assert judged((PEER, peer)) == [("lint.ike-key", "no-peer", "Tunnel2")]


def test_certificates_need_no_keyring() -> None:
    signed = (
        "authentication remote pre-share\n authentication local pre-share",
        "authentication remote rsa-sig\n authentication local rsa-sig",
    )
    assert judged((PEER, "  address 203.0.113.9\n  pre-shared-key 6 abcdefgh\n"), signed) == []


def test_a_text_that_is_not_the_whole_one_proves_nothing() -> None:
    for lines in (text("edge-a"), changed(text("edge-a"), (PEER, "  address 203.0.113.9\n"))):
        part = ObservedConfiguration(replace(config(lines), whole=False), "17.09.04a")
        with pytest.raises(UndeterminedError):
            lint.negotiation(ROUTERS["edge-a"], part)


@pytest.mark.parametrize(
    ("bfd", "process", "port", "found"),
    [
        (True, " no bgp fast-external-fallover\n", "", False),
        (False, "", "", False),
        (False, " no bgp fast-external-fallover\n", "", True),
        (False, " no bgp fast-external-fallover\n", " ip bgp fast-external-fallover permit\n", False),
        (False, "", " ip bgp fast-external-fallover deny\n", True),
    ],
)
def test_a_dead_link_ends_its_session(bfd: bool, process: str, port: str, found: bool) -> None:
    lines = text("edge-a")
    head = next(line for line in lines.splitlines(keepends=True) if line.startswith("router bgp "))
    link = "interface GigabitEthernet0/0/0.9\n"
    assert link in lines
    assert " fall-over bfd" in lines
    lines = lines.replace(head, head + process).replace(link, link + port)
    if not bfd:
        lines = "".join(line for line in lines.splitlines(keepends=True) if "fall-over bfd" not in line)
    judged = lint.detection(ROUTERS["edge-a"], ObservedConfiguration(config(lines), "17.09.04a"))
    assert ("lint.fast-fallover" in {each.rule for each in judged}) == found
