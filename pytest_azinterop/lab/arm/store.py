"""The resources of one resource group, as ARM documents, by path: ``virtualNetworks/hub/subnets/workloads``."""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
NETWORK = "Microsoft.Network"
_SPACE = uuid.UUID("5f3d0c9e-7a51-4f0e-9c57-0d3f3a6b1c2e")


def guid(text: str) -> str:
    """A GUID that is always the same for a text."""
    return str(uuid.uuid5(_SPACE, text))


@dataclass(slots=True)
class Resource:
    """``document`` is what the resource provider keeps; ``changes`` counts its writes and shows as the etag."""

    path: str
    document: Json
    changes: int = 0

    @property
    def type(self) -> str:
        """``virtualNetworks/subnets``."""
        return "/".join(self.path.split("/")[0::2])

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> str:
        """The path of the resource that it belongs to; empty for a top-level one."""
        return "/".join(self.path.split("/")[:-2])

    @property
    def properties(self) -> Json:
        """The properties bag."""
        found: Json = self.document["properties"]
        return found


@dataclass(slots=True)
class Store:
    """Names are case-insensitive, as in ARM."""

    subscription: str
    resource_group: str
    _resources: dict[str, Resource] = field(default_factory=dict)

    @property
    def group_id(self) -> str:
        """The id of the resource group."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"

    def id(self, path: str) -> str:
        """The full id of a resource of Microsoft.Network."""
        return f"{self.group_id}/providers/{NETWORK}/{path}"

    def reference(self, path: str) -> Json:
        """How another resource points to it."""
        return {"id": self.id(path)}

    def path_of(self, reference: object) -> str | None:
        """The path behind a reference, an id or a path; None when it names nothing here."""
        if isinstance(reference, dict):
            reference = reference.get("id")
        if not isinstance(reference, str):
            return None
        prefix = self.id("").lower()
        path = reference[len(prefix) :] if reference.lower().startswith(prefix) else reference
        found = self._resources.get(path.lower())
        return None if found is None else found.path

    def add(self, path: str, properties: Json, **more: object) -> Resource:
        """A new resource."""
        document: Json = {"name": path.rpartition("/")[2], "id": self.id(path), **more}
        document["properties"] = {"provisioningState": "Succeeded", "resourceGuid": guid(path), **properties}
        resource = Resource(path, document)
        document["type"] = f"{NETWORK}/{resource.type}"
        if resource.parent:
            del document["properties"]["resourceGuid"]
        self._resources[path.lower()] = resource
        return resource

    def get(self, path: str) -> Resource | None:
        """By path, whatever its case."""
        return self._resources.get(path.lower())

    def named(self, path: str) -> Resource:
        """One that must exist. Raises KeyError."""
        return self._resources[path.lower()]

    def remove(self, path: str) -> None:
        """The resource with its children."""
        lowered = path.lower()
        for key in [key for key in self._resources if key == lowered or key.startswith(f"{lowered}/")]:
            del self._resources[key]

    def of_type(self, kind: str) -> list[Resource]:
        """All resources of a type, in the order of their creation."""
        return [each for each in self._resources.values() if each.type.lower() == kind.lower()]

    def children(self, parent: str, kind: str) -> list[Resource]:
        """The children of a resource of one kind (``subnets``)."""
        start = f"{parent}/{kind}/".lower()
        return [each for key, each in self._resources.items() if key.startswith(start) and "/" not in key[len(start) :]]

    def paths(self) -> list[str]:
        """Every resource."""
        return [each.path for each in self._resources.values()]

    def __iter__(self) -> Iterator[Resource]:
        return iter(list(self._resources.values()))

    def shown(self, resource: Resource) -> Json:
        """A copy of the document with its etag; what is secret in it is the caller's business."""
        document = copy.deepcopy(resource.document)
        document["etag"] = f'W/"{guid(f"{resource.path} {resource.changes}")}"'
        return document
