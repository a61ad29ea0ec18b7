"""Layer 1 and 2: which interfaces share a segment, which ports have carrier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.words import parent_interface
from pytest_azinterop.lab.network.node import link_local

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.config.settings import InterfaceSettings
    from pytest_azinterop.lab.network.links import LinkRuntime
    from pytest_azinterop.lab.network.node import Node


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Another interface on the same segment."""

    link: LinkRuntime
    node: Node
    interface: InterfaceSettings

    def has(self, address: IpAddress) -> bool:
        """True when the interface answers ARP or a neighbor solicitation for the address."""
        own = self.interface
        return any(each.ip == address for each in own.addresses()) or link_local(self.node, own) == address


class Fabric:
    """The wiring. Adjacencies are cached until ``forget`` (a configuration or a link changed)."""

    def __init__(self, nodes: dict[str, Node], links: dict[str, LinkRuntime]) -> None:
        self._nodes = nodes
        self._links = links
        self._at: dict[tuple[str, str], list[LinkRuntime]] = {}
        for link in links.values():
            for end in link.spec.ends:
                self._at.setdefault((end.node, end.interface), []).append(link)
        self._cache: dict[tuple[str, str], tuple[Adjacency, ...]] = {}

    def forget(self) -> None:
        """Compute adjacencies anew."""
        self._cache.clear()

    def links_at(self, node: str, interface: str) -> list[LinkRuntime]:
        """The links that end at the port of an interface."""
        return self._at.get((node, parent_interface(interface) or interface), [])

    def carrier(self, node: Node, port: str) -> bool:
        """Whether a port sees light: some link of it is not down, and the router opposite has not shut its port."""
        for link in self.links_at(node.name, port):
            if link.state == "down":
                continue
            others = [end for end in link.spec.ends if end.node != node.name or end.interface != port]
            if len(others) == 1:
                other = self._nodes[others[0].node]
                opposite = other.settings.interfaces.get(others[0].interface)
                if other.off or (opposite is not None and opposite.shutdown):
                    continue
            return True
        return False

    def segment(self, node: Node, interface: InterfaceSettings) -> tuple[Adjacency, ...]:
        """The interfaces that a frame sent here reaches (tags agree), whether up or not."""
        key = (node.name, interface.name)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = tuple(self._segment(node, interface))
        return found

    def _segment(self, node: Node, interface: InterfaceSettings) -> list[Adjacency]:
        found: list[Adjacency] = []
        port = parent_interface(interface.name) or interface.name
        for link in self._at.get((node.name, port), []):
            mine = _tag_key(node, interface, link)
            if mine is None:
                continue
            for end in link.spec.ends:
                other = self._nodes[end.node]
                for candidate in other.settings.interfaces.values():
                    if other is node and candidate.name == interface.name:
                        continue
                    if (parent_interface(candidate.name) or candidate.name) != end.interface:
                        continue
                    if _tag_key(other, candidate, link) == mine:
                        found.append(Adjacency(link, other, candidate))
        return found


def _tag_key(node: Node, interface: InterfaceSettings, link: LinkRuntime) -> tuple[int, ...] | None:
    """What must be equal at both ends; None when the interface's frames do not get onto the link."""
    if not node.is_router:
        return ()
    tags = tuple(tag for tag in (interface.outer_vlan, interface.inner_vlan) if tag is not None)
    if interface.native:
        tags = ()
    if link.spec.tags is None:
        return tags
    return () if tags == link.spec.tags else None
