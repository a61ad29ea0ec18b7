"""Processors, software, flash and management sessions of one router as its show commands see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.platform_state import FLASH_BYTES, IMAGE_BYTES, FlashFile, PlatformView

if TYPE_CHECKING:
    from pytest_azinterop.lab.network.node import Node

_OTHER_BYTES = 1_530_000_000
"""Of what the router keeps on its flash besides image and archive."""


def platform(node: Node, now: float) -> PlatformView:
    """The state of the moment; an activation whose time is over has been taken back."""
    state = node.platform
    over = state.abort_at is not None and state.abort_at <= now
    version = "" if node.router is None else ".".join(node.router.version.split(".")[:2])
    booted = node.local_time(node.boot)
    files = [FlashFile(f"asr1000-universalk9.{version}.SPA.bin", IMAGE_BYTES, booted)]
    for each in node.archive.files:
        device, _, name = each.name.partition(":")
        if device in ("bootflash", "flash"):
            files.append(FlashFile(name.lstrip("/"), len(each.text), each.written))
    free = FLASH_BYTES - _OTHER_BYTES - sum(each.size for each in files)
    return PlatformView(
        standby=state.standby,
        switchovers=state.switchovers,
        activating=None if over else state.activating,
        abort_in=None if over or state.abort_at is None else state.abort_at - now,
        netconf=tuple(state.netconf),
        files=tuple(files),
        free=free if state.free is None else state.free,
    )
