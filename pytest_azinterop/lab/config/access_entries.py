"""Lines of access lists and of object-groups: what of them the lab can follow, and what an object-group holds."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, summarize_address_range
from typing import TYPE_CHECKING, Final

from pytest_azinterop.lab.config.refused import RefusedError

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.tree import Block, Statement

MEMBERS: Final = ("member", "member-alone", "member-network", "member-prefix")
"""The forms of a line of an object-group."""
_UNMODELLED: Final = frozenset(("time-range", "reflect", "evaluate", "match-any", "match-all"))
_OF_NETWORKS: Final = frozenset(("host", "range", "any"))


def check(root: Block, words: list[str]) -> None:
    """Raise RefusedError for what would have no effect here, and for an object-group that is not there."""
    if refused := [word for word in words if word in _UNMODELLED]:
        raise RefusedError(f"% Not modelled by this lab: {refused[0]} in an access list")
    for at, word in enumerate(words):
        if word == "object-group" and _group(root, "".join(words[at + 1 : at + 2])) is None:
            raise RefusedError(f"% Object-group {' '.join(words[at + 1 : at + 2])} is not defined")


def check_member(root: Block, kind: str, words: list[str]) -> None:
    """Raise RefusedError for what is no line of an object-group of this kind."""
    if words[0] == "group-object":
        found = _group(root, " ".join(words[1:]))
        if found is None or found.args["kind"] != kind:
            raise RefusedError(f"% Object-group {' '.join(words[1:])} is not defined, or is of another kind")
    elif (_networks(words) is None) if kind == "network" else (words[0] in _OF_NETWORKS or words[0][0].isdigit()):
        raise RefusedError("% Invalid input detected at '^' marker.", caret=True)


def _group(root: Block, name: str) -> Statement | None:
    return next((each for each in root.named("object-group") if each.args["name"] == name), None)


def _networks(words: list[str]) -> tuple[IPv4Network, ...] | None:
    """The networks of one line; None where it is none."""
    try:
        if words == ["any"]:
            return (IPv4Network("0.0.0.0/0"),)
        if words[0] == "host" and len(words) == 2:
            return (IPv4Network(words[1]),)
        if words[0] == "range" and len(words) == 3:
            return tuple(summarize_address_range(IPv4Address(words[1]), IPv4Address(words[2])))
        if len(words) == 2 or (len(words) == 1 and "/" in words[0]):
            return (IPv4Network("/".join(words), strict=False),)
    except ValueError:
        return None
    return None


def network_groups(root: Block) -> dict[str, tuple[IPv4Network, ...]]:
    """What each ``object-group network`` holds, members of members included."""
    found: dict[str, tuple[IPv4Network, ...]] = {}
    for name, lines in _lines(root, "network").items():
        found[name] = tuple(network for line in lines for network in _networks(line.split()) or ())
    return found


def service_groups(root: Block) -> dict[str, tuple[str, ...]]:
    """The lines of each ``object-group service``, members of members included."""
    return _lines(root, "service")


def _lines(root: Block, kind: str) -> dict[str, tuple[str, ...]]:
    groups = {
        each.args["name"]: [line.text for line in each.block.named(*MEMBERS)]
        for each in root.named("object-group")
        if each.args["kind"] == kind and each.block is not None
    }

    def lines(name: str, seen: frozenset[str]) -> tuple[str, ...]:
        found: tuple[str, ...] = ()
        for line in groups.get(name, ()):
            inner = line.removeprefix("group-object ")
            if inner == line:
                found += (line,)
            elif inner not in seen:
                found += lines(inner, seen | {inner})
        return found

    return {name: lines(name, frozenset((name,))) for name in groups}
