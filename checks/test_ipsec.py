"""Tunnels to Azure are up, secured as declared, and carry traffic in both directions, over the right path."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import certificates, ike, ipsec, lifetime, path_mtu, tunnel_flaps, underlay
from pytest_azinterop.verify import crypto_session as sessions
from pytest_azinterop.verify import tunnel as judged

pytestmark = pytest.mark.ipsec


def test_tunnel_is_up(tunnel, judge):
    judge(judged.state(tunnel.expected, tunnel.observed))


def test_tunnel_runs_between_its_ends(tunnel_transport, judge):
    found = judged.source(tunnel_transport.expected, tunnel_transport.observed)
    judge(found + judged.destination(tunnel_transport.expected, tunnel_transport.observed))


def test_tunnel_is_protected(tunnel, judge):
    found = judged.protection(tunnel.expected, tunnel.observed)
    judge(found + judged.mode(tunnel.expected, tunnel.observed))


def test_ike_is_ready(ike_sa, judge):
    judge(ike.sa(ike_sa.expected, ike_sa.observed))


def test_ike_uses_declared_algorithms(ike_sa, judge):
    judge(ike.algorithms(ike_sa.expected, ike_sa.observed))


def test_ends_prove_themselves_as_declared(authenticated_tunnel, judge):
    judge(certificates.method(authenticated_tunnel.expected, authenticated_tunnel.observed))


def test_certificate_of_the_router_is_valid(vpn_certificates, judge):
    judge(certificates.identity(vpn_certificates.expected, vpn_certificates.observed))


def test_certificate_of_the_authority_is_valid(vpn_certificates, judge):
    judge(certificates.authority(vpn_certificates.expected, vpn_certificates.observed))


def test_nat_is_where_it_is_declared(ike_sa, judge):
    judge(ike.nat(ike_sa.expected, ike_sa.observed))


def test_ipsec_protects_both_directions(ipsec_sa, judge):
    judge(ipsec.sa(ipsec_sa.expected, ipsec_sa.observed))


def test_ipsec_uses_declared_transforms(ipsec_sa, judge):
    found = ipsec.transform(ipsec_sa.expected, ipsec_sa.observed)
    judge(found + ipsec.pfs(ipsec_sa.expected, ipsec_sa.observed))


def test_traffic_flows_in_both_directions(tunnel_traffic, judge):
    judge(ipsec.traffic(tunnel_traffic.expected, tunnel_traffic.observed))


def test_errors_do_not_grow(tunnel_counters, judge):
    judge(ipsec.errors(tunnel_counters.expected, tunnel_counters.observed))


def test_vpn_neighbor_is_reached_through_its_tunnel(vpn_underlay, judge):
    judge(underlay.forwarding(vpn_underlay.expected, vpn_underlay.observed))


def test_vpn_session_runs_in_its_tunnel(vpn_underlay, judge):
    judge(underlay.session_in_tunnel(vpn_underlay.expected, vpn_underlay.observed))


def test_ike_sa_is_renewed_in_time(ike_sa, judge):
    judge(lifetime.ike(ike_sa.expected, ike_sa.observed))


def test_ipsec_sas_are_renewed_in_time(ipsec_sa, judge):
    judge(lifetime.ipsec(ipsec_sa.expected, ipsec_sa.observed))


def test_tunnel_does_not_flap(tunnel_age, judge):
    judge(tunnel_flaps.flaps(tunnel_age.expected, tunnel_age.observed))


@pytest.mark.deep
def test_crypto_session_is_active(crypto_session, judge):
    judge(sessions.active(crypto_session.expected, crypto_session.observed))


@pytest.mark.deep
def test_large_packets_pass_the_tunnel(tunnel_sizes, judge):
    found = path_mtu.fit(tunnel_sizes.expected, tunnel_sizes.observed)
    judge(found + path_mtu.segments(tunnel_sizes.expected, tunnel_sizes.observed))
