"""What each scenario must change, as an engineer would say it. Every item that is not named here keeps its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ER = "ce1-loc1/vrf-30/192.168.30.18"
VPN = "ce1-loc1/vrf-30/10.10.30.254"
TUNNEL = "ce1-loc1/vrf-30/Tunnel30"
ER_INTERFACE = "ce1-loc1/TenGigabitEthernet0/0/0.300"
TUNNEL_INTERFACE = "ce1-loc1/Tunnel30"
REMOTE = "ce1-loc1/vrf-30/remote/10.17.30.4"  # over ExpressRoute alone
BRANCH = "ce1-loc1/vrf-30/branch/10.11.30.68"  # over the VPN alone
SITE = "customer-30/loc1"
ROUTER = "ce1-loc1"


@dataclass(frozen=True)
class Change:
    """Items that end otherwise than in the healthy network. `findings`: `rule:cause`; of an error, its cause."""

    outcome: str
    checks: Callable[[str], bool]
    objects: Callable[[str], bool]
    findings: frozenset[str]

    def is_about(self, name: str) -> bool:
        """Whether an item `check[object]` is meant."""
        check, _, rest = name.partition("[")
        return self.checks(check) and self.objects(rest.removesuffix("]"))


@dataclass(frozen=True)
class Scenario:
    """`says`: words that must stand in the report of a changed item. `faults`: as many the diagnosis may name."""

    changes: tuple[Change, ...]
    says: tuple[str, ...] = ()
    faults: int = 1


def failed(checks: str, target: str, *findings: str) -> Change:
    """These checks (by their names without `test_`, in one string) of one object fail with these findings."""
    return Change("failed", _one_of(checks), target.__eq__, frozenset(findings))


def unanswered(target: str, cause: str = "no-route") -> Change:
    """No probe to this target is answered; unless said otherwise, as the router has no route to it."""
    return failed("target_is_reached", target, f"reach.answer:{cause}")


def error(checks: str, target: str, cause: str) -> Change:
    """These checks of one object cannot be determined."""
    return Change("error", _one_of(checks), target.__eq__, frozenset({cause}))


def lost(router: str, site: str, cause: str, but: str = "") -> Change:
    """Nothing of a router can be determined, nor of the site that it belongs to; `but` are checks that still can."""
    kept = _one_of(but)
    return Change(
        "error",
        lambda check: not kept(check),
        lambda target: target in (router, site) or target.startswith(f"{router}/"),
        frozenset({cause}),
    )


def passed_as(outcome: str, checks: str, target: str) -> Change:
    """These checks of one object end with another outcome that is no failure."""
    return Change(outcome, _one_of(checks), target.__eq__, frozenset())


def _one_of(checks: str) -> Callable[[str], bool]:
    names = {f"test_{check}" for check in checks.split()}
    return names.__contains__


# A session that is not Established: its own checks, and those of the routes that it would carry.
SESSION = """
    session_is_established session_runs_from_its_address timers_are_negotiated_as_declared session_is_stable
    learned_paths_carry_their_local_preference policy_is_in_effect exactly_the_declared_prefixes_are_announced
    expected_prefixes_are_received session_does_not_flap prefix_limits_leave_head_room neighbor_does_not_prepend
    received_paths_lead_to_their_neighbor
    announced_paths_are_prepended_as_declared
"""
# A session between a site's edge routers, of whose routes the intent says nothing.
INTERNAL = """
    session_is_established session_runs_from_its_address timers_are_negotiated_as_declared session_is_stable
    session_does_not_flap prefix_limits_leave_head_room
"""
# The tunnel's checks that rest on its security associations.
IKE = """
    ike_is_ready ike_uses_declared_algorithms nat_is_where_it_is_declared ike_sa_is_renewed_in_time
    ends_prove_themselves_as_declared tunnel_does_not_flap
"""
NEIGHBOR = """
    neighbor_exists neighbor_has_its_as neighbor_sees_our_as received_routes_are_kept declared_policy_is_bound
    bound_policy_is_defined
"""
POLICY = """
    learned_paths_carry_their_local_preference declared_policy_is_bound bound_policy_is_defined policy_is_in_effect
    announced_paths_are_prepended_as_declared
"""
IPSEC = "ipsec_protects_both_directions ipsec_uses_declared_transforms ipsec_sas_are_renewed_in_time"
COUNTERS = " traffic_flows_in_both_directions errors_do_not_grow"
# What is asked before the answer that is cut: the list of interfaces.
BEFORE_THE_CUT = """
    is_the_router_that_the_intent_means clock_is_right release_is_approved router_has_been_up_for_long
