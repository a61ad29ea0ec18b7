"""Judgement about the archive of earlier configurations, which timed rollbacks need.

Source: Cisco IOS XE configuration management guide, configuration replace and rollback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, subject
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedDevice
    from pytest_azinterop.intent.models import Archive
    from pytest_azinterop.state.operations import ConfigArchive
    from pytest_azinterop.verify.finding import Finding

# File systems that are reached over the network.
_REMOTE: Final = ("ftp", "ftps", "http", "https", "rcp", "scp", "sftp", "tftp")


@dataclass(frozen=True, slots=True)
class ObservedArchive:
    """The archive as the router shows it."""

    archive: ConfigArchive


def kept(expected: ExpectedDevice, observed: ObservedArchive) -> list[Finding]:
    """The archive is on, keeps as many files as declared, where declared."""
    if expected.archive is None:
        return []
    return [
        subject.of_device(expected).finding(
            "device.archive",
            f"{what} is {seen}, expected {wanted}",
            cause=cause,
            evidence=[observed.archive.source],
            next_command="show running-config | section archive",
        )
        for cause, what, seen, wanted in _complaints(expected.archive, observed.archive)
    ]


def _complaints(wanted: Archive, seen: ConfigArchive) -> Iterator[tuple[str, str, str, str]]:
    if not seen.enabled:
        yield "disabled", "archive of configurations", "off", "on"
        return
    if wanted.maximum is not None and seen.maximum != wanted.maximum:
        yield "maximum", "number of configurations kept", str(seen.maximum), str(wanted.maximum)
    if wanted.path is None and not wanted.local:
        return
    if seen.next_file is None:
        evidence.undetermined("the name of the next archive file was not printed", "not-understood", seen.source)
    system = seen.next_file.partition(":")[0].casefold()
    if wanted.local and system in _REMOTE:
        yield "remote", "archive", f"at {clean(seen.next_file)}", "on the router itself"
    elif wanted.path is not None and not seen.next_file.casefold().startswith(wanted.path.casefold()):
        yield "other-path", "archive", f"at {clean(seen.next_file)}", f"at {wanted.path}"
