"""The JSON Schema of `interop.yaml`, for editors and other tools."""

from __future__ import annotations

from typing import Any

from pytest_azinterop.intent.models import Intent

IDENTIFIER = "https://pytest-azinterop.example/schema/interop.json"


def schema() -> dict[str, Any]:
    """Draft 2020-12. It refuses what the loader refuses in form.

    Names that refer to each other only the loader can check.
    """
    body = Intent.model_json_schema(mode="validation")
    _accept_short_forms(body)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": IDENTIFIER,
        **body,
        "title": "Intent of pytest-azinterop",
    }


def _accept_short_forms(body: dict[str, Any]) -> None:
    """What may be written shorter than as a mapping, which pydantic's schema cannot know.

    A prefix set as a list of prefixes or as one prefix, an IPv6 peering as its subnet, BFD as `true` or `false`, a
    resource of Azure as its name or as nothing but its key, the paths of a drill as one that stays.
    """
    for name in ("PrefixSet", "Network"):
        prefix = body["$defs"][name]["properties"]["exactly"]["items"]
        _also(body, name, {"type": "array", "items": prefix, "minItems": 1}, prefix)
    _also(body, "Ipv6Peering", {"type": "string", "format": "ipv6network"})
    for name in ("Bfd", "BfdDefaults"):
        _also(body, name, {"type": "boolean"})
    for name in ("AzureCircuit", "AzureLocalGateway", "AzureVnet"):
        _also(body, name, {"type": "null"}, {"type": "string"}, least=0)
    _also(body, "AzureCredential", {"type": "string"})
    _also(body, "ExpectedPaths", body["$defs"]["ExpectedPaths"]["properties"]["before"])


def _also(body: dict[str, Any], name: str, *shorter: dict[str, Any], least: int = 1) -> None:
    strict = body["$defs"][name]
    mapping = {key: value for key, value in strict.items() if key != "description"} | {"minProperties": least}
    body["$defs"][name] = {"description": strict.get("description", ""), "anyOf": [*shorter, mapping]}
