"""Each BGP neighbor of the intent is there, Established, and the session is what it should be."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import bfd, limits, session

pytestmark = pytest.mark.bgp


def test_neighbor_exists(bgp_session, judge):
    judge(session.neighbor(bgp_session.expected, bgp_session.evidence))


def test_session_is_established(bgp_session, judge):
    judge(session.state(bgp_session.expected, bgp_session.evidence))


def test_neighbor_has_its_as(bgp_session, judge):
    judge(session.remote_as(bgp_session.expected, bgp_session.evidence))


def test_neighbor_sees_our_as(learned_routes, judge):
    judge(session.local_as(learned_routes.expected, learned_routes.observed))


def test_session_runs_from_its_address(bgp_session, judge):
    judge(session.source(bgp_session.expected, bgp_session.evidence))


def test_timers_are_negotiated_as_declared(bgp_session, judge):
    judge(session.timers(bgp_session.expected, bgp_session.evidence))


def test_session_is_stable(bgp_session, judge):
    judge(session.age(bgp_session.expected, bgp_session.evidence))


def test_received_routes_are_kept(bgp_session, judge):
    judge(session.soft_reconfiguration(bgp_session.expected, bgp_session.evidence))


def test_session_does_not_flap(bgp_session, judge):
    judge(limits.flaps(bgp_session.expected, bgp_session.evidence))


def test_prefix_limits_leave_head_room(bgp_session, judge):
    judge(limits.head_room(bgp_session.expected, bgp_session.evidence))


def test_bfd_is_up_on_both_sides(bfd_session, judge):
    judge(bfd.state(bfd_session.expected, bfd_session.observed))


def test_bgp_uses_bfd(bfd_session, judge):
    judge(bfd.registered(bfd_session.expected, bfd_session.observed))


def test_bfd_timers_are_negotiated_as_declared(bfd_session, judge):
    judge(bfd.timers(bfd_session.expected, bfd_session.observed))


def test_bfd_is_stable(bfd_session, judge):
    judge(bfd.age(bfd_session.expected, bfd_session.observed))
