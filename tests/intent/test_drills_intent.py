"""Drills in the intent: what follows from them, and what is refused with its line. Every key changes the drill."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from pytest_azinterop import shipped
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.drill_expectations import (
    AzureLink,
    AzureSite,
    Drill,
    Manual,
    SessionShutdown,
    SubinterfaceShutdown,
    TunnelShutdown,
)
from pytest_azinterop.intent.drills import Accepted, Budgets, DrillDefaults, Window
from pytest_azinterop.intent.drills import Drill as Written
from pytest_azinterop.intent.loader import load

SITE: dict[str, Any] = {
    "prefixes": ["10.50.0.0/24", "fd00:50::/48"],
    "expressroute": [
        {
            "circuit": "er",
            "path": "primary",
            "interface": "Te0/0/0.9",
            "subnet": "10.60.0.0/30",
            "ipv6": {"subnet": "fd00:60::/126"},
        },
        {"circuit": "er", "path": "secondary", "interface": "Te0/0/1", "subnet": "10.60.0.4/30"},
    ],
    "vpn": [
        {"connection": "gw", "router": "edge-a", "tunnel": "Tu1", "neighbor": "10.10.0.254", "peer": "203.0.113.1"}
    ],
    "probers": [{"router": "edge-a", "source": "Lo2"}],
    "reachability": [
        {"to": "hub", "target": "10.10.0.4"},
        {"to": "far", "target": "10.99.0.4"},
        {"to": "elsewhere", "target": "10.98.0.4", "reachable": False},
    ],
}
BASE: dict[str, Any] = {
    "networks": {"hub": ["10.10.0.0/24", "fd00:10::/64"], "far": ["10.99.0.0/24"], "elsewhere": ["10.98.0.0/24"]},
    "circuits": {
        "er": {"networks": ["hub", "far"], "primary": {"router": "edge-a"}, "secondary": {"router": "edge-b"}}
    },
    "connections": {"gw": {"networks": ["hub"]}},
    "sites": {"town": {"asn": 64600, "routers": ["edge-a", "edge-b"]}},
    "customers": {"acme": {"vrf": "acme", "sites": {"town": SITE}}},
    "azure": {
        "subscription": "30303030-0a2b-4c5d-8e6f-303030303030",
        "resource_group": "g",
        "circuits": {"er": {"peering_location": "Amsterdam"}},
        "gateways": {"hub-er": {"kind": "expressroute", "vnet": "hub"}},
        "connections": {"hub-er1": {"gateway": "hub-er", "circuit": "er"}},
        "vnets": {"hub": None, "far": None, "elsewhere": None},
        "elsewhere": ["gw"],
    },
    "drills": {
        "loss": {
            "customer": "acme",
            "site": "town",
            "takes_away": [{"session": "er/primary"}, {"session": "10.60.0.6"}],
            "expect": {
                "hub": {"before": "expressroute-primary", "during": "vpn", "after": "expressroute-primary"},
                "far": {"before": "expressroute", "during": "none", "after": "expressroute"},
            },
            "loses": ["far"],
            "window": "always",
        }
    },
}


def drilled(folder: Path, change: dict[str, Any] | None = None, defaults: dict[str, Any] | None = None) -> Drill:
    """The drill of an intent with other keys in it; None takes one away."""
    intent = copy.deepcopy(BASE)
    drill = {**intent["drills"]["loss"], **(change or {})}
    intent["drills"]["loss"] = {name: value for name, value in drill.items() if value is not None}
    if defaults:
        intent["defaults"] = {"drill": defaults}
    (folder / "interop.yaml").write_text(json.dumps(intent, indent=1))
    (found,) = load(folder).expectations.drills
    return found


def test_what_is_taken_away_and_what_takes_over(tmp_path: Path) -> None:
    drill = drilled(tmp_path)
    assert [str(each.neighbor) for each in drill.triggers if isinstance(each, SessionShutdown)] == [
        "10.60.0.2", "fd00:60::2", "10.60.0.6",
    ]  # fmt: skip
    assert [each.id for each in drill.taken] == [each.id for each in drill.sessions if each.role != "vpn"]
    assert {router: len(triggers) for router, triggers in drill.changes.items()} == {"edge-a": 2, "edge-b": 1}
    hub, far = drill.pairs
    assert ([each.path for each in hub.before.sessions], [each.path for each in hub.during.sessions]) == (
        ["er primary", "er primary"], ["gw"],
    )  # fmt: skip
    assert (hub.moves, hub.is_lost, far.moves, far.is_lost) == (True, False, False, True)
    assert [str(each.target) for each in (*hub.reaches, *far.reaches)] == ["10.10.0.4", "10.99.0.4"]
    assert [str(each.target) for each in drill.forbidden] == ["10.98.0.4"]
    assert drill.revert_minutes == 16
    assert drill.window is None


@pytest.mark.parametrize(
    ("takes_away", "expected"),
    [
        ({"subinterface": "er/primary"}, SubinterfaceShutdown("edge-a", "acme", "TenGigabitEthernet0/0/0.9")),
        ({"vpn": "Tu1"}, TunnelShutdown("edge-a", "acme", "Tunnel1")),
        ({"manual": "the provider pulls the plug"}, Manual("the provider pulls the plug")),
    ],
)
def test_other_triggers(tmp_path: Path, takes_away: dict[str, Any], expected: object) -> None:
    stays = {"hub": "expressroute", "far": "expressroute"}
    moves = {
        "hub": {"before": "expressroute", "during": "vpn", "after": "expressroute"},
        "far": {"before": "expressroute", "during": "expressroute-secondary", "after": "expressroute"},
    }
    expect = moves if "subinterface" in takes_away else stays
    found = drilled(tmp_path, {"takes_away": [takes_away], "expect": expect, "loses": []})
    assert found.triggers == (expected,)
    assert len(found.taken) == {"subinterface": 2, "vpn": 1, "manual": 0}[next(iter(takes_away))]


def test_the_neighbor_behind_a_tunnel_and_azures_own_tests(tmp_path: Path) -> None:
    stays = {"expect": {"hub": "expressroute", "far": "expressroute"}, "loses": []}
    (neighbor,) = drilled(tmp_path, {"takes_away": [{"vpn": "10.10.0.254"}], **stays}).triggers
    assert isinstance(neighbor, SessionShutdown)
    assert str(neighbor.neighbor) == "10.10.0.254"
    link = drilled(tmp_path, {"takes_away": [{"azure_link": {"circuit": "er", "link": "secondary"}}], **stays})
    assert isinstance(link.triggers[0], AzureLink)
    assert (link.triggers[0].link, link.triggers[0].how) == ("Secondary", "BgpDisconnect")
    assert [each.path for each in link.taken] == ["er secondary"]
    assert link.azure_tests == link.triggers
    assert link.changes == {}
    lost = {"azure_site": {"gateway": "hub-er", "location": "Amsterdam"}}
    (site,) = drilled(tmp_path, {"takes_away": [lost], **stays}).triggers
    assert isinstance(site, AzureSite)
    assert site.resource.name == "hub-er"


def path(during: str) -> dict[str, str]:
    return {"before": "expressroute", "during": during, "after": "expressroute"}


WRONG = {
    "another customer": ({"customer": "acne"}, "customer `acne` is not declared; did you mean `acme`?"),
    "another site": ({"site": "city"}, "site of `acme` `city` is not declared; declared: town"),
    "another session": ({"takes_away": [{"session": "10.60.0.9"}]}, "session `10.60.0.9` is not declared"),
    "another path": ({"takes_away": [{"subinterface": "er/third"}]}, "path `er/third` is not declared"),
    "a whole port": ({"takes_away": [{"subinterface": "er/secondary"}]}, "a drill never shuts a whole port"),
    "another tunnel": ({"takes_away": [{"vpn": "Tu2"}]}, "tunnel `Tunnel2` is not declared"),
    "no tunnel": ({"takes_away": [{"vpn": "Tunel 1 x"}]}, "is not an interface name"),
    "another neighbor": ({"takes_away": [{"vpn": "10.10.0.1"}]}, "neighbor behind a tunnel `10.10.0.1`"),
    "two things at once": ({"takes_away": [{"vpn": "Tu1", "session": "10.60.0.2"}]}, "say exactly one of"),
    "nothing": ({"takes_away": []}, "at least 1"),
    "the same twice": ({"takes_away": [{"session": "10.60.0.2"}, {"session": "er/primary"}]}, "is taken away twice"),
    "another circuit": (
        {"takes_away": [{"azure_link": {"circuit": "x", "link": "primary"}}]},
        "circuit of `azure` `x`",
    ),
    "another gateway": (
        {"takes_away": [{"azure_site": {"gateway": "x", "location": "Amsterdam"}}]},
        "ExpressRoute gateway `x` is not declared",
    ),
    "another location": (
        {"takes_away": [{"azure_site": {"gateway": "hub-er", "location": "Amsterdm"}}]},
        "did you mean `Amsterdam`?",
    ),
    "another network": (
        {"expect": {"hub": path("vpn"), "far": path("none"), "hup": "vpn"}},
        "network of this site `hup` is not declared; did you mean `hub`?",
    ),
    "a network left out": ({"expect": {"far": path("none")}}, "network `hub` is reached from this site; say its path"),
    "a loss not said": ({"loses": []}, "`far` must stand in `loses` just when"),
    "a loss that is none": ({"loses": ["far", "hub"]}, "`hub` must stand in `loses` just when"),
    "no path left": (
        {"expect": {"hub": path("expressroute"), "far": path("none")}},
        "no path once that is taken away reaches `hub` over expressroute",
    ),
    "never a path": (
        {"expect": {"hub": path("vpn"), "far": {"before": "vpn", "during": "none", "after": "vpn"}}},
        "no path of this site reaches `far` over vpn",
    ),
    "lost before": ({"expect": {"hub": path("vpn"), "far": "none"}}, "a network without a path before or after"),
    "no window": ({"window": None}, "no window is said; write `window` here"),
    "an empty window": ({"window": {"begins": "22:00", "ends": "22:00", "timezone": "UTC"}}, "write `always`"),
    "another time zone": ({"window": {"begins": "22:00", "ends": "23:00", "timezone": "CETX"}}, "is not a time zone"),
    "no time": ({"window": {"begins": "9", "ends": "23:00", "timezone": "UTC"}}, "is not a time of day"),
    "a timer that is too short": ({"revert": 11}, "11 minutes end before failover and hold do; at least 12 are needed"),
    "a hold that is too long": ({"hold": "2h"}, "a router's revert timer has 120 at most"),
    "an unknown key": ({"takesaway": []}, "unknown key `takesaway` in `drills.loss`; did you mean `takes_away`?"),
}


@pytest.mark.parametrize("change", WRONG)
def test_what_does_not_fit_is_told_with_its_line(tmp_path: Path, change: str) -> None:
    keys, words = WRONG[change]
    with pytest.raises(InventoryError, match=r"interop\.yaml:\d+: ") as refused:
        drilled(tmp_path, keys)
    assert words in str(refused.value)
    assert "a block of keys is not known" not in str(refused.value), "`always` is no remedy for a block"


def test_a_network_without_a_target_cannot_be_drilled(tmp_path: Path) -> None:
    intent = copy.deepcopy(BASE)
    del intent["customers"]["acme"]["sites"]["town"]["reachability"][1]
    (tmp_path / "interop.yaml").write_text(json.dumps(intent, indent=1))
    with pytest.raises(InventoryError, match="no target of `reachability` lies in `far`, so nothing could prove it"):
        load(tmp_path)


# By class and field: another value. What it changes is compared in the drill that follows.
VALUES: dict[type[BaseModel], dict[str, Any]] = {
    Written: {
        "hold": "20m",
        "revert": 30,
        "window": {"begins": "22:00", "ends": "04:00", "timezone": "Europe/Zurich"},
        "second_look": "1h",
        "cool_down": "1h",
        "budgets": {"failover": "90s"},
        "accepts": {"no_bfd": True},
        "asked": {"console": "is there a console?"},
        "takes_away": [{"session": "er/primary"}, {"subinterface": "er/primary"}, {"session": "10.60.0.6"}],
        "expect": {"hub": path("vpn"), "far": path("none")},
    },
    Budgets: {"failover": "90s", "fail_back": "90s", "lost": "5s", "loss_percent": 1},
    Accepted: {"no_bfd": True, "graceful_restart": True, "no_secondary_proof": True},
    Window: {"days": ["sat"], "begins": "21:00", "ends": "05:00", "timezone": "UTC"},
    DrillDefaults: {
        "failover": "90s",
        "fail_back": "90s",
        "lost": "5s",
        "loss_percent": 1,
        "hold": "20m",
        "margin": "9m",
        "second_look": "1h",
        "cool_down": "1h",
        "window": {"begins": "22:00", "ends": "04:00", "timezone": "UTC"},
        "qualified_within": "30d",
        "poll": "1s",
        "poll_azure": "30s",
    },
}
CHECKED_ABOVE = {"customer", "site", "loses"}


def every_key() -> Iterator[tuple[type[BaseModel], str]]:
    for model in VALUES:
        yield from ((model, name) for name in model.model_fields if not (model is Written and name in CHECKED_ABOVE))


@pytest.mark.parametrize(("model", "name"), list(every_key()), ids=lambda each: getattr(each, "__name__", each))
def test_every_key_changes_the_drill(tmp_path: Path, model: type[BaseModel], name: str) -> None:
    value = VALUES[model][name]
    window = {"begins": "22:00", "ends": "04:00", "timezone": "Europe/Zurich"}
    if model is DrillDefaults:
        before, after = drilled(tmp_path, {"window": None}, {"window": window}), None
        after = drilled(tmp_path, {"window": None}, {"window": window, name: value})
    elif model is Window:
        before = drilled(tmp_path, {"window": window})
        after = drilled(tmp_path, {"window": {**window, name: value}})
    else:
        keys = {name: value} if model is Written else {{Budgets: "budgets", Accepted: "accepts"}[model]: {name: value}}
        before, after = drilled(tmp_path), drilled(tmp_path, keys)
    assert [each.name for each in fields(Drill) if getattr(before, each.name) != getattr(after, each.name)]


def test_the_shipped_drill_is_the_published_failover() -> None:
    folder = shipped.inventory("lab") or Path("inventory/lab")
    (drill,) = load(folder).expectations.drills
    assert (drill.name, drill.customer, drill.site) == ("expressroute-1-loss", "customer-30", "loc1")
    assert [each.id for each in drill.triggers] == ["ce1-loc1/vrf-30/192.168.30.18"]
    assert {each.network: each.during.name for each in drill.pairs} == {
        "hub": "vpn", "spoke": "vpn", "remote": "none", "branch": "vpn",
    }  # fmt: skip
    assert (drill.failover, drill.fail_back, drill.hold) == (
        timedelta(seconds=60), timedelta(seconds=180), timedelta(minutes=10),
    )  # fmt: skip


@pytest.mark.parametrize(
    "interface",
    [
        "TenGigabitEthernet0/0/0",
        "Tunnel30",
        "Port-channel1",
        "Te0/0/0.",
        "Te0/0/0.3 ",
        "Te0/0/0.3\nshutdown",
        "Loopback0",
    ],
)
def test_a_port_is_no_sub_interface(interface: str) -> None:
    with pytest.raises(ValueError, match="never shuts a whole port"):
        SubinterfaceShutdown("edge-a", None, interface)
    if interface != "Tunnel30":
        with pytest.raises(ValueError, match="is not a tunnel interface"):
            TunnelShutdown("edge-a", None, interface)
