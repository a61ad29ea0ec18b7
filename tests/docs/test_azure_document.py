"""docs/azure-operations.md follows the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_azinterop.azure import failure
from pytest_azinterop.azure.operation_docs import document

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_it_is_generated() -> None:
    assert (DOCS / "azure-operations.md").read_text(encoding="utf-8") == document()


def test_every_cause_is_explained() -> None:
    causes = {value for name, value in vars(failure).items() if name.isupper() and isinstance(value, str)}
    assert causes == set(re.findall(r"^\| `(azure-[a-z-]+)` \|", document(), re.MULTILINE))


def test_the_files_of_the_document_are_those_that_are_looked_for() -> None:
    from pytest_azinterop.azure.files import place
    from pytest_azinterop.azure.request import Request

    text = (DOCS / "azure.md").read_text(encoding="utf-8")
    ids = {"subscription": "SUBSCRIPTION", "group": "GROUP"}
    for request in (
        Request.of("gateway", **ids, gateway="hub-vpn"),
        Request.of("learned-routes", **ids, gateway="hub-vpn"),
        Request.of("advertised-routes", **ids, gateway="hub-vpn", peer="10.2.30.125"),
        Request.of("circuit-routes", **ids, circuit="er1", peering="AzurePrivatePeering", path="primary"),
        Request.of("connections", **ids),
    ):
        assert "\nDIR/" + "/".join(place(request)) + "\n" in text
