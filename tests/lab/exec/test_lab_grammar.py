from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.lab.exec.arguments import interface_name
from pytest_azinterop.lab.exec.grammar import Ambiguous, Grammar, Incomplete, Invalid, Match, expand

PATTERNS = [
    "show (bgp vpnv4 unicast|ip bgp vpnv4) (vrf <vrf>|all) [summary]",
    "show bgp vpnv4 unicast vrf <vrf> neighbors [<addr>] [advertised-routes|routes]",
    "show interfaces [<interface>] [description]",
    "show inventory",
    "show ip route [vrf <vrf>] [<prefix>]",
    "show clock [detail]",
    "clear counters",
    "configure terminal",
]
GRAMMAR = Grammar((pattern, 1, pattern) for pattern in PATTERNS)


@pytest.mark.parametrize(
    ("line", "pattern", "values"),
    [
        ("sh bgp vpnv4 uni vrf 30", 0, {"vrf": "30"}),
        ("SHOW IP BGP VPNV4 ALL SUM", 0, {}),
        ("show bgp v u vrf Blue-1 nei 10.0.0.1 adv", 1, {"vrf": "Blue-1", "addr": "10.0.0.1"}),
        ("sh int te0/0/0.300", 2, {"interface": "TenGigabitEthernet0/0/0.300"}),
        ("sh int tunnel 30 desc", 2, {"interface": "Tunnel30"}),
        ("show interfaces description", 2, {}),
        ("show ip route vrf 30 10.0.0.0 255.255.0.0", 4, {"vrf": "30", "prefix": "10.0.0.0/16"}),
        ("show ip route 10.0.0.9/24", 4, {"prefix": "10.0.0.0/24"}),
        ("show ip route vrf vrf", 4, {"vrf": "vrf"}),
        ("conf t", 7, {}),
    ],
)
def test_an_abbreviated_command_is_found(line: str, pattern: int, values: dict[str, str]) -> None:
    outcome = GRAMMAR.match(line)
    assert isinstance(outcome, Match)
    assert (outcome.command, outcome.args.values) == (PATTERNS[pattern], values)


def test_the_command_in_full_is_known_for_authorization() -> None:
    outcome = GRAMMAR.match(" sh  ip ro vrf 30   10.0.0.0/8 ")
    assert isinstance(outcome, Match)
    assert outcome.args.command == "show ip route vrf 30 10.0.0.0/8"
    assert outcome.args.line == "sh  ip ro vrf 30   10.0.0.0/8"


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("c t", Ambiguous()),
        ("show in", Ambiguous()),
        ("show", Incomplete("show", subcommands=True)),
        ("show ip", Incomplete("show", subcommands=False)),
        ("show bgp vpnv4 unicast vrf", Incomplete("show", subcommands=False)),
        ("show intf", Invalid(8, 1)),
        ("shwo clock", Invalid(2, 0)),
        ("show ip route vrf 30 10.0.0.300", Invalid(21, 5)),
        ("show clock detail now", Invalid(18, 3)),
        ("xyz", Invalid(0, 0)),
    ],
)
def test_a_wrong_line_is_refused_where_it_is_wrong(line: str, outcome: object) -> None:
    assert GRAMMAR.match(line) == outcome


def test_a_command_above_the_users_level_does_not_exist() -> None:
    grammar = Grammar(
        [("show running-config", 15, "full"), ("show running-config", 2, "part"), ("show clock", 1, "clock")]
    )
    found = {level: grammar.match("show run", privilege=level) for level in (1, 2, 15)}
    assert found[1] == Invalid(5, 1)
    assert [found[level].command for level in (2, 15)] == ["part", "full"]  # type: ignore[union-attr]


def test_two_commands_for_the_same_words_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two commands for 'show clock'"):
        Grammar([("show clock", 1, "a"), ("show [clock]", 1, "b")])


@pytest.mark.parametrize("pattern", ["show [clock", "show clock)", "show <x:number", "show <x:colour>", "a (b]"])
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|parameter"):
        Grammar([(pattern, 1, "x")])


def test_completions_follow_what_was_typed() -> None:
    assert GRAMMAR.completions("show in") == ["interfaces", "inventory"]
    assert GRAMMAR.completions("sh ip ") == ["bgp", "route"]
    assert GRAMMAR.completions("shwo i") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("gi0/0/1", "GigabitEthernet0/0/1"),
        ("Lo30", "Loopback30"),
        ("t1", None),
        ("port-channel 7.20", "Port-channel7.20"),
        ("1", None),
    ],
)
def test_interface_names_in_full(text: str, name: str | None) -> None:
    assert interface_name(text) == name


LITERALS = [words for pattern in PATTERNS for words in expand(pattern) if not any("<" in word for word in words)]


@given(st.sampled_from(LITERALS), st.data())
def test_an_abbreviation_never_means_another_command(words: tuple[str, ...], data: st.DataObject) -> None:
    typed = [word[: data.draw(st.integers(1, len(word)))] for word in words]
    outcome = GRAMMAR.match(" ".join(typed))
    assert isinstance(outcome, Ambiguous) or (isinstance(outcome, Match) and outcome.args.command == " ".join(words))


@given(st.text(max_size=60))
def test_any_text_has_an_outcome(line: str) -> None:
    outcome = GRAMMAR.match(line)
    assert isinstance(outcome, Match | Ambiguous | Incomplete | Invalid)
    if isinstance(outcome, Invalid):
        assert 0 <= outcome.column < len(line)
