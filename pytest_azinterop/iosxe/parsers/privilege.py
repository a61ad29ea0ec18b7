"""`show privilege`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.device import Privilege

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_LEVEL = re.compile(r"\s*Current privilege level is (\d{1,2})\s*")


def parse(text: str, source: Source) -> Parsed[Privilege]:
    """One record."""
    lines = lines_of(text, source)
    content = [index for index, line in enumerate(lines) if line]
    found = _LEVEL.fullmatch(lines[content[0]])
    if found is None or len(content) > 1:
        raise not_understood(lines, content[-1], source, "not a privilege level")
    return Parsed((Privilege(int(found.group(1)), source=source.at(content[0] + 1)),))
