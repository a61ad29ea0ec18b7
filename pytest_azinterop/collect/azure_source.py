"""Where Azure's side comes from: Azure itself, a simulated one, or a folder of files; and whether it can be asked.

An inventory may have `arm.yaml` beside `hosts.yaml`: where Azure Resource Manager is reached, if not at the cloud's own
address.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.azure.cloud import CLOUDS, Cloud
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent import yaml

if TYPE_CHECKING:
    from pytest_azinterop.collect.azure_run import Asker
    from pytest_azinterop.intent.azure_expectations import AzureCloud

ARM_FILE: Final = "arm.yaml"
_KEYS: Final = ("endpoint", "ca", "scope", "authority", "subscription", "resource_group")
_NEEDED: Final = ("azure.core", "azure.mgmt.core", "azure.identity")


@dataclass(frozen=True, slots=True)
class Door:
    """A simulated Azure that was started for the run: `token` is what it asks for."""

    url: str
    ca: Path
    token: str

    def __repr__(self) -> str:
        return f"Door({self.url!r})"


def is_installed() -> bool:
    """Whether the extra `azure` is; nothing of it is imported."""
    try:
        return all(find_spec(name) is not None for name in _NEEDED)
    except ModuleNotFoundError:
        return False


def cloud_of(said: AzureCloud, folder: Path, door: Door | None = None) -> Cloud:
    """The cloud that the intent names, at the address that the inventory or the simulation names. Raises
    InventoryError."""
    unknown = sorted(name for name, _ in said.api_versions if name != "*" and name not in OPERATIONS)
    if unknown:
        known = ", ".join(sorted(OPERATIONS))
        raise InventoryError(f"azure.api_versions: no operation {unknown[0]!r}; known: {known}", file=str(folder))
    cloud = replace(CLOUDS[said.cloud], api_versions=dict(said.api_versions))
    if door is not None:
        return replace(cloud, name="simulated", endpoint=door.url, authority=None, ca=door.ca)
    file = folder / ARM_FILE
    return _at(cloud, file) if file.is_file() else cloud


def _at(cloud: Cloud, file: Path) -> Cloud:
    content: dict[str, Any] = yaml.read(file, str(file)).value
    unknown = sorted(content.keys() - set(_KEYS))
    if unknown:
        raise InventoryError(f"unknown key {unknown[0]!r}; known here: {', '.join(_KEYS)}", file=str(file))
    given = {key: str(content[key]) for key in ("endpoint", "scope", "authority") if content.get(key) is not None}
    ca = None if content.get("ca") is None else (file.parent / Path(str(content["ca"])).expanduser())
    if ca is not None and not ca.is_file():
        raise InventoryError(f"ca: no file {ca}", file=str(file))
    try:
        return replace(cloud, ca=ca, **given)  # type: ignore[arg-type]  # three texts
    except ValueError as error:
        raise InventoryError(f"endpoint: {error}", file=str(file)) from None


def open_client(
    said: AzureCloud, folder: Path, door: Door | None = None, *, deadline_seconds: float | None = None
) -> Asker:
    """Who answers. Nothing is sent yet. Raises InventoryError without the extra, or where it cannot be made."""
    if said.files is not None and door is None:
        from pytest_azinterop.azure.files import FilesClient

        place = folder / Path(said.files).expanduser()
        if not place.is_dir():
            raise InventoryError(f"azure.files: no folder {place}", file=str(folder))
        return FilesClient(place)
    from pytest_azinterop.azure.client import DEADLINE_SECONDS
    from pytest_azinterop.azure.clock import SystemClock
    from pytest_azinterop.azure.connect import connect

    cloud = cloud_of(said, folder, door)
    seconds = deadline_seconds or DEADLINE_SECONDS
    if door is None:
        return connect(cloud, said.credential, dict(said.options), deadline_seconds=seconds)
    from pytest_azinterop.azure.client import ArmClient
    from pytest_azinterop.azure.credential import GivenToken
    from pytest_azinterop.azure.transport import Transport

    clock = SystemClock()
    return ArmClient(Transport(cloud, GivenToken(door.token), clock), clock, deadline_seconds=seconds)
