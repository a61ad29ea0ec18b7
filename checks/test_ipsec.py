"""Tunnels to Azure are up, secured as declared, and carry traffic in both directions, over the right path."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import ike, ipsec, underlay
from pytest_azinterop.verify import tunnel as judged

pytestmark = pytest.mark.ipsec


def test_tunnel_is_up(tunnel, judge):
    judge(judged.state(tunnel.expected, tunnel.observed))


def test_tunnel_runs_between_its_ends(tunnel, judge):
    found = judged.source(tunnel.expected, tunnel.observed)
    judge(found + judged.destination(tunnel.expected, tunnel.observed))


def test_tunnel_is_protected(tunnel, judge):
    found = judged.protection(tunnel.expected, tunnel.observed)
    judge(found + judged.mode(tunnel.expected, tunnel.observed))


def test_ike_is_ready(tunnel, judge):
    judge(ike.sa(tunnel.expected, tunnel.observed))


def test_ike_uses_declared_algorithms(tunnel, judge):
    judge(ike.algorithms(tunnel.expected, tunnel.observed))


def test_nat_is_where_it_is_declared(tunnel, judge):
    judge(ike.nat(tunnel.expected, tunnel.observed))


def test_ipsec_protects_both_directions(tunnel, judge):
    judge(ipsec.sa(tunnel.expected, tunnel.observed))


def test_ipsec_uses_declared_transforms(tunnel, judge):
    found = ipsec.transform(tunnel.expected, tunnel.observed)
    judge(found + ipsec.pfs(tunnel.expected, tunnel.observed))


def test_traffic_flows_in_both_directions(tunnel, judge):
    judge(ipsec.traffic(tunnel.expected, tunnel.observed))


def test_errors_do_not_grow(tunnel, judge):
    judge(ipsec.errors(tunnel.expected, tunnel.observed))


def test_vpn_neighbor_is_reached_through_its_tunnel(vpn_underlay, judge):
    judge(underlay.forwarding(vpn_underlay.expected, vpn_underlay.observed))


def test_vpn_session_runs_in_its_tunnel(vpn_underlay, judge):
    judge(underlay.session_in_tunnel(vpn_underlay.expected, vpn_underlay.observed))
