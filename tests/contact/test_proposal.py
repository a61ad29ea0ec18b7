"""What is read, what is guessed, what is asked: from records of one router to blocks of an intent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Interface, ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from verify.verify_records import (
    ER,
    IKE_SA,
    INTERFACE,
    OBSERVED_DEVICE,
    OBSERVED_INTERFACE,
    TUNNEL_INTERFACE,
    VPN,
    VRF,
    config,
    config_with,
    decision,
    identity,
    neighbor,
    path,
    routes,
    source,
)

from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.contact import blocks, sightings, typed, values
from pytest_azinterop.contact.proposal import Proposal, propose
from pytest_azinterop.contact.typed import Typed
from pytest_azinterop.errors import InventoryError, UndeterminedError
from pytest_azinterop.intent import discovered
from pytest_azinterop.intent import yaml as intent_yaml
from pytest_azinterop.intent.discovered import Discovered
from pytest_azinterop.intent.loader import load
from pytest_azinterop.state.device import Vrf
from pytest_azinterop.state.routing import NextHop

HOST = "edge-a"
MSEE = neighbor(ER, remote_as=12076)
GATEWAY = neighbor(VPN, remote_as=65515)
LAN = replace(
    OBSERVED_INTERFACE.interface,
    name="GigabitEthernet0/0/2",
    address=IPv4Interface("10.7.0.1/25"),
    outer_vlan=None,
    inner_vlan=None,
)
INTERFACES = (OBSERVED_INTERFACE.interface, LAN, TUNNEL_INTERFACE)
AZURE, OWN = "10.60.0.0/24", "10.7.0.0/24"


class Facts:
    """Records by kind and neighbor; anything else was refused."""

    def __init__(self, **changes: Any) -> None:
        both = (str(ER.neighbor), str(VPN.neighbor))
        self.given: dict[Any, Sequence[Any]] = {
            "version": [OBSERVED_DEVICE.facts],
            "interfaces": INTERFACES,
            "vrfs": [Vrf(VRF, "64900:12", tuple(each.name for each in INTERFACES), source=source("show vrf"))],
            "ikev2_sas": [IKE_SA],
            "ipsec_sas": [identity(1, 1, 0)],
            "running_config": [config()],
            "bgp_neighbors": [MSEE, GATEWAY],
            "forwarding": [decision(NextHop(None, "Tunnel12"))],
            **{("advertised_routes", far): [routes("advertised", far, [path(OWN)])] for far in both},
            **{("received_routes", far): [routes("received", far, [path(AZURE)])] for far in both},
            **{("accepted_routes", far): [routes("accepted", far, [path(AZURE)])] for far in both},
        }
        self.given.update(changes)

    def records(self, fact: Fact) -> Sequence[Any]:
        given = dict(fact.parameters)
        for key in ((fact.kind, given.get("address")), fact.kind):
            if key in self.given and given.get("vrf", VRF) == VRF:
                return self.given[key]
        raise UndeterminedError("refused", cause="not-authorised", host=HOST)

    def origin(self, fact: Fact) -> Any:
        raise NotImplementedError

    def samples(self, fact: Fact) -> Any:
        raise AssertionError(fact)


def seen(**changes: Any) -> sightings.SeenRouter:
    return sightings.router(HOST, Facts(**changes))


def proposed(intent: Typed | None = None, **changes: Any) -> Proposal:
    return propose([seen(**changes)], intent or Typed())


def place(proposal: Proposal) -> dict[str, Any]:
    (customer,) = proposal.tree["customers"].values()
    (at,) = customer["sites"].values()
    return at


def test_paths_by_the_evidence_of_their_role() -> None:
    roles = {str(each.neighbor.address): (each.role, each.why) for each in seen().sessions}
    assert roles[str(ER.neighbor)] == ("expressroute", "AS 12076 is Microsoft's")
    assert roles[str(VPN.neighbor)][0] == "vpn"
    at = place(proposed())
    assert at["expressroute"] == [
        {
            "circuit": "er-customer-blue-site-edge-a",
            "path": "primary",
            "interface": INTERFACE.name,
            "vlans": [12, 120],
            "subnet": "172.20.1.0/30",
        }
    ]
    (tunnel,) = at["vpn"]
    assert (tunnel["tunnel"], tunnel["peer"], tunnel["local"]) == ("Tunnel12", "203.0.113.9", "198.51.100.7")
    assert at["prefixes"] == [OWN]
    assert [each["interface"] for each in at["lan"]] == [LAN.name]


def test_an_as_alone_says_nothing() -> None:
    stranger = neighbor(ER, remote_as=64512)
    (session, _) = seen(bgp_neighbors=[stranger, GATEWAY]).sessions
    assert session.role is None
    proposal = proposed(bgp_neighbors=[stranger, GATEWAY])
    assert "circuits" not in proposal.tree
    assert any("what is it for?" in question for question in proposal.questions)


def test_a_tunnel_without_protection_is_no_vpn() -> None:
    plain = replace(TUNNEL_INTERFACE, tunnel=replace(TUNNEL_INTERFACE.tunnel, protection_profile=None))
    proposal = proposed(interfaces=(OBSERVED_INTERFACE.interface, plain))
    assert "connections" not in proposal.tree


@pytest.mark.parametrize(
    ("sent", "role"),
    [("52.96.0.0/14", "microsoft"), ("10.60.0.0/24", "expressroute"), ("100.64.9.0/24", "expressroute")],
)
def test_microsoft_peering_by_what_comes_over_it(sent: str, role: str) -> None:
    far = ip_address("203.0.113.130")
    own = replace(OBSERVED_INTERFACE.interface, address=IPv4Interface("203.0.113.129/30"))
    msee = replace(MSEE, address=far, local_address=ip_address("203.0.113.129"))
    answers: dict[Any, Any] = {
        "bgp_neighbors": [msee],
        "interfaces": (own,),
        ("received_routes", str(far)): [routes("received", far, [path(sent)])],
    }
    facts = Facts()
    facts.given.update(answers)
    (session,) = sightings.router(HOST, facts).sessions
    assert session.role == role


def test_what_azure_owns_is_not_what_the_site_owns() -> None:
    leak = {("advertised_routes", str(ER.neighbor)): [routes("advertised", ER.neighbor, [path(OWN), path(AZURE)])]}
    facts = Facts()
    facts.given.update(leak)
    proposal = propose([sightings.router(HOST, facts)], Typed())
    assert place(proposal)["prefixes"] == [OWN]
    assert "announce" not in place(proposal)["expressroute"][0]
    assert any("a leak?" in question for question in proposal.questions)


def test_an_aggregate_around_azure_is_announced_there_and_owned_nowhere() -> None:
    wide = {
        ("advertised_routes", str(ER.neighbor)): [routes("advertised", ER.neighbor, [path(OWN), path("10.0.0.0/8")])]
    }
    facts = Facts()
    facts.given.update(wide)
    proposal = propose([sightings.router(HOST, facts)], Typed())
    assert place(proposal)["prefixes"] == [OWN]
    assert place(proposal)["expressroute"][0]["announce"] == ["10.0.0.0/8", OWN]
    assert "announce" not in place(proposal)["vpn"][0]


def test_a_session_that_is_down_is_proposed_with_a_question() -> None:
    proposal = proposed(bgp_neighbors=[replace(MSEE, state="Idle", local_address=None), GATEWAY])
    assert place(proposal)["expressroute"]
    assert any(f"{ER.neighbor} is Idle: is it meant to be up?" in question for question in proposal.questions)
    (comment,) = proposal.comments["customers", "customer-blue", "sites", "site-edge-a", "expressroute", 0]
    assert comment.startswith("guess: ")


def test_local_preference_is_asked_and_never_proposed() -> None:
    proposal = proposed()
    assert "local_preference" not in yaml.safe_dump(proposal.tree)
    assert any("carry local preference 100, and 200 is expected" in question for question in proposal.questions)


def test_a_blank_local_preference_is_the_routers_default() -> None:
    text = config()
    assert text.bgp is not None
    changed = replace(text, bgp=replace(text.bgp, default_local_preference=250))
    assert {each.local_preferences for each in seen(running_config=[changed]).sessions} == {(250,)}


PROFILE = "crypto ikev2 profile TO-GATEWAY\n"
CERTIFIED = f"{PROFILE} pki trustpoint ROOT verify\n pki trustpoint AZURE sign\n"


@pytest.mark.parametrize(
    ("methods", "profile", "block", "asked"),
    [
        (("PSK", "PSK"), PROFILE, {"authentication": "psk"}, ""),
        (("RSA", "RSA"), CERTIFIED, {"authentication": "rsa-sig", "trustpoint": "AZURE"}, ""),
        (("RSA", "RSA"), PROFILE, {}, "which `trustpoint` holds them? IKEv2 profiles name none that can be read"),
        (("RSA", "PSK"), PROFILE, {}, "which `authentication` is meant?"),
    ],
)
def test_how_the_ends_of_a_tunnel_prove_who_they_are(
    methods: tuple[str, str], profile: str, block: dict[str, str], asked: str
) -> None:
    sa = replace(IKE_SA, sign_method=methods[0], verify_method=methods[1])
    proposal = proposed(ikev2_sas=[sa], running_config=[config_with(PROFILE, profile)])
    (connection,) = proposal.tree["connections"].values()
    assert {key: connection[key] for key in ("authentication", "trustpoint") if key in connection} == block
    about = [each for each in proposal.questions if "authentication" in each or "trustpoint" in each]
    assert [asked in each for each in about] == ([True] if asked else [])


def test_declared_names_are_used_and_nothing_is_said_twice(tmp_path: Path) -> None:
    (tmp_path / "interop.yaml").write_text(
        "networks: {core: [10.60.0.0/24]}\n"
        "circuits: {er-north: {primary: {router: edge-a}}}\n"
        "sites: {north: {asn: 64900, routers: [edge-a]}}\n"
        "customers: {blue-gmbh: {vrf: blue, sites: {north: {prefixes: [10.7.0.0/24]}}}}\n"
    )
    proposal = proposed(typed.read(tmp_path))
    assert proposal.tree["circuits"] == {"er-north": {"networks": ["core"]}}
    assert "sites" not in proposal.tree
    assert "networks" not in proposal.tree
    assert "vrf" not in proposal.tree["customers"]["blue-gmbh"]
    assert "prefixes" not in place(proposal)
    (tmp_path / "interop.d").mkdir()
    (tmp_path / "interop.d" / "discovered.yaml").write_text("\n".join(blocks.lines(proposal, "x")), encoding="utf-8")
    sessions = load(tmp_path).expectations.sessions
    assert {(each.role, str(each.neighbor)) for each in sessions} == {
        ("expressroute", str(ER.neighbor)),
        ("vpn", str(VPN.neighbor)),
    }
    # An accepted file is no typed one: the same is proposed again.
    assert propose([seen()], typed.read(tmp_path)).tree == proposal.tree


def test_what_the_intent_covers_is_not_proposed(tmp_path: Path) -> None:
    (tmp_path / "interop.yaml").write_text("\n".join(blocks.lines(proposed(), "x")), encoding="utf-8")
    again = propose([seen()], typed.read(tmp_path))
    assert again.tree == {}
    assert "".join(blocks.lines(again, "x")) == "# x"


def test_nothing_that_was_not_read_is_proposed() -> None:
    facts = Facts()
    for key in [key for key in facts.given if key not in ("version", "bgp_neighbors")]:
        del facts.given[key]
    proposal = propose([sightings.router(HOST, facts)], Typed())
    assert "expressroute" not in yaml.safe_dump(proposal.tree.get("customers", {}))
    assert proposal.notes


# Files ----------------------------------------------------------------------------------------------------------------


@given(st.recursive(st.text(max_size=30) | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_whatever_a_router_is_called_is_read_back_alike(value: Any) -> None:
    text = blocks.scalar({"key": value})
    assert "\n" not in text
    assert yaml.safe_load(text) == {"key": value}


@pytest.mark.parametrize("name", ["030", "08", "0", "00"])
def test_digits_behind_a_zero_are_a_name_to_every_reader(name: str) -> None:
    text = blocks.scalar({"vrf": name, "also": [name]})
    assert yaml.safe_load(text) == {"vrf": name, "also": [name]}
    assert intent_yaml.parse(text, "x").value == {"vrf": name, "also": [name]}


def test_comments_stay_comments() -> None:
    proposal = Proposal()
    proposal.put(("a", "b"), {"c": 1, "d": 2})
    proposal.comment(("a",), "one\nversion: 2")
    proposal.ask("two\nversion: 3")
    assert yaml.safe_load("\n".join(blocks.lines(proposal, "three\nversion: 4"))) == {"a": {"b": {"c": 1, "d": 2}}}


def test_discovered_values_are_read_back(tmp_path: Path) -> None:
    document = Discovered(tool="1", read=source().asked_at, values=values.values([seen()]))
    (tmp_path / "discovered.yaml").write_text(values.text(document), encoding="utf-8")
    assert discovered.load(tmp_path) == document
    assert len({(value.object, value.key) for value in document.values}) == len(document.values)
    assert {value.key for value in document.values if value.guess} == {"role"}


def test_accepted_values_are_not_counted(tmp_path: Path) -> None:
    document = Discovered(tool="1", read=source().asked_at, values=values.values([seen()]))
    (tmp_path / "interop.yaml").write_text("\n".join(blocks.lines(proposed(), "x")), encoding="utf-8")
    everything = load(tmp_path).expectations
    assert discovered.not_accepted(document, everything) == ()
    assert discovered.header(document, everything) == []
    assert discovered.header(None, everything) == []
    no_serial = replace(everything, devices=tuple(replace(each, serial=None) for each in everything.devices))
    assert discovered.header(document, no_serial) == [
        "azinterop: 1 value discovered and not accepted, so not expected: edge-a serial"
    ]


def test_a_spoiled_file_is_told_with_its_place(tmp_path: Path) -> None:
    assert discovered.load(tmp_path) is None
    (tmp_path / "discovered.yaml").write_text(
        "version: 1\ntool: x\nread: 2026-01-01T00:00:00Z\nvalues: [{object: a}]\n"
    )
    with pytest.raises(InventoryError, match=r"discovered\.yaml: `values\.0\.key`"):
        discovered.load(tmp_path)
