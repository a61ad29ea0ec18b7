"""Processors, software and flash: `show redundancy`, `show issu state`, `show install summary`, `dir`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.platform import FileSystem, InstalledPackage, InstallSummary, IssuState, Redundancy

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_PAIR = re.compile(r"\s*(?P<name>[A-Z][\w ]*?)\s*=\s*(?P<value>.*)")
_TITLE = re.compile(r"(Redundant System|Current Processor|Peer Processor) Information\s*:")
_NO_PEER = re.compile(r"Peer (?:Processor )?(?:\(slot: \S+\) )?information is not available because .*", re.IGNORECASE)
_STATE = "Current Software state"
_QUIET = "No ISSU operation is in progress"
_ISSU_NOISE = re.compile(r"---.*---|(?:Starting|Finished) local lock acquisition on \S+")
_ISSU_BUSY = re.compile(
    r"(?:Last operation|Operation type|Slot being modified|Rollback|Running image)\b.*:.*", re.IGNORECASE
)
_INSTALL_ROW = re.compile(r"([A-Z]{2,8})\s+([IUCD])\s+(\S.*)")
_INSTALL_TIMER = re.compile(r"Auto abort timer:\s*(\S.*)")
_DIRECTORY = re.compile(r"Directory of (\S+)")
_FILE = re.compile(r"\s*\d+\s+[-d][-rwx]{3,9}\s+\d+\s+\S.*?\s(\S+)")
_SIZE = re.compile(r"(\d+) bytes total \((\d+) bytes free\)")


def parse_redundancy(text: str, source: Source) -> Parsed[Redundancy]:
    """One record. The parts are the system's, the current processor's, and the peer's or the word that there is none;
    lines of an image's version that are broken stay unread."""
    lines = lines_of(text, source)
    parts: dict[str, dict[str, str]] = {}
    part = ""
    no_peer = False
    unread: list[str] = []
    for line in lines:
        if not line or line.startswith("---"):
            continue
        if title := _TITLE.fullmatch(line.strip()):
            part = title[1]
            parts.setdefault(part, {})
        elif _NO_PEER.fullmatch(line.strip()):
            no_peer = True
        elif part and (pair := _PAIR.fullmatch(line)):
            parts[part].setdefault(pair["name"], pair["value"].strip())
        else:
            unread.append(line.strip())
    system, own = parts.get("Redundant System", {}), parts.get("Current Processor", {})
    peer = parts.get("Peer Processor")
    if (peer is None) is not no_peer or (peer is not None and _STATE not in peer):
        raise not_understood(lines, None, source, "nothing is said about the other processor", cause="cut-off")
    try:
        record = Redundancy(
            hardware_mode=system["Hardware Mode"],
            operating_mode=system["Operating Redundancy Mode"],
            state=own[_STATE],
            peer_state=None if peer is None else peer[_STATE],
            switchovers=int(system["Switchovers system experienced"]),
            source=source,
        )
    except (KeyError, ValueError):
        raise not_understood(lines, None, source, "the redundancy is told in part", cause="cut-off") from None
    return Parsed((record,), tuple(unread))


def parse_issu(text: str, source: Source) -> Parsed[IssuState]:
    """One record: quiet only where the router says so, under way where it names an operation."""
    lines = lines_of(text, source)
    content = [line.strip() for line in lines if line and not _ISSU_NOISE.fullmatch(line.strip())]
    quiet = _QUIET in content
    busy = any(_ISSU_BUSY.fullmatch(line) for line in content)
    if quiet is busy:
        raise not_understood(lines, None, source, "neither an operation nor the word that there is none")
    return Parsed((IssuState(busy, tuple(content) if busy else (), source=source),))


def parse_install(text: str, source: Source) -> Parsed[InstallSummary]:
    """One record; the line of the timer is the last and required, a package at least too."""
    lines = lines_of(text, source)
    packages: list[InstalledPackage] = []
    timer: str | None = None
    unread: list[str] = []
    for line in lines:
        words = line.strip()
        if row := _INSTALL_ROW.fullmatch(words):
            packages.append(InstalledPackage(row[1], row[2], row[3].strip()))
        elif found := _INSTALL_TIMER.fullmatch(words):
            timer = found[1].strip()
        elif words and not words.startswith("---"):
            unread.append(words)
    if timer is None or not packages:
        raise not_understood(lines, None, source, "no package, or no word about the abort timer", cause="cut-off")
    return Parsed((InstallSummary(tuple(packages), timer, source=source),), tuple(unread))


def parse_directory(text: str, source: Source) -> Parsed[FileSystem]:
    """One record; the line of sizes comes last and is required."""
    lines = lines_of(text, source)
    name: str | None = None
    size: re.Match[str] | None = None
    files: list[str] = []
    for index, line in enumerate(lines):
        words = line.strip()
        if size is not None and words:
            raise not_understood(lines, index, source, "a line behind the sizes")
        if title := _DIRECTORY.fullmatch(words):
            name = title[1]
        elif row := _FILE.fullmatch(line):
            files.append(row[1])
        elif found := _SIZE.fullmatch(words):
            size = found
        elif words and words != "No files in directory":
            raise not_understood(lines, index, source, "not a row of a directory")
    if name is None or size is None:
        raise not_understood(lines, None, source, "the directory is told in part", cause="cut-off")
    return Parsed((FileSystem(name, tuple(files), int(size[1]), int(size[2]), source=source),))
