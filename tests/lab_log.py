"""The lab's log as a test reads it, also while the lab is running."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def lab_events(log: Path, *kinds: str) -> list[dict[str, Any]]:
    """The events of these kinds, all of them where none is named.

    A line that is being written has no end yet and belongs to the next look: to a reader even a single `write` may
    become visible in two parts.
    """
    whole, _, _ = log.read_text(encoding="utf-8").rpartition("\n")
    told: list[dict[str, Any]] = [json.loads(line) for line in whole.splitlines()]
    return [event for event in told if not kinds or event["event"] in kinds]
