"""Keys and passwords, by what redaction leaves of them: where they stand, their encryption type, whether documented."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify.lint import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import ConfigLine
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration

# What stands in place of a secret; redaction tells a documented one apart because nothing after it can.
_MARK: Final = re.compile(r"(?:(?P<before>\S+) )?(?P<mark><redacted(?::published)?>)(?: (?P<after>\d{1,2})$)?")
_PUBLISHED: Final = "<redacted:published>"
# Keys that guard a tunnel or a routing session.
_GUARDING: Final = re.compile(
    r"(?:.*\b)?(?:pre-shared-key|pre-share key|isakmp key|key-string|message-digest-key|authentication-key)\b.*"
    r"|(?:neighbor \S+ )?password .*|ip ospf .*"
)
_ACCOUNT: Final = re.compile(
    r"(?:username|enable|tacacs|radius|server-private|client|ntp|ppp|.*://).*|(?:server-)?key .*"
)
_REVERSIBLE: Final = {None: "plain-text", "0": "plain-text", "7": "reversible"}


def keys(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Keys in clear or in type 7, which anybody reverses, and keys that stand in public documentation."""
    config = observed.config
    found = []
    for section in config.lines:
        for line, above in _lines(section, ()):
            for match in _MARK.finditer(line.text):
                about = reading.named(expected.router, "line", _words(line.text, above))
                if match["mark"] == _PUBLISHED:
                    found.append(
                        about.finding(
                            "lint.published-key",
                            "key is published in documentation, expected a secret one",
                            cause="documented",
                            evidence=reading.at(config, line),
                        )
                    )
                kind = _type(line.text, match)
                rule = _rule(line.text, in_line=section.text.startswith("line "))
                if rule is not None and kind in _REVERSIBLE:
                    found.append(
                        about.finding(
                            rule,
                            f"encryption is {'none' if kind in (None, '0') else 'type 7'}, "
                            f"expected {'type 6' if rule == 'lint.plain-key' else 'a hash or type 6'}",
                            cause=_REVERSIBLE[kind],
                            evidence=reading.at(config, line),
                        )
                    )
    return reading.judged(config, found, "how keys are stored")


def _rule(text: str, *, in_line: bool) -> str | None:
    if text.startswith("ntp ") or in_line:
        return "lint.plain-password"
    if _GUARDING.fullmatch(text):
        return "lint.plain-key"
    return "lint.plain-password" if _ACCOUNT.fullmatch(text) else None


def _type(text: str, match: re.Match[str]) -> str | None:
    """The encryption type: the number before the secret, or after it (NTP); None where there is none."""
    if text.startswith("ntp "):
        return match["after"]
    before = match["before"]
    if before is None or not before.isdigit():
        return None
    # `message-digest-key 1 md5 7 X` has a type; in `key 1` or `level 15` the number is none.
    numbered = re.search(r"(?:message-digest-key|authentication-key|level|spi) \d+ <", text)
    return None if numbered else before


def _lines(line: ConfigLine, above: tuple[str, ...]) -> Iterator[tuple[ConfigLine, tuple[str, ...]]]:
    """Every line of a section with the lines that it stands under, outermost first."""
    yield line, above
    for child in line.children:
        yield from _lines(child, (*above, line.text))


def _words(text: str, above: tuple[str, ...]) -> str:
    """What a line is about, without what replaced its secret: stable, so that a waiver can name it."""
    own = _MARK.sub(lambda match: match["before"] or "", text).strip()
    return " ".join((*above, own))
