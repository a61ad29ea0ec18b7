"""What must hold for any configuration: nothing is undefined unless all was read, and strangers change nothing."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify.lint.lint_network import (
    EXPECTATIONS,
    INTENT,
    ROUTER_RULES,
    ROUTERS,
    SITE,
    SITE_RULES,
    changed,
    config,
    found,
    text,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.derive import derive
from pytest_azinterop.intent.models import Intent
from pytest_azinterop.intent.router_scope import ExpectedConfiguration, configurations
from pytest_azinterop.verify import lint
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.lint import names
from pytest_azinterop.verify.lint.observed import ObservedConfiguration, ObservedConfigurations

CORPUS = Path(os.environ.get("AZINTEROP_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))
STRANGER = """\
vrf definition {name}
 rd 64600:77
ip prefix-list {name}-OUT seq 5 permit 10.77.0.0/24
route-map {name}-IN permit 10
 set local-preference {preference}
crypto ikev2 proposal {name}-P
 encryption aes-cbc-256 3des
 integrity md5
 group 2
crypto ikev2 keyring {name}-K
 peer far
  address 192.0.2.77
  pre-shared-key local hushhush
interface Tunnel77
 vrf forwarding {name}
 ip address 10.77.0.1 255.255.255.252
 ip policy route-map {name}-NONE
router ospf 77 vrf {name}
 redistribute bgp 64600 subnets route-map {name}-NONE
 default-information originate always
router bgp 64600
 address-family ipv4 vrf {name}
  neighbor 10.77.0.2 remote-as 65077
  neighbor 10.77.0.2 activate
  neighbor 10.77.0.2 ebgp-multihop 255
  neighbor 10.77.0.2 route-map {name}-IN in
