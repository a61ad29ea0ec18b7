"""Both sides of the connection to Azure agree: what is announced is learned, and both prefer the same path."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import sides

pytestmark = pytest.mark.sides


def test_router_and_circuit_mean_the_same_link(binding_of_path, judge):
    judge(sides.bound(binding_of_path.expected, binding_of_path.observed))


def test_what_the_router_announces_arrives_in_azure(announced_passage, judge):
    judge(sides.announced(announced_passage.expected, announced_passage.observed))


def test_what_azure_announces_arrives_at_the_router(learned_passage, judge):
    judge(sides.learned(learned_passage.expected, learned_passage.observed))


def test_session_is_as_old_at_both_ends(session_ends, judge):
    judge(sides.session_age(session_ends.expected, session_ends.observed))


def test_both_sides_prefer_the_same_path(both_sides, judge):
    judge(sides.path(both_sides.expected, both_sides.observed))


def test_every_network_is_reached_both_ways(both_sides, judge):
    judge(sides.reached(both_sides.expected, both_sides.observed))


def test_what_must_be_apart_is_apart(separation, judge):
    judge(sides.apart(separation.expected, separation.observed))


def test_backup_is_complete_on_both_sides(standby, judge):
    judge(sides.complete(standby.expected, standby.observed))


def test_loss_of_one_path_leaves_the_other(standby, judge):
    judge(sides.remaining(standby.expected, standby.observed))


def test_tunnel_ends_at_its_gateway(tunnel_ends, judge):
    judge(sides.tunnel_peer(tunnel_ends.expected, tunnel_ends.observed))


def test_one_end_begins_the_tunnel(tunnel_ends, judge):
    judge(sides.initiation(tunnel_ends.expected, tunnel_ends.observed))


def test_ike_of_both_ends_agrees(tunnel_ends, judge):
    judge(sides.ike(tunnel_ends.expected, tunnel_ends.observed))


def test_ipsec_of_both_ends_agrees(tunnel_ends, judge):
    judge(sides.ipsec(tunnel_ends.expected, tunnel_ends.observed))


def test_next_rekey_succeeds(tunnel_ends, judge):
    judge(sides.rekey(tunnel_ends.expected, tunnel_ends.observed))


def test_keys_last_under_load(tunnel_ends, judge):
    judge(sides.key_volume(tunnel_ends.expected, tunnel_ends.observed))


def test_vpn_over_expressroute_takes_the_circuit(tunnel_ends, judge):
    judge(sides.outer_path(tunnel_ends.expected, tunnel_ends.observed))


def test_nothing_goes_in_clear_beside_the_vpn(both_sides, judge):
    judge(sides.clear_text(both_sides.expected, both_sides.observed))
