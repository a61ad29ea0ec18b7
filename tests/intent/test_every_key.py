"""Every key about the routers is judged by a rule wherever it may stand, or refused there with its line.

A key that is added needs a row of `JUDGED`; one that changes nothing that a check looks at fails.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

import pytest_azinterop
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.expectations import Expectations
from pytest_azinterop.intent.loader import LoadedIntent, load
from pytest_azinterop.intent.models import Intent, PrefixSet
from pytest_azinterop.verify.rules import RULES

BASE: dict[str, Any] = {
    "defaults": {"bfd": True, "sampling": {"probe": True}, "ntp": {}, "archive": {}, "software": {}},
    "networks": {"hub": {"exactly": ["10.10.30.0/24", "fd00:10:30::/64"]}, "spoke": {"at_least": ["10.11.0.0/24"]}},
    "circuits": {
        "er": {"networks": ["hub", "own"], "primary": {"router": "edge-a"}, "secondary": {"router": "edge-b"}},
        "er2": {"networks": ["hub"], "primary": {"router": "edge-b"}},
    },
    "connections": {
        "gw": {"networks": ["hub", "spoke"], "authentication": "rsa-sig", "trustpoint": "AZURE"},
        "gw2": {"networks": ["hub"]},
    },
    "sites": {"town": {"asn": 64600, "routers": ["edge-a", "edge-b"]}},
    "routers": {"edge-a": {}},
    "customers": {
        "acme": {
            "vrf": "acme",
            "networks": {"own": {"exactly": ["10.99.0.0/24"]}},
            "sites": {
                "town": {
                    "prefixes": ["10.50.0.0/24", "fd00:50::/48"],
                    "lan": [{"router": "edge-a", "interface": "Te0/0/2.9", "ospf": {"redistributes": True}}],
                    "expressroute": [
                        {
                            "circuit": "er",
                            "path": "primary",
                            "interface": "Te0/0/0.9",
                            "subnet": "10.60.0.0/30",
                            "traffic": {},
                            "ipv6": {"subnet": "fd00:60::/126"},
                        },
                        {"circuit": "er", "path": "secondary", "interface": "Te0/0/0.10", "subnet": "10.60.0.4/30"},
                        {"circuit": "er2", "path": "primary", "interface": "Te0/0/1.9", "subnet": "10.60.0.8/30"},
                    ],
                    "vpn": [
                        {
                            "connection": "gw",
                            "router": "edge-a",
                            "tunnel": "Tu1",
                            "neighbor": "10.10.30.254",
                            "peer": "203.0.113.1",
                            "source": "Lo1",
                        },
                        {
                            "connection": "gw2",
                            "router": "edge-b",
                            "tunnel": "Tu2",
                            "neighbor": "10.10.30.253",
                            "peer": "203.0.113.2",
                        },
                    ],
                    "internal": [
                        {
                            "routers": ["edge-a", "edge-b"],
                            "addresses": ["10.50.1.1", "10.50.1.2"],
                            "receive": {"at_least": ["10.10.30.0/24"]},
                            "announce": {"at_least": ["10.10.30.0/24"]},
                            "soft_reconfiguration": True,
                            "bfd": True,
                        }
                    ],
                    "probers": [{"router": "edge-a", "source": "Lo2"}],
                    "reachability": [{"to": "own", "target": "10.99.0.4"}],
                }
            },
        }
    },
}
PACKAGE = Path(pytest_azinterop.__file__).parent
ASKED = "decides what is asked"
# By class and field: another value, and the rules that judge it. A value that depends on the place stands in `THERE`.
JUDGED: dict[str, tuple[Any, str]] = {
    "BgpDefaults.hold_time": (30, "bgp.timers"),
    "BgpDefaults.keepalive": (10, "bgp.timers"),
    "BgpDefaults.minimum_age": ("1h", "bgp.age ike.flaps"),
    "BgpDefaults.soft_reconfiguration": (False, "bgp.soft-reconfiguration"),
    "BgpDefaults.head_room": (50, "bgp.head-room"),
    "BgpDefaults.flap_window": ("2h", "bgp.flaps ike.flaps"),
    "BgpDefaults.most_drops": (9, "bgp.flaps ike.flaps"),
    "Bfd.required": (False, "bfd.state bfd.registered"),
    "Bfd.interval": (750, "bfd.timers"),
    "Bfd.multiplier": (5, "bfd.timers"),
    "BfdDefaults.required": (False, "bfd.state bfd.registered"),
    "BfdDefaults.interval": (750, "bfd.timers"),
    "BfdDefaults.multiplier": (5, "bfd.timers"),
    "LocalPreference.expressroute": (300, "policy.local-preference"),
    "LocalPreference.vpn": (50, "policy.local-preference"),
    "Defaults.prefer": (["vpn", "expressroute"], "site.preference"),
    "IkePolicy.encryption": (["AES-CBC-128"], "ike.algorithms"),
    "IkePolicy.integrity": (["SHA1"], "ike.algorithms"),
    "IkePolicy.dh_groups": ([2], "ike.algorithms"),
    "IpsecPolicy.transforms": (["esp-3des esp-sha-hmac"], "ipsec.transform"),
    "IpsecPolicy.pfs_groups": ([14], "ipsec.pfs"),
    "Sampling.probe": (False, "ipsec.traffic"),
    "Sampling.probes": (9, "ipsec.traffic"),
    "Sampling.interval": ("90s", "ipsec.traffic"),
    "Ntp.servers": (["192.0.2.1"], "device.ntp"),
    "Ntp.highest_stratum": (4, "device.ntp"),
    "Ntp.offset_ms": (7, "device.ntp"),
    "Archive.path": ("bootflash:", "device.archive"),
    "Archive.maximum": (7, "device.archive"),
    "Archive.local": (False, "device.archive"),
    "Software.releases": (["17.09.*"], "device.release"),
    "Software.minimum_uptime": ("1d", "device.uptime"),
    "Network.communities": (["12076:50004"], "routes.communities"),
    "PrefixSet.exactly": (["10.10.0.0/16"], "routes.received site.preference"),
    "PrefixSet.at_least": (["10.12.0.0/24"], "routes.received"),
    "PrefixSet.within": (["10.12.0.0/16"], "routes.received"),
    "Circuit.peering": ("microsoft", "policy.local-preference"),
    "Circuit.asn": (64999, "bgp.remote-as"),
    "Circuit.networks": (["hub", "spoke"], "routes.received site.preference"),
    "Circuit.accepts": (10000, "bgp.head-room"),
    "CircuitPath.router": ("edge-b", ASKED),
    "Connection.gateway_asn": (64998, "bgp.remote-as"),
    "Connection.networks": (["spoke"], "routes.received site.backup"),
    "Connection.accepts": (77, "bgp.head-room"),
    "Connection.authentication": ("psk", "ike.authentication"),
    "Connection.trustpoint": ("OTHER", "certificate.identity certificate.authority"),
    "Connection.mtu": (1300, "tunnel.path-mtu tunnel.mss"),
    "Connection.valid_for": ("99d", "certificate.identity certificate.authority"),
    "Site.routers": (["edge-a", "edge-b", "edge-c"], ""),
    "Site.asn": (64601, "bgp.local-as"),
    "Router.hostname": ("A", "device.identity"),
    "Router.serial": ("FOX1", "device.identity"),
    "Customer.vrf": ("other", "bgp.neighbor interface.vrf"),
    "Customer.route_distinguisher": ("64600:9", "interface.route-distinguisher"),
    "CustomerSite.prefixes": (["10.51.0.0/24", "fd00:51::/48"], "routes.announced"),
    "CustomerSite.prefer": (["vpn", "expressroute"], "site.preference"),
    "CustomerSite.lan_exit": (["edge-a"], "lan.exit"),
    "CustomerSite.backup": ([], "site.backup"),
    "LanAttachment.router": ("edge-b", ASKED),
    "LanAttachment.interface": ("Te0/0/3", ASKED),
    "LanAttachment.address": ("10.50.0.1/24", "interface.address"),
    "LanAttachment.ipv6": ("fd00:50::1/64", "interface.ipv6-address"),
    "LanAttachment.vlans": ([9], "interface.tags"),
    "Ospf.redistributes": (False, "lan.redistribution"),
    "Ospf.route_map": ("BGP2OSPF", "lan.redistribution"),
    "Ospf.default_route": ("always", "lan.default-route"),
    "SessionSettings.announce": (["10.52.0.0/24"], "routes.announced"),
    "SessionSettings.receive": (["10.53.0.0/24"], "routes.received"),
    "SessionSettings.local_preference": (333, "policy.local-preference"),
    "SessionSettings.hold_time": (30, "bgp.timers"),
    "SessionSettings.keepalive": (10, "bgp.timers"),
    "SessionSettings.minimum_age": ("1h", "bgp.age ike.flaps"),
    "SessionSettings.soft_reconfiguration": (False, "bgp.soft-reconfiguration"),
    "SessionSettings.prepends": (4, "routes.as-path"),
    "SessionSettings.announce_prepends": (4, "routes.announced-as-path"),
    "SessionSettings.announce_communities": (["1:2"], "routes.announced-communities"),
    "SessionSettings.inbound_changes": (["metric"], "policy.inbound"),
    "Policy.route_map_in": ("IN", "policy.bound"),
    "Policy.route_map_out": ("OUT", "policy.bound"),
    "Policy.prefix_list_in": ("IN", "policy.bound"),
    "Policy.prefix_list_out": ("OUT", "policy.bound"),
    "Traffic.packets_per_second": (99, "interface.traffic"),
    "Traffic.interval": ("33s", "interface.traffic"),
    "ExpressRouteAttachment.circuit": ("er2", ASKED),
    "ExpressRouteAttachment.path": ("secondary", ASKED),
    "ExpressRouteAttachment.router": ("edge-b", ASKED),
    "ExpressRouteAttachment.interface": ("Te0/0/7.9", ASKED),
    "ExpressRouteAttachment.vlans": ([9, 90], "interface.tags"),
    "ExpressRouteAttachment.subnet": ("10.61.0.0/30", "interface.address bgp.source bgp.neighbor"),
    "ExpressRouteAttachment.address": ("10.60.0.2/30", "interface.address bgp.source"),
    "ExpressRouteAttachment.neighbor": ("10.60.0.1", "bgp.neighbor"),
    "ExpressRouteAttachment.mac": ("00:11:22:33:44:55", "msee.arp"),
    "Ipv6Peering.subnet": ("fd00:61::/126", "bgp.source bgp.neighbor"),
    "Ipv6Peering.address": ("fd00:60::3/126", "bgp.source"),
    "Ipv6Peering.neighbor": ("fd00:60::3", "bgp.neighbor"),
    "Ipv6Peering.accepts": (44, "bgp.head-room"),
    "VpnAttachment.connection": ("gw2", "routes.received"),
    "VpnAttachment.router": ("edge-b", ASKED),
    "VpnAttachment.tunnel": ("Tu9", ASKED),
    "VpnAttachment.address": ("10.50.0.125/32", "interface.address bgp.source"),
    "VpnAttachment.bgp_address": ("10.50.0.125", "bgp.source vpn.session-in-tunnel"),
    "VpnAttachment.neighbor": ("10.10.30.252", "bgp.neighbor"),
    "VpnAttachment.peer": ("203.0.113.9", "tunnel.destination"),
    "VpnAttachment.source": ("Lo9", "tunnel.source interface.state"),
    "VpnAttachment.local": ("198.51.100.9", "tunnel.source"),
    "VpnAttachment.public": ("198.51.100.8", "lint.tunnel-source"),
    "VpnAttachment.front_vrf": ("INET", "lint.front-vrf interface.vrf"),
    "VpnAttachment.protection": ("AZ", "tunnel.protection"),
    "InternalSession.routers": (["edge-b", "edge-a"], ASKED),
    "InternalSession.addresses": (["10.50.1.1", "10.50.1.9"], "bgp.neighbor bgp.source"),
    "InternalSession.interfaces": (["Te0/0/5", "Te0/0/5"], "interface.exists interface.state interface.vrf"),
    "Prober.router": ("edge-b", ASKED),
    "Prober.source": ("Lo9", ASKED),
    "Reach.to": ("hub", ASKED),
    "Reach.target": ("10.99.0.9", "reach.answer"),
    "Reach.reachable": (False, "reach.forbidden reach.forbidden-route"),
    "Reach.through": (["10.60.0.2"], "reach.path"),
    "Reach.avoids": (["10.60.0.2"], "reach.path"),
    "Reach.sizes": ([900], "reach.size"),
    "Reach.rtt_ms": ([1, 5], "reach.rtt"),
    "LossBound.percent": (2, "reach.loss"),
    "LossBound.probes": (200, "reach.loss"),
}
# Keys that are about the intent itself.
ABOUT_ITSELF = frozenset({"version", "waivers", "lint.fail_at", "lint.ignore", "customers.acme.shared"})
# What a place needs beside the key, and another value where that of `JUDGED` does not fit.
SITE = "customers.acme.sites.town"
THERE: dict[str, dict[str, Any]] = {
    "circuits.er.primary.router": {"circuits.er.primary.router": "edge-b"},
    "circuits.er.secondary.router": {"circuits.er.secondary.router": "edge-a"},
    "circuits.er.peering": {"circuits.er.peering": "microsoft", "circuits.er2.peering": "microsoft"},
    "circuits.er.networks": {"circuits.er.networks": ["hub", "spoke", "own"]},
    "circuits.er.bfd.required": {"circuits.er.bfd.required": False},
    "connections.gw.authentication": {"connections.gw.authentication": None, "connections.gw.trustpoint": None},
    "defaults.sampling.probes": {"defaults.sampling.probes": 9},
    "networks.hub.exactly": {"networks.hub": {"exactly": ["10.12.0.0/24", "fd00:10:30::/64"]}},
    "networks.hub.at_least": {"networks.hub": {"at_least": ["10.12.0.0/24", "fd00:10:30::/64"]}},
    "networks.hub.within": {"networks.hub": {"within": ["10.12.0.0/24", "fd00:10:30::/64"]}},
    "customers.acme.networks.own.at_least": {"customers.acme.networks.own": {"at_least": ["10.12.0.0/24"]}},
    "customers.acme.networks.own.within": {"customers.acme.networks.own": {"within": ["10.12.0.0/24", "10.99.0.0/24"]}},
    "customers.acme.networks.own.exactly": {"customers.acme.networks.own": ["10.12.0.0/24", "10.99.0.0/24"]},
    "networks.hub.communities": {"networks.hub.communities": ["12076:50004"]},
    "customers.acme.networks.own.communities": {
        "customers.acme.networks.own.communities": ["12076:50004"],
    },
    "customers.acme.vrf": {"customers.acme.vrf": "other"},
    f"{SITE}.reachability.0.to": {f"{SITE}.reachability.0.to": "hub", f"{SITE}.reachability.0.target": "10.10.30.4"},
    f"{SITE}.expressroute.0.circuit": {
        f"{SITE}.expressroute.0.circuit": "er2",
        f"{SITE}.expressroute.2.circuit": "er",
    },
    f"{SITE}.expressroute.0.router": {f"{SITE}.expressroute.0.router": "edge-b", "circuits.er.primary": None},
    f"{SITE}.expressroute.0.path": {
        f"{SITE}.expressroute.0.path": "secondary",
        f"{SITE}.expressroute.1.path": "primary",
    },
    f"{SITE}.expressroute.0.ipv6.announce": {f"{SITE}.expressroute.0.ipv6.announce": ["fd00:52::/48"]},
    f"{SITE}.expressroute.0.ipv6.receive": {f"{SITE}.expressroute.0.ipv6.receive": ["fd00:53::/48"]},
    f"{SITE}.vpn.0.bfd.required": {f"{SITE}.vpn.0.bfd.required": True},
    f"{SITE}.vpn.0.connection": {f"{SITE}.vpn.0.connection": "gw2", f"{SITE}.vpn.1.connection": "gw"},
}
# Where a value says nothing that could be judged, and is refused.
REFUSED = {
    "sites.town.routers": "serves no customer",
    f"{SITE}.internal.0.prepends": "within an AS nothing is added",
    f"{SITE}.internal.0.announce_prepends": "within an AS nothing is added",
    f"{SITE}.vpn.0.bfd.required": "no BFD",
    f"{SITE}.vpn.0.bfd.interval": "no BFD",
    f"{SITE}.vpn.0.bfd.multiplier": "no BFD",
}


def keys(model: type[BaseModel], base: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every place where a value can stand, by its path in `BASE`, with the class and field that define it."""
    for name, field in model.model_fields.items():
        owner = next(each for each in reversed(model.__mro__) if name in getattr(each, "__annotations__", ()))
        here = base.get(name) if isinstance(base, dict) else None
        inner, steps = nested(field.annotation, here)
        if inner is None or inner is PrefixSet:
            yield ".".join((*path, name)), f"{owner.__name__}.{name}"
            continue
        for step in steps:
            here = here[int(step) if isinstance(here, list) else step] if here else None
        yield from keys(inner, here, (*path, name, *steps))


