"""Secrets leave an answer of Azure here, before anything else sees it.

A value goes by the name of its field, wherever it stands; that there was one stays visible. `null` and an empty text
stay: they are no secrets, and whether a key is set is evidence.
"""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "<redacted>"

# sharedKey, serviceKey, authorizationKey, activationKey, radiusServerSecret, secretData, …
_SECRET_NAME = re.compile(
    r"(?:keys?|secrets?|passwords?|passphrase|pwd|tokens?|credentials?|connectionstring|sasur[il]|sas|signature"
    r"|secret(?:value|data|text))$",
    re.IGNORECASE,
)
# Without one of these no pattern below fits: a table of 10,000 routes costs a few searches of short texts.
_TRIGGER = re.compile(r"[=:]|eyJ|bearer", re.IGNORECASE)
_IN_TEXT: Final = (
    # A bearer token, by its form; then anything that says of itself that it is a key.
    (re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){0,2}"), MARK),
    (re.compile(r"(?i)\b(bearer\s+)\S+"), r"\1" + MARK),
    (
        re.compile(
            r"(?i)\b((?:shared|service|authorization|activation|pre-?shared|access|account)[ _-]?key|secret|password"
            r"|signature|sig)\b(['\"]?\s*[:=]\s*['\"]?)[^\s'\"&,;]+"
        ),
        r"\1\2" + MARK,
    ),
    # The signed part of a polling address: time, certificate, signature, hash.
    (re.compile(r"([?&](?:t|c|s|h|sig|se|sp|sv|code)=)[^&\s'\"]+"), r"\1" + MARK),
)


def redact(document: object) -> object:
    """The same JSON document without secrets."""
    if isinstance(document, dict):
        return {
            name: _marked(value) if _SECRET_NAME.search(name) else redact(value) for name, value in document.items()
        }
    if isinstance(document, list):
        return [redact(item) for item in document]
    return redact_text(document) if isinstance(document, str) else document


def redact_text(text: str) -> str:
    """Free text, such as an error message, without what looks like a secret."""
    if not _TRIGGER.search(text):
        return text
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _marked(value: object) -> object:
    return value if value is None or isinstance(value, bool) or value in ("", [], {}) else MARK
