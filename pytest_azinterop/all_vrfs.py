"""What an inventory says about asking for every VRF at once, as far as it can be known before anything is asked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pytest_azinterop import gathering
from pytest_azinterop.collect.limits import HostSettings

if TYPE_CHECKING:
    from pytest_azinterop.collect.inventory import RouterInventory
    from pytest_azinterop.collect.plan import AllVrfs
    from pytest_azinterop.options import NamedInventory


def by_router(inventory: NamedInventory, *, asks: bool) -> AllVrfs:
    """From how many VRFs on each router of an inventory is asked for all of them at once.

    The inventory is loaded when this is first called, and then raises InventoryError. In a run that asks nobody, an
    inventory plugin is left alone, since it may ask somebody: the default stands for what it would say.
    """

    @cache
    def routers() -> RouterInventory | None:
        names = gathering.host_names(inventory)
        if inventory.is_simulated or (names is None and not (asks and (inventory.folder / "nornir.yaml").is_file())):
            return None
        from pytest_azinterop.collect.inventory import load

        return load(inventory.folder)

    def least(host: str) -> int | None:
        known = routers()
        found = HostSettings() if known is None or host not in known.hosts else known.settings(host, {})
        return found.all_vrfs

    return least
