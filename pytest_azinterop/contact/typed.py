"""What somebody has typed already, however partial: its names are used, and what it says is not said again."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent import yaml
from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.models import Network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_azinterop.intent.expectations import Expectations

ACCEPTED = "interop.d/discovered.yaml"


@dataclass(frozen=True, slots=True)
class Typed:
    """The intent without what an earlier discovery wrote. `expectations` None: it is not a whole intent.

    `tree` is its content as plain data, `networks` the declared ones by name.
    """

    tree: Mapping[str, Any] = field(default_factory=dict)
    networks: Mapping[str, Network] = field(default_factory=dict)
    expectations: Expectations | None = None

    def site_of(self, router: str) -> str | None:
        """The declared site of a router."""
        sites = _mapping(self.tree.get("sites"))
        return next((str(name) for name, site in sites.items() if router in _list(_mapping(site).get("routers"))), None)

    def customer_of(self, vrf: str | None) -> str | None:
        """The declared customer of a VRF."""
        for name, customer in _mapping(self.tree.get("customers")).items():
            given = _mapping(customer)
            if "vrf" in given and (None if given["vrf"] is None else str(given["vrf"])) == vrf:
                return str(name)
        return None

    def names(self, kind: str) -> tuple[str, ...]:
        """The declared names of circuits or connections."""
        return tuple(map(str, _mapping(self.tree.get(kind))))

    def networks_by_path(self) -> Iterator[tuple[tuple[str, ...], Network]]:
        """The declared networks with their place in the tree, those of customers behind the others."""
        return _networks(self.tree)

    def networks_by_name(self) -> dict[str, Network]:
        """The declared networks as `azure.vnets` names them: a customer's own as `customer/name`."""
        found = {}
        for path, network in self.networks_by_path():
            found[path[-1] if path[0] == "networks" else f"{path[1]}/{path[-1]}"] = network
        return found

    def is_mapping(self, path: tuple[str, ...]) -> bool:
        """Whether a mapping is declared at this place, to which a block can add."""
        here: object = self.tree
        for step in path:
            here = _mapping(here).get(step)
        return isinstance(here, dict)

    def local_preference(self, customer: str, role: str, otherwise: int) -> int:
        """What the customer's routes of a role must carry, as the customer or the defaults say."""
        for block in (_mapping(self.tree.get("customers")).get(customer), self.tree.get("defaults")):
            value = _mapping(_mapping(block).get("local_preference")).get(role)
            if isinstance(value, int):
                return value
        return otherwise

    def says_by_default(self, key: str) -> bool:
        """Whether `defaults` have this block, for every router that says nothing else."""
        return key in _mapping(self.tree.get("defaults"))

    def circuit_of(self, ends: Mapping[str, str]) -> str | None:
        """The one declared circuit whose paths end on exactly these routers (`primary`, `secondary`); None: not one."""
        fitting = [
            str(name)
            for name, circuit in _mapping(self.tree.get("circuits")).items()
            if ends == {path: _mapping(_mapping(circuit).get(path)).get("router") for path in ends}
        ]
        return fitting[0] if len(fitting) == 1 else None


def read(folder: Path) -> Typed:
    """Read what is there. Raises InventoryError for a file that is no YAML; an intent that lacks parts is fine."""
    tree: dict[str, Any] = {}
    files = [folder / "interop.yaml", *sorted((folder / "interop.d").glob("*.y*ml"))]
    files = [file for file in files if file.is_file() and file != folder / ACCEPTED]
    for file in files:
        _merge(tree, yaml.read(file, str(file)).value)
    return Typed(tree, {path[-1]: network for path, network in _networks(tree)}, _expectations(folder, files))


def _expectations(folder: Path, files: Sequence[Path]) -> Expectations | None:
    """What these files say without the accepted ones; None: by themselves they are not a whole intent."""
    with tempfile.TemporaryDirectory(prefix="azinterop-typed-") as temporary:
        copy = Path(temporary)
        for file in files:
            target = copy / file.relative_to(folder)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(file.read_bytes())
        try:
            return load(copy).expectations
        except InventoryError:
            return None


def _merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        present = into.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value)
        elif isinstance(present, list) and isinstance(value, list):
            present.extend(value)
        else:
            into[key] = value


def _networks(tree: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Network]]:
    blocks: list[tuple[tuple[str, ...], Any]] = [(("networks",), tree.get("networks"))]
    for customer, block in _mapping(tree.get("customers")).items():
        blocks.append((("customers", str(customer), "networks"), _mapping(block).get("networks")))
    for path, networks in blocks:
        for name, prefixes in _mapping(networks).items():
            try:
                yield (*path, str(name)), Network.model_validate(prefixes)
            except ValidationError:
                continue


def without(proposed: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """What is proposed and not said already: what a file says stands in no other file."""
    left: dict[str, Any] = {}
    for key, value in proposed.items():
        if key not in typed or key == "version":
            left[key] = value
        elif isinstance(value, dict) and isinstance(typed[key], dict):
            inner = without(value, typed[key])
            if inner:
                left[key] = inner
    return left


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
