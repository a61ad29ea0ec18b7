"""The interfaces that customers depend on are there, up, in their VRF, with their tags and addresses."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import access_list, lan_identity, lan_routing
from pytest_azinterop.verify import interface as judged
from pytest_azinterop.verify import interface_ipv6 as judged_ipv6
from pytest_azinterop.verify import lan_exit as ways_out
from pytest_azinterop.verify import lan_external as lan_external_routes
from pytest_azinterop.verify import lan_homeward as homeward
from pytest_azinterop.verify import lan_routes as told
from pytest_azinterop.verify import path_traffic as carried

pytestmark = pytest.mark.interfaces


def test_exists(interface, judge):
    judge(judged.exists(interface.expected, interface.observed))


def test_is_up(interface, judge):
    judge(judged.state(interface.expected, interface.observed))


def test_port_counts_no_broken_frames(interface, judge):
    judge(judged.errors(interface.expected, interface.observed))


def test_is_in_its_vrf(interface, judge):
    judge(judged.vrf(interface.expected, interface.observed))


def test_vrf_has_its_route_distinguisher(interface, judge):
    judge(judged.route_distinguisher(interface.expected, interface.observed))


def test_carries_its_vlan_tags(interface, judge):
    judge(judged.tags(interface.expected, interface.observed))


def test_has_its_address(interface, judge):
    judge(judged.address(interface.expected, interface.observed))


def test_has_its_ipv6_address(interface_ipv6, judge):
    judge(judged_ipv6.address(interface_ipv6.expected, interface_ipv6.observed))


def test_access_lists_let_the_site_and_azure_talk(interface_filters, judge):
    judge(access_list.packets(interface_filters.expected, interface_filters.observed))


def test_site_is_an_ospf_neighbor(lan, judge):
    judge(lan_routing.neighbor(lan.expected, lan.observed))


def test_site_tells_its_routers_apart(shared_lan, judge):
    judge(lan_identity.own_router_ids(shared_lan.expected, shared_lan.observed))


def test_site_tells_its_routes(lan_routes, judge):
    judge(homeward.learned(lan_routes.expected, lan_routes.observed))


def test_site_answers_for_its_next_hops(lan_next_hops, judge):
    judge(homeward.resolved(lan_next_hops.expected, lan_next_hops.observed))


def test_site_is_told_the_routes_to_azure(lan_redistribution, judge):
    judge(told.redistribution(lan_redistribution.expected, lan_redistribution.observed))


def test_site_is_given_its_default_route(lan_default_route, judge):
    judge(told.default_route(lan_default_route.expected, lan_default_route.observed))


def test_site_is_told_what_is_configured(lan_external, judge):
    judge(lan_external_routes.told(lan_external.expected, lan_external.observed))


def test_site_leaves_through_the_declared_routers(lan_exit, judge):
    judge(ways_out.preferred(lan_exit.expected, lan_exit.observed))


@pytest.mark.deep
def test_expressroute_carries_traffic(path_traffic, judge):
    judge(carried.moving(path_traffic.expected, path_traffic.observed))
