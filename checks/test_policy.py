"""Routing policy is bound, defined, and in effect on the routes rather than only in the configuration."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import policy, prefix_detail

pytestmark = pytest.mark.policy


def test_learned_paths_carry_their_local_preference(learned_routes, judge):
    judge(policy.local_preference(learned_routes.expected, learned_routes.observed))


def test_declared_policy_is_bound(routing_policy, judge):
    judge(policy.bound(routing_policy.expected, routing_policy.observed))


def test_bound_policy_is_defined(routing_policy, judge):
    judge(policy.defined(routing_policy.expected, routing_policy.observed))


def test_policy_is_in_effect(routing_policy, judge):
    judge(policy.effect(routing_policy.expected, routing_policy.observed))


@pytest.mark.deep
def test_inbound_policy_changes_only_what_it_may(received_prefixes, judge):
    judge(prefix_detail.inbound(received_prefixes.expected, received_prefixes.observed))
