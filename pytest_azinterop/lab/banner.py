"""The banners of a running-config."""

from __future__ import annotations

import re

_BANNER = r"^banner {kind} (\^C|\S)(.*?)\1"


def banner(configuration: str, kind: str) -> str:
    """The text of ``banner KIND``, with ``$(hostname)`` filled in; an empty text when there is none."""
    found = re.search(_BANNER.format(kind=re.escape(kind)), configuration, re.MULTILINE | re.DOTALL)
    if found is None:
        return ""
    name = re.search(r"^hostname (\S+)", configuration, re.MULTILINE)
    text = found[2].replace("$(hostname)", name[1] if name else "Router")
    return text.lstrip("\n") + ("" if text.endswith("\n") else "\n")