"""
INTERFACE = """
    exists is_up is_in_its_vrf vrf_has_its_route_distinguisher carries_its_vlan_tags has_its_address
"""


def expressroute_down(cause: str) -> tuple[Change, ...]:
    """The ExpressRoute session is down: traffic takes the backup, and what has none is unreachable."""
    return (
        failed(SESSION, ER, f"bgp.state:{cause}"),
        failed("preferred_path_is_best", SITE, PREFERRED_GONE, NO_PATH),
        unanswered(REMOTE),
    )


def vpn_session_down(cause: str) -> tuple[Change, ...]:
    """The session through the tunnel is down: no backup, and the branch is unreachable."""
    return (
        failed(SESSION, VPN, f"bgp.state:{cause}"),
        failed("vpn_session_runs_in_its_tunnel", TUNNEL, f"bgp.state:{cause}"),
        failed("preferred_path_is_best", SITE, NO_PATH),
        failed("backup_path_is_there", SITE, "site.backup:session-down"),
        unanswered(BRANCH),
    )


def tunnel_down(
    interface: str, tunnel: str, ike: str, ipsec: str = "no-sa", *, underlay: str = "tunnel-down"
) -> tuple[Change, ...]:
    """The tunnel is down, by the causes of the findings about its interface, itself and its SAs."""
    return (
        failed("is_up", TUNNEL_INTERFACE, f"interface.state:{interface}"),
        failed("tunnel_is_up", TUNNEL, f"tunnel.state:{tunnel}"),
        failed(IKE, TUNNEL, f"ike.sa:{ike}"),
        failed(IPSEC + COUNTERS, TUNNEL, f"ipsec.sa:{ipsec}"),
        failed("vpn_neighbor_is_reached_through_its_tunnel", TUNNEL, f"vpn.underlay:{underlay}"),
    )


LAN = "ce1-loc1/TenGigabitEthernet1/0/0.30"
HUB = "ce1-loc1/vrf-30/hub/10.10.30.4"
NO_PATH = "site.preference:no-path"
PREFERRED_GONE = "site.preference:preferred-missing"

LESS_PREFERRED = "site.preference:less-preferred"
# A LAN that is told no network of Azure has no way out to it.
NO_EXIT = failed("site_leaves_through_the_declared_routers", SITE, "lan.exit:nothing-told")
LINT_PREFERENCE = failed("paths_of_a_circuit_are_treated_alike", SITE)
CONFIGURATION = """
    names_in_use_are_defined objects_are_used what_azure_is_sent_and_sends_is_filtered
    sessions_are_limited_and_protected lost_paths_are_detected_at_once sessions_have_no_setting_too_many
    bgp_rests_on_nothing_that_moves no_weak_algorithm_is_offered release_accepts_the_algorithms
    dead_ike_peers_are_noticed security_associations_fit_the_link keys_are_secret large_packets_fit_the_tunnel
    tunnel_is_the_only_way_to_its_gateway ike_matches_the_front_vrf ike_knows_both_ends_by_their_declared_names
    next_ike_negotiation_has_its_policy_and_key preference_of_the_vpn_is_set_by_a_policy
    interfaces_neither_drop_nor_divert
    default_route_has_something_behind_it lan_can_tell_the_paths_apart ospf_is_protected router_keeps_evidence
    router_is_reached_encrypted router_changes_nothing_by_itself vrfs_are_written_as_today
    paths_of_a_circuit_are_treated_alike edge_routers_have_different_metrics site_has_two_paths_and_two_tunnels
