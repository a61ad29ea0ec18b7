"""What the configuration says that will hurt later. Findings below `lint.fail_at` are told and fail nothing."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import lint

pytestmark = pytest.mark.lint


def test_names_in_use_are_defined(configuration, judge):
    judge(lint.undefined(configuration.expected, configuration.observed))


def test_objects_are_used(configuration, judge):
    judge(lint.unused(configuration.expected, configuration.observed))


def test_what_azure_is_sent_and_sends_is_filtered(configuration, judge):
    judge(lint.filters(configuration.expected, configuration.observed))


def test_sessions_are_limited_and_protected(configuration, judge):
    judge(lint.limits(configuration.expected, configuration.observed))


def test_lost_paths_are_detected_at_once(configuration, judge):
    judge(lint.detection(configuration.expected, configuration.observed))


def test_sessions_have_no_setting_too_many(configuration, judge):
    judge(lint.settings(configuration.expected, configuration.observed))


def test_bgp_rests_on_nothing_that_moves(configuration, judge):
    judge(lint.process(configuration.expected, configuration.observed))


def test_no_weak_algorithm_is_offered(configuration, judge):
    judge(lint.algorithms(configuration.expected, configuration.observed))


def test_release_accepts_the_algorithms(configuration, judge):
    judge(lint.refused(configuration.expected, configuration.observed))


def test_dead_ike_peers_are_noticed(configuration, judge):
    judge(lint.profiles(configuration.expected, configuration.observed))


def test_security_associations_fit_the_link(configuration, judge):
    judge(lint.associations(configuration.expected, configuration.observed))


def test_keys_are_secret(configuration, judge):
    judge(lint.keys(configuration.expected, configuration.observed))


def test_large_packets_fit_the_tunnel(configuration, judge):
    judge(lint.sizes(configuration.expected, configuration.observed))


def test_tunnel_is_the_only_way_to_its_gateway(configuration, judge):
    judge(lint.addressing(configuration.expected, configuration.observed))


def test_ike_matches_the_front_vrf(configuration, judge):
    judge(lint.front_vrf(configuration.expected, configuration.observed))


def test_ike_knows_both_ends_by_their_declared_names(configuration, judge):
    judge(lint.identity(configuration.expected, configuration.observed))


def test_next_ike_negotiation_has_its_policy_and_key(configuration, judge):
    judge(lint.negotiation(configuration.expected, configuration.observed))


def test_preference_of_the_vpn_is_set_by_a_policy(configuration, judge):
    judge(lint.default_preference(configuration.expected, configuration.observed))


def test_interfaces_neither_drop_nor_divert(configuration, judge):
    judge(lint.interfaces(configuration.expected, configuration.observed))


def test_default_route_has_something_behind_it(configuration, judge):
    judge(lint.origination(configuration.expected, configuration.observed))


def test_lan_can_tell_the_paths_apart(configuration, judge):
    judge(lint.redistribution(configuration.expected, configuration.observed))


def test_ospf_is_protected(configuration, judge):
    judge(lint.hardening(configuration.expected, configuration.observed))


def test_router_keeps_evidence(configuration, judge):
    judge(lint.evidence_kept(configuration.expected, configuration.observed))


def test_router_is_reached_encrypted(configuration, judge):
    judge(lint.access(configuration.expected, configuration.observed))


def test_router_changes_nothing_by_itself(configuration, judge):
    judge(lint.automation(configuration.expected, configuration.observed))


def test_vrfs_are_written_as_today(configuration, judge):
    judge(lint.syntax(configuration.expected, configuration.observed))


def test_paths_of_a_circuit_are_treated_alike(configurations, judge):
    judge(lint.policy(configurations.expected, configurations.observed))


def test_edge_routers_have_different_metrics(configurations, judge):
    judge(lint.metrics(configurations.expected, configurations.observed))


def test_site_has_two_paths_and_two_tunnels(configurations, judge):
    judge(lint.redundancy(configurations.expected, configurations.observed))
