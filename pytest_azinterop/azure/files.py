"""Azure's side from files, where nobody here may ask Azure.

One file per question, in a folder per resource, named for the operation:

```
DIR/SUBSCRIPTION/GROUP/virtualNetworkGateways/hub-vpn/gateway.json
DIR/SUBSCRIPTION/GROUP/virtualNetworkGateways/hub-vpn/advertised-routes.10.2.30.125.json
DIR/SUBSCRIPTION/GROUP/expressRouteCircuits/er1/peerings/AzurePrivatePeering/circuit-routes.primary.json
DIR/SUBSCRIPTION/GROUP/connections.json
```

What else the question takes (device path, peer) follows the operation, in the order of the parameters' names. Case does
not count, as in Azure. The file's time of modification is the time of the answer.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pytest_azinterop.azure.az_command import az_command
from pytest_azinterop.azure.client import Asked
from pytest_azinterop.azure.failure import CUT_OFF, NO_FILE, NOT_UNDERSTOOD, error
from pytest_azinterop.azure.saved import load_saved
from pytest_azinterop.azure.transport import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_azinterop.azure.request import Request

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]")


def place(request: Request) -> tuple[str, ...]:
    """Folders and file name of a question, below the folder of all files."""
    folders = [request.given["subscription"]]
    if "group" in request.given:
        folders.append(request.given["group"])
    resource = request.resource.casefold()
    at = resource.find("/providers/")
    if at >= 0:
        folders.extend(part for part in request.resource[at:].split("/")[3:] if part)
    named = {*request.operation.parameters} - {"path"}
    rest = [_UNSAFE.sub("_", value) for name, value in request.parameters if name not in named]
    return (*folders, ".".join((request.operation_name, *rest, "json")))


def script(requests: Iterable[Request]) -> str:
    """A shell script that fills the folder it is run in; a question that `az` cannot ask is a comment."""
    lines = ["#!/bin/sh", "set -eu"]
    for request in dict.fromkeys(requests):
        *folders, name = place(request)
        folder, command = "/".join(folders), az_command(request)
        if command is None:
            lines.append(f"# {folder}/{name}: az has no command for {request.operation_name}")
        else:
            lines += [f"mkdir -p '{folder}'", f"{command} > '{folder}/{name}'"]
    return "\n".join(lines) + "\n"


class FilesClient:
    """Answers questions from a folder; used where `ArmClient` would be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent = 0
        """Nothing is ever sent."""

    def log_in(self) -> None:
        """Nobody is asked here."""

    def call_off(self) -> None:
        """Nothing waits here."""

    def ask(self, request: Request) -> Asked:
        """The answer in the file. Raises AzureError where there is no file, ParseError where it holds no answer."""
        wanted = place(request)
        path = self._find(wanted)
        if path is None:
            command = az_command(request)
            hint = f"; {command} > {wanted[-1]}" if command else ""
            raise error(request, f"no file {self.folder.joinpath(*wanted)}{hint}", NO_FILE)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise error(request, f"{path} is larger than {MAX_BYTES // 2**20} MiB", NOT_UNDERSTOOD)
            asked_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            text = path.read_bytes()
        except OSError as problem:
            raise error(request, f"{path}: {problem.strerror or 'cannot be read'}", CUT_OFF) from None
        return Asked(request, load_saved(text, request.source(asked_at)), asked_at, 0.0)

    def _find(self, wanted: tuple[str, ...]) -> Path | None:
        """The file, whatever the case of its names. Two that differ in nothing else would be one question."""
        found = self.folder
        for part in wanted:
            try:
                matches = [entry for entry in found.iterdir() if entry.name.casefold() == part.casefold()]
            except OSError:
                return None
            exact = [entry for entry in matches if entry.name == part]
            if len(matches) != 1 and not exact:
                return None
            found = (exact or matches)[0]
        return found if found.is_file() else None
