"""What every resource of Azure has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from pytest_azinterop.azure.document import Fields, table, unread_beside
from pytest_azinterop.azure.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.state.azure_source import AzureSource

RecordT = TypeVar("RecordT")

_BOOKKEEPING: Final = (
    "etag",
    "extendedLocation",
    "gatewayManagerEtag",
    "id",
    "kind",
    "location",
    "managedBy",
    "name",
    "provisioningState",
    "resourceGroup",
    "resourceGuid",
    "systemData",
    "tags",
    "type",
    "zones",
)


def resource(fields: Fields) -> Fields:
    """The fields of a resource in either shape, without those of Azure's own bookkeeping."""
    fields.as_resource()
    fields.ignore(*_BOOKKEEPING)
    return fields


def read_one(document: object, source: AzureSource, read: Callable[[Fields], RecordT]) -> Reading[RecordT]:
    """The answer to a question about one thing."""
    return Reading((read(Fields(document, "", source)),))


def read_rows(document: object, source: AzureSource, read: Callable[[Fields], RecordT]) -> Reading[RecordT]:
    """The answer to a question about a list, row by row."""
    return Reading(tuple(read(row) for row in table(document, source)), unread_beside(document))
