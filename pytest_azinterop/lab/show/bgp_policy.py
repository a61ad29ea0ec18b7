"""The ``For address family`` part of a BGP neighbor's block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.show.formats import elapsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.lab.network.bgp_records import BgpNeighbor

_PREFIX_BYTES = 136
_BOTH_DIRECTIONS = frozenset({"route-map", "prefix-list", "filter-list", "distribute-list", "AF Permit Check"})


def address_family(neighbor: BgpNeighbor) -> list[str]:
    """From ``For address family`` to the table of refreshes, an empty line at the end."""
    established = neighbor.state == "Established"
    ip = neighbor.address.version
    if neighbor.vrf is None:
        lines = [f" For address family: IPv{ip} Unicast"]
    else:
        lines = [
            f" For address family: VPNv{ip} Unicast",
            f"  Translates address family IPv{ip} Unicast for VRF {neighbor.vrf}",
        ]
    if established:
        lines.append(f"  Session: {text(neighbor.address)}")
    own_version = neighbor.table_version if established else 1
    lines += [
        f"  BGP table version {neighbor.main_table_version}, neighbor version {own_version}/"
        f"{neighbor.main_table_version if not established else 0}",
        "  Output queue size : 0",
        f"  Index {neighbor.update_group if established else 0}, Advertise bit 0",
    ]
    if established:
        lines.append(f"  {neighbor.update_group} update-group member")
    if neighbor.peer_group:
        lines.append(f"  {neighbor.peer_group} peer-group member")
    lines += _policy(neighbor)
    lines += [
        "  Slow-peer detection is disabled",
        "  Slow-peer split-update-group dynamic is disabled",
        *_activity(neighbor),
        "",
        *_denied(neighbor),
        *_limits(neighbor),
        *_refreshes(neighbor),
        "",
    ]
    return lines


def _policy(neighbor: BgpNeighbor) -> list[str]:
    policy = neighbor.policy
    inbound = any((policy.route_map_in, policy.prefix_list_in, policy.filter_list_in, policy.distribute_list_in))
    outbound = any((policy.route_map_out, policy.prefix_list_out, policy.filter_list_out, policy.distribute_list_out))
    community = {
        "standard": ["  Community attribute sent to this neighbor"],
        "extended": ["  Extended-community attribute sent to this neighbor"],
        "both": [
            "  Community attribute sent to this neighbor",
            "  Extended-community attribute sent to this neighbor",
        ],
    }.get(policy.send_community or "", [])
    named = (
        (policy.filter_list_in, f"  Incoming update AS path filter list is {policy.filter_list_in}"),
        (policy.filter_list_out, f"  Outgoing update AS path filter list is {policy.filter_list_out}"),
        (policy.distribute_list_in, f"  Incoming update network filter list is {policy.distribute_list_in}"),
        (policy.distribute_list_out, f"  Outgoing update network filter list is {policy.distribute_list_out}"),
        (policy.prefix_list_in, f"  Incoming update prefix filter list is {policy.prefix_list_in}"),
        (policy.prefix_list_out, f"  Outgoing update prefix filter list is {policy.prefix_list_out}"),
        (policy.route_map_in, f"  Route map for incoming advertisements is {policy.route_map_in}"),
        (
            policy.route_map_out,
            f"  Route map for outgoing advertisements is {policy.route_map_out}",
        ),
    )
    flags = (
        (policy.route_reflector_client, "  Route-Reflector Client"),
        (policy.remove_private_as, "  Private AS number removed from updates to this neighbor"),
        (policy.soft_reconfiguration, "  Inbound soft reconfiguration allowed"),
        (policy.next_hop_self, "  NEXT_HOP is always this router for eBGP paths"),
        (policy.as_override, "  Overrides the neighbor AS with my AS before sending updates"),
        (policy.allowas_in is not None, f"  My AS number is allowed for {policy.allowas_in} number of times"),
    )
    lines = [line for present, line in flags if present]
    lines += community
    if policy.default_originate:
        map_text = (
            f", default-originate route-map {policy.default_originate_map}" if policy.default_originate_map else ""
        )
        sent = "default sent" if neighbor.state == "Established" else "default not sent"
        lines.append(f"  Default information originate{map_text}, {sent}")
    if policy.weight is not None:
        lines.append(f"  Default weight {policy.weight}")
    if inbound:
        lines.append("  Inbound path policy configured")
    if outbound:
        lines.append("  Outbound path policy configured")
    lines += [line for present, line in named if present]
    return lines


def configured_policy(neighbor: BgpNeighbor) -> list[str]:
    """``show bgp … neighbors A policy``."""
    policy = neighbor.policy
    ip = neighbor.address.version
    family = f"IPv{ip} Unicast" if neighbor.vrf is None else f"VPNv{ip} Unicast ({neighbor.vrf})"
    bound = (
        ("route-map", policy.route_map_in, "in"),
        ("route-map", policy.route_map_out, "out"),
        ("prefix-list", policy.prefix_list_in, "in"),
        ("prefix-list", policy.prefix_list_out, "out"),
        ("filter-list", policy.filter_list_in, "in"),
        ("filter-list", policy.filter_list_out, "out"),
        ("distribute-list", policy.distribute_list_in, "in"),
        ("distribute-list", policy.distribute_list_out, "out"),
    )
    flags = (
        (policy.soft_reconfiguration, "soft-reconfiguration inbound"),
        (policy.next_hop_self, "next-hop-self"),
        (policy.send_community is not None, f"send-community {policy.send_community}"),
        (policy.default_originate, "default-originate"),
        (policy.weight is not None, f"weight {policy.weight}"),
        (policy.maximum_prefix is not None, f"maximum-prefix {policy.maximum_prefix and policy.maximum_prefix.limit}"),
    )
    lines = [f"  {kind} {name} {direction}" for kind, name, direction in bound if name is not None]
    lines += [f"  {words}" for present, words in flags if present]
    head = [f" Neighbor: {text(neighbor.address)}, Address-Family: {family}"]
    return [*head, " Locally configured policies:", *lines, ""] if lines else [*head, ""]


def _activity(neighbor: BgpNeighbor) -> list[str]:
    up = neighbor.state == "Established"
    accepted = neighbor.prefixes_accepted if up else 0
    consumed = f" (Consumes {accepted * _PREFIX_BYTES} bytes)" if accepted else ""
    sent_total = neighbor.prefixes_sent + neighbor.withdraws_sent
    received_total = accepted + neighbor.explicit_withdraws_received + neighbor.implicit_withdraws_received
    lines = [
        "                                 Sent       Rcvd",
        "  Prefix activity:               ----       ----",
        f"    Prefixes Current:      {neighbor.prefixes_sent if up else 0:>10} {accepted:>10}{consumed}",
        f"    Prefixes Total:        {sent_total if up else 0:>10} {received_total if up else 0:>10}",
        f"    Implicit Withdraw:     {0:>10} {neighbor.implicit_withdraws_received if up else 0:>10}",
        f"    Explicit Withdraw:     {neighbor.withdraws_sent if up else 0:>10} "
        f"{neighbor.explicit_withdraws_received if up else 0:>10}",
        f"    Used as bestpath:      {'n/a':>10} {neighbor.bestpaths if up else 0:>10}",
        f"    Used as multipath:     {'n/a':>10} {neighbor.multipaths if up else 0:>10}",
        f"    Used as secondary:     {'n/a':>10} {0:>10}",
    ]
    if neighbor.prefixes_saved is not None and up and neighbor.prefixes_saved:
        saved = neighbor.prefixes_saved
        lines.append(f"    Saved (soft-reconfig): {'n/a':>10} {saved:>10} (Consumes {saved * _PREFIX_BYTES} bytes)")
    return lines


def _denied(neighbor: BgpNeighbor) -> list[str]:
    outbound, inbound = neighbor.denied.outbound, neighbor.denied.inbound
    reasons = [*inbound, *(reason for reason in outbound if reason not in inbound)]
    reasons = [reason for reason in reasons if inbound.get(reason) or outbound.get(reason)]
    lines = [
        "                                   Outbound    Inbound",
        "  Local Policy Denied Prefixes:    --------    -------",
    ]
    for reason in reasons:
        out, into = _denied_cell(outbound, inbound, reason), _denied_cell(inbound, outbound, reason)
        lines.append(f"    {reason + ':':<31}{out:>8} {into:>10}")
    lines.append(f"    {'Total:':<31}{sum(outbound.values()):>8} {sum(inbound.values()):>10}")
    return lines


def _denied_cell(own: Mapping[str, int], other: Mapping[str, int], reason: str) -> str:
    """``n/a`` where a reason exists in the other direction alone."""
    if reason in own:
        return str(own[reason])
    return "0" if reason in _BOTH_DIRECTIONS or reason not in other else "n/a"


def _limits(neighbor: BgpNeighbor) -> list[str]:
    limit = neighbor.policy.maximum_prefix
    if limit is None:
        return []
    lines = [
        f"  Maximum prefixes allowed {limit.limit}{' (warning-only)' if limit.warning_only else ''}",
        f"  Threshold for warning message {limit.threshold}%",
    ]
    if limit.restart is not None:
        lines[-1] += f", restart interval {limit.restart} min"
    if not neighbor.prefix_limit_exceeded:
        return lines
    return [
        "  Peer had exceeded the max. no. of prefixes configured.",
        *lines,
        f"  Reduce the no. of prefix and clear ip bgp {text(neighbor.address)} to restore peering",
    ]


def _refreshes(neighbor: BgpNeighbor) -> list[str]:
    sent, received = neighbor.sent.route_refresh, neighbor.received.route_refresh
    update_max = max(neighbor.prefixes_sent, 0) if neighbor.state == "Established" else 0
    interval = (
        []
        if neighbor.advertisement_interval == (0 if neighbor.internal or neighbor.vrf is not None else 30)
        else [f"  Minimum time between advertisement runs is {neighbor.advertisement_interval} seconds"]
    )
    out_age = elapsed(neighbor.established_for) if sent else "never"
    in_age = elapsed(neighbor.established_for) if received else "never"
    lines = [
        f"  Number of NLRIs in the update sent: max {update_max}, min 0",
        "  Last detected as dynamic slow peer: never",
        "  Dynamic slow peer recovered: never",
        *interval,
        f"  Refresh Epoch: {1 + received}",
        f"  Last Sent Refresh Start-of-rib: {out_age}",
        f"  Last Sent Refresh End-of-rib: {out_age}",
    ]
    if sent:
        lines.append("  Refresh-Out took 0 seconds")
    lines += [f"  Last Received Refresh Start-of-rib: {in_age}", f"  Last Received Refresh End-of-rib: {in_age}"]
    if received:
        lines.append("  Refresh-In took 0 seconds")
    return [
        *lines,
        "                                       Sent       Rcvd",
        "        Refresh activity:              ----       ----",
        f"          Refresh Start-of-RIB   {sent:>10} {received:>10}",
        f"          Refresh End-of-RIB     {sent:>10} {received:>10}",
    ]
