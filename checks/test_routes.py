"""Prefixes are announced and received as declared, and each site prefers the path that it should."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import (
    announce,
    as_path,
    as_path_sent,
    communities_sent,
    next_hop,
    own_prefixes,
    path_set,
    preference,
    prefix_detail,
)
from pytest_azinterop.verify import microsoft_routes as microsoft

pytestmark = pytest.mark.routes


def test_exactly_the_declared_prefixes_are_announced(announcement, judge):
    judge(announce.announced(announcement.expected, announcement.observed))


def test_expected_prefixes_are_received(reception, judge):
    judge(announce.received(reception.expected, reception.observed))


def test_received_paths_lead_to_their_neighbor(reception, judge):
    judge(next_hop.of_neighbor(reception.expected, reception.observed))


def test_microsoft_s_routes_are_used(microsoft_routes, judge):
    judge(microsoft.used(microsoft_routes.expected, microsoft_routes.observed))


def test_neighbor_does_not_prepend(reception, judge):
    judge(as_path.prepends(reception.expected, reception.observed))


def test_announced_paths_are_prepended_as_declared(routing_policy, judge):
    judge(as_path_sent.prepends(routing_policy.expected, routing_policy.observed))


def test_preferred_path_is_best(site_routes, judge):
    judge(preference.best_path(site_routes.expected, site_routes.observed))


def test_backup_path_is_there(site_backup, judge):
    judge(preference.backup(site_backup.expected, site_backup.observed))


def test_no_more_specific_route_defeats_the_preference(site_routes, judge):
    judge(preference.more_specific(site_routes.expected, site_routes.observed))


def test_no_static_route_overrules_it(site_configuration, judge):
    judge(preference.static(site_configuration.expected, site_configuration.observed))


def test_no_weight_overrules_it(site_routes, judge):
    judge(preference.weight(site_routes.expected, site_routes.observed))


def test_best_path_is_in_the_routing_table(site_routes, judge):
    judge(preference.rib(site_routes.expected, site_routes.observed))


def test_own_prefixes_lead_to_the_lan(site_routes, judge):
    judge(own_prefixes.lead_to_lan(site_routes.expected, site_routes.observed))


@pytest.mark.deep
def test_prefixes_carry_their_communities(carried_communities, judge):
    judge(prefix_detail.communities(carried_communities.expected, carried_communities.observed))


@pytest.mark.deep
def test_announced_prefixes_carry_their_communities(announced_communities, judge):
    judge(communities_sent.announced(announced_communities.expected, announced_communities.observed))


@pytest.mark.deep
def test_every_declared_path_is_there_and_no_other(site_paths, judge):
    judge(path_set.paths(site_paths.expected, site_paths.observed))
