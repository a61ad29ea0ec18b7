"""`azinterop discover --azure`: what Azure knows of the circuits, gateways and networks, as a block of the intent."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from pytest_azinterop.collect import azure_source
from pytest_azinterop.contact import azure_proposal, azure_sightings, blocks, typed
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.azure import Azure
from pytest_azinterop.intent.azure_derive import cloud_of
from pytest_azinterop.intent.loader import load
from pytest_azinterop.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_azinterop.collect.azure_run import Asker
    from pytest_azinterop.contact.doors import StartLab
    from pytest_azinterop.intent.azure_expectations import AzureCloud
    from pytest_azinterop.intent.expectations import Expectations
    from pytest_azinterop.options import NamedInventory

ACCEPTED: Final = "interop.d/discovered-azure.yaml"
_HEADING: Final = (
    "Proposed by azinterop discover --azure, which replaces this file; a block that you move to another file is yours."
)
ALL_READ, NOT_ALL_READ = 0, 1


def run(inventory: NamedInventory, place: str, start_lab: StartLab, *, accept: bool) -> int:
    """Look into `SUBSCRIPTION/GROUP` (empty: as the intent says) and propose; returns the exit code. Raises
    InventoryError."""
    known = typed.read(inventory.folder)
    with _client(inventory, place, known, start_lab) as (client, subscription, group):
        try:
            seen = azure_sightings.look(client, subscription, group)
        except ValueError as error:
            raise InventoryError(str(error), file=str(inventory.folder)) from None
    for problem in seen.problems:
        sys.stderr.write(f"azinterop discover: {clean(problem, 300)}\n")
    sys.stderr.write(f"Azure: {client.sent} requests about group {group}\n")
    made = azure_proposal.propose(seen, _routers_side(inventory.folder), known.networks_by_name())
    made.tree = typed.without(made.tree, _without_accepted(inventory.folder, known))
    text = "".join(f"{line}\n" for line in blocks.lines(made, _HEADING))
    if made.tree or made.questions:
        sys.stdout.write(text)
    elif seen.problems:
        sys.stdout.write("Not everything was read of Azure; of what was, nothing is proposed.\n")
    else:
        sys.stdout.write("The intent has everything that was read of Azure.\n")
    if accept and made.tree:
        _accept(inventory, text, complete=not seen.problems)
    return NOT_ALL_READ if seen.problems else ALL_READ


def _without_accepted(folder: Path, known: typed.Typed) -> dict[str, object]:
    """What somebody has typed: a block that only an earlier discovery wrote is proposed anew."""
    own = dict(known.tree)
    file = folder / ACCEPTED
    if file.is_file() and "azure" in own and not _typed_elsewhere(folder):
        del own["azure"]
    return own


def _typed_elsewhere(folder: Path) -> bool:
    files = (file for file in [folder / "interop.yaml", *(folder / "interop.d").glob("*.y*ml")] if file.is_file())
    return any(
        line.startswith("azure:")
        for file in files
        if file != folder / ACCEPTED
        for line in file.read_text(encoding="utf-8").splitlines()
    )


def _routers_side(folder: Path) -> Expectations | None:
    """The intent, which says what circuits and tunnels are called; None: there is no whole one, and that is told."""
    try:
        return load(folder).expectations
    except InventoryError as error:
        sys.stderr.write(f"azinterop discover: names are Azure's, since the intent is not whole: {_one_line(error)}\n")
        return None


def _one_line(error: InventoryError) -> str:
    return clean("; ".join(line.strip() for line in str(error).splitlines()), 300)


def _accept(inventory: NamedInventory, text: str, *, complete: bool) -> None:
    target = inventory.folder / ACCEPTED
    if inventory.shipped:
        raise InventoryError(
            "is the package's own; `azinterop init DIR` makes one of yours", file=str(inventory.folder)
        )
    if not complete:
        raise InventoryError("stays as it is: not everything could be read, so blocks would be lost", file=str(target))
    try:
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InventoryError(f"cannot be written: {error.strerror or error}", file=str(target)) from None
    sys.stderr.write(f"written: {target}\n")
    try:
        load(inventory.folder)
    except InventoryError as error:
        sys.stderr.write(f"the intent is not whole yet: {error}\n")


def _cloud(folder: Path, said: Mapping[str, object]) -> AzureCloud:
    """Whom to ask and as whom, as the block says, however little else it says yet. Raises InventoryError."""
    named = {key: said[key] for key in ("cloud", "credential", "files", "api_versions") if key in said}
    try:
        return cloud_of(Azure.model_validate(named))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, ("azure", *first["loc"])))
        raise InventoryError(f"{where}: {first['msg']}", file=str(folder)) from None


@contextmanager
def _client(
    inventory: NamedInventory, place: str, known: typed.Typed, start_lab: StartLab
) -> Iterator[tuple[Asker, str, str]]:
    """Who answers, and about which group. A simulated network runs as long as the block."""
    block = known.tree.get("azure")
    said = block if isinstance(block, dict) else {}
    subscription, _, group = place.partition("/")
    subscription, group = (
        subscription or str(said.get("subscription") or ""),
        group or str(said.get("resource_group") or ""),
    )
    cloud = _cloud(inventory.folder, said)
    if inventory.is_simulated:
        from pytest_azinterop.gathering import network_of

        with start_lab(network=network_of(inventory), intent=inventory.folder, arm=True) as ready:
            door = azure_source.Door(ready.arm.url, Path(ready.arm.ca), ready.arm.token)
            client = azure_source.open_client(cloud, inventory.folder, door)
            yield client, subscription or ready.arm.subscription, group or ready.arm.resource_group
        return
    if not subscription or not group:
        words = (
            "say where to look: --azure SUBSCRIPTION/GROUP, or `azure: {subscription, resource_group}` in the intent"
        )
        raise InventoryError(words, file=str(inventory.folder))
    yield azure_source.open_client(cloud, inventory.folder), subscription, group
