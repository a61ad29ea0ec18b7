"""A probe's evidence as one file: a recording and its report, packed; and unpacked without trusting it."""

from __future__ import annotations

import os
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pytest_azinterop.collect import recording_format as form
from pytest_azinterop.collect import replay
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.plan import Plan, PlannedCommand, RouterPlan
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe.catalogue import UnknownCommandError, match

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.collect.replay import Recording

REPORT = "report.txt"
SUFFIX = ".tar.gz"
LARGEST = 512 * 1024 * 1024  # bytes that a bundle may unpack to
MOST_FILES = 20_000


def pack(folder: Path, report: Iterable[str]) -> Path:
    """Add the report to a finished recording, and pack it beside its folder, mode 0600. Raises InventoryError."""
    target = folder.with_name(folder.name + SUFFIX)
    try:
        form.write(folder / REPORT, form.encode("\n".join(report) + "\n"))
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened, tarfile.open(fileobj=opened, mode="w:gz") as archive:
            archive.add(folder, arcname=folder.name, filter=_without_owner)
    except OSError as error:
        words = f"the bundle cannot be written: {error.strerror or error}"
        raise InventoryError(words, file=error.filename or str(target)) from None
    return target


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who ran the probe is nobody's business."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


@contextmanager
def opened(bundle: Path) -> Iterator[Recording]:
    """The recording in a folder or a packed bundle. Raises InventoryError."""
    if bundle.is_dir():
        yield replay.read(bundle)
        return
    with tempfile.TemporaryDirectory(prefix="azinterop-bundle-") as temporary:
        yield replay.read(_unpacked(bundle, Path(temporary)))


def _unpacked(bundle: Path, target: Path) -> Path:
    """Only plain files and folders below `target`, and no more of them than a probe makes."""
    size = count = 0
    try:
        with tarfile.open(bundle, mode="r:gz") as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                if not (member.isfile() or member.isdir()) or path.is_absolute() or ".." in path.parts:
                    raise InventoryError(f"is no bundle of a probe: it holds {member.name[:80]!r}", file=str(bundle))
                size, count = size + member.size, count + 1
                if size > LARGEST or count > MOST_FILES:
                    raise InventoryError("is no bundle of a probe: it is too large", file=str(bundle))
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    place = target.joinpath(*path.parts)
                    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    place.write_bytes(content.read())
    except (OSError, tarfile.TarError, EOFError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise InventoryError(f"cannot be read as a bundle: {why}", file=str(bundle)) from None
    manifests = sorted(target.glob(f"*/{form.MANIFEST}"))
    if len(manifests) != 1:
        raise InventoryError("is no bundle of a probe: it holds no recording", file=str(bundle))
    return manifests[0].parent


def plan_of(recording: Recording) -> tuple[Plan, tuple[str, ...]]:
    """What was asked in a recording, and the commands of it that this version does not know."""
    commands: dict[str, list[PlannedCommand]] = {}
    unknown: list[str] = []
    for host, text, sample in recording.entries:
        try:
            entry, parameters = match(text)
        except UnknownCommandError:
            unknown.append(text)
            continue
        if sample in (0, 1, 2):
            fact = Fact.of(host, entry.name, **parameters)
            commands.setdefault(host, []).append(PlannedCommand(text, (fact,), sample))  # type: ignore[arg-type]
    return Plan(tuple(RouterPlan(host, tuple(commands[host])) for host in sorted(commands))), tuple(unknown)
