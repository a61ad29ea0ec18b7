"""One path of `show bgp … PREFIX`: the AS path, the next hop's line, the attributes, and what follows them."""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import indent, not_understood, unterminated
from pytest_azinterop.iosxe.parsers.as_path import as_path
from pytest_azinterop.state.bgp_detail import PrefixPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.state.bgp import AsPath
    from pytest_azinterop.state.source import Source

NEXT_HOP = re.compile(
    r"(?P<next_hop>[0-9A-Fa-f.:]+)(?P<about>(?: \([^()]*\))*) from (?P<neighbor>[0-9A-Fa-f.:*]+) \((?P<id>[\d.]+)\)"
)
_ATTRIBUTES = re.compile(r"Origin (?P<origin>IGP|EGP|incomplete)(?P<rest>(?:, [^,]+)*)")
_ORIGINS = {"IGP": "i", "EGP": "e", "incomplete": "?"}
_NUMBER = re.compile(r"(metric|localpref|weight) (\d+)")
_NEXT_HOP_METRIC = re.compile(r"\(metric (\d+)\)")
_KINDS = {"external", "internal", "confed-external", "confed-internal", "sourced", "aggregated", "redistributed"}
_LISTS = {"Community": "communities", "Extended Community": "extended", "Large Community": "large"}
_LIST = re.compile(r"(Community|Extended Community|Large Community): ?(.*)")
_REFLECTED = re.compile(r"Originator: ([\d.]+), Cluster list: ([^,]+?)(?: ?, .*)?")
_PATH_ID = re.compile(r"rx pathid: (\w+), tx pathid: \w+")
_UPDATED = re.compile(r"Updated on ([A-Z][a-z]{2} +\d+ \d{4} \d\d:\d\d:\d\d) (\S+)")
_KNOWN = re.compile(r"mpls labels in/out .*")


def read(lines: list[str], block: list[int], source: Source) -> PrefixPath:
    """The path whose lines are the items `block` of `lines`: AS path, next hop, attributes, others.

    Raises ParseError for a path without attributes (cut off) and for a line that is not indented as its part.
    """
    found = NEXT_HOP.fullmatch(lines[block[1]].strip())
    assert found is not None
    attributes = _ATTRIBUTES.fullmatch(lines[block[2]].strip()) if len(block) > 2 else None
    if attributes is None:
        raise not_understood(lines, block[-1], source, "a path without its attributes", cause="cut-off")
    values: dict[str, list[str]] = {}
    unread: list[str] = []
    margin = indent(lines[block[1]])
    for index, words in _joined(lines, block[3:]):
        if not (_take(words, values) or _KNOWN.fullmatch(words)):
            if indent(lines[index]) <= margin or unterminated(lines, index):
                raise not_understood(lines, index, source, "neither a part of this path nor another one")
            unread.append(words)
    try:
        return _path(lines[block[0]].strip(), found, attributes, values, tuple(unread), source, block)
    except ValueError as wrong:
        raise not_understood(lines, block[0], source, f"a path that is not understood: {wrong}") from None


def _joined(lines: list[str], block: list[int]) -> Iterator[tuple[int, str]]:
    """The lines with those joined that a list of communities goes on in: they are indented deeper than its first."""
    pending: tuple[int, str] | None = None
    for index in block:
        if pending is not None and indent(lines[index]) > indent(lines[pending[0]]):
            pending = (pending[0], f"{pending[1]} {lines[index].strip()}")
            continue
        if pending is not None:
            yield pending
        pending = (index, lines[index].strip()) if _LIST.fullmatch(lines[index].strip()) else None
        if pending is None:
            yield index, lines[index].strip()
    if pending is not None:
        yield pending


def _take(words: str, values: dict[str, list[str]]) -> bool:
    if found := _LIST.fullmatch(words):
        text, _, note = found[2].partition(" , ")
        values[_LISTS[found[1]]] = text.split()
        values.setdefault("notes", []).extend([note] if note else [])
    elif found := _REFLECTED.fullmatch(words):
        values["originator"], values["clusters"] = [found[1]], found[2].split()
    elif found := _PATH_ID.fullmatch(words):
        values["path_id"] = [found[1]]
    elif found := _UPDATED.fullmatch(words):
        values["updated"] = [found[1], found[2]]
    else:
        return False
    return True


def _path(
    head: str,
    next_hop: re.Match[str],
    attributes: re.Match[str],
    values: dict[str, list[str]],
    unread: tuple[str, ...],
    source: Source,
    block: list[int],
) -> PrefixPath:
    path, notes = _as_path(head)
    words = [word for word in attributes["rest"].split(", ") if word]
    numbers = {found[1]: int(found[2]) for word in words if (found := _NUMBER.fullmatch(word))}
    rest = [word for word in words if not _NUMBER.fullmatch(word)]
    kind = next((word for word in rest if word in _KINDS), None)
    if kind is None:
        raise ValueError("attributes that do not say how the path was learned")
    metric = _NEXT_HOP_METRIC.search(next_hop["about"])
    updated = values.get("updated")
    imported = next((note.removeprefix("imported path from ") for note in notes if note.startswith("imported ")), None)
    aggregator = next((note[15:-1] for note in notes if note.startswith("(aggregated by ")), None)
    router_id = IPv4Address(next_hop["id"])
    return PrefixPath(
        next_hop=ip_address(next_hop["next_hop"]),
        learned_from=ip_address(next_hop["neighbor"].lstrip("*")),
        router_id=None if router_id.is_unspecified else router_id,
        as_path=path,
        origin=_ORIGINS[attributes["origin"]],
        metric=numbers.get("metric"),
        local_preference=numbers.get("localpref"),
        weight=numbers.get("weight", 0),
        valid="valid" in rest,
        best="best" in rest,
        kind=kind,
        flags=tuple(word for word in rest if word not in {"valid", "best"} and word not in _KINDS),
        received_only="(received-only)" in notes,
        inaccessible="(inaccessible)" in next_hop["about"],
        next_hop_metric=int(metric[1]) if metric else None,
        imported_from=imported,
        aggregator=aggregator,
        communities=tuple(values.get("communities", ())),
        extended_communities=tuple(values.get("extended", ())),
        large_communities=tuple(values.get("large", ())),
        originator=IPv4Address(values["originator"][0]) if "originator" in values else None,
        cluster_list=tuple(values.get("clusters", ())),
        received_path_id=int(values["path_id"][0], 0) if "path_id" in values else None,
        updated_at=_time(updated[0]) if updated else None,
        updated_zone=updated[1] if updated else None,
        unread=unread,
        source=source.at(block[0] + 1, block[-1] + 1),
    )


def _as_path(head: str) -> tuple[AsPath, list[str]]:
    """The AS path, and what the line says behind it: import, aggregator, `(received & used)`. Raises ValueError."""
    path, *notes = head.split(", ")
    return as_path("" if path == "Local" else path), notes


def _time(text: str) -> datetime:
    return datetime.strptime(" ".join(text.split()), "%b %d %Y %H:%M:%S")  # noqa: DTZ007
