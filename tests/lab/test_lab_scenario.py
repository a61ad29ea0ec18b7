from __future__ import annotations

import json
from ipaddress import IPv4Network
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.exec.actions import ACTIONS
from pytest_azinterop.lab.exec.clearing import CLEARING
from pytest_azinterop.lab.exec.grammar import Grammar
from pytest_azinterop.lab.network.view import ConfigReply
from pytest_azinterop.lab.scenario import Scenario, schema, seconds
from pytest_azinterop.lab.scenario_file import ScenarioError, load, parse, shipped_scenarios

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_azinterop.lab.exec.execution import Commands

EVERYTHING = """\
name: everything at once
before:
  - {links: {lan: {state: down}}, advance: 90s}
  - {links: {lan: {state: up}}, advance: 1h}
routers:
  r1:
    configure: |
      router bgp 65010
       no neighbor 10.0.0.2 shutdown
    exec: ["clear ip bgp vrf 30 10.0.0.2 soft in"]
links:
  wan: {state: silent, direction: from_azure, above_bytes: 1400, delay_ms: 20, loss_percent: 5}
far_ends:
  msee: {withdraw: [10.11.30.0/26], announce: [{prefix: 10.10.30.64/26, as_path: [12076]}], prepend: 8, silent: false,
         refuse: [10.2.30.0/25],
         bfd: {interval: 750}, communities: {10.11.30.0/24: [no-export, "12076:51004"]}}
management:
  r1: {unreachable: true}
advance: 2h
later:
  - {at: 30s, links: {wan: {state: down}}}
"""


class Recorder:
    """A network that remembers what was asked of it; configuration mode refuses ``wrong``."""

    routers = ("r1", "r2")
    links = ("wan", "lan")
    far_ends = ("msee",)

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def router(self, name: str) -> Any:
        def apply(line: str) -> ConfigReply:
            self.calls.append((name, line))
            wrong = "wrong" in line
            return ConfigReply(ok=not wrong, text="% Not modelled by this lab" if wrong else "", left=line == "end")

        def configure(user: str, via: str) -> Any:
            return SimpleNamespace(mode="config", apply=apply)

        def clear_bgp(vrf: str, neighbor: object, *, soft: str, every_vrf: bool) -> None:
            self.calls.append((name, "clear", vrf, str(neighbor), soft))

        return SimpleNamespace(
            name=name,
            hostname=name,
            configure=configure,
            clear_bgp=clear_bgp,
            bgp=object,
            bgp_neighbors=lambda vrf: (),
            clear_counters=lambda interface: self.calls.append((name, "counters", interface)),
        )

    def set_link(self, name: str, **effect: Any) -> None:
        self.calls.append((name, effect))

    def set_far_end(self, name: str, **effect: Any) -> None:
        self.calls.append((name, effect))


def commands() -> Commands:
    grammar: Commands = Grammar()
    for action in (*ACTIONS, *CLEARING):
        grammar.add(action.pattern, action, privilege=action.privilege)
    return grammar


@pytest.fixture
def network() -> Recorder:
    return Recorder()


@pytest.fixture
def applier(network: Recorder) -> Applier:
    return Applier(network, commands())  # type: ignore[arg-type]


def test_everything_reaches_the_network_in_order(network: Recorder, applier: Applier) -> None:
    scenario = parse(EVERYTHING, "file")
    applier.check(scenario)
    applier.apply(scenario)
    assert network.calls == [
        ("r1", "router bgp 65010"),
        ("r1", " no neighbor 10.0.0.2 shutdown"),
        ("r1", "end"),
        ("r1", "clear", "30", "10.0.0.2", "in"),
        (
            "wan",
            {
                "state": "silent",
                "direction": "from_azure",
                "above_bytes": 1400,
                "delay_ms": 20.0,
                "loss_percent": 5.0,
                "crc_percent": None,
                "damaged_percent": None,
                "duplicate_percent": None,
                "late_percent": None,
                "late_by": None,
                "blocks": None,
                "macs": {},
            },
        ),
        (
            "msee",
            {
                "withdraw": (IPv4Network("10.11.30.0/26"),),
                "restore": (),
                "announce": ((IPv4Network("10.10.30.64/26"), (12076,)),),
                "prepend": 8,
                "silent": False,
                "graceful_restart": None,
                "refuse": (IPv4Network("10.2.30.0/25"),),
                "communities": {
                    IPv4Network("10.10.30.64/26"): (),
                    IPv4Network("10.11.30.0/24"): ("12076:51004", "no-export"),
                },
                "nat": None,
                "bfd": {"interval": 750, "min_rx": 300, "multiplier": 3, "echo": False},
            },
        ),
    ]
    assert scenario.advance == 7200.0
    assert scenario.management["r1"].faults().unreachable
    assert scenario.later[0].at == 30.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nmae: x\n", "file:1: nmae: unknown key, did you mean name?"),
        (
            "name: x\nrouters:\n  r1:\n    exek: a\n",
            "file:4: routers.r1.exek: unknown key, did you mean exec?",
        ),
        (
            "later:\n  - at: 1s\n  - at: soon\n",
            "file:3: later.1.at: not a duration: expected for example 30s, 2h or 1d12h",
        ),
        ("links:\n  wan: {state: broken}\n", "file:2: links.wan.state: Input should be 'up', 'down' or 'silent'"),
        ("far_ends:\n  msee:\n    withdraw:\n      - 10.0.0.1/8\n", "file:4: far_ends.msee.withdraw.0: "),
        ("management:\n  r1: {deny: ['(']}\n", "file:2: management.r1.deny: not a regular expression: ("),
        ("a: [\n", "file:2: "),
        ("- a\n", "file:1: the file: "),
        ("name: a\nname: b\n", "file:2: "),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "file")
    assert str(caught.value).startswith(message)


