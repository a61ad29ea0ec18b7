"""The data plane: who is reached from a site and who is not, along which path, with packets of which size."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import arp, neighbor_discovery, reach

pytestmark = pytest.mark.reachability


def test_msee_answers_on_its_link(msee, judge):
    judge(arp.resolved(msee.expected, msee.observed))


def test_msee_answers_on_its_link_over_ipv6(msee_ipv6, judge):
    judge(neighbor_discovery.resolved(msee_ipv6.expected, msee_ipv6.observed))


def test_target_is_reached(reachable_target, judge):
    judge(reach.answer(reachable_target.expected, reachable_target.observed))


def test_target_answers_as_fast_as_its_path(timed_target, judge):
    judge(reach.round_trip(timed_target.expected, timed_target.observed))


def test_forbidden_target_has_no_route(forbidden_target, judge):
    judge(reach.no_route(forbidden_target.expected, forbidden_target.observed))


@pytest.mark.deep
def test_forbidden_target_does_not_answer(forbidden_probe, judge):
    judge(reach.silence(forbidden_probe.expected, forbidden_probe.observed))


@pytest.mark.deep
def test_traffic_takes_the_declared_path(traced_target, judge):
    judge(reach.path(traced_target.expected, traced_target.observed))


@pytest.mark.deep
def test_large_packets_pass(sized_target, judge):
    judge(reach.sizes(sized_target.expected, sized_target.observed))


@pytest.mark.deep
def test_few_packets_are_lost(counted_target, judge):
    judge(reach.loss(counted_target.expected, counted_target.observed))