"""
UNPLEASANT = changed(
    text("edge-a"),
    ("  neighbor 169.254.21.5 prefix-list OUT out\n", ""),
    (" ip tcp adjust-mss 1350\n", ""),
    ("route-map LAN\n", "route-map MISSING\n"),
    (" dpd 10 2 on-demand\n", ""),
)


def essence(findings: list[Finding]) -> set[tuple[str, str, str, str]]:
    """Findings without the numbers of lines."""
    return {(each.rule, each.object, each.cause, each.message) for each in findings}


@pytest.mark.parametrize("base", [text("edge-a"), UNPLEASANT], ids=["clean", "with findings"])
@given(
    name=st.text(alphabet="ABCDEFGHKLMNQRSTUVWXYZ-", min_size=3, max_size=12).filter(lambda name: name[0] != "-"),
    preference=st.integers(0, 400),
    before=st.booleans(),
)
def test_an_unrelated_customer_changes_nothing_for_others(base: str, name: str, preference: int, before: bool) -> None:
    block = STRANGER.format(name=f"X{name}", preference=preference)
    mark = "bfd-template" if before else "line vty 0 4\n"
    more = found(changed(base, (mark, block + mark)))
    ours = {each for each in essence(more) if f"X{name}" not in each[1] and "ospf 77" not in each[1]}
    assert ours == essence(found(base))
    assert len(more) > len(ours)


def definition_blocks() -> list[tuple[str, str, str]]:
    """Kind, name, and the text without any line that defines it."""
    whole = text("edge-a")
    record = config(whole)
    used = {(use.kind, use.name) for use in names.uses(record)}
    lines = whole.split("\n")
    blocks = []
    for kind, folded in names.definitions(record):
        name = next(
            (
                used_name
                for used_kind, used_name in used
                if used_kind == kind and names.folded(kind, used_name) == folded
            ),
            None,
        )
        if name is None:
            continue
        drop: set[int] = set()
        for line in (
            each for each in record.lines if names.definitions(replace(record, lines=(each,))).get((kind, folded))
        ):
            drop |= {each.number - 1 for each in line.walk()}
        blocks.append((kind, name, "\n".join(line for at, line in enumerate(lines) if at not in drop)))
    return blocks


@pytest.mark.parametrize(
    ("kind", "name", "without"), definition_blocks(), ids=lambda value: value if len(value) < 40 else ""
)
def test_removing_what_defines_a_name_makes_exactly_that_name_undefined(kind: str, name: str, without: str) -> None:
    observed = ObservedConfiguration(config(without), "17.9.4")
    missing = {each.object for each in lint.undefined(ROUTERS["edge-a"], observed)}
    assert missing == {f"edge-a/{kind} {name}"}
    partial = ObservedConfiguration(replace(config(without), whole=False), "17.9.4")
    with pytest.raises(UndeterminedError, match=re.escape(f"{kind} {name} is not in the supplied text")):
        lint.undefined(ROUTERS["edge-a"], partial)


@pytest.mark.parametrize("rule", [*ROUTER_RULES, *SITE_RULES], ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("flaw", [{"whole": False}, {"hidden": True}], ids=["excerpt", "hidden"])
def test_a_configuration_that_was_not_read_whole_is_never_clean(rule: object, flaw: dict[str, bool]) -> None:
    records = {router: replace(config(text(router), router), **flaw) for router in ROUTERS}
    asked = (ROUTERS["edge-a"], ObservedConfiguration(records["edge-a"], "17.9.4"))
    if rule in SITE_RULES:
        asked = (SITE, ObservedConfigurations(tuple(records.items())))
    with pytest.raises(UndeterminedError) as raised:
        rule(*asked)
    assert raised.value.cause == ("cut-off" if "whole" in flaw else "not-authorised")


@given(st.data())
def test_any_lines_left_out_are_no_defect_of_ours(data: st.DataObject) -> None:
    """Every judgement gives findings or says that it cannot, whatever is missing."""
    lines = UNPLEASANT.split("\n")
    body = lines[4:-2]
    dropped = data.draw(st.sets(st.integers(0, len(body) - 1), max_size=60))
    kept = [line for at, line in enumerate(body) if at not in dropped]
    try:
        findings = found("\n".join([*lines[:4], *kept, *lines[-2:]]))
    except UndeterminedError:
        return
    for each in findings:
        assert "\n" not in each.message
        assert each.evidence


def test_what_is_wrong_in_an_excerpt_is_still_said() -> None:
    weak = changed(text("edge-a"), ("encryption aes-cbc-256", "encryption 3des"))
    excerpt = ObservedConfiguration(replace(config(weak), whole=False), "17.9.4")
    assert [each.cause for each in lint.algorithms(ROUTERS["edge-a"], excerpt)] == ["encryption"]


def test_one_tunnel_and_one_path_are_told_from_the_intent() -> None:
    document = INTENT.model_dump(mode="json")
    place = document["customers"]["acme"]["sites"]["town"]
    place["vpn"] = place["vpn"][:1]
    place["expressroute"] = place["expressroute"][:1]
    (site,) = derive(Intent.model_validate(document)).sites
    observed = ObservedConfigurations(tuple((router, config(text(router), router)) for router in site.routers))
    assert {each.cause for each in lint.redundancy(site, observed)} == {"one-path", "one-tunnel", "one-uplink"}


def test_two_paths_that_end_on_one_router_are_told() -> None:
    document = INTENT.model_dump(mode="json")
    document["circuits"]["er"]["secondary"]["router"] = "edge-a"
    place = document["customers"]["acme"]["sites"]["town"]
    place["expressroute"][1]["interface"] = "GigabitEthernet0/0/0.10"
    (site,) = derive(Intent.model_validate(document)).sites
    observed = ObservedConfigurations(tuple((router, config(text(router), router)) for router in site.routers))
    assert [each.cause for each in lint.redundancy(site, observed)] == ["one-router", "one-uplink"]


def test_microsoft_peering_needs_an_outbound_filter_too() -> None:
    document = INTENT.model_dump(mode="json")
    document["circuits"]["er"]["peering"] = "microsoft"
    (expected, _) = configurations(derive(Intent.model_validate(document)))
    open_ = changed(text("edge-a"), ("  neighbor 10.60.0.2 prefix-list OUT out\n", ""))
    causes = [each.cause for each in lint.filters(expected, ObservedConfiguration(config(open_), "17.9.4"))]
    assert causes == ["microsoft-neighbor"]


def test_accepted_absence_of_forward_secrecy_is_no_finding() -> None:
    document = INTENT.model_dump(mode="json")
    document["defaults"]["ipsec"]["pfs_groups"] = [None]
    (expected, _) = configurations(derive(Intent.model_validate(document)))
    without = ObservedConfiguration(config(changed(text("edge-a"), (" set pfs group14\n", ""))), "17.9.4")
    assert lint.associations(expected, without) == []
    assert lint.associations(ROUTERS["edge-a"], without) != []


def test_the_scope_of_a_router_is_what_the_intent_puts_on_it() -> None:
    scope = ROUTERS["edge-b"]
    assert [str(each.neighbor) for each in scope.sessions] == ["10.60.0.6"]
    assert scope.tunnels == ()
    assert scope.vrfs == ("ACME",)
    assert scope.shares("ACME")
    assert not scope.shares("OTHER")
    assert [each.router for each in configurations(EXPECTATIONS)] == ["edge-a", "edge-b"]


REAL = sorted((CORPUS / "labs").glob("*/configs/*/*"))


@pytest.mark.skipif(not REAL, reason=f"no configurations of real networks below {CORPUS}")
@pytest.mark.parametrize("file", REAL, ids=lambda file: f"{file.parts[-4]}/{file.parts[-2]}")
def test_real_configurations(file: Path) -> None:
    """Undefined are the names that the network was built to lack, and no others."""
    body = file.read_text(encoding="utf-8")
    if "Current configuration" not in body:
        body = f"Building configuration...\n\nCurrent configuration : 1 bytes\n{body}"
    if not body.rstrip().endswith("end"):
        body += "\nend\n"
    record = config(body, "edge-a")
    expected = ExpectedConfiguration("edge-a")
    for rule in ROUTER_RULES:
        for each in rule(expected, ObservedConfiguration(record, "16.6.1")):
            assert each.evidence
            if each.rule.startswith("lint.undefined"):
                assert "undefined" in each.object
    if file.parts[-4] == "iosxe_undefined_route_map" and "undefined" in file.parts[-2]:
        critical = lint.undefined(expected, ObservedConfiguration(record, "16.6.1"))
        assert {each.cause for each in critical if each.severity == "critical"} == {
            "inbound" if file.parts[-2].endswith("in") else "outbound"
        }
