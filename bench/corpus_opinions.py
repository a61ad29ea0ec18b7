"""Second opinions: the result that another project expects of a sample, and ours, as facts that can be compared.

A fact is an object (such as a prefix with its next hop) and named values. Only what both sides name is compared: other
projects leave out much, and each has its own bugs, which is why a disagreement is judged and not counted as an error.
"""

# ruff: noqa: ANN401 - expected results have the shape that each project gave them, and records are of many types

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

import yaml

from pytest_azinterop.iosxe.interface_names import long_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Rows = Iterator[tuple[tuple[str, ...], dict[str, str]]]

Facts = dict[tuple[str, ...], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An object of a sample, the value that differs (`object` where one side lacks it), and what both say."""

    object: str
    value: str
    theirs: str
    ours: str


def compare(theirs: Facts, ours: Facts) -> tuple[int, tuple[Disagreement, ...]]:
    """How many values both sides name and agree on (an object counts as one), and the rest."""
    agreed = 0
    found: list[Disagreement] = []
    for key in sorted(theirs.keys() | ours.keys()):
        if key not in theirs or key not in ours:
            name = " ".join(key)
            there, here = ("present" if key in side else "absent" for side in (theirs, ours))
            found.append(Disagreement(name, "object", there, here))
            continue
        agreed += 1
        for value in theirs[key].keys() & ours[key].keys():
            if theirs[key][value] == ours[key][value]:
                agreed += 1
            else:
                found.append(Disagreement(" ".join(key), value, theirs[key][value], ours[key][value]))
    return agreed, tuple(found)


def facts(rows: Rows) -> Facts:
    """The rows by their object; further rows of one object are numbered in order of their values."""
    grouped: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for key, values in rows:
        grouped.setdefault(key, []).append(values)
    result: Facts = {}
    for key, found in grouped.items():
        for number, values in enumerate(sorted(found, key=lambda each: sorted(each.items())), start=1):
            result[key if number == 1 else (*key, f"#{number}")] = values
    return result


def load(file: Path) -> Any:
    """The expected result as its project wrote it."""
    text = file.read_text(encoding="utf-8")
    return yaml.safe_load(text)["parsed_sample"] if file.suffix in {".yml", ".yaml"} else json.loads(text)


# Values in one spelling


def _network(text: str) -> str:
    """A prefix with its length; a classful one without it gets the length of its class."""
    if "/" in text or ":" in text:
        return str(ip_network(text, strict=False))
    first = int(text.split(".", 1)[0])
    length = 0 if text == "0.0.0.0" else 8 if first < 128 else 16 if first < 192 else 24
    return str(ip_network(f"{text}/{length}", strict=False))


def _address(text: str) -> str:
    return str(ip_address(text))


def _path(text: str) -> str:
    return " ".join(text.split())


def named(**values: object) -> dict[str, str]:
    """The values that the side names; blank is the same as not named."""
    return {name: str(value) for name, value in values.items() if value is not None and value != ""}


def spelled(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


# What others expect


def _their_table(document: Any) -> Rows:
    if isinstance(document, list):
        network = ""
        for row in document:
            network = row["network"] or network
            status = row["path_selection"]
            yield (
                (_network(network), _address(row["next_hop"])),
                named(metric=row["metric"], local_preference=row["local_pref"], weight=row["weight"],
                       path=_path(row["as_path"]) or "local", origin=row["origin"], best=">" in status),
            )  # fmt: skip
        return
    for routes in _find(document, "routes", "advertised", "received_routes"):
        for prefix, entry in routes.items():
            for row in entry.get("index", {}).values():
                yield (
                    (_network(prefix), _address(row["next_hop"])),
                    named(metric=row.get("metric"), local_preference=row.get("localpref", row.get("localprf")),
                           weight=row.get("weight"), path=_path(row.get("path", "")) or "local",
                           origin=row["origin_codes"], best=">" in row["status_codes"]),
                )  # fmt: skip


def _find(document: Any, *names: str) -> Iterator[Any]:
    """Every value below one of these names."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name in names and isinstance(value, dict):
                yield value
            else:
                yield from _find(value, *names)


def _their_neighbors(document: Any) -> Rows:
    if isinstance(document, list):
        for row in document:
            if row["neighbor"]:  # their template lets rows without a neighbor through
                yield (_address(row["neighbor"]),), named(remote_as=row["remote_as"], state=spelled(row["bgp_state"]))
        return
    for vrf in document["vrf"].values():
        for name, row in vrf["neighbor"].items():
            yield (
                (_address(name),),
                named(remote_as=_asn(row.get("remote_as")), state=spelled(row.get("session_state", "")),
                       router_id=row.get("router_id"), link=row.get("link")),
            )  # fmt: skip


def _asn(number: Any) -> str | None:
    """Asdot as a plain number."""
    if number is None:
        return None
    high, _, low = str(number).partition(".")
    return str(int(high) * 65536 + int(low)) if low else high


def _their_summary(document: Any) -> Rows:
    for vrf in document["vrf"].values():
        for name, neighbor in vrf.get("neighbor", {}).items():
            for row in neighbor["address_family"].values():
                yield (
                    (_address(name),),
                    named(remote_as=_asn(row["as"]), state=spelled(row["state_pfxrcd"]), sent=row["msg_sent"],
                           received=row["msg_rcvd"]),
                )  # fmt: skip


def _their_prefixes(document: Any) -> Rows:
    for prefixes in _find(document, "prefixes"):
        for prefix, entry in prefixes.items():
            for row in entry.get("index", {}).values():
                yield (
                    (_network(prefix.split("]")[-1]), _address(row["next_hop"]), _address(row["gateway"])),
                    named(metric=row.get("metric"), local_preference=row.get("localpref"), weight=row.get("weight"),
                           origin=row.get("origin_codes"), best=">" in row.get("status_codes", ""),
                           communities=row.get("community")),
                )  # fmt: skip


def _their_arp(document: Any) -> Rows:
    if isinstance(document, list):
        for row in document:
            if "hardware_address" in row:
                mac = row["hardware_address"]
                yield (row["address"],), named(mac=mac.lower(), age=row["age_min"], interface=row["interface"])
            else:
                digits = row["mac"].replace(":", "").lower()
                yield (row["ip"],), named(mac=".".join(re.findall("....", digits)), interface=row["interface"])
        return
    for name, interface in document.get("interfaces", {}).items():
        for address, row in interface["ipv4"]["neighbors"].items():
            yield (address,), named(mac=row["link_layer_address"].lower(), age=row["age"], interface=name)
    for address, row in document.get("global_static_table", {}).items():
        yield (address,), named(mac=row["mac_address"].lower(), age=row["age"])


def _their_ospf(document: Any) -> Rows:
    if isinstance(document, list):
        for row in document:
            key = (row["neighbor_id"], row["ip_address"])
            state = spelled(row["state"])
            yield key, named(state=state, interface=row["interface"], priority=row["priority"])
        return
    for name, interface in document["interfaces"].items():
        for router, row in interface["neighbors"].items():
            yield (router, row["address"]), named(state=spelled(row["state"]), interface=name, priority=row["priority"])


def _their_bfd(document: Any) -> Rows:
    if isinstance(document, list):
        for row in document:
            yield (
                (_address(row["neighbor_addr"]),),
                named(state=row["state"], interface=long_name(row["interface"]), multiplier=row["multiplier"],
                       transmit=row["min_tx_interval"], clients=row["registered_protocols"]),
            )  # fmt: skip
        return
    for neighbors in _find(document, "neighbor_address", "neighbors"):
        for name, row in neighbors.items():
            yield (
                (_address(name),),
                named(state=row["state"], interface=row["interface"], multiplier=row.get("multiplier"),
                       transmit=row.get("min_tx_int"), clients=" ".join(row.get("registered_protocols", []))),
            )  # fmt: skip


def _their_sessions(document: Any) -> Rows:
    if isinstance(document, list):
        for row in document:
            status = row["session_status"]
            yield (row["interface"], _address(row["peer"])), named(status=status, port=row["port"])
        return
    for name, row in document.get("interfaces", {}).items():
        yield (name, _address(row["peer_ip"])), named(status=row["session_status"], port=row["peer_port"])
    for name, interface in document.get("interface", {}).items():
        for peer, ports in interface["peer"].items():
            for port, row in ports["port"].items():
                flows = row.get("ipsec_flow", {})
                yield (
                    (name, _address(peer)),
                    named(status=interface["session_status"], port=port, uptime=interface.get("uptime"),
                           flows=len(flows), sas=len(row.get("ike_sa", {}))),
                )  # fmt: skip


def _their_ike(document: Any) -> Rows:
    for number, row in _tunnels(document):
        yield (
            (str(number),),
            named(local=_end(row, "local"), remote=_end(row, "remote"),
                   status=str(row["status"]).upper(), dh=row.get("dh_grp"), local_spi=row.get("local_spi"),
                   lifetime=row.get("life_time"), active=row.get("active_time")),
        )  # fmt: skip


def _tunnels(document: Any) -> Iterator[tuple[str, Any]]:
    for tunnels in _find(document, "tunnel_id"):
        yield from tunnels.items()
    for family in ("ipv4", "ipv6"):
        yield from document.get(family, {}).items()


def _end(row: Any, side: str) -> str:
    """The address of one end, without its port: only some of their parsers keep it."""
    return _address(str(row.get(side) or row[f"{side}_ip"]).partition("/")[0])


def _their_ipsec(document: Any) -> Rows:
    seen: set[tuple[str, str]] = set()
    if isinstance(document, list):
        for row in document:  # a row per SA: the first of an identity pair stands for it
            key = (row["interface"], row["remote_ident_addr"])
            if key not in seen:
                yield key, named(encaps=row["pkts_encaps"], decaps=row["pkts_decaps"])
            seen.add(key)
        return
    for name, interface in document["interface"].items():
        for row in interface["ident"].values():
            yield (
                (name, row["remote_ident"]["addr"]),
                named(encaps=row.get("pkts_encaps"), decaps=row.get("pkts_decaps")),
            )


def _their_interfaces(document: Any) -> Rows:
    if isinstance(document, list):
        for row in document:
            yield (
                (row["interface"][:1].lower() + row["interface"][1:],),
                named(mtu=row["mtu"], status=row["link_status"], input=row["input_packets"],
                       output=row["output_packets"], description=row["description"].strip()),
            )  # fmt: skip
        return
    for name, row in document.items():
        counters = row.get("counters", {})
        description = row.get("description") or ""
        mac = str(row.get("phys_address") or row.get("mac_address") or "").lower().replace(":", "").replace(".", "")
        yield (
            (name[:1].lower() + name[1:],),
            named(mtu=row.get("mtu"), input=counters.get("in_pkts"), output=counters.get("out_pkts"),
                   description=description.strip(), mac=mac),
        )  # fmt: skip


def _their_policy(document: Any) -> Rows:
    if isinstance(document, list):
        for row in document:
            yield (row["name"], str(row["seq"])), named(action=row["action"])
        return
    if "prefix_set_name" in document:
        for name, entry in document["prefix_set_name"].items():
            for row in entry["prefixes"].values():
                yield (name, str(row["sequence"])), named(action=row["action"], hits=row.get("hit_count"))
        return
    for name, entry in document.items():
        for sequence, row in entry["statements"].items():
            yield (name, sequence), named(action=row["actions"]["route_disposition"])


def _their_routes(document: Any) -> Rows:
    if isinstance(document, list):
        grouped: dict[str, tuple[set[str], dict[str, str]]] = {}
        for row in document:
            prefix = str(ip_network(f"{row['network']}/{row['prefix_length']}", strict=False))
            hops, _ = grouped.setdefault(prefix, (set(), named(distance=row["distance"], metric=row["metric"])))
            hops |= {row["nexthop_ip"]} - {""}
        for prefix, (hops, values) in grouped.items():
            yield (prefix,), values | named(next_hops=" ".join(sorted(hops)))
        return
    for entry in document.get("entry", {}).values():
        hops = {path["nexthop"] for path in entry.get("paths", {}).values() if "nexthop" in path}
        yield (
            (str(ip_network(f"{entry['ip']}/{entry['mask']}", strict=False)),),
            named(next_hops=" ".join(sorted(hops))),
        )
    for routes in _find(document.get("vrf", {}), "routes"):
        for prefix, row in routes.items():
            hops = {_address(hop["next_hop"]) for hop in row["next_hop"].get("next_hop_list", {}).values()}
            yield (
                (_network(prefix),),
                named(distance=row.get("route_preference"), metric=row.get("metric"),
                       next_hops=" ".join(sorted(hops))),
            )  # fmt: skip


def _their_ping(document: Any) -> Rows:
    result = document.get("success", {})
    if "probes_sent" in result:
        yield (
            ("ping",),
            named(sent=result["probes_sent"], lost=result["packet_loss"]),
        )
    elif result:
        for ttl, hop in result.items():
            probes = hop["probes"].values()
            yield (
                (str(ttl),),
                named(addresses=" ".join(sorted({probe["ip_address"].strip() for probe in probes} - {"*", " ", ""}))),
            )


THEIRS: Final[dict[str, Callable[[Any], Rows]]] = {
    "advertised_routes": _their_table,
    "received_routes": _their_table,
    "accepted_routes": _their_table,
    "bgp_table": _their_table,
    "bgp_neighbors": _their_neighbors,
    "bgp_summary": _their_summary,
    "bgp_prefix": _their_prefixes,
    "arp": _their_arp,
    "ospf_neighbors": _their_ospf,
    "bfd_neighbors": _their_bfd,
    "crypto_sessions": _their_sessions,
    "ikev2_sas": _their_ike,
    "ipsec_sas": _their_ipsec,
    "interfaces": _their_interfaces,
    "route_map": _their_policy,
    "prefix_list": _their_policy,
    "rib": _their_routes,
    "ping": _their_ping,
    "traceroute": _their_ping,
}
