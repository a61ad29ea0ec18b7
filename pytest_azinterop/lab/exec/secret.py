"""Whether an offered password is the one in the configuration, in any of IOS's encodings."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

_TYPE_7_KEY = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
_TYPES = frozenset("056789")
_CISCO_64 = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
)


def matches(configured: str, offered: str) -> bool:
    """``configured`` is what stands after ``secret`` or ``password``: the text, or a type and the text.

    Types 0, 7, 8 (PBKDF2-SHA-256) and 9 (scrypt) are known; an unknown type matches nothing.
    """
    kind, value = _typed(configured)
    match kind:
        case "0":
            return hmac.compare_digest(value.encode(), offered.encode())
        case "7":
            return hmac.compare_digest(reveal_type_7(value).encode(), offered.encode())
        case "8" | "9":
            return _hashed(value, offered)
        case _:
            return False


def in_clear(configured: str) -> str | None:
    """The password itself, None when the configuration only has a hash of it."""
    kind, value = _typed(configured)
    return {"0": value, "7": reveal_type_7(value) if kind == "7" else None}.get(kind)


def _typed(configured: str) -> tuple[str, str]:
    text = configured.strip()
    kind, space, value = text.partition(" ")
    if space and kind in _TYPES:
        return kind, value
    return (text[1], text) if text[:1] == "$" and text[2:3] == "$" and text[1] in _TYPES else ("0", text)


def reveal_type_7(value: str) -> str:
    """The password behind ``password 7``; an empty text when it is not one."""
    try:
        seed, data = int(value[:2]), bytes.fromhex(value[2:])
    except ValueError:
        return ""
    return bytes(byte ^ _TYPE_7_KEY[(seed + at) % len(_TYPE_7_KEY)] for at, byte in enumerate(data)).decode("latin-1")


@lru_cache(maxsize=256)
def _hashed(value: str, offered: str) -> bool:
    parts = value.split("$")
    if len(parts) != 4 or parts[0]:
        return False
    _, kind, salt, wanted = parts
    if kind == "8":
        raw = hashlib.pbkdf2_hmac("sha256", offered.encode(), salt.encode(), 20000, 32)
    elif kind == "9":
        raw = hashlib.scrypt(offered.encode(), salt=salt.encode(), n=16384, r=1, p=1, dklen=32)
    else:
        return False
    text = base64.b64encode(raw).decode().rstrip("=").translate(_CISCO_64)
    return hmac.compare_digest(text, wanted)