def nested(annotation: Any, here: Any) -> tuple[type[BaseModel] | None, tuple[str, ...]]:
    """The model that a field holds, and the steps to its first one in `BASE`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ()
    if get_origin(annotation) is dict:
        return nested(get_args(annotation)[1], None)[0], (next(iter(here)) if here else "",)
    for argument in get_args(annotation):
        found, _ = nested(argument, here)
        if found is not None:
            return found, ("0",) if get_origin(annotation) is tuple else ()
    return None, ()


PLACES = dict(keys(Intent, BASE))
# Azure's keys and those of drills have tests of their own.
ELSEWHERE = ("waivers.", "azure", "drills.", "defaults.drill.")
WALKED = [place for place in PLACES if place not in ABOUT_ITSELF and not place.startswith(ELSEWHERE)]


def written(folder: Path, values: dict[str, Any]) -> LoadedIntent:
    intent = copy.deepcopy(BASE)
    for path, value in values.items():
        *steps, last = path.split(".")
        at: Any = intent
        for step in steps:
            at = at[int(step)] if isinstance(at, list) else at
            if isinstance(at, dict) and not step.isdecimal():
                if not isinstance(at.get(step), (dict, list)):
                    at[step] = {} if at.get(step) is None else {"required": at[step]}
                at = at[step]
        at[last] = value
    (folder / "interop.yaml").write_text(json.dumps(intent, indent=1))
    return load(folder, rules=RULES)


def changed(was: object, is_: object, name: str = "") -> Iterator[str]:
    """Names of the fields in which two expectations differ."""
    if was == is_:
        return
    if is_dataclass(was) and type(was) is type(is_):
        for field in fields(was):
            yield from changed(getattr(was, field.name), getattr(is_, field.name), field.name)
    elif isinstance(was, BaseModel) and type(was) is type(is_):
        for key in type(was).model_fields:
            yield from changed(getattr(was, key), getattr(is_, key), key)
    elif isinstance(was, tuple) and isinstance(is_, tuple) and len(was) == len(is_) and name != "addresses":
        for one, other in zip(was, is_, strict=True):
            yield from changed(one, other, name)
        yield name
        return
    yield name


def asked(everything: Expectations) -> list[tuple[object, ...]]:
    """Which objects the checks look at, and where."""
    kinds = (everything.sessions, everything.interfaces, everything.tunnels, everything.reaches)
    return [(each.id, getattr(each, "path", None), getattr(each, "source", None)) for kind in kinds for each in kind]


@cache
def read_by(rule: str) -> frozenset[str]:
    """Names that a rule's judgement reads from an expectation, or the subjects that decide what it is given."""
    module, _, name = RULES[rule].judged_by.rpartition(".")
    judgement = getattr(import_module(f"pytest_azinterop.verify.{module}"), name)
    files = [Path(import_module(judgement.__module__).__file__ or ""), *PACKAGE.glob("subjects*.py")]
    trees = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    constants = {node.value for node in trees if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset({node.attr for node in trees if isinstance(node, ast.Attribute)} | constants)


def test_the_base_is_consistent_and_every_place_is_walked(tmp_path: Path) -> None:
    assert written(tmp_path, {}).expectations.sessions
    assert len(WALKED) > 150
    assert {PLACES[place] for place in WALKED} == JUDGED.keys()
    assert THERE.keys() | REFUSED.keys() <= set(WALKED)


@pytest.mark.parametrize("place", WALKED)
def test_every_key_is_judged_or_refused(tmp_path: Path, place: str) -> None:
    value, rules = JUDGED[PLACES[place]]
    values = THERE.get(place, {place: value})
    if place in REFUSED:
        with pytest.raises(InventoryError, match=r"interop\.yaml:\d+: ") as refused:
            written(tmp_path, values)
        assert REFUSED[place] in str(refused.value)
        return
    before, after = written(tmp_path, {}).expectations, written(tmp_path, values).expectations
    differing = set(changed(before, after)) - {"", *(field.name for field in fields(Expectations))}
    assert differing, f"`{place}` changes nothing that a check looks at"
    if rules == ASKED:
        assert asked(before) != asked(after)
        return
    for rule in rules.split():
        assert differing & read_by(rule), f"{rule} reads none of {sorted(differing)}"
