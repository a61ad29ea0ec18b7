"""Keys and passwords leave an answer here, before anything else sees it; their kind and encryption type stay.

Follows the places where IOS-XE's command references take a secret, whether the line stands in a configuration, an
archive difference or a logged command. A line is never joined, split or dropped. Where a line could go on after a
secret with more of it, everything to its end goes.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_azinterop.iosxe.published_keys import is_published

MARK: Final = "<redacted>"
# Of a key that stands in public documentation: the fact is evidence, and it can be told only here.
PUBLISHED_MARK: Final = "<redacted:published>"

# Without any of these (lower case) there is nothing to do: a table of 10,000 routes costs a few substring searches.
_TRIGGERS: Final = (
    "key",
    "passw",
    "passphrase",
    "secret",
    "psk",
    "community name",
    "snmp-server",
    "authentication",
    "-----begin",
    "certificate",
    "://",
    "idtoken",
    "md5",
    "sha1",
    " priv ",
    " v3 ",
)

_TYPE = r"(?:[ \t]+\d{1,2}(?=[ \t]+\S))?"  # an encryption type, when something follows it
_REST = r"[ \t]+(?P<{0}>\S(?:[^\r\n]*\S)?)"
_ONE = r"[ \t]+(?P<{0}>\S+)"


def _alternatives() -> str:
    to_end = (
        r"\bpre-shared-key[ \t]+(?:address|hostname)[ \t][^\r\n]{0,200}?[ \t]key" + _TYPE,
        r"\bpre-shared-key(?![ \t]+key-chain\b)(?:[ \t]+(?:local|remote))?(?:[ \t]+hex)?" + _TYPE,
        r"\bpre-share[ \t]+key" + _TYPE,
        r"\b(?:password|passwd|passphrase|secret)(?![ \t]+encryption\b)(?:[ \t]+level[ \t]+\d+)?"
        r"(?:[ \t]+option[ \t]+\d+[ \t]+for[ \t]+\S+)?" + _TYPE,
        r"\bkey-string(?:[ \t]+(?:hexadecimal|ascii))?" + _TYPE,
        r"\b(?:radius|tacacs)-server[ \t](?:[^\r\n]{0,200}[ \t])?key" + _TYPE,
        r"\b(?:server-private|client)[ \t][^\r\n]{0,200}[ \t](?:server-)?key" + _TYPE,
        r"\bkey[ \t]+config-key[ \t]+\S+",
        r"\bppk[ \t]+(?:manual|dynamic)[ \t][^\r\n]{0,200}?\bkey" + _TYPE,
        r"\b(?:wpa-psk|psk|set-key)[ \t]+(?:ascii|hex)" + _TYPE,
        r"\b(?:area|domain)-password(?:[ \t]+clear)?" + _TYPE,
        r"\bnhrp[ \t]+authentication" + _TYPE,
        r"\bauthentication[ \t]+text" + _TYPE,
        r"\bauthentication[ \t]+mode[ \t]+hmac-sha-256" + _TYPE,
        r"\bsession-key[ \t]+(?:inbound|outbound)[ \t]+(?:esp|ah)[ \t]+\d+(?:[ \t]+cipher)?",
        r"\bipsec[ \t]+spi[ \t]+\d+[ \t]+"
        r"(?:esp[ \t]+(?:null[ \t]+(?:md5|sha1)|aes-cbc[ \t]+\d+|3?des)|md5|sha1)" + _TYPE,
        # `key` as the first word of a line: of a TACACS+, RADIUS or LDAP server, not the number of a key in a chain
        r"(?:^(?:[ \t]*[-+!])?[ \t]+|\bcommand:[ \t]*)(?:server-)?key(?![ \t]+chain\b)"
        r"(?![ \t]+[0-9A-Fa-f]{1,64}[ \t]*\r?\n[-+! \t]*(?:key-string|accept-|send-|cryptographic-|include-))" + _TYPE,
    )
    one_word = (
        r"\bisakmp[ \t]+key" + _TYPE,
        r"\bmessage-digest-key[ \t]+\d+[ \t]+md5" + _TYPE,
        r"\bauthentication-key[ \t]+\d+[ \t]+\S+",
        r"\bauthentication-key" + _TYPE,
        r"\b(?:standby|vrrp)[ \t]+\d+[ \t]+authentication(?![ \t]+(?:md5|text)\b)",
        r"\bsnmp-server[ \t]+community" + _TYPE,
        r"\bcommunity[ \t]+name:",
        r"\bsnmp-server[ \t]+host[ \t]+\S+(?:[ \t]+vrf[ \t]+\S+)?(?:[ \t]+(?:informs|traps))?"
        r"(?:[ \t]+version[ \t]+(?:1|2c|3[ \t]+(?:auth|noauth|priv)))?",
        r"\bidtoken",
    )
    parts = [f"{kept}{_REST.format(f'rest{n}')}" for n, kept in enumerate(to_end)]
    parts.append(
        r"\b(?:password|passwd|passphrase|secret|pre-shared[ -]key|psk)[ \t]*[=:][ \t]*(?P<equals>\S(?:[^\r\n]*\S)?)"
    )
    parts += [f"{kept}{_ONE.format(f'word{n}')}" for n, kept in enumerate(one_word)]
    # `snmp-server user NAME GROUP v3 [encrypted] auth sha X priv aes 128 Y …`
    parts.append(r"\bv3[ \t]+(?:encrypted[ \t]+)?auth[ \t]+(?:md5|sha\S*)[ \t]+(?P<auth>\S+)")
    parts.append(r"\bpriv[ \t]+(?:3des|des\S*|aes(?:[ \t]+\d+)?)[ \t]+(?P<priv>\S+)")
    parts.append(r"\b[a-z][a-z0-9+.-]*://[^\s:/@]+:(?P<url>[^\s@]+)(?=@)")
    body = r"[A-Za-z0-9+/]{16,80}={0,2}|[A-Za-z0-9+/]+={1,2}|[A-Za-z0-9+/]{1,80}(?=\s*-----END)"
    parts.append(
        rf"-----BEGIN[^\r\n]*(?P<pem>(?:\r?\n[ \t]*(?:{body}|(?:Proc-Type|DEK-Info):[^\r\n]*)?(?=[\r\n]|\Z))+)"
    )
    parts.append(r"^[ \t]*certificate[ \t][^\r\n]*(?P<hex>(?:\r?\n[ \t]+[0-9A-F][0-9A-F \t]*(?=[\r\n]|\Z))+)")
    word_starts = "|".join(part.removeprefix(r"\b") for part in parts if part.startswith(r"\b"))
    return "|".join((rf"\b(?:{word_starts})", *(part for part in parts if not part.startswith(r"\b"))))


_SECRET = re.compile(_alternatives(), re.IGNORECASE | re.MULTILINE)
_LINE_BODY = re.compile(r"[^\s<](?:[^\r\n]*\S)?")
_ENCRYPTION_TYPE = re.compile(r"(?:^|\s)(\d{1,2})[ \t]+$")


def _replace(found: re.Match[str]) -> str:
    """The match with its secret replaced; of a block every line by itself."""
    group = found.lastgroup
    if group is None:
        raise AssertionError("every alternative names its secret")
    start, end = (edge - found.start() for edge in found.span(group))
    whole = found.group()
    secret = whole[start:end]
    if group in {"pem", "hex"}:
        marked = _LINE_BODY.sub(MARK, secret)
    elif secret == PUBLISHED_MARK or is_published(secret, _encryption_type(whole[:start])):
        marked = PUBLISHED_MARK
    else:
        marked = MARK
    return whole[:start] + marked + whole[end:]


def _encryption_type(before: str) -> str | None:
    """The type that stands right before a secret, None where there is none."""
    found = _ENCRYPTION_TYPE.search(before)
    return None if found is None else found[1]


# What may go on below its first line: the body of a key or certificate. One more line is context for the others.
_BLOCK = re.compile(r"[^\n]*\n(?:(?:[A-Za-z0-9+/=\- \t]*|[ \t]*(?:Proc-Type|DEK-Info):[^\r\n]*)\r?\n)*[^\n]*(?:\n|\Z)")
_BLOCK_TRIGGERS: Final = ("-----begin", "certificate")
_TWO_LINES = re.compile(r"[^\n]*(?:\n[^\n]*)?(?:\n|\Z)")


def redact(text: str) -> str:
    """The same lines with every key, password and community replaced by `<redacted>`. Idempotent.

    One that stands in public documentation becomes `<redacted:published>`.

    Only lines with one of the trigger words are looked at, each with what can belong to it below; the time grows with
    the length of those.
    """
    parts: list[str] = []
    done = 0
    for start, end in _suspects(text):
        parts += (text[done:start], _SECRET.sub(_replace, text[start:end]))
        done = end
    return text if not parts else "".join((*parts, text[done:]))


def _suspects(text: str) -> list[tuple[int, int]]:
    """The spans of whole lines that may hold a secret, in order and apart from each other."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter whose small form has another length: positions would not agree
        return [(0, len(text))] if any(trigger in lowered for trigger in _TRIGGERS) else []
    starts: dict[int, bool] = {}
    for trigger in _TRIGGERS:
        at = lowered.find(trigger)
        while at != -1:
            line = lowered.rfind("\n", 0, at) + 1
            starts[line] = starts.get(line, False) or trigger in _BLOCK_TRIGGERS
            following = lowered.find("\n", at)
            at = -1 if following == -1 else lowered.find(trigger, following)
    spans: list[tuple[int, int]] = []
    for line in sorted(starts):
        found = (_BLOCK if starts[line] else _TWO_LINES).match(text, line)
        end = found.end() if found else len(text)
        if spans and line <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((line, end))
    return spans
