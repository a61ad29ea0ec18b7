"""The text of a probe, for the terminal and for the bundle. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from pytest_azinterop.report.terminal import clean, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_azinterop.contact.probe import Row
    from pytest_azinterop.state.device import DeviceFacts

_HEAD = ("authorised", "parsed", "rows", "unread", "bytes", "seconds", "command")
MOST_LINES: Final = 40  # unread lines of one command that are shown
_WORDS = {True: "yes", False: "no", None: "-"}


def lines(
    host: str, device: DeviceFacts | None, found: Sequence[Row], not_seen: Sequence[str], notes: Sequence[str]
) -> Iterator[str]:
    """Who answered, a row per command, what was not read and why, what the account may not see."""
    if device is not None:
        yield clean(f"{host}: {device.hostname}, {device.model}, {device.release}, serial {device.serial}", 200)
    yield from _table([_HEAD, *map(_cells, found)])
    odd = [row for row in found if row.cause is not None]
    if odd:
        yield ""
        for row in odd:
            yield f"{clean(row.command, 120)} [{row.cause}]"
            yield f"  {clean(row.detail or '', 200)}"
    yield from _unread(found)
    if not_seen:
        yield ""
        yield "What this account does not see:"
        yield from (f"  {clean(words)}" for words in not_seen)
    yield from (("", *(clean(note) for note in notes)) if notes else ())
    yield ""
    yield _sum(host, found)


def _unread(found: Sequence[Row]) -> Iterator[str]:
    """The lines that no parser reads, each once per command with how often it stands there."""
    if any(row.unread for row in found):
        yield ""
        yield "Lines that no parser reads:"
    for row in found:
        counted = Counter(line.strip() for line in row.unread)
        if counted:
            yield f"  {clean(row.command, 120)}"
        for line, count in list(counted.items())[:MOST_LINES]:
            yield f"    {clean(line, 160)}" + (f" (x{count})" if count > 1 else "")
        if len(counted) > MOST_LINES:
            yield f"    ... and {plural(len(counted) - MOST_LINES, 'more line')}"


def _cells(row: Row) -> tuple[str, ...]:
    parsed = _WORDS[row.parsed] if row.cause is None or not row.is_fine else "none"
    counts = (str(row.rows), str(len(row.unread))) if row.cause is None else ("-", "-")
    return (_WORDS[row.authorised], parsed, *counts, str(row.size), f"{row.seconds:.2f}", clean(row.command, 120))


def _table(cells: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Columns as wide as their widest cell; numbers to the right, the command last."""
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    for row in cells:
        left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(row[2:-1], widths[2:-1], strict=True)]
        yield "  ".join((*left, *right, row[-1]))


def _sum(host: str, found: Sequence[Row]) -> str:
    read = sum(row.cause is None for row in found)
    none = sum(row.cause is not None and row.is_fine for row in found)
    failed = len(found) - read - none
    unread = sum(len(row.unread) for row in found)
    size, seconds = sum(row.size for row in found), sum(row.seconds for row in found)
    parts = [f"{plural(len(found), 'command')}: {read} read"]
    parts += [f"{none} answered that there is none"] if none else []
    parts += [f"{failed} refused or not read"] if failed else []
    parts += [f"{plural(unread, 'line')} unread"]
    return f"{clean(host, 100)}: {', '.join(parts)}; {size} bytes, {seconds:.1f} s"
