"""One change of a clean configuration at a time: exactly the finding that it deserves, with its cause."""

from __future__ import annotations

from dataclasses import replace

import pytest
from verify.lint.lint_network import ROUTERS, SITE, changed, config, found, text, told

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.verify import lint
from pytest_azinterop.verify.lint.observed import ObservedConfiguration, ObservedConfigurations
from pytest_azinterop.verify.rules import RULES

ER = "neighbor 10.60.0.2 "
VPN = "neighbor 169.254.21.5 "
FAMILY = "  network 10.50.0.0 mask 255.255.255.0\n"
FIRST_TUNNEL = " description tunnel 1 to gw\n"
AXIS = "route-map DEFAULT permit 10\n"
LINE = "line vty 0 4\n"
REMOTE = " match identity remote address 203.0.113."

APPLET = """\
event manager applet NIGHT
 event timer cron cron-entry "0 2 * * *"
 action 1.0 cli command "enable"
 action 2.0 cli command "shutdown"
"""
ENDS = " tunnel source Loopback9\n tunnel mode ipsec ipv4\n tunnel destination 203.0.113.1\n"

Change = tuple[str, str]
CASES: list[tuple[str, str, list[Change]]] = [
    # Names
    ("undefined-filter", "prefix-list", [(f"{VPN}prefix-list OUT out", f"{VPN}prefix-list TUO out")]),
    (
        "undefined-filter",
        "filter-list",
        [(f"  {VPN}maximum-prefix 500\n", f"  {VPN}maximum-prefix 500\n  {VPN}filter-list 9 in\n")],
    ),
    (
        "undefined-filter",
        "distribute-list",
        [(f"  {VPN}maximum-prefix 500\n", f"  {VPN}maximum-prefix 500\n  {VPN}distribute-list NONE out\n")],
    ),
    ("undefined-redistribution", "into-bgp", [(FAMILY, FAMILY + "  redistribute static route-map NO\n")]),
    (
        "undefined-redistribution",
        "into-igp",
        [(" capability vrf-lite\n", " capability vrf-lite\n redistribute static subnets route-map NO\n")],
    ),
    ("undefined-match", "prefix-list", [(AXIS, AXIS + " match ip next-hop prefix-list NONE\n")]),
    ("undefined-match", "access-list", [(AXIS, AXIS + " match ip address 101\n")]),
    ("undefined-match", "community", [(" match community MARK\n", " match community MARK OTHER exact-match\n")]),
    (
        "undefined-crypto",
        "ipsec-profile",
        [("description tunnel 1 to gw\n", "description tunnel 1 to gw\n tunnel protection ipsec profile Q shared\n")],
    ),
    (
        "undefined-crypto",
        "ikev2-profile",
        [
            (
                " set ikev2-profile PROF\n",
                " set ikev2-profile PROF\ncrypto ipsec profile default\n set ikev2-profile NONE\n"
                " set pfs group14\n set security-association lifetime kilobytes disable\n",
            )
        ],
    ),
    ("undefined-crypto", "transform-set", [(" set transform-set TS\n", " set transform-set TS OTHER\n")]),
    ("undefined-crypto", "keyring", [(" keyring local RING\n", " keyring local RING\n keyring local GONE\n")]),
    ("undefined-crypto", "proposal", [("\n proposal PROP\n", "\n proposal PROP\n proposal PROQ\n")]),
    ("undefined-crypto", "trustpoint", [(" keyring local RING\n", " keyring local RING\n pki trustpoint CA\n")]),
    (
        "undefined-crypto",
        "access-list",
        [("interface Loopback9\n", "crypto map OLD 10 ipsec-isakmp\n match address GONE\n!\ninterface Loopback9\n")],
    ),
    ("undefined-crypto", "crypto-map", [(" description public\n", " description public\n crypto map GONE\n")]),
    ("undefined-reference", "bgp", [(FAMILY, FAMILY + "  aggregate-address 10.50.0.0 255.255.0.0 suppress-map NO\n")]),
    ("undefined-reference", "bgp", [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}default-originate route-map NO\n")]),
    (
        "undefined-reference",
        "igp",
        [(" capability vrf-lite\n", " capability vrf-lite\n distribute-list prefix NONE in\n")],
    ),
    (
        "undefined-reference",
        "vrf",
        [("interface Loopback9\n", "interface Loopback8\n vrf forwarding GONE\ninterface Loopback9\n")],
    ),
    ("undefined-reference", "vrf-map", [(" rd 64600:9\n", " rd 64600:9\n export map NO\n")]),
    ("undefined-reference", "interface", [("update-source Tunnel1", "update-source Tunnel7")]),
    ("undefined-reference", "access-group", [(" ip access-group EDGE in\n bfd", " ip access-group FENCE in\n bfd")]),
    ("undefined-reference", "access-class", [("access-class NEXT in", "access-class 23 in vrf-also")]),
    (
        "undefined-reference",
        "policy-routing",
        [("interface Loopback9\n", "interface Loopback8\n ip policy route-map NO\ninterface Loopback9\n")],
    ),
    ("undefined-reference", "track", [("Tunnel1 track 5", "Tunnel1 track 6")]),
    (
        "undefined-reference",
        "bfd-template",
        [("interface Loopback9\n", "interface Loopback8\n bfd template SLOW\ninterface Loopback9\n")],
    ),
    ("unused", "never-used", [(AXIS, "route-map SPARE permit 10\n" + AXIS)]),
    # BGP
    ("outbound-filter", "vpn-neighbor", [(f"  {VPN}prefix-list OUT out\n", "")]),
    (
        "outbound-filter",
        "any-prefix",
        [
            (f"{VPN}prefix-list OUT out", f"{VPN}prefix-list ALL out"),
            ("ip prefix-list OUT seq", "ip prefix-list ALL seq 5 permit 0.0.0.0/0 le 32\nip prefix-list OUT seq"),
        ],
    ),
    (
        "outbound-filter",
        "any-prefix",
        [
            (f"{VPN}prefix-list OUT out", f"{VPN}route-map ALL out"),
            (AXIS, "route-map ALL permit 10\n match ip address prefix-list OUT\nroute-map ALL permit 20\n" + AXIS),
        ],
    ),
    ("inbound-filter", "no-policy", [(f"  {VPN}route-map FROM-VPN in\n", "")]),
    (
        "default-preference",
        "not-set",
        [
            (f"{VPN}route-map FROM-VPN in", f"{VPN}route-map LOOSE in"),
            (AXIS, "route-map LOOSE permit 10\n match ip address prefix-list AZURE\n" + AXIS),
        ],
    ),
    ("maximum-prefix", "missing", [(f"  {VPN}maximum-prefix 500\n", "")]),
    ("session-protection", "missing", [(f"  {ER}ttl-security hops 1\n", "")]),
    ("bfd", "none", [(" bfd template FAST\n", ""), (f"  {ER}fall-over bfd\n", "")]),
    ("bfd", "no-fall-over", [(f"  {ER}fall-over bfd\n", "")]),
    ("bfd", "no-interval", [(" bfd template FAST\n", "")]),
    (
        "graceful-restart",
        "keeps-stale-routes",
        [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}ha-mode graceful-restart\n")],
    ),
    ("multihop", "tunnel", [(f"{VPN}ebgp-multihop 2", f"{VPN}ebgp-multihop 3")]),
    ("multihop", "connected", [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}ebgp-multihop 2\n")]),
    ("next-hop-self", "external", [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}next-hop-self\n")]),
    ("loop-prevention", "allowas-in", [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}allowas-in 2\n")]),
    ("loop-prevention", "as-override", [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}as-override\n")]),
    ("default-origination", "bgp-neighbor", [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}default-originate\n")]),
    ("reserved-as", "reserved-by-azure", [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}local-as 65515 no-prepend\n")]),
    ("neighbor-logging", "off", [(" bgp log-neighbor-changes\n", "")]),
    ("bgp-router-id", "not-fixed", [(" bgp router-id 10.50.0.1\n", "")]),
    ("distance", "distance-bgp", [(FAMILY, FAMILY + "  distance bgp 210 200 200\n")]),
    ("network-anchor", "depends-on-igp", [(FAMILY, FAMILY + "  network 10.51.0.0 mask 255.255.255.0\n")]),
    # Crypto
    ("weak-ike", "encryption", [("encryption aes-cbc-256", "encryption aes-cbc-256 3des")]),
    ("weak-ike", "integrity", [("integrity sha256", "integrity sha256 sha1")]),
    ("weak-ike", "group", [(" group 14\n", " group 14 5\n")]),
    ("modest-ike", "encryption", [("encryption aes-cbc-256", "encryption aes-cbc-256 aes-cbc-128")]),
    ("modest-ike", "group", [(" group 14\n", " group 14 24\n")]),
    ("ike-identity", "gateway-not-matched", [(f"{REMOTE}2 255.255.255.255\n", f"{REMOTE}9 255.255.255.255\n")]),
    ("weak-ipsec-integrity", "integrity", [("TS esp-gcm 256", "TS esp-aes 256 esp-sha-hmac")]),
    ("dpd", "missing", [(" dpd 10 2 on-demand\n", "")]),
    ("ike-lifetime", "missing", [(" lifetime 28800\n", "")]),
    ("ike-lifetime", "short", [(" lifetime 28800\n", " lifetime 299\n")]),
    (
        "ipsec-lifetime",
        "short",
        [(" set pfs group14\n", " set security-association lifetime seconds 120\n set pfs group14\n")],
    ),
    ("pfs", "missing", [(" set pfs group14\n", "")]),
    ("volume-lifetime", "missing", [(" set security-association lifetime kilobytes disable\n", "")]),
    ("replay-window", "missing", [("crypto ipsec security-association replay window-size 1024\n", "")]),
    ("plain-key", "plain-text", [("pre-shared-key 6 abcdefgh", "pre-shared-key abcdefgh")]),
    ("plain-key", "reversible", [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}password 7 0205000A\n")]),
    ("plain-password", "plain-text", [("enable secret 9 $9$abc", "enable password abc")]),
    ("plain-password", "reversible", [("enable secret 9 $9$abc", "username op password 7 0205000A")]),
    # Tunnels and interfaces
    ("mss", "missing", [(" ip tcp adjust-mss 1350\n" + ENDS, ENDS)]),
    ("mss", "too-large", [("adjust-mss 1350\n" + ENDS, "adjust-mss 1460\n" + ENDS)]),
    (
        "mss",
        "too-large",
        [("169.254.21.6 255.255.255.252\n ip mtu 1400", "169.254.21.6 255.255.255.252\n ip mtu 1389")],
    ),
    ("path-mtu", "ip-mtu", [(" description LAN\n", " description LAN\n ip mtu 1400\n")]),
    ("path-mtu", "mtu", [(" description LAN\n", " description LAN\n mtu 1499\n")]),
    ("tunnel-mtu", "missing", [("169.254.21.6 255.255.255.252\n ip mtu 1400\n", "169.254.21.6 255.255.255.252\n")]),
    (
        "tunnel-mtu",
        "too-large",
        [("169.254.21.6 255.255.255.252\n ip mtu 1400", "169.254.21.6 255.255.255.252\n ip mtu 1500")],
    ),
    ("tunnel-address", "inside-lan", [("169.254.21.6 255.255.255.252", "10.50.0.200 255.255.255.255")]),
    ("backup-route", "no-null-route", [("ip route vrf ACME 169.254.21.5 255.255.255.255 Null0 254\n", "")]),
    (
        "strict-urpf",
        "strict",
        [(" description er primary\n", " description er primary\n ip verify unicast source reachable-via rx\n")],
    ),
    ("policy-routing", "lan", [(" description LAN\n", " description LAN\n ip policy route-map DEFAULT\n")]),
    (
        "policy-routing",
        "expressroute",
        [(" description er primary\n", " description er primary\n ip policy route-map DEFAULT\n")],
    ),
    ("policy-routing", "tunnel", [(FIRST_TUNNEL, FIRST_TUNNEL + " ip policy route-map DEFAULT\n")]),
    (
        "policy-routing",
        "tunnel-source",
        [(" description public\n", " description public\n ip policy route-map DEFAULT\n")],
    ),
    ("edge-hardening", "expressroute", [(" no ip redirects\n", "")]),
    (
        "edge-hardening",
        "tunnel-source",
        [
            (
                " ip address 198.51.100.9 255.255.255.255\n ip access-group EDGE in\n",
                " ip address 198.51.100.9 255.255.255.255\n",
            )
        ],
    ),
    ("description", "interface", [(" description er primary\n", "")]),
    ("description", "neighbor", [(f"  {ER}description MSEE\n", "")]),
    # OSPF
    (
        "default-origination",
        "ospf-always",
        [
            ("originate always route-map DEFAULT\n", "originate always\n"),
            ("route-map DEFAULT permit 10\n match ip address prefix-list AZURE\n", ""),
        ],
    ),
    ("vrf-lite", "missing", [(" capability vrf-lite\n", "")]),
    ("redistribution-metric", "same-for-all", [(" set metric 10\n", ""), (" set metric 20\n", "")]),
    ("ospf-router-id", "no-interface", [(" router-id 10.50.0.1\n capability", " router-id 10.50.9.9\n capability")]),
    ("ospf-hardening", "not-passive", [(" passive-interface default\n", "")]),
    ("ospf-hardening", "no-authentication", [(" ip ospf authentication message-digest\n", "")]),
    ("lan-bfd", "off", [(" ip ospf bfd\n", "")]),
    # The router itself
    ("ntp", "missing", [("ntp server 10.99.0.1\n", "")]),
    ("syslog", "missing", [("logging host 10.99.0.2 vrf MGMT\n", "logging buffered 100000\n")]),
    ("timestamps", "missing", [("log datetime msec", "log uptime")]),
    ("archive", "missing", [("archive\n path bootflash:archive\n", "")]),
    ("archive", "no-path", [(" path bootflash:archive\n", " log config\n")]),
    ("exec-timeout", "never", [("exec-timeout 10 0", "exec-timeout 0 0")]),
    ("telnet", "allowed", [("transport input ssh", "transport input telnet ssh")]),
    ("http-server", "on", [(LINE, "ip http server\n" + LINE)]),
    (
        "automation",
        "changes-the-network",
        [(LINE, APPLET + LINE)],
    ),
    ("automation", "changes-the-network", [(LINE, "kron policy-list NIGHT\n cli clear ip bgp vrf ACME *\n" + LINE)]),
    ("vrf-syntax", "legacy", [("vrf definition ACME\n", "ip vrf ACME\n")]),
    # Between the routers
    ("path-preference", "weight", [(f"  {ER}activate\n", f"  {ER}activate\n  {ER}weight 10\n")]),
    ("path-policy", "origin", [("  network 10.50.0.0 mask 255.255.255.0\n", "")]),
    (
        "path-policy",
        "outbound",
        [
            (f"{ER}prefix-list OUT out", f"{ER}prefix-list OUT2 out"),
            ("ip prefix-list OUT seq", "ip prefix-list OUT2 seq 5 permit 10.50.0.0/25\nip prefix-list OUT seq"),
        ],
    ),
    ("redundancy", "one-path", [(" description er primary\n", " description er primary\n shutdown\n")]),
    ("tunnel-source", "not-announced", [("  network 198.51.100.9 mask", "  network 198.51.100.8 mask")]),
    ("tunnel-source", "private", [("ip address 198.51.100.9", "ip address 192.168.7.9")]),
    ("default-metric", "same", [(" default-metric 10\n", " default-metric 20\n")]),
]
# Changes that two rules have something to say about.
DOUBLE: list[tuple[list[tuple[str, str]], list[Change]]] = [
    (
        [("undefined-neighbor-map", "outbound"), ("path-policy", "outbound")],
        [(f"  {ER}prefix-list OUT out", f"  {ER}route-map NO out\n  {ER}prefix-list OUT out")],
    ),
    (
        [("network-anchor", "depends-on-igp"), ("redundancy", "one-uplink")],
        [(" description LAN\n", " description LAN\n shutdown\n")],
    ),
    (
        [("undefined-match", "as-path"), ("path-policy", "inbound")],
        [(" match as-path 7\n", " match as-path 7 70\n")],
    ),
    (
        [("outbound-filter", "expressroute-neighbor"), ("path-policy", "outbound")],
        [(f"  {ER}prefix-list OUT out\n", "")],
    ),
    (
        [("inbound-filter", "any-prefix"), ("inbound-filter", "any-prefix")],
        [("FROM-VPN permit 10\n match ip address prefix-list AZURE\n", "FROM-VPN permit 10\n")],
    ),
    (
        [
            ("undefined-neighbor-map", "inbound"),
            ("unused", "never-used"),
            ("path-policy", "inbound"),
        ],
        [("route-map FROM-ER in", "route-map FROM-EX in")],
    ),
    (
        [("path-preference", "local-preference"), ("path-policy", "inbound")],
        [("set local-preference 200", "set local-preference 250")],
    ),
    (
        [("published-key", "documented"), ("plain-key", "plain-text")],
        [("pre-shared-key 6 abcdefgh", "pre-shared-key Iam" + "Secure123")],
    ),
    (
        [("weak-ipsec-cipher", "encryption"), ("refused-algorithms", "refused-after-upgrade")],
        [("TS esp-gcm 256", "TS esp-3des esp-sha256-hmac")],
    ),
    (
        [("ike-identity", "other-address"), ("ike-identity", "other-address")],
        [(" keyring local RING\n", " keyring local RING\n identity local address 198.51.100.8\n")],
    ),
    (
        [("ike-identity", "not-an-address"), ("ike-identity", "not-an-address")],
        [(" keyring local RING\n", " keyring local RING\n identity local fqdn edge.example\n")],
    ),
    (
        [("front-vrf", "policy"), ("front-vrf", "policy")],
        [("crypto ikev2 policy POL\n match fvrf FRONT\n", "crypto ikev2 policy POL\n")],
    ),
    (
        [("front-vrf", "profile"), ("front-vrf", "profile")],
        [("crypto ikev2 profile PROF\n match fvrf FRONT\n", "crypto ikev2 profile PROF\n")],
    ),
]


def expected(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((f"lint.{rule}", cause) for rule, cause in pairs)


@pytest.mark.parametrize("router", ROUTERS)
def test_a_clean_configuration_has_no_finding(router: str) -> None:
    assert found(text(router), router=router) == []


@pytest.mark.parametrize(("rule", "cause", "changes"), CASES, ids=[f"{rule}-{cause}" for rule, cause, _ in CASES])
def test_each_change_is_found_and_nothing_else(rule: str, cause: str, changes: list[Change]) -> None:
    findings = found(changed(text("edge-a"), *changes))
    assert told(findings) == [(f"lint.{rule}", cause)]
    assert findings[0].evidence
    assert findings[0].object.split("/")[0] in ("edge-a", "edge-b", "acme")


@pytest.mark.parametrize(("pairs", "changes"), DOUBLE, ids=[f"{pairs[0][0]}-{pairs[0][1]}" for pairs, _ in DOUBLE])
def test_changes_that_two_rules_see(pairs: list[tuple[str, str]], changes: list[Change]) -> None:
    assert sorted(told(found(changed(text("edge-a"), *changes)))) == expected(pairs)


@pytest.mark.parametrize(
    ("release", "more", "causes"),
    [
        ("17.09.04a", "", ["refused-after-upgrade"]),
        ("16.12.5", "", ["refused-after-upgrade"]),
        ("17.11.01a", "", ["refused-now"]),
        ("17.12.4", "crypto engine compliance shield disable\n", []),
        ("17.09.04a", "crypto engine compliance shield disable\n", ["refused-after-upgrade"]),
    ],
)
def test_what_is_refused_depends_on_the_release(release: str, more: str, causes: list[str]) -> None:
    only = changed(text("edge-a"), (" group 14\n", " group 2 5\n"), (LINE, more + LINE))
    findings = [each for each in found(only, release) if each.rule == "lint.refused-algorithms"]
    assert [each.cause for each in findings] == causes
    beside = changed(text("edge-a"), (" group 14\n", " group 14 2\n"))
    assert "lint.refused-algorithms" not in {each.rule for each in found(beside, release)}


def test_a_release_that_is_not_understood_decides_nothing() -> None:
    with pytest.raises(UndeterminedError, match="release"):
        lint.refused(ROUTERS["edge-a"], ObservedConfiguration(config(text("edge-a")), "unknown"))


def test_a_group_s_setting_counts_and_a_neighbor_s_own_replaces_it() -> None:
    grouped = changed(
        text("edge-a"),
        (FAMILY, FAMILY + "  neighbor G peer-group\n  neighbor G maximum-prefix 400\n"),
        (f"  {VPN}maximum-prefix 500\n", f"  {VPN}peer-group G\n"),
    )
    assert found(grouped) == []
    negated = changed(grouped, (f"  {VPN}peer-group G\n", f"  {VPN}peer-group G\n  no {VPN}maximum-prefix\n"))
    assert told(found(negated)) == [("lint.maximum-prefix", "missing")]


def test_a_group_s_undefined_map_matters_where_it_is_inherited() -> None:
    unused_by_all = changed(
        text("edge-a"),
        (FAMILY, FAMILY + "  neighbor G peer-group\n  neighbor G route-map NO in\n"),
        (f"  {VPN}maximum-prefix 500\n", f"  {VPN}peer-group G\n  {VPN}maximum-prefix 500\n"),
    )
    assert told(found(unused_by_all)) == [("lint.undefined-reference", "bgp")]
    inherited = changed(unused_by_all, (f"  {VPN}route-map FROM-VPN in\n", ""))
    assert ("lint.undefined-neighbor-map", "inbound") in told(found(inherited))


def path_preferences(*values: int, more: Change | None = None) -> dict[str, str]:
    """What is said of the preference on each of the two paths, whose routers set these values; 200 is declared."""
    routers = {}
    for name, value in zip(SITE.routers, values, strict=True):
        routers[name] = changed(text(name), ("set local-preference 200", f"set local-preference {value}"))
        if more is not None:
            routers[name] = changed(routers[name], more)
    observed = ObservedConfigurations(tuple((name, config(of, name)) for name, of in routers.items()))
    told_of = [each for each in lint.policy(SITE, observed) if each.rule == "lint.path-preference"]
    assert len({each.object for each in told_of}) == len(told_of)
    return {each.object.split("/")[0]: each.message.partition(": ")[2] for each in told_of}


@pytest.mark.parametrize(
    ("values", "deviating"),
    [
        ((200, 200), set()),
        ((20, 200), {"edge-a"}),
        ((200, 20), {"edge-b"}),
        ((20, 30), {"edge-a", "edge-b"}),
        ((20, 20), {"edge-a", "edge-b"}),
    ],
)
def test_the_path_that_deviates_from_the_intent_is_named(values: tuple[int, int], deviating: set[str]) -> None:
    told_of = path_preferences(*values)
    assert set(told_of) == deviating
    for router, value in zip(SITE.routers, values, strict=True):
        if router in deviating:
            assert told_of[router] == f"local preference of its routes is {value}, expected 200"


def test_a_preference_of_some_routes_is_left_to_the_routes_where_both_paths_set_it() -> None:
    some = ("line vty 0 4\n", "route-map FROM-ER permit 20\n!\nline vty 0 4\n")
    assert path_preferences(200, 200, more=some) == {}
    assert set(path_preferences(20, 20, more=some)) == {"edge-a", "edge-b"}


def test_paths_without_a_declared_preference_are_compared_with_each_other() -> None:
    undeclared = replace(SITE, sessions=tuple(replace(each, local_preference=None) for each in SITE.sessions))
    other = changed(text("edge-b"), ("set local-preference 200", "set local-preference 20"))
    observed = ObservedConfigurations((("edge-a", config(text("edge-a"))), ("edge-b", config(other, "edge-b"))))
    (found_,) = [each for each in lint.policy(undeclared, observed) if each.rule == "lint.path-preference"]
    assert found_.message.endswith("is 20, expected 200 as on edge-a 10.60.0.2 (er primary)")


@pytest.mark.parametrize("router", ["edge-a", "edge-b"])
def test_the_policy_that_is_not_the_declared_one_is_named(router: str) -> None:
    of = changed(text(router), ("set local-preference 200", "set local-preference 20"))
    findings = [each for each in found(of, router=router) if each.rule == "lint.path-policy"]
    assert [each.object.split("/")[0] for each in findings] == [router]


@pytest.mark.parametrize("router", ["edge-a", "edge-b"])
def test_the_path_with_a_weight_is_named(router: str) -> None:
    activate = f"  neighbor {'10.60.0.2' if router == 'edge-a' else '10.60.0.6'} activate\n"
    findings = found(
        changed(text(router), (activate, activate + activate.replace("activate", "weight 10"))), router=router
    )
    assert [(each.rule, each.object.split("/")[0]) for each in findings] == [("lint.path-preference", router)]
    assert "weight of its routes is 10, expected 0 as on" in findings[0].message


def test_policies_of_other_names_and_the_same_content_are_the_same() -> None:
    renamed = text("edge-a").replace("FROM-ER", "ER-IN").replace("OUT", "TO-AZURE").replace("AZURE", "FROM-AZURE")
    assert found(renamed) == []


def test_every_cause_has_a_case() -> None:
    shown = {(f"lint.{rule}", cause) for rule, cause, _ in CASES}
    shown |= {(f"lint.{rule}", cause) for pairs, _ in DOUBLE for rule, cause in pairs}
    shown |= {("lint.refused-algorithms", "refused-now")}
    # Shown below by an intent of their own.
    shown |= {
        ("lint.redundancy", "one-tunnel"),
        ("lint.redundancy", "one-router"),
        ("lint.ike-identity", "private"),
        ("lint.ike-policy", "no-match"),
        ("lint.ike-key", "no-peer"),
        ("lint.ike-key", "no-key"),
        ("lint.fast-fallover", "off"),
        ("lint.ike-trustpoint", "other"),
        ("lint.ike-trustpoint", "none"),
        ("lint.outbound-filter", "microsoft-neighbor"),
        ("lint.outbound-filter", "other-neighbor"),
        ("lint.outbound-filter", "redistribution"),
        ("lint.outbound-filter", "nothing-else"),
    }
    assert {(name, cause) for name, rule in RULES.items() if name.startswith("lint.") for cause in rule.causes} == shown


def test_ikev1_policies_are_judged_by_their_defaults_too() -> None:
    policies = (
        "crypto isakmp policy 10\n encr aes 256\n hash sha256\n group 14\n"
        "crypto isakmp policy 20\n encr 3des\n hash sha256\n group 14\n"
        "crypto isakmp policy 30\n authentication pre-share\n"
    )
    findings = found(changed(text("edge-a"), (LINE, policies + LINE)))
    assert [(each.object, each.cause) for each in findings] == [
        ("edge-a/isakmp policy 20", "encryption"),
        ("edge-a/isakmp policy 30", "encryption"),
        ("edge-a/isakmp policy 30", "integrity"),
        ("edge-a/isakmp policy 30", "group"),
    ]
    assert {each.rule for each in findings} == {"lint.weak-ike"}


def test_a_secondary_address_anchors_a_network() -> None:
    more = " ip address 10.51.0.1 255.255.255.0 secondary\n ip ospf bfd\n"
    both = changed(
        text("edge-a"), (FAMILY, FAMILY + "  network 10.51.0.0 mask 255.255.255.0\n"), (" ip ospf bfd\n", more)
    )
    assert found(both) == []


B = "neighbor 10.60.0.6 "
OTHER = "  neighbor 10.50.0.77 remote-as 64999\n  neighbor 10.50.0.77 description core\n"


@pytest.mark.parametrize(
    ("more", "cause", "likely"),
    [
        ("", "nothing-else", "nothing leaks so far"),
        (
            "  redistribute static\n  redistribute ospf 9\n",
            "redistribution",
            "`redistribute static`, `redistribute osp",
        ),
        (OTHER + "  neighbor 10.50.0.77 activate\n", "other-neighbor", "learned from 10.50.0.77"),
    ],
)
def test_what_leaks_without_a_filter_follows_from_what_the_router_has(more: str, cause: str, likely: str) -> None:
    """`edge-b` has no VPN: nothing that was learned over one can be announced."""
    of = changed(text("edge-b"), (f"  {B}prefix-list OUT out\n", more))
    (finding,) = [each for each in found(of, router="edge-b") if each.rule == "lint.outbound-filter"]
    assert finding.cause == cause
    assert finding.likely is not None
    assert likely in finding.likely
    assert "VPN" not in finding.likely


@pytest.mark.parametrize(
    ("entries", "everything"),
    [
        ("seq 5 permit 0.0.0.0/0 le 32", True),
        ("seq 5 permit 0.0.0.0/0 ge 1", True),
        ("seq 5 permit 0.0.0.0/0", False),
        ("seq 5 permit 0.0.0.0/0 le 24", False),
        ("seq 3 deny 172.16.0.0/12 le 32\nip prefix-list OUT seq 5 permit 0.0.0.0/0 le 32", False),
    ],
)
def test_a_list_permits_everything_where_nothing_is_stopped_before(entries: str, everything: bool) -> None:
    of = changed(text("edge-b"), ("ip prefix-list OUT seq 5 permit 10.50.0.0/24", f"ip prefix-list OUT {entries}"))
    causes = [each.cause for each in found(of, router="edge-b") if each.rule == "lint.outbound-filter"]
    assert causes == (["any-prefix"] if everything else [])


WIDER = ("ip prefix-list AZURE seq 5", "ip prefix-list AZURE seq 3 permit 192.0.2.0/24\nip prefix-list AZURE seq 5")
LONGER = ("ip prefix-list OUT seq 5", "ip prefix-list OUT seq 3 permit 10.50.0.0/25\nip prefix-list OUT seq 5")
CLOSED = ("ip prefix-list OUT seq 5 permit 10.50", "ip prefix-list OUT seq 5 permit 10.51")


def path_policies(*changes: list[Change]) -> list[tuple[str, str, str]]:
    """Object, cause and guess of each finding about two paths, whose routers have these changes."""
    routers = [(name, changed(text(name), *each)) for name, each in zip(SITE.routers, changes, strict=True)]
    observed = ObservedConfigurations(tuple((name, config(of, name)) for name, of in routers))
    findings = [each for each in lint.policy(SITE, observed) if each.rule == "lint.path-policy"]
    for each in findings:
        assert "10.60.0.2" in each.message
        assert "10.60.0.6" in each.message
    return [(each.object, each.cause, each.likely or "") for each in findings]


@pytest.mark.parametrize(
    ("change", "cause", "guess"),
    [
        (WIDER, "inbound", "it lets through 192.0.2.0/24, which the intent does not declare"),
        (LONGER, "outbound", "it lets through 10.50.0.0/25, which the intent does not declare"),
        (CLOSED, "outbound", "it stops 10.50.0.0/24, which the intent declares"),
    ],
)
def test_a_difference_is_told_of_the_path_that_deviates(change: Change, cause: str, guess: str) -> None:
    (first,) = path_policies([change], [])
    (second,) = path_policies([], [change])
    assert [first[:2], second[:2]] == [("edge-a/vrf-ACME/10.60.0.2", cause), ("edge-b/vrf-ACME/10.60.0.6", cause)]
    assert guess in first[2]
    assert first[2] == second[2]


def test_a_path_that_is_prepended_deviates() -> None:
    longer = [
        (f"{ER}prefix-list OUT out", f"{ER}route-map LONGER out"),
        (
            AXIS,
            "route-map LONGER permit 10\n match ip address prefix-list OUT\n set as-path prepend 64600 64600\n" + AXIS,
        ),
    ]
    plain = [
        (f"{B}prefix-list OUT out", f"{B}route-map LONGER out"),
        (AXIS, "route-map LONGER permit 10\n match ip address prefix-list OUT\n" + AXIS),
    ]
    (finding,) = path_policies(longer, plain)
    assert finding[:2] == ("edge-a/vrf-ACME/10.60.0.2", "outbound")
    assert "prepend 64600 64600" in finding[2]


def test_a_difference_that_the_intent_says_nothing_about_is_one_of_the_site() -> None:
    sets = ("set local-preference 200\n", "set local-preference 200\n set origin igp\n")
    (finding,) = path_policies([sets], [])
    assert finding[:2] == ("acme/town", "inbound")
    assert "does not tell" in finding[2]


def test_two_deviations_are_a_finding_of_the_site() -> None:
    (finding,) = path_policies([LONGER], [CLOSED])
    assert finding[:2] == ("acme/town", "outbound")
    assert "10.50.0.0/25" in finding[2]
    assert "stops 10.50.0.0/24" in finding[2]


def test_an_undefined_route_map_gives_no_preference() -> None:
    assert path_preferences(200, 200, more=("route-map FROM-ER in", "route-map FROM-EX in")) == {}
    alone = changed(text("edge-a"), ("route-map FROM-ER in", "route-map FROM-EX in"))
    assert "lint.path-preference" not in {each.rule for each in found(alone)}


def test_a_declared_size_that_must_pass_the_tunnel_may_be_configured() -> None:
    of = changed(text("edge-a"), ("ip mtu 1400", "ip mtu 1420"))
    scope = ROUTERS["edge-a"]
    larger = replace(scope, tunnels=tuple(replace(each, mtu=1420) for each in scope.tunnels))
    observed = ObservedConfiguration(config(of), "17.09.04a")
    assert [each.rule for each in lint.sizes(larger, observed)] == []
    assert {each.cause for each in lint.sizes(scope, observed)} == {"too-large"}


def test_an_ipv6_neighbor_s_list_is_an_ipv6_list() -> None:
    bound = (FAMILY, FAMILY + "  neighbor 2001:db8::1 prefix-list SIX out\n")
    defined = (LINE, "ipv6 prefix-list SIX seq 5 permit 2001:DB8::/32\n" + LINE)
    six = [each for each in found(changed(text("edge-a"), bound, defined)) if "SIX" in each.message]
    assert six == []
    (missing,) = [each for each in found(changed(text("edge-a"), bound)) if "SIX" in each.message]
    assert "ipv6 prefix-list SIX" in missing.message


def test_a_loopback_is_no_second_way_to_the_site() -> None:
    loopback = "interface Loopback77\n vrf forwarding ACME\n ip address 10.99.0.1 255.255.255.255\n"
    with_it = changed(text("edge-a"), (LINE, loopback + LINE))
    assert found(with_it) == []
    hangs_on_one = changed(with_it, (" description LAN\n", " description LAN\n shutdown\n"))
    assert ("lint.redundancy", "one-uplink") in told(found(hangs_on_one))


def test_a_profile_is_named_as_a_waiver_names_it() -> None:
    (silent,) = found(changed(text("edge-a"), (" dpd 10 2 on-demand\n", "")))
    assert silent.object.startswith("edge-a/ikev2 profile ")
