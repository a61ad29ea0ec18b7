"""What OSPF really tells the site: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, ip_network
from typing import Any

import pytest
from verify.test_lan_routes import BGP, DEFAULT, LAN, LINE, declared, observed
from verify.verify_records import INTERFACE, VRF, as_path, config_adding, path, prefixes, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.bgp import BgpTable
from pytest_azinterop.state.ospf import ExternalLsa, OspfDatabase, Redistribution
from pytest_azinterop.verify import lan_external, rules_operations, scope
from pytest_azinterop.verify.lan_external import ObservedExternal

HUB, SPOKE = "10.60.0.0/24", "10.61.0.0/24"
ROUTER = IPv4Address("10.7.0.1")
NO_DEFAULT = declared(default_route="none")
FILTER = (LINE, DEFAULT)


def lsa(prefix: str, age: int = 9) -> ExternalLsa:
    return ExternalLsa(ip_network(prefix), ROUTER, age, 10, 2, 0, source=source("show ip ospf database"))  # type: ignore[arg-type]


def seen(
    *told: str | ExternalLsa, lines: tuple[str, ...] = FILTER, paths: Any = None, number: int = 12, **changes: Any
) -> ObservedExternal:
    lan = observed(*lines, **changes)
    lsas = tuple(lsa(each) if isinstance(each, str) else each for each in told)
    database = OspfDatabase(number, ROUTER, lsas, source=source("show ip ospf database"))
    routes = tuple(path(each) for each in (HUB, SPOKE)) if paths is None else paths
    table = BgpTable(VRF, None, 1, None, routes, source=source("show bgp"))
    return ObservedExternal(lan.config, lan.processes, (database,), table)


NAME = "lan.external-routes"
CASES: tuple[tuple[Any, ObservedExternal, str], ...] = (
    (LAN, seen(HUB, SPOKE, network="network 10.99.0.0 0.0.0.255 area 0"), "no-process"),
    (LAN, seen(paths=()), "nothing-to-tell"),
    (LAN, seen(paths=(replace(path(HUB), internal=True),)), "nothing-to-tell"),
    (LAN, seen("0.0.0.0/0", paths=(replace(path(HUB), best=False, valid=False),)), "nothing-to-tell"),
    (LAN, seen(maps=(), paths=()), "nothing-to-tell"),
    (LAN, seen(paths=(replace(path(HUB), as_path=as_path()),)), "nothing-to-tell"),  # of a `network` line
    (LAN, seen(HUB), "missing"),
    (LAN, seen(HUB, lsa(SPOKE, age=3600)), "missing"),
    (LAN, seen(lines=(*FILTER, "summary-address 10.60.0.0 255.254.0.0 not-advertise")), "missing"),
    (declared(redistributes=False, route_map=None), seen(HUB), "unexpected"),
    (LAN, seen(HUB, SPOKE, "10.99.0.0/24"), "stranger"),
    (LAN, seen(maps=()), "undefined-nothing"),
    (LAN, seen(HUB, maps=()), "undefined-some"),
    (LAN, seen(HUB, SPOKE, maps=()), "undefined-everything"),
    (NO_DEFAULT, seen(HUB, SPOKE, "0.0.0.0/0"), "default-told"),
    (declared(default_route="always"), seen(HUB, SPOKE), "default-missing"),
)
AGREEING: tuple[tuple[Any, ObservedExternal], ...] = (
    (LAN, seen(HUB, SPOKE)),
    (LAN, seen(HUB, SPOKE, "0.0.0.0/0")),
    (LAN, seen(HUB, SPOKE, lines=("redistribute bgp 64900 subnets", DEFAULT))),
    (declared(redistributes=False, route_map=None), seen(lines=(DEFAULT,))),
    (declared(redistributes=None, route_map=None), seen()),
    (LAN, seen(HUB, paths=(path(HUB), replace(path(SPOKE), internal=True)))),
    (LAN, seen(HUB, paths=(path(HUB), replace(path(SPOKE), flags="r")))),
    (LAN, seen(HUB, paths=(path(HUB), replace(path(SPOKE), best=False)))),
    (LAN, seen(HUB, paths=(path(HUB), path("0.0.0.0/0")))),
    (LAN, seen(paths=(replace(path(HUB), best=False), replace(path(HUB), internal=True)))),  # it stands by
    (LAN, seen(HUB, paths=(replace(path(HUB), internal=True),))),  # `bgp redistribute-internal`
    (LAN, seen("10.60.0.0/15", lines=(*FILTER, "summary-address 10.60.0.0 255.254.0.0"))),
    (LAN, seen(HUB, SPOKE, "10.99.0.0/24", redistributed=(BGP, Redistribution("static", None, subnets=True)))),
)


@pytest.mark.parametrize(("expected", "given", "cause"), CASES)
def test_what_does_not_agree_is_named(expected: Any, given: ObservedExternal, cause: str) -> None:
    (found,) = lan_external.told(expected, given)
    assert (found.rule, found.cause, found.object) == (NAME, cause, expected.id)
    assert found.evidence


@pytest.mark.parametrize(("expected", "given"), AGREEING)
def test_what_agrees_has_no_finding(expected: Any, given: ObservedExternal) -> None:
    assert lan_external.told(expected, given) == []


def denying(clause: str) -> ObservedExternal:
    given = seen(HUB, SPOKE)
    maps = f"{LINE}\n!\nroute-map TO-SITE deny 5\n {clause}\n!\nip prefix-list SPOKE seq 5 permit {SPOKE}\n!\n"
    process = f"router ospf 12 vrf blue\n {LINE}\n {DEFAULT}\n network 10.7.0.0 0.0.0.255 area 0\n!\n"
    rest = maps.partition("\n!\n")[2] + "route-map TO-SITE permit 10\n!"
    return replace(given, config=config_adding(process + rest))


def test_what_the_route_map_denies_is_not_told() -> None:
    (found,) = lan_external.told(LAN, denying("match ip address prefix-list SPOKE"))
    assert (found.cause, SPOKE in found.message) == ("not-filtered", True)
    filtered = denying("match ip address prefix-list SPOKE")
    (database,) = filtered.databases
    kept = replace(filtered, databases=(replace(database, externals=(lsa(HUB),)),))
    assert lan_external.told(LAN, kept) == []


def test_a_route_map_that_denies_everything_is_told() -> None:
    """As configured, and still the site has no route to Azure."""
    nothing = denying("match ip address prefix-list SPOKE")
    table = replace(nothing.table, paths=tuple(each for each in nothing.table.paths if str(each.prefix) == SPOKE))
    (database,) = nothing.databases
    given = replace(nothing, table=table, databases=(replace(database, externals=()),))
    (found,) = lan_external.told(LAN, given)
    assert found.cause == "all-denied"


REACHING = declared(networks=prefixes(HUB, SPOKE))


def test_a_network_that_the_site_reaches_is_not_kept_from_it() -> None:
    """As configured, and still not as declared."""
    filtered = denying("match ip address prefix-list SPOKE")
    (database,) = filtered.databases
    kept = replace(filtered, databases=(replace(database, externals=(lsa(HUB),)),))
    (found,) = lan_external.told(REACHING, kept)
    assert (found.cause, found.severity) == ("filtered", "high")
    assert SPOKE in found.message
    assert "route-map TO-SITE sequence 5 denies: prefix-list SPOKE sequence 5 permits it" in found.message
    assert lan_external.told(declared(networks=prefixes(HUB)), kept) == []
    (found,) = lan_external.told(declared(networks=prefixes(within=[SPOKE])), kept)
    assert found.cause == "filtered"
    assert lan_external.told(declared(networks=prefixes(HUB, open_ended=True)), kept) == []
    told = seen("10.60.0.0/15", lines=(*FILTER, "summary-address 10.60.0.0 255.254.0.0"))
    assert lan_external.told(REACHING, told) == []


def test_the_list_that_does_not_match_is_named() -> None:
    filtered = denying("match ip address prefix-list SPOKE")
    text = f"route-map TO-SITE permit 10\n match ip address prefix-list HUB\n!\nip prefix-list HUB seq 5 permit {HUB}"
    process = f"router ospf 12 vrf blue\n {LINE}\n {DEFAULT}\n network 10.7.0.0 0.0.0.255 area 0\n!\n"
    (database,) = filtered.databases
    given = replace(
        filtered,
        config=config_adding(f"{process}{text}\n!"),
        databases=(replace(database, externals=(lsa(HUB),)),),
    )
    (found,) = lan_external.told(REACHING, given)
    assert found.cause == "filtered"
    assert "route-map TO-SITE sequence 10 does not match: prefix-list HUB has no sequence for it" in found.message


def test_a_clause_that_is_not_modelled_is_not_guessed() -> None:
    with pytest.raises(UndeterminedError, match="whether the site is told"):
        lan_external.told(LAN, denying("match tag 7"))


def test_a_network_that_the_site_reaches_is_missed_whatever_the_clause_means() -> None:
    given = denying("match tag 7")
    (database,) = given.databases
    (found,) = lan_external.told(REACHING, replace(given, databases=(replace(database, externals=(lsa(HUB),)),)))
    assert found.cause == "filtered"
    assert f"does not tell the site {SPOKE} (route-map TO-SITE; the clause 'match tag 7' is not" in found.message
    told = replace(database, externals=(lsa(HUB), lsa(SPOKE)))
    assert lan_external.told(REACHING, replace(given, databases=(told,))) == []


def test_nothing_is_said_without_its_evidence() -> None:
    given = seen(HUB, SPOKE)
    for part, words in (
        (seen(HUB, SPOKE, number=13), "the database of ospf 12 was not printed"),
        (replace(given, databases=()), "the database of ospf 12 was not printed"),
        (replace(given, processes=()), "has no process 12"),
        (replace(given, table=replace(given.table, vrf="green")), "another VRF's"),
    ):
        with pytest.raises(UndeterminedError, match=words):
            lan_external.told(LAN, part)
    part = seen(maps=())
    with pytest.raises(UndeterminedError):
        lan_external.told(LAN, replace(part, config=replace(part.config, whole=False)))


def test_nothing_is_judged_where_nothing_is_declared() -> None:
    conditional = declared(redistributes=None, default_route="conditional", route_map=None)
    assert scope.reason_not_judged(NAME, INTERFACE)
    assert scope.reason_not_judged(NAME, conditional)
    assert scope.reason_not_judged(NAME, LAN) is None


def test_every_cause_has_a_case() -> None:
    (rule,) = [each for each in rules_operations.RULES if each.name == NAME]
    assert set(rule.causes) == {case[2] for case in CASES} | {"not-filtered", "all-denied", "filtered"}
