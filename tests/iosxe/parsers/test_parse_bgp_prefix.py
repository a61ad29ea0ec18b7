"""Every path of one prefix."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address, ip_network

import pytest
from iosxe.parsers.cutting import assert_cuts_are_seen, assert_noise_is_refused, refuses
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.parsers import bgp_prefix
from pytest_azinterop.state.bgp_detail import BgpPrefix

TWO_PATHS = """BGP routing table entry for 65021:30:10.10.30.0/25, version 41
Paths: (3 available, best #1, table 30)
  Advertised to update-groups:
     1          7
  Refresh Epoch 2
  12076
    192.168.30.18 (via vrf 30) from 192.168.30.18 (192.168.30.18)
      Origin IGP, localpref 200, valid, external, best
      Community: 12076:51004 65001:100
        65001:200
      Extended Community: RT:65021:30
      mpls labels in/out nolabel/nolabel
      rx pathid: 0, tx pathid: 0x0
      Updated on Mar 3 2025 10:11:12 UTC
  Refresh Epoch 2
  12076, (received-only)
    192.168.30.18 (via vrf 30) from 192.168.30.18 (192.168.30.18)
      Origin IGP, localpref 100, valid, external
      rx pathid: 0, tx pathid: 0
      Updated on Mar 3 2025 10:11:10 UTC
  Refresh Epoch 1
  65515 64086.59905 {65001,65002}, (aggregated by 65001 10.10.30.254)
    10.10.30.254 (via vrf 30) from 10.10.30.254 (10.10.30.254)
      Origin incomplete, metric 7, localpref 100, weight 5, valid, external
      Large Community: 65021:1:2
      rx pathid: 0, tx pathid: 0
      Updated on Mar 3 2025 09:00:00 UTC
"""
TAILS = ("Community:", "65001:200", "Extended", "Large", "mpls", "rx pathid", "Updated on")


def entries(text: str) -> tuple[BgpPrefix, ...]:
    return bgp_prefix.parse(text, SOURCE).records


def one(text: str) -> BgpPrefix:
    (record,) = entries(text)
    return record


def test_all_paths_of_a_prefix() -> None:
    record = one(TWO_PATHS)
    assert (record.vrf, record.prefix, record.route_distinguisher) == ("30", ip_network("10.10.30.0/25"), "65021:30")
    assert (record.version, record.best, record.rib_failure, record.advertised) == (41, 1, False, True)
    first, received, other = record.paths
    assert record.best_path is first
    assert first.communities == ("12076:51004", "65001:100", "65001:200")
    assert first.extended_communities == ("RT:65021:30",)
    assert (first.local_preference, first.metric, first.weight, first.kind) == (200, None, 0, "external")
    assert (first.updated_at, first.updated_zone) == (datetime(2025, 3, 3, 10, 11, 12), "UTC")  # noqa: DTZ001
    assert (received.received_only, received.best, first.received_only) == (True, False, False)
    assert (other.metric, other.weight, other.origin) == (7, 5, "?")
    assert other.as_path.sequence == (65515, 64086 * 65536 + 59905)
    assert other.as_path.aggregated == {65001, 65002}
    assert other.aggregator == "65001 10.10.30.254"
    assert other.large_communities == ("65021:1:2",)
    assert other.learned_from == ip_address("10.10.30.254")
    assert other.source.lines == (22, 27)


def test_the_routers_own_route_and_a_rib_failure() -> None:
    record = one(
        "BGP routing table entry for 10.2.30.0/25, version 3\n"
        "Paths: (1 available, best #1, table default, RIB-failure(17))\n"
        "  Not advertised to any peer\n"
        "  Local\n"
        "    0.0.0.0 from 0.0.0.0 (10.0.0.1)\n"
        "      Origin IGP, metric 0, localpref 100, weight 32768, valid, sourced, local, best\n"
    )
    (path,) = record.paths
    assert (record.vrf, record.rib_failure, record.advertised) == (None, True, False)
    assert (path.kind, path.flags, path.weight, path.as_path.text) == ("sourced", ("local",), 32768, "")


def test_a_reflected_imported_ipv6_path() -> None:
    record = one(
        "BGP routing table entry for [65021:30]2001:DB8:30::/48, version 8\n"
        "Paths: (1 available, no best path)\n"
        "  Not advertised to any peer\n"
        "  Refresh Epoch 1\n"
        "  (65010 65011) 12076, imported path from [65021:31]2001:DB8:30::/48 (global)\n"
        "    ::FFFF:10.0.0.2 (metric 20) (inaccessible) from 10.0.0.2 (10.0.0.3)\n"
        "      Origin EGP, metric 0, localpref 100, internal\n"
        "      Originator: 10.0.0.4, Cluster list: 0.0.0.1 0.0.0.2\n"
        "      rx pathid: 0x2, tx pathid: 0\n"
    )
    (path,) = record.paths
    assert record.best is None
    assert record.best_path is None
    assert (path.valid, path.inaccessible, path.next_hop_metric, path.received_path_id) == (False, True, 20, 2)
    assert path.as_path.confederation == (65010, 65011)
    assert path.imported_from == "[65021:31]2001:DB8:30::/48 (global)"
    assert (path.originator, path.cluster_list) == (ip_address("10.0.0.4"), ("0.0.0.1", "0.0.0.2"))


NO_BEST = """\
BGP routing table entry for {}10.64.4.0/22, version 7
Paths: (1 available, no best path)
  Not advertised to any peer
  Refresh Epoch 1
  12076
    192.168.30.18 (inaccessible) from 192.168.30.2 (192.168.30.17)
      Origin IGP, metric 0, localpref 100, valid, internal
      rx pathid: 0, tx pathid: 0
"""


def test_an_entry_without_best_path_names_no_table_and_is_of_the_vrf_that_was_asked() -> None:
    (record,) = bgp_prefix.parse(NO_BEST.format("65021:30:"), SOURCE, vrf="30").records
    assert (record.vrf, record.best, record.route_distinguisher) == ("30", None, "65021:30")
    assert one(NO_BEST.format("65021:30:")).vrf is None
    with pytest.raises(ParseError, match="not of VRF 30"):
        bgp_prefix.parse(NO_BEST.format(""), SOURCE, vrf="30")


def test_a_prefix_that_is_not_there_is_no_record() -> None:
    assert entries("% Network not in table\n") == ()
    refuses(entries, "\n", "empty")


def test_what_was_asked_is_what_must_be_answered() -> None:
    asked = ip_network("10.10.30.0/25")
    assert bgp_prefix.parse(TWO_PATHS, SOURCE, vrf="30", prefix=asked).records
    refuses(lambda text: bgp_prefix.parse(text, SOURCE, vrf="31").records, TWO_PATHS, "not of VRF 31")
    other = ip_network("10.10.31.0/25")
    refuses(lambda text: bgp_prefix.parse(text, SOURCE, prefix=other).records, TWO_PATHS, "does not hold")


def test_the_routers_own_count_and_best_path_must_agree() -> None:
    refuses(entries, TWO_PATHS.replace("(3 available", "(4 available"), "counts 4 paths")
    refuses(entries, TWO_PATHS.replace("best #1", "best #2"), "best paths")
    refuses(entries, TWO_PATHS.replace("external, best", "external"), "best paths")


def test_a_wrapped_as_path_is_refused_and_not_shortened() -> None:
    refuses(entries, TWO_PATHS.replace("  65515 64086", "  65515\n64086"), "neither")


def test_an_impossible_as_number_is_refused() -> None:
    refuses(entries, TWO_PATHS.replace("  12076\n", "  4294967296\n"), "not an AS number")


def test_cuts_are_seen() -> None:
    assert_cuts_are_seen(entries, TWO_PATHS, tails=TAILS)


def test_noise_is_refused() -> None:
    assert_noise_is_refused(entries, TWO_PATHS)
