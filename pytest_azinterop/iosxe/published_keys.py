"""Keys and passwords that stand in public documentation, told by their digests: a router that uses one has no key.

The digests are SHA-256 of the plain text. From Microsoft's VPN and interoperability articles, from the examples of
common infrastructure-as-code providers for Azure, and from Cisco's configuration guides.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

_DIGESTS: Final = frozenset(
    (
        "0fc5ec3ed9da5f88024a9e1b08d2ea1e480458c26cf65eafd9a5e2ac2bc62b62",
        "266b87ce6164646dd4c97299f40e2dd802f5c17d8f7772d343fa22417ae41b1c",
        "41037d56c19d08e4c3988df4ede5e1ba2c41dc2c5a83d1d3f18f0fbc7b9f758d",
        "6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090",
        "76b4ad6c1ff8fda2e5bb95d1b9a2a100e8d00ef87e203125c5548d81a2d5888f",
        "9ea1d78dc5848a84095764daf4e54b0b96e53f42035e11b27c7ee15d5cc69a4b",
        "a84c1fb704493d7378e4ad537575c9794407427715261f1bf94398ba16896c46",
        "e2cb716ddb55a58fc0664255aa189ef243a73f5a68656a8dc4b6d8b51fc714a2",
        "e73b79a0b10f8cdb6ac7dbe4c0a5e25776e1148784b86cf98f7d6719d472af69",
        "efca12869a209687583bef664c480b9016dfeafe337226de9f90174522b1b5ff",
    )
)

# What IOS-XE's type 7 is combined with, byte by byte (the algorithm and its constant have been public since 1995).
_TYPE_7: Final = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
_TYPE_7_TEXT: Final = re.compile(r"[0-9]{2}(?:[0-9A-Fa-f]{2})+")


def is_published(key: str, encryption_type: str | None = None) -> bool:
    """Whether this key, as configured, is a documented one. Type 7 is reversed; of any other type than that and
    0 (None: no type given) nothing can be told: False.
    """
    if encryption_type in (None, "0"):
        plain = key.encode("utf-8", "surrogatepass")
    elif encryption_type == "7" and _TYPE_7_TEXT.fullmatch(key):
        start, body = int(key[:2]), bytes.fromhex(key[2:])
        plain = bytes(byte ^ _TYPE_7[(start + index) % len(_TYPE_7)] for index, byte in enumerate(body))
    else:
        return False
    return hashlib.sha256(plain).hexdigest() in _DIGESTS
