"""From the tree to typed settings: interfaces, VRFs, static routes, lists, identity."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    ip_address,
    ip_network,
)
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config import settings as s
from pytest_azinterop.lab.config.access_entries import network_groups, service_groups
from pytest_azinterop.lab.config.effects import STATIC_ARP, community_kind, interface_vrf
from pytest_azinterop.lab.config.extract_applets import applets
from pytest_azinterop.lab.config.extract_bgp import bgp_settings
from pytest_azinterop.lab.config.extract_crypto import crypto_settings
from pytest_azinterop.lab.config.extract_ospf import digest_keys, interface_authentication, interface_key, ospf_settings
from pytest_azinterop.lab.config.extract_upkeep import archive_settings, logging_settings, time_servers
from pytest_azinterop.lab.config.words import interface_name
from pytest_azinterop.lab.network.records import AccessList, AccessListEntry, PrefixList, PrefixListEntry, User

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.tree import Block, Statement


def settings(root: Block) -> s.Settings:
    """Everything that the configuration says."""
    return s.Settings(
        hostname=root.value("hostname") or "Router",
        domain_name=root.value("ip-domain-name") or root.value("ip-domain-name-old"),
        interfaces={each.args["name"]: _interface(each) for each in root.named("interface")},
        vrfs={each.args["name"]: _vrf(each) for each in root.named("ip-vrf", "vrf-definition")},
        statics=tuple(_static(each) for each in root.sorted() if each.name.startswith(("ip-route", "ipv6-route"))),
        bgp=bgp_settings(root),
        ospf=ospf_settings(root),
        prefix_lists=_prefix_lists(root, "ip-prefix-list"),
        prefix_lists6=_prefix_lists(root, "ipv6-prefix-list"),
        ipv6_routing=root.has("ipv6-routing"),
        route_maps=_route_maps(root),
        access_lists=_access_lists(root),
        access_lists6=_access_lists6(root),
        as_path_lists=_lists(root, "as-path", ("ip-as-path",)),
        community_lists=_community_lists(root),
        crypto=crypto_settings(root),
        users=tuple(_user(each) for each in root.named("username")),
        enable_secret=root.value("enable-secret") or root.value("enable-password"),
        time_servers=time_servers(root),
        ntp_logging=root.has("ntp-logging"),
        archive=archive_settings(root),
        logging=logging_settings(root),
        new_community_format=root.has("ip-community-format"),
        applets=applets(root),
        static_arp={
            (each.args.get("vrf"), IPv4Address(each.args["address"])): each.args["mac"]
            for each in root.named(*STATIC_ARP)
        },
    )


def number(text: str | None) -> int | None:
    """An optional integer argument."""
    return None if text is None else int(text)


def network(address: str, mask: str) -> IPv4Network:
    """A prefix from address and mask, host bits ignored."""
    return IPv4Network(f"{address}/{mask}", strict=False)


def _user(statement: Statement) -> User:
    privilege = number(statement.args.get("privilege"))
    return User(statement.args["name"], 1 if privilege is None else privilege, statement.args["secret"])


def _group(block: Block, way: str, kind: str = "access-group") -> str | None:
    return next((each.args["name"] for each in block.named(kind) if each.args["way"] == way), None)


def _reverse_path(block: Block) -> str | None:
    verify = block.first("verify")
    if verify is None:
        return None
    return verify.args["value"] + ("+default" if "default" in verify.args else "")


def _interface(statement: Statement) -> s.InterfaceSettings:
    block = statement.block
    if block is None:
        raise AssertionError(statement.text)
    dot1q = block.first("dot1q")
    args = dot1q.args if dot1q is not None else {}
    process = block.first("ospf-process")
    network_type = block.value("ospf-network")
    return s.InterfaceSettings(
        name=statement.args["name"],
        description=block.value("description"),
        vrf=interface_vrf(block),
        address=_address(block.first("address")),
        secondary=tuple(found for each in block.named("secondary") if (found := _address(each))),
        unnumbered=block.value("unnumbered"),
        shutdown=block.has("shutdown"),
        outer_vlan=number(args.get("outer")),
        inner_vlan=number(args.get("inner")),
        native="native" in args,
        mtu=number(block.value("mtu")),
        ip_mtu=number(block.value("ip-mtu")),
        bandwidth=number(block.value("bandwidth")),
        delay=number(block.value("delay")),
        mss=number(block.value("mss")),
        unreachables=not any(each.negated for each in block.named("unreachables")),
        group_in=_group(block, "in"),
        group_out=_group(block, "out"),
        filter6_in=_group(block, "in", "traffic-filter"),
        filter6_out=_group(block, "out", "traffic-filter"),
        reverse_path=_reverse_path(block),
        policy_map=block.value("policy"),
        mac=block.value("mac"),
        speed=block.value("speed"),
        duplex=block.value("duplex"),
        media=block.value("media-type"),
        ospf_cost=number(block.value("ospf-cost")),
        ospf_area=None if process is None else (int(process.args["process"]), process.args["area"]),
        ospf_point_to_point=network_type == "point-to-point",
        ospf_hello=number(block.value("ospf-hello")),
        ospf_dead=number(block.value("ospf-dead")),
        ospf_authentication=interface_authentication(block),
        ospf_key=interface_key(block),
        ospf_digest_keys=digest_keys(block),
        tunnel=_tunnel(block) if statement.args["name"].startswith("Tunnel") else None,
        bfd=_bfd(block),
        ipv6=tuple(IPv6Interface(each.args["value"]) for each in block.named("address6")),
        ipv6_enabled=block.has("ipv6-enable"),
        link_local=None if (own := block.value("link-local6")) is None else IPv6Address(own),
    )


def _bfd(block: Block) -> s.BfdSettings | None:
    found = block.first("bfd-interval")
    if found is None:
        return None
    interval, min_rx, multiplier = (int(found.args[name]) for name in ("interval", "min_rx", "multiplier"))
    return s.BfdSettings(interval, min_rx, multiplier, echo=block.first("bfd-echo") is None)


def _address(statement: Statement | None) -> IPv4Interface | None:
    return None if statement is None else IPv4Interface(f"{statement.args['address']}/{statement.args['mask']}")


def _tunnel(block: Block) -> s.TunnelSettings:
    source = block.first("tunnel-source")
    text = None if source is None else source.args["value"] + source.args.get("number", "")
    destination = block.value("tunnel-destination")
    return s.TunnelSettings(
        source=None if text is None else interface_name(text) or text,
        destination=None if destination is None else IPv4Address(destination),
        mode=block.value("tunnel-mode") or "gre ip",
        profile=block.value("tunnel-protection"),
        outer_vrf=block.value("tunnel-vrf"),
    )


def _vrf(statement: Statement) -> s.VrfSettings:
    block = statement.block
    if block is None:
        raise AssertionError(statement.text)
    old = statement.name == "ip-vrf"
    families = {each.args["family"]: each.block for each in block.named("family")}
    targets = block.named("target")
    for family in families.values():
        targets += family.named("target") if family is not None else []
    return s.VrfSettings(
        name=statement.args["name"],
        style="ip vrf" if old else "vrf definition",
        rd=block.value("rd"),
        description=block.value("description"),
        ipv4=old or "ipv4" in families,
        ipv6="ipv6" in families,
        import_targets=tuple(each.args["value"] for each in targets if each.args["way"] in ("import", "both")),
        export_targets=tuple(each.args["value"] for each in targets if each.args["way"] in ("export", "both")),
    )


def _static(statement: Statement) -> s.StaticSettings:
    args = statement.args
    gateway = args.get("gateway")
    return s.StaticSettings(
        vrf=args.get("vrf"),
        prefix=network(args["prefix"], args["mask"]) if "mask" in args else ip_network(args["prefix"]),
        interface=args.get("via"),
        gateway=None if gateway is None else ip_address(gateway),
        distance=int(args.get("distance", "1")),
        tag=number(args.get("tag")),
        name=args.get("name"),
        permanent=statement.text.endswith(" permanent"),
        in_global="global" in args,
    )


def _prefix_lists(root: Block, kind: str) -> dict[str, PrefixList]:
    entries: dict[str, list[PrefixListEntry]] = {}
    for each in root.named(kind):
        args = each.args
        entries.setdefault(args["name"], []).append(
            PrefixListEntry(
                sequence=int(args["seq"]),
                permit=args["action"] == "permit",
                prefix=ip_network(args["prefix"]),
                ge=number(args.get("ge")),
                le=number(args.get("le")),
            )
        )
    descriptions = {each.args["name"]: each.args["value"] for each in root.named(f"{kind}-description")}
    return {
        name: PrefixList(name, tuple(sorted(found, key=lambda entry: entry.sequence)), descriptions.get(name))
        for name, found in entries.items()
    }


_MAP_CLAUSES = ("match-", "set-")


def _route_maps(root: Block) -> dict[str, tuple[s.MapEntry, ...]]:
    maps: dict[str, list[s.MapEntry]] = {}
    for statement in root.named("route-map"):
        block = statement.block
        if block is None:
            raise AssertionError(statement.text)
        clauses = [(each.name, each.args.get("value", "")) for each in block.sorted()]
        following = block.first("continue")
        entry = s.MapEntry(
            sequence=int(statement.args["seq"]),
            permit=statement.args["action"] == "permit",
            matches=tuple((name[6:], text) for name, text in clauses if name.startswith("match-")),
            sets=tuple((name[4:], text) for name, text in clauses if name.startswith("set-")),
            description=block.value("description"),
            continue_to=None if following is None else int(following.args.get("value", "0")),
        )
        maps.setdefault(statement.args["name"], []).append(entry)
    return {name: tuple(sorted(found, key=lambda entry: entry.sequence)) for name, found in maps.items()}


def _access_lists6(root: Block) -> dict[str, AccessList]:
    return {
        each.args["name"]: AccessList(each.args["name"], "ipv6", _sequenced(each))
        for each in root.named("ipv6-access-list")
    }


def _sequenced(statement: Statement) -> tuple[AccessListEntry, ...]:
    entries = () if statement.block is None else statement.block.sorted()
    return tuple(
        AccessListEntry(int(each.args["seq"]), each.args["action"] == "permit", each.args["value"])
        for each in entries
        if each.name == "entry-seq"
    )


def _access_lists(root: Block) -> dict[str, AccessList]:
    found: dict[str, AccessList] = {}
    networks, services = network_groups(root), service_groups(root)
    for statement in root.named("ip-access-list"):
        name = statement.args["name"]
        found[name] = AccessList(name, statement.args["kind"], _sequenced(statement), networks, services)
    numbered: dict[str, list[AccessListEntry]] = {}
    for statement in root.named("access-list"):
        action, _, text = statement.args["value"].partition(" ")
        entries_of = numbered.setdefault(statement.args["name"], [])
        if action in ("permit", "deny"):
            entries_of.append(AccessListEntry(len(entries_of) * 10 + 10, action == "permit", text))
    for name, lines in numbered.items():
        kind = "standard" if int(name) < 100 or 1300 <= int(name) < 2000 else "extended"
        found[name] = AccessList(name, kind, tuple(lines))
    return found


def _community_lists(root: Block) -> dict[str, AccessList]:
    numbered = _lists(root, "community", ("ip-community-list",))
    found = {name: replace(each, kind=community_kind(name)) for name, each in numbered.items()}
    found |= _lists(root, "community", ("ip-community-list-std",))
    return found | _lists(root, "community-expanded", ("ip-community-list-exp",))


def _lists(root: Block, kind: str, names: tuple[str, ...]) -> dict[str, AccessList]:
    found: dict[str, list[AccessListEntry]] = {}
    for each in root.named(*names):
        entry = AccessListEntry(None, each.args["action"] == "permit", each.args["value"])
        found.setdefault(each.args["name"], []).append(entry)
    return {name: AccessList(name, kind, tuple(entries)) for name, entries in found.items()}