def test_one_line_announces_many_prefixes(applier: Applier, network: Recorder) -> None:
    line = "far_ends: {msee: {announce: [{prefix: 10.8.0.0/13, length: 24, count: 300, as_path: [65000]}]}}"
    applier.apply(parse(line, "file"))
    announced = network.calls[0][1]["announce"]
    assert len(announced) == 300
    assert announced[0] == (IPv4Network("10.8.0.0/24"), (65000,))
    assert announced[299] == (IPv4Network("10.9.43.0/24"), (65000,))


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ("{prefix: 10.0.0.0/8, length: 30}", "these are 4194304 prefixes: more than 20000 need a count"),
        ("{prefix: 10.0.0.0/8, length: 7}", "length must be from 8 to 32"),
        ("{prefix: 10.0.0.0/8, count: 3}", "count belongs to length"),
    ],
)
def test_a_range_of_prefixes_must_make_sense(route: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=rf"file:1: far_ends.msee.announce.0: {message}"):
        parse(f"far_ends: {{msee: {{announce: [{route}]}}}}", "file")


def test_an_empty_file_changes_nothing() -> None:
    assert parse("", "file") == Scenario()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("routers: {r22: {}}", "file:1: routers.r22: no such name in this network, did you mean r2?"),
        ("management: {R1x: {}}", "file:1: management.R1x: no such name in this network; there are r1, r2"),
        (
            "later:\n- {at: 1s}\n- {at: 1s, links: {wann: {state: down}}}",
            "file:3: later.1.links.wann: no such name in this network, did you mean",
        ),
        ("later: [{up: mse, links: {}}]", "file:1: later.0.up: no such name in this network, did you mean msee?"),
        (
            "before:\n- {azure: [{resource: x, set: {a: 1}}]}",
            "file:2: before.0.azure.0: this network has no azure.yaml",
        ),
    ],
)
def test_unknown_names_are_refused_before_anything_happens(
    applier: Applier, network: Recorder, text: str, message: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        applier.check(parse(text, "file"))
    assert str(caught.value).startswith(message)
    assert network.calls == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'routers: {r1: {configure: "wrong line"}}',
            "file:1: routers.r1.configure: 'wrong line' in config: % Not modelled",
        ),
        (
            "routers:\n  r1:\n    configure: |\n      fine\n\n      wrong\n",
            "file:6: routers.r1.configure: 'wrong' in config: % Not modelled",
        ),
        (
            'routers: {r1: {exec: ["clear everything"]}}',
            "file:1: routers.r1.exec.0: 'clear everything': % Invalid input",
        ),
        (
            "routers:\n  r1:\n    exec:\n      - clear counters\n      - clear ip bgp vrf 30 65010\n",
            "file:5: routers.r1.exec.1: 'clear ip bgp vrf 30 65010': %BGP",
        ),
    ],
)
def test_a_change_that_is_refused_is_an_error(applier: Applier, text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        applier.apply(parse(text, "file"))
    assert str(caught.value).startswith(message)


def test_a_question_is_answered_with_enter(applier: Applier, network: Recorder) -> None:
    applier.apply(parse('routers: {r1: {exec: ["clear counters"]}}', "file"))
    assert network.calls == [("r1", "counters", None)]


def test_the_schema_accepts_what_the_loader_accepts() -> None:
    document = schema()
    jsonschema.Draft202012Validator.check_schema(document)
    validator = jsonschema.Draft202012Validator(document)
    example = {
        "routers": {"r1": {"configure": "x", "exec": ["y"]}},
        "later": [{"at": "30s", "links": {"wan": {"state": "down"}}}],
        "advance": 5,
    }
    validator.validate(example)
    assert Scenario.model_validate(example).advance == 5.0
    assert not validator.is_valid({"nmae": "x"})
    json.dumps(document)


def test_a_file_that_does_not_exist_names_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such scenario: nowhere"):
        load("nowhere")
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\n")
    assert load(str(file)).name == "mine"


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_shipped_scenarios_are_valid(name: str) -> None:
    assert load(name) != Scenario()


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(["s", "m", "h", "d"])), min_size=1, max_size=4))
def test_durations_add_up(parts: list[tuple[int, str]]) -> None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    assert seconds("".join(f"{number}{unit}" for number, unit in parts)) == sum(n * units[u] for n, u in parts)


@pytest.mark.parametrize("value", ["", "soon", "5 parsecs", "-3s", -1, True, None])
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        seconds(value)