"""

SCENARIOS: dict[str, Scenario] = {
    # Routing policy --------------------------------------------------------------------------------------------------
    "route-map-removed": Scenario(
        (
            failed("learned_paths_carry_their_local_preference", ER, "policy.local-preference:route-map-missing"),
            failed("declared_policy_is_bound", ER, "policy.bound:no-inbound-policy"),
            failed("preferred_path_is_best", SITE, "site.preference:equal-preference", LESS_PREFERRED),
            LINT_PREFERENCE,
        ),
        ("local preference of 10.10.30.0/24", "expected 200"),
    ),
    "route-map-removed-not-refreshed": Scenario(
        (
            failed("declared_policy_is_bound", ER, "policy.bound:no-inbound-policy"),
            failed("policy_is_in_effect", ER, "policy.effect:wrong-when-refreshed"),
            LINT_PREFERENCE,
        ),
        ("do not refresh; correct the policy first",),
    ),
    "preference-20": Scenario(
        (
            failed("learned_paths_carry_their_local_preference", ER, "policy.local-preference:wrong-value"),
            failed("preferred_path_is_best", SITE, "site.preference:local-preference", LESS_PREFERRED),
            LINT_PREFERENCE,
        ),
        ("is 20, expected 200",),
    ),
    "match-without-trailing-permit": Scenario(
        (
            failed("expected_prefixes_are_received", ER, "routes.received:filtered-inbound"),
            failed("preferred_path_is_best", SITE, PREFERRED_GONE, NO_PATH),
            unanswered(REMOTE),
        ),
        ("10.11.30.0/26",),
    ),
    "route-map-undefined": Scenario(
        (
            failed("learned_paths_carry_their_local_preference", ER, "policy.local-preference:route-map-undefined"),
            failed("bound_policy_is_defined", ER, "policy.defined:route-map-undefined"),
            failed("policy_is_in_effect", ER, "policy.effect:nothing-accepted"),
            failed("expected_prefixes_are_received", ER, "routes.received:route-map-undefined"),
            failed("preferred_path_is_best", SITE, PREFERRED_GONE, NO_PATH),
            unanswered(REMOTE),
            failed("names_in_use_are_defined", ROUTER, "lint.undefined:route-map"),
        ),
        ("route-map prefer-ER-over-VPN is undefined",),
    ),
    "default-local-preference-250": Scenario(
        (
            failed("learned_paths_carry_their_local_preference", VPN, "policy.local-preference:default-changed"),
            failed("declared_policy_is_bound", VPN, "policy.bound:no-inbound-policy"),
            failed("preferred_path_is_best", SITE, "site.preference:local-preference", LESS_PREFERRED),
        ),
        ("250 (the router's default)", "bgp default local-preference"),
    ),
    "neighbor-weight": Scenario(
        (
            failed("preferred_path_is_best", SITE, "site.preference:weight", LESS_PREFERRED),
            failed("no_weight_overrules_it", SITE, "site.weight:weight"),
        ),
        ("is 500, expected at most 0",),
    ),
    "static-overrules": Scenario(
        (failed("no_static_route_overrules_it best_path_is_in_the_routing_table", SITE, "site.static:static"),),
        ("Tunnel30, expected BGP",),
    ),
    "own-prefix-to-null": Scenario(
        (failed("own_prefixes_lead_to_the_lan", SITE, "site.own-prefixes:null-route"),),
        ("route of 10.2.30.0/25 is S Null0, expected towards the LAN (TenGigabitEthernet1/0/0.30)",),
    ),
    "policy-of-another-address": Scenario(
        (
            failed("ike_of_both_ends_agrees", TUNNEL, "sides.ike:no-policy"),
            failed("next_ike_negotiation_has_its_policy_and_key", ROUTER, "lint.ike-policy:no-match"),
        ),
        ("no IKEv2 policy of this router matches local 66.198.12.106 (Cust30-azure-policy is for 203.0.113.2",),
    ),
    "keyring-of-another-gateway": Scenario(
        (failed("next_ike_negotiation_has_its_policy_and_key", ROUTER, "lint.ike-key:no-peer"),),
        ("azure (52.168.162.85), expected one for 52.168.162.84",),
    ),
    "network-filtered": Scenario(
        (failed("access_lists_let_the_site_and_azure_talk", ER_INTERFACE, "interface.access-list:denied"),),
        ("access list ER-OUT (out) passes no TCP or UDP packet of the site's 10.2.30.0/25 to", "`10 deny ip 10.2.30.0"),
    ),
    "network-kept-from-site": Scenario(
        (failed("site_is_told_what_is_configured", LAN, "lan.external-routes:filtered"),),
        ("10.17.30.0/25 (route-map BGP2OSPF sequence 10 does not match: prefix-list Azure_to_LAN has no sequence",),
    ),
    "backup-tunnel-just-lost": Scenario(
        (
            *tunnel_down("protocol-down", "no-ike", "authentication"),
            failed("vpn_session_runs_in_its_tunnel", TUNNEL, "vpn.session-in-tunnel:tunnel-down"),
            failed("backup_path_is_there", SITE, "site.backup:tunnel-down"),
            unanswered(BRANCH, "no-answer"),
        ),
        ("over vpn is over a tunnel that is down (ce1-loc1 10.10.30.254), expected present and valid",),
    ),
    "more-specific-over-vpn": Scenario(
        (
            failed("expected_prefixes_are_received", VPN, "routes.received:more-specific"),
            failed("no_more_specific_route_defeats_the_preference", SITE, "site.more-specific:less-preferred"),
        ),
        ("10.10.30.0/25",),
    ),
    "prefix-withdrawn-one-side": Scenario(
        (
            failed("expected_prefixes_are_received", ER, "routes.received:not-sent"),
            failed("preferred_path_is_best", SITE, "site.preference:preferred-missing"),
        ),
        ("10.11.30.0/26",),
    ),
    "expressroute-leaks-to-vpn": Scenario(
        (
            failed("exactly_the_declared_prefixes_are_announced", VPN, "routes.announced:leaked-from-expressroute"),
            failed("what_azure_is_sent_and_sends_is_filtered", ROUTER),
        ),
        ("learned from 192.168.30.18",),
    ),
    "prefix-list-too-wide": Scenario(
        (failed("exactly_the_declared_prefixes_are_announced", ER, "routes.announced:leaked-from-vpn"),),
        ("10.11.30.64/26", "learned from 10.10.30.254"),
    ),
    # Sessions --------------------------------------------------------------------------------------------------------
    "neighbor-shut": Scenario(expressroute_down("shutdown"), ("Idle (Admin)",)),
    "neighbor-shut-during-run": Scenario(expressroute_down("shutdown"), ("Idle (Admin)",)),
    "internal-session-shut-at-far-end": Scenario(
        (
            failed(INTERNAL, "ce1-loc2/vrf-31/192.168.31.3", "bgp.state:far-end-shut"),
            failed(INTERNAL, "ce2-loc2/vrf-31/192.168.31.2", "bgp.state:shutdown"),
        ),
        says=("ce2-loc2 has shut the session with ce1-loc2 (192.168.31.2): Idle (Admin) there",),
    ),
    "internal-interface-shut": Scenario(
        (failed("is_up", "ce1-loc1/TenGigabitEthernet1/0/1.30", "interface.state:shut"),),
        ("state is administratively down",),
    ),
    "wrong-remote-as": Scenario(
        (
            *expressroute_down("wrong-as"),
            failed("neighbor_has_its_as", ER, "bgp.remote-as:wrong-as"),
        ),
        ("remote AS is 12067, expected 12076",),
    ),
    "neighbor-in-wrong-vrf": Scenario(
        (
            failed(SESSION + NEIGHBOR, ER, "bgp.neighbor:other-vrf"),
            failed("preferred_path_is_best", SITE, PREFERRED_GONE, NO_PATH),
            unanswered(REMOTE),
            # A neighbor that is not there needs no BFD, and has no policy to compare.
            passed_as("passed", "lost_paths_are_detected_at_once", ROUTER),
        ),
        ("neighbor is in vrf 31, expected in vrf 30",),
    ),
    "session-just-reset": Scenario((failed("session_is_stable", ER, "bgp.age:young"),), ("expected at least 0:05:00",)),
    "expressroute-link-silent": Scenario(
        (*expressroute_down("hold-time-expired"), failed("msee_answers_on_its_link", ER, "msee.arp:incomplete")),
        ("hold time expired",),
    ),
    "interface-in-wrong-vrf": Scenario(
        (
            *expressroute_down("interface-down"),
            failed("msee_answers_on_its_link", ER, "msee.arp:missing"),
            failed("is_in_its_vrf vrf_has_its_route_distinguisher", ER_INTERFACE, "interface.vrf:no-vrf"),
        ),
        ("interface is in global table, expected in vrf 30",),
    ),
    "wrong-inner-tag": Scenario(
        (
            *expressroute_down("hold-time-expired"),
            failed("msee_answers_on_its_link", ER, "msee.arp:incomplete"),
            failed("carries_its_vlan_tags", ER_INTERFACE, "interface.tags:inner-tag"),
        ),
        ("301",),
    ),
    # The VPN ---------------------------------------------------------------------------------------------------------
    "host-route-missing": Scenario(
        (
            failed("vpn_neighbor_is_reached_through_its_tunnel", TUNNEL, "vpn.underlay:host-route-missing"),
            failed(
                "vpn_session_runs_in_its_tunnel tunnel_does_not_flap", TUNNEL, "vpn.session-in-tunnel:outside-tunnel"
            ),
            failed("traffic_flows_in_both_directions", TUNNEL, "ipsec.traffic:inbound-only"),
            failed("backup_path_is_there", SITE, "site.backup:outside-tunnel"),
        ),
        ("no host route binds the neighbor to its tunnel",),
    ),
    "tunnel-down": Scenario(
        (*tunnel_down("shut", "shut", "tunnel-shut", "no-identity"), *vpn_session_down("hold-time-expired")),
        ("administratively down", "this router drops it: no route to the target in vrf 30"),
    ),
    "tunnel-down-session-over-expressroute": Scenario(
        (
            *tunnel_down("shut", "shut", "tunnel-shut", "no-identity"),
            failed("vpn_session_runs_in_its_tunnel", TUNNEL, "vpn.session-in-tunnel:tunnel-down"),
            failed("backup_path_is_there", SITE, "site.backup:tunnel-down"),
            unanswered(BRANCH, "no-answer"),
        ),
        ("it runs over another path",),
    ),
    "session-stays-over-expressroute": Scenario(
        (
            *tunnel_down("shut", "shut", "tunnel-shut", "no-identity", underlay="host-route-missing"),
            failed("has_its_address", TUNNEL_INTERFACE, "interface.address:no-address"),
            failed("vpn_session_runs_in_its_tunnel", TUNNEL, "vpn.session-in-tunnel:tunnel-down"),
            failed("backup_path_is_there", SITE, "site.backup:tunnel-down"),
            unanswered(BRANCH, "no-answer"),
        ),
        ("it runs over another path",),
        faults=3,  # the tunnel is shut, runs unnumbered, and the host route is gone
    ),
    "tunnel-removed": Scenario(
        (
            failed(
                f"{INTERFACE} access_lists_let_the_site_and_azure_talk", TUNNEL_INTERFACE, "interface.exists:missing"
            ),
            failed("tunnel_is_up tunnel_runs_between_its_ends tunnel_is_protected", TUNNEL, "tunnel.state:missing"),
            failed(IKE, TUNNEL, "ike.sa:no-sa"),
            failed(IPSEC + COUNTERS, TUNNEL, "ipsec.sa:no-identity"),
            failed("vpn_neighbor_is_reached_through_its_tunnel", TUNNEL, "vpn.underlay:outside-tunnel"),
            *vpn_session_down("hold-time-expired"),
        ),
        ("interface is missing, expected on the router",),
    ),
    "route-to-gateway-removed": Scenario(
        (
            *tunnel_down("protocol-down", "no-ike", "no-route-to-peer", "no-identity"),
            *vpn_session_down("hold-time-expired"),
        ),
        says=(
            "no route leads to 52.168.162.84 in the global table: packets to it are dropped",
            "Tunnel30 towards the neighbor is down",
        ),
    ),
    "route-to-gateway-null": Scenario(
        (
            *tunnel_down("protocol-down", "no-ike", "null-route-to-peer"),
            *vpn_session_down("hold-time-expired"),
        ),
        ("`ip route 52.168.162.84 255.255.255.255 Null0` drops what is sent to 52.168.162.84 in the global table",),
    ),
    "wrong-pre-shared-key": Scenario(
        (*tunnel_down("protocol-down", "no-ike", "authentication"), *vpn_session_down("hold-time-expired")),
        ("pre-shared key",),
    ),
    "proposal-mismatch": Scenario(
        (*tunnel_down("protocol-down", "no-ike", "proposal"), *vpn_session_down("hold-time-expired")),
        ("no proposal of this router (Cust30-azure-proposal) offers the declared algorithms",),
    ),
    "one-way-traffic": Scenario(
        (
            failed("traffic_flows_in_both_directions", TUNNEL, "ipsec.traffic:outbound-only"),
            unanswered(BRANCH, "no-answer"),
        ),
        ("0 of 5 probes answered",),
    ),
    # Access ----------------------------------------------------------------------------------------------------------
    "router-unreachable": Scenario((lost(ROUTER, SITE, "unreachable"),), ("unreachable",)),
    "login-refused": Scenario(
        (
            lost(ROUTER, SITE, "login-refused"),
            lost("ce2-loc1", "", "login-not-tried"),
            lost("ce1-loc2", "customer-31/loc2", "login-not-tried"),
            lost("ce2-loc2", "", "login-not-tried"),
        ),
    ),
    "command-denied": Scenario((error(IKE, TUNNEL, "not-authorised"),), ("show crypto ikev2 sa",)),
    "privilege-hides-configuration": Scenario(
        (
            error("neighbor_sees_our_as " + POLICY, ER, "rejected"),
            error("neighbor_sees_our_as " + POLICY, VPN, "rejected"),
            error("tunnel_runs_between_its_ends tunnel_does_not_flap", TUNNEL, "rejected"),
            error("no_static_route_overrules_it " + CONFIGURATION, SITE, "rejected"),
            error(CONFIGURATION, ROUTER, "rejected"),
            error("earlier_configurations_are_kept", ROUTER, "rejected"),
            error("site_is_told_the_routes_to_azure site_is_given_its_default_route", LAN, "rejected"),
            error("site_is_told_what_is_configured", LAN, "rejected"),
            error("site_leaves_through_the_declared_routers site_tells_its_routers_apart", SITE, "rejected"),
            *(
                error("access_lists_let_the_site_and_azure_talk", each, "rejected")
                for each in (LAN, ER_INTERFACE, TUNNEL_INTERFACE, f"{ROUTER}/TenGigabitEthernet1/0/1.30")
            ),
        ),
        ("show running-config",),
    ),
    "output-cut-off": Scenario(
        (lost(ROUTER, SITE, "cut-off", but=BEFORE_THE_CUT),),
        ("before the answer was complete", "not asked: the session ended at"),
    ),
    # What hurts later ------------------------------------------------------------------------------------------------
    "far-end-prepends": Scenario(
        (failed("neighbor_does_not_prepend", ER, "routes.as-path:maintenance"),),
        ("repeats 12076 8 times, expected not at all", "start no drill"),
    ),
    "announced-path-prepended": Scenario(
        (failed("announced_paths_are_prepended_as_declared", ER, "routes.announced-as-path:prepended"),),
        ("is prepended 3 times, expected not at all", "return traffic takes another one"),
    ),
    "lan-ospf-passive": Scenario(
        (failed("site_is_an_ospf_neighbor site_tells_its_routes", LAN, "lan.ospf:passive"),),
        ("OSPF neighbor is missing, expected FULL", "no hello is sent here"),
    ),
    "lan-one-router-id": Scenario(
        (failed("site_tells_its_routers_apart", SITE, "lan.router-id:duplicate"),),
        ("OSPF router ID 10.2.30.253 is that of ce1-loc1, ce2-loc1, expected one for each",),
    ),
    "ntp-other-server": Scenario(
        (
            failed("clock_is_right", ROUTER, "device.clock:not-synchronised"),
            failed("clock_follows_its_time_source", ROUTER, "device.ntp:unsynchronised", "device.ntp:missing-server"),
        ),
        ("time source 10.255.0.1 is missing (there: 10.255.0.99), expected configured",),
    ),
    "archive-off": Scenario(
        (failed("earlier_configurations_are_kept", ROUTER, "device.archive:disabled"),),
        ("archive of configurations is off, expected on",),
    ),
    "redistribution-map-removed": Scenario(
        (
            failed("site_is_told_the_routes_to_azure", LAN, "lan.redistribution:route-map-undefined"),
            failed("site_is_told_what_is_configured", LAN, "lan.external-routes:undefined-nothing"),
            NO_EXIT,
            failed("names_in_use_are_defined", ROUTER, "lint.undefined:route-map"),
        ),
        ("through route-map BGP2OSPF, which is undefined",),
    ),
    "default-route-to-site": Scenario(
        (
            failed("site_is_given_its_default_route", LAN, "lan.default-route:unexpected"),
            failed("site_is_told_what_is_configured", LAN, "lan.external-routes:default-told"),
            failed("default_route_has_something_behind_it", ROUTER, "lint.default-origination:ospf-always"),
        ),
        ("default route of ospf 30 is always originated, expected not originated",),
    ),
    "redistribution-without-subnets": Scenario(
        (
            failed("site_is_told_the_routes_to_azure", LAN, "lan.redistribution:no-subnets"),
            failed("site_is_told_what_is_configured", LAN, "lan.external-routes:missing"),
            NO_EXIT,
        ),
        ("ospf 30 does not tell the site 10.10.30.0/24",),
    ),
    "expressroute-slow": Scenario(
        (failed("target_answers_as_fast_as_its_path", HUB, "reach.rtt:other-path"),),
        ("expected 1 to 10 ms",),
    ),
    "prefix-limit-near": Scenario(
        (failed("prefix_limits_leave_head_room", ER, "bgp.head-room:own-limit"),),
        ("accepted from the neighbor: 3, expected at most 2 of 3",),
    ),
    # What must change nothing ----------------------------------------------------------------------------------------
    "slow-router": Scenario(()),
    "large-packets-vanish": Scenario(()),  # but for the costly checks
}
