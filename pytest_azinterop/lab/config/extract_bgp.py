"""The BGP process of a configuration, peer groups resolved into their members."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config import settings as s
from pytest_azinterop.lab.config.words import asn, classful, is_address
from pytest_azinterop.lab.network.bgp_records import MaximumPrefix, NeighborPolicy

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.config.tree import Block, Statement

_REDISTRIBUTIONS = ("redistribute", "redistribute-ospf", "redistribute-ospf-map", "redistribute-eigrp")
Lines = dict[tuple[str, str], "Statement"]
"""Statements of one peer by rule name and direction."""


def bgp_settings(root: Block) -> s.BgpSettings | None:
    """The process, or None without ``router bgp``."""
    statement = root.first("router-bgp")
    if statement is None or statement.block is None:
        return None
    block = statement.block
    number = asn(statement.args["asn"])
    if number is None:
        return None
    families: dict[s.FamilyKey, s.BgpFamily] = {}
    family = block.first("family")
    blocks = [block] if family is None or family.block is None else [block, family.block]
    default_ipv4 = block.first("default-ipv4")
    activate = default_ipv4 is None or not default_ipv4.negated
    families[None, 4] = _family(block, (None, 4), blocks, blocks, activated=activate)
    for each in block.named("family-vrf", "family-vrf6", "family6"):
        if each.block is None:
            continue
        key = (each.args.get("vrf"), 4 if each.name == "family-vrf" else 6)
        sessions = [each.block] if key[0] is not None else [block, each.block]
        families[key] = _family(block, key, [each.block], sessions, activated=False)
    router_id = block.value("router-id")
    log_changes = block.first("log-changes")
    fast = block.first("no-fast-external")
    return s.BgpSettings(
        asn=number,
        families=families,
        router_id=None if router_id is None else IPv4Address(router_id),
        log_changes=log_changes is not None and not log_changes.negated,
        fast_external=fast is None or not fast.negated,
        confederation=asn(block.value("confederation-id") or ""),
        confederates=frozenset(
            number for word in (block.value("confederation-peers") or "").split() if (number := asn(word)) is not None
        ),
        asdot=block.has("asnotation"),
        graceful_restart=block.has("graceful-restart"),
        restart_time=int(block.value("graceful-restart-time") or 120),
        stalepath_time=int(block.value("graceful-stale-time") or 360),
    )


def _named(blocks: list[Block], *names: str) -> list[Statement]:
    return [each for block in blocks for each in block.named(*names)]


def _value(blocks: list[Block], name: str) -> str | None:
    return next((found for block in reversed(blocks) if (found := block.value(name)) is not None), None)


def _family(
    process: Block, key: s.FamilyKey, blocks: list[Block], sessions: list[Block], *, activated: bool
) -> s.BgpFamily:
    """``sessions``: the blocks whose neighbors count; the global table's also stand in the process's own."""
    vrf, version = key
    peers: dict[str, Lines] = {}
    for statement in (each for block in sessions for each in block):
        peer = statement.args.get("peer")
        if peer is not None:
            peers.setdefault(peer, {})[statement.name, statement.args.get("way", "")] = statement
    timers = next((found for block in [*reversed(blocks), process] if (found := block.first("timers-bgp"))), None)
    neighbors: dict[IpAddress, s.NeighborSettings] = {}
    for peer, own in peers.items():
        if not is_address(peer) or (":" in peer) != (version == 6):
            continue
        group = own.get(("peer-group", ""))
        group_name = None if group is None else group.args.get("value")
        lines = {**peers.get(group_name or "", {}), **own}
        neighbor = _neighbor(peer, lines, timers, group_name, activated=activated)
        if neighbor is not None:
            neighbors[neighbor.address] = neighbor
    router_id = _value(blocks, "router-id") if vrf is not None else None
    distance = next((found for block in reversed(blocks) if (found := block.first("distance"))), None)
    preference = _value(blocks, "default-local-preference") or process.value("default-local-preference")
    metric = _value(blocks, "default-metric")
    return s.BgpFamily(
        vrf=vrf,
        neighbors=neighbors,
        router_id=None if router_id is None else IPv4Address(router_id),
        networks=tuple(_network(each) for each in _named(blocks, "network", "network6")),
        redistributions=tuple(_redistribution(each) for each in _named(blocks, *_REDISTRIBUTIONS)),
        aggregates=tuple(
            s.Aggregate(
                ip_network(f"{each.args['network']}/{each.args['mask']}", strict=False)
                if "mask" in each.args
                else ip_network(each.args["network"]),
                "summary-only" in each.args,
                "as-set" in each.args,
            )
            for each in _named(blocks, "aggregate", "aggregate6")
        ),
        default_information=any(block.has("default-information") for block in blocks),
        default_metric=None if metric is None else int(metric),
        default_local_preference=100 if preference is None else int(preference),
        distances=(20, 200, 200)
        if distance is None
        else (int(distance.args["external"]), int(distance.args["internal"]), int(distance.args["local"])),
        maximum_paths=int(_value(blocks, "maximum-paths") or 1),
        maximum_paths_ibgp=int(_value(blocks, "maximum-paths-ibgp") or 1),
        compare_routerid=any(block.has("compare-routerid") for block in [*blocks, process]),
        always_compare_med=process.has("always-compare-med"),
        multipath_relax=process.has("multipath-relax"),
        dampening=_dampening(blocks),
        version=version,
        redistribute_internal=any(block.has("redistribute-internal") for block in blocks),
    )


def _network(statement: Statement) -> s.NetworkStatement:
    address, mask = statement.args["network"], statement.args.get("mask")
    if statement.name == "network6":
        return s.NetworkStatement(ip_network(address), statement.args.get("map"))
    if mask is None and int(IPv4Address(address)) == 0:
        prefix = IPv4Network("0.0.0.0/0")  # the default route, which belongs to no class
    else:
        prefix = classful(IPv4Address(address)) if mask is None else IPv4Network(f"{address}/{mask}", strict=False)
    return s.NetworkStatement(prefix, statement.args.get("map"))


def _redistribution(statement: Statement) -> s.Redistribution:
    args = statement.args
    return s.Redistribution(
        protocol="eigrp" if statement.name == "redistribute-eigrp" else args.get("protocol", "ospf"),
        process=int(args["process"]) if "process" in args else None,
        metric=int(args["metric"]) if "metric" in args else None,
        route_map=args.get("map"),
        match=tuple(args.get("match", "").split()),
    )


def _neighbor(
    peer: str, lines: Lines, timers: Statement | None, group: str | None, *, activated: bool
) -> s.NeighborSettings | None:
    def text(name: str, way: str = "", arg: str = "value") -> str | None:
        found = lines.get((name, way))
        return None if found is None else found.args.get(arg)

    def has(name: str) -> bool:
        found = lines.get((name, ""))
        return found is not None and not found.negated

    remote = asn(text("remote-as") or "")
    if remote is None:
        return None
    own_timers = lines.get(("timers", ""))
    chosen = own_timers or timers
    clock = {} if chosen is None else chosen.args
    local_as = text("local-as")
    activate = lines.get(("activate", ""))
    return s.NeighborSettings(
        address=ip_address(peer),
        remote_as=remote,
        local_as=None if local_as is None else asn(local_as),
        description=text("description"),
        peer_group=group,
        shutdown=has("shutdown"),
        activated=activated if activate is None else not activate.negated,
        password=text("password"),
        multihop=int(text("ebgp-multihop") or 255) if has("ebgp-multihop") else None,
        disable_connected_check=has("connected-check"),
        ttl_security=int(text("ttl-security") or 0) or None,
        graceful_restart=text("ha-mode") != "disable" if has("ha-mode") else None,
        update_source=text("update-source"),
        keepalive=int(clock["keepalive"]) if clock else None,
        hold=int(clock["hold"]) if clock else None,
        minimum_hold=int(clock["minimum"]) if clock and "minimum" in clock else None,
        passive=text("transport") == "passive",
        fall_over_bfd=(text("fall-over-bfd") or "auto") if has("fall-over-bfd") else None,
        advertisement_interval=int(text("advertisement-interval") or -1) if has("advertisement-interval") else None,
        policy=_policy(lines),
    )


def _policy(lines: Lines) -> NeighborPolicy:
    def text(name: str, way: str = "", arg: str = "value") -> str | None:
        found = lines.get((name, way))
        return None if found is None else found.args.get(arg)

    def has(name: str) -> bool:
        return (name, "") in lines

    weight = text("weight")
    return NeighborPolicy(
        route_map_in=text("route-map", "in"),
        route_map_out=text("route-map", "out"),
        prefix_list_in=text("prefix-list", "in"),
        prefix_list_out=text("prefix-list", "out"),
        filter_list_in=text("filter-list", "in"),
        filter_list_out=text("filter-list", "out"),
        distribute_list_in=text("distribute-list", "in"),
        distribute_list_out=text("distribute-list", "out"),
        soft_reconfiguration=has("soft-reconfiguration"),
        next_hop_self=has("next-hop-self"),
        send_community=(text("send-community") or "standard") if has("send-community") else None,
        default_originate=has("default-originate"),
        default_originate_map=text("default-originate"),
        weight=None if weight is None else int(weight),
        allowas_in=int(text("allowas-in") or 3) if has("allowas-in") else None,
        as_override=has("as-override"),
        remove_private_as=has("remove-private-as"),
        route_reflector_client=has("route-reflector-client"),
        maximum_prefix=_maximum(lines.get(("maximum-prefix", ""))),
    )


def _maximum(statement: Statement | None) -> MaximumPrefix | None:
    if statement is None:
        return None
    args = statement.args
    restart = args.get("restart")
    return MaximumPrefix(
        limit=int(args["limit"]),
        threshold=int(args.get("threshold", "75")),
        warning_only="action" in args,
        restart=None if restart is None else int(restart),
    )


def _dampening(blocks: list[Block]) -> s.Dampening | None:
    statement = next((found for block in reversed(blocks) if (found := block.first("dampening"))), None)
    if statement is None:
        return None
    half = int(statement.args.get("half", "15"))
    return s.Dampening(
        half_life=half,
        reuse=int(statement.args.get("reuse", "750")),
        suppress=int(statement.args.get("suppress", "2000")),
        maximum=int(statement.args.get("maximum", str(4 * half))),
    )
