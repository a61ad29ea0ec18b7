"""What the parser tests share: a source, a small renderer of IOS-XE's BGP tables, and the corpus of real answers."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_azinterop.state.source import Source

SOURCE = Source("ce1", "show something", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))

HEAD = """BGP table version is 17, local router ID is 10.0.0.1
Status codes: s suppressed, d damped, h history, * valid, > best, i - internal,
              r RIB-failure, S Stale, m multipath, b backup-path, f RT-Filter,
              x best-external, a additional-path, c RIB-compressed,
              t secondary path, L long-lived-stale,
Origin codes: i - IGP, e - EGP, ? - incomplete
RPKI validation codes: V valid, I invalid, N Not found

     Network          Next Hop            Metric LocPrf Weight Path
"""


def cell(value: int | None, width: int) -> str:
    return " " * width if value is None else f"{value:>{width}}"


def row(
    status: str,
    network: str,
    next_hop: str,
    metric: int | None,
    preference: int | None,
    weight: int,
    path: str,
    origin: str,
) -> str:
    """A row as IOS-XE 16 and later print it: the network in column 6, the next hop 17 columns on, long ones wrapped."""
    head = f"{status:<6}"
    if len(network) >= 17:
        head += network + "\n" + " " * 22
    else:
        head += f"{network:<17}"
    if len(next_hop) >= 16:
        head += next_hop + "\n" + " " * 38
    else:
        head += f"{next_hop:<16}"
    return f"{head}{cell(metric, 10)}{cell(preference, 7)}{cell(weight, 7)} {path}{' ' if path else ''}{origin}\n"


def corpus(kind: str) -> list[Path]:
    """The samples of one directory of the corpus, none where there is no corpus."""
    root = Path(os.environ.get("AZINTEROP_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))
    return sorted((root / "iosxe" / kind).glob("*.txt"))


def corpus_cases(kind: str, *leave_out: str) -> list[object]:
    """Parametrize values: every sample by its name, or one that skips and says why."""
    paths = [path for path in corpus(kind) if not any(words in path.name for words in leave_out)]
    if not paths:
        reason = "the corpus of real router output is not here (AZINTEROP_CORPUS)"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="no-corpus")]
    return [pytest.param(path, id=path.stem) for path in paths]
