"""`show logging`: the state of logging, then the buffer. What a buffer holds is anybody's text."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Final

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.operations import LogBuffer, LogMessage

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

KEPT: Final = 5000  # the newest messages of a buffer that stay on the record
_STATE = re.compile(r"Syslog logging: (enabled|disabled)\b.*")
_BUFFER_STATE = re.compile(r"\s*Buffer logging:\s+(?:level \w+, (\d+) messages logged|disabled).*")
_BUFFER = re.compile(r"\s*Log Buffer \((\d+) bytes\):\s*")
_MESSAGE = re.compile(
    r"(?P<stamp>[^%]{0,80}?):? ?%(?P<facility>[A-Z0-9_]+(?:-[A-Z0-9_]+)*)-(?P<severity>[0-7])-"
    r"(?P<mnemonic>[A-Z0-9_]+): ?(?P<text>.*)"
)


def parse(text: str, source: Source) -> Parsed[LogBuffer]:
    """One record. The line that says how logging is set and, where the buffer is used, its own title are required."""
    lines = lines_of(text, source, keep_messages=True)
    first = next(index for index, line in enumerate(lines) if line)
    state = _STATE.fullmatch(lines[first].strip())
    if state is None:
        raise not_understood(lines, first, source, "not the state of logging")
    start = next((index for index, line in enumerate(lines) if _BUFFER.fullmatch(line)), None)
    head = lines[first : start if start is not None else len(lines)]
    buffer = next((found for line in head if (found := _BUFFER_STATE.fullmatch(line))), None)
    if buffer is None or (start is None and buffer[1] is not None):
        raise not_understood(lines, None, source, "the log buffer is missing", cause="cut-off")
    messages: deque[LogMessage] = deque(maxlen=KEPT)
    seen = other = 0
    for index in range(start + 1 if start is not None else len(lines), len(lines)):
        found = _MESSAGE.fullmatch(lines[index])
        if found:
            seen += 1
            messages.append(
                LogMessage(
                    stamp=found["stamp"].strip(),
                    facility=found["facility"],
                    severity=int(found["severity"]),
                    mnemonic=found["mnemonic"],
                    text=found["text"],
                    line=index + 1,
                )
            )
        elif lines[index]:
            other += 1
    size = _BUFFER.fullmatch(lines[start]) if start is not None else None
    record = LogBuffer(
        enabled=state[1] == "enabled",
        size=int(size[1]) if size else None,
        logged=int(buffer[1]) if buffer[1] else None,
        messages=tuple(messages),
        earlier=seen - len(messages),
        other=other,
        source=source,
    )
    return Parsed((record,))
