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
    _accept_bare_lists(body)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": IDENTIFIER,
        **body,
        "title": "Intent of pytest-azinterop",
    }


def _accept_bare_lists(body: dict[str, Any]) -> None:
    """A prefix set may be written as a list of prefixes or as one prefix, which pydantic's schema cannot know."""
    strict = body["$defs"]["PrefixSet"]
    prefix = strict["properties"]["exactly"]["items"]
    body["$defs"]["PrefixSet"] = {
        "description": strict.get("description", ""),
        "anyOf": [
            {"type": "array", "items": prefix, "minItems": 1},
            prefix,
            {key: value for key, value in strict.items() if key != "description"} | {"minProperties": 1},
        ],
    }
