"""Where a first contact finds its routers: an inventory, a simulated one, or an address that no inventory names yet."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop import gathering, options, shipped
from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.collect.inventory import RouterInventory, load
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_azinterop.options import NamedInventory

    StartLab = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Doors:
    """The routers, and the logins of simulated ones (None: the user's own)."""

    name: str
    routers: RouterInventory
    credentials: dict[str, Credentials] | None = field(default=None, repr=False)


def named(name: str) -> NamedInventory:
    """The inventory of this name. Raises InventoryError."""
    try:
        return options.resolve(name, Path.cwd(), shipped.inventory)
    except pytest.UsageError as error:
        raise InventoryError(str(error)) from None


@contextmanager
def of_inventory(inventory: NamedInventory, start_lab: StartLab) -> Iterator[Doors]:
    """The routers of an inventory; a simulated network runs as long as the block. Raises InventoryError."""
    if not inventory.is_simulated:
        yield Doors(inventory.name, load(inventory.folder))
        return
    try:
        lab = start_lab(network=gathering.network_of(inventory), intent=inventory.folder)
        ready = lab.__enter__()
    except Exception as error:
        if type(error).__name__ == "LabStartError":
            raise InventoryError(f"the simulated network did not start: {error}") from None
        raise
    try:
        logins = {
            router: Credentials(door.username, Secret(door.password), source="simulation")
            for router, door in ready.routers.items()
        }
        yield Doors(inventory.name, load(Path(ready.inventory)), logins)
    finally:
        lab.__exit__(None, None, None)


@contextmanager
def of_address(host: str, address: str, port: int, known_hosts: Path | None) -> Iterator[Doors]:
    """One router that no inventory names. Host keys are those that the user knows, and those of `known_hosts`."""
    with tempfile.TemporaryDirectory(prefix="azinterop-probe-") as temporary:
        folder = Path(temporary)
        entry = {host: {"hostname": address, "port": port, "platform": "ios"}}
        (folder / "hosts.yaml").write_text(json.dumps(entry), encoding="utf-8")  # JSON is YAML, and quotes any name
        if known_hosts is not None:
            try:
                (folder / "known_hosts").write_bytes(known_hosts.read_bytes())
            except OSError as error:
                raise InventoryError(error.strerror or "cannot be read", file=str(known_hosts)) from None
        yield Doors("none", load(folder))
