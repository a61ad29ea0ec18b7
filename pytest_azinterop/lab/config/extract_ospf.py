"""OSPF processes of a configuration."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config import settings as s
from pytest_azinterop.lab.config.words import asn

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.tree import Block, Statement


def ospf_settings(root: Block) -> tuple[s.OspfSettings, ...]:
    """Every ``router ospf``."""
    return tuple(_process(each) for each in root.named("router-ospf"))


def _process(statement: Statement) -> s.OspfSettings:
    block = statement.block
    if block is None:
        raise AssertionError(statement.text)
    router_id = block.value("router-id")
    default = block.first("default-information")
    originate = {} if default is None else default.args
    passive = block.named("passive")
    metric = block.value("default-metric")
    return s.OspfSettings(
        process=int(statement.args["process"]),
        vrf=statement.args.get("vrf"),
        router_id=None if router_id is None else IPv4Address(router_id),
        networks=tuple(
            (IPv4Address(each.args["network"]), IPv4Address(each.args["wildcard"]), each.args["area"])
            for each in block.named("network")
        ),
        redistributions=tuple(
            _redistribution(each) for each in block.named("redistribute", "redistribute-bgp", "redistribute-eigrp")
        ),
        default_information=None if default is None else "always" if "always" in default.args else "if",
        default_map=None if default is None else default.args.get("map"),
        default_originate_metric=int(originate["metric"]) if "metric" in originate else None,
        default_originate_type=int(originate.get("type", "2")),
        default_metric=None if metric is None else int(metric),
        passive_default=block.has("passive-default"),
        passive=frozenset(each.args["value"] for each in passive if not each.negated),
        active=frozenset(each.args["value"] for each in passive if each.negated),
        vrf_lite=block.has("vrf-lite"),
        reference_mbit=int(block.value("auto-cost") or 100),
        distance=int(block.value("distance") or 110),
        authentication=tuple(
            (area_number(each.args["area"]), each.args.get("value", "simple"))
            for each in block.named("area-authentication")
        ),
    )


def area_number(text: str) -> str:
    """An area as a number, however it was typed."""
    return str(int(IPv4Address(text))) if "." in text else text


def interface_authentication(block: Block) -> str | None:
    """``ip ospf authentication``: ``simple`` where it names no kind."""
    found = block.first("ospf-authentication")
    return None if found is None else found.args.get("value", "simple")


def interface_key(block: Block) -> str | None:
    """The password of simple authentication."""
    found = block.value("ospf-authentication-key")
    return None if found is None else found.removeprefix("0 ")


def digest_keys(block: Block) -> tuple[tuple[int, str], ...]:
    """Every ``ip ospf message-digest-key``."""
    found = block.named("ospf-digest-key")
    return tuple((int(each.args["key"]), each.args["value"].removeprefix("0 ")) for each in found)


def _redistribution(statement: Statement) -> s.Redistribution:
    args = statement.args
    return s.Redistribution(
        protocol="eigrp" if statement.name == "redistribute-eigrp" else args.get("protocol", "bgp"),
        process=asn(args["asn"]) if "asn" in args else int(args["process"]) if "process" in args else None,
        metric=int(args["metric"]) if "metric" in args else None,
        metric_type=int(args.get("type", "2")),
        route_map=args.get("map"),
        subnets="subnets" in args,
        tag=int(args["tag"]) if "tag" in args else None,
    )
