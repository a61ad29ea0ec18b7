"""A reload: what a router forgets, what it starts with, and what the others notice meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.editor import load
from pytest_azinterop.lab.network.archive import Archive
from pytest_azinterop.lab.network.user_lines import UserLines

if TYPE_CHECKING:
    from pytest_azinterop.lab.network.crypto import Crypto
    from pytest_azinterop.lab.network.node import Node

BY_COMMAND = "Reload Command"


def switch_off(node: Node, crypto: Crypto, *, back_at: float, reason: str, version: str | None) -> None:
    """It loses what it holds in memory and comes back with the startup-config. Nobody is told: peers find it out."""
    node.off, node.boot, node.reload_reason = True, back_at, reason
    if version is not None and node.router is not None:
        node.router = replace(node.router, version=version)
    node.configuration = load(node.startup)
    for family in node.families.values():
        for peer in family.peers.values():
            peer.established_at, peer.remote, peer.state = None, None, "Idle"
    node.families.clear()
    for key, traffic in crypto.traffic.items():
        if key[0] == node.name:
            traffic.clear(back_at)
    node.interfaces.clear()
    node.interface_version += 1
    node.ike_errors.clear()
    node.log.clear()
    node.logged = 0
    node.told.clear()
    node.configuring.clear()
    node.lines = UserLines()
    node.platform.netconf.clear()
    node.archive = Archive(files=node.archive.files, written=node.archive.written)
    node.changed_at, node.changed_by = node.local_time(back_at), None


def switch_on(node: Node, now: float) -> None:
    """It has started."""
    node.off = False
    node.note(now, "%SYS-5-RESTART: System restarted --")
