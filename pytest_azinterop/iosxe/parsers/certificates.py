"""`show crypto pki certificates`: a block per certificate, opened by its title at the left margin."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import indent, lines_or_none, not_understood, unterminated
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.certificate import Certificate

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_TITLE = re.compile(r"((?:[A-Z][\w-]+ )*Certificate)(?: \(([\w -]+)\))?")
_VALUE = re.compile(
    r"(Status|Certificate Serial Number(?: \(hex\))?|Certificate Usage|Key Usage|Associated Trustpoints?): ?(.*)"
)
# Names that differ between releases, and while a certificate is pending.
_NAMES = {
    "Certificate Serial Number (hex)": "Certificate Serial Number",
    "Key Usage": "Certificate Usage",
    "Associated Trustpoint": "Associated Trustpoints",
}
_SECTION = re.compile(r"(Issuer|Subject|Validity Date|CRL Distribution Points?|OCSP.*):\s*")
_DATE = re.compile(r"(start|end) +date: (\d\d:\d\d:\d\d) (\S+) ([A-Z][a-z]{2} +\d{1,2} \d{4})")
_MORE = re.compile(
    r"(?:renew date|Storage|Fingerprint[\w ]*|Key Label|Key storage.*|Signature Algorithm|Public Key.*): .*"
)


@dataclass(slots=True)
class _Draft:
    kind: str
    rollover: bool
    first: int
    last: int
    values: dict[str, str] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)
    dates: dict[str, datetime] = field(default_factory=dict)
    zone: str | None = None
    section: tuple[str, int] | None = None
    unread: list[str] = field(default_factory=list)


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[Certificate]:
    """One record per certificate. None: an empty answer with `may_be_empty`.

    An available certificate without its dates and trustpoints was cut off.
    """
    lines = lines_or_none(text, source)
    drafts: list[_Draft] = []
    for index, line in enumerate(lines):
        if not line:
            continue
        if title := _TITLE.fullmatch(line):
            drafts.append(_Draft(title[1], "rollover" in line.casefold(), index, index))
        elif not drafts or indent(line) == 0:
            raise not_understood(lines, index, source, "not a line of a certificate")
        else:
            _read_line(drafts[-1], lines, index, source)
    if not drafts and not may_be_empty:
        raise not_understood(lines, None, source, "the answer does not say that there are no certificates")
    return Parsed(tuple(_record(draft, lines, source) for draft in drafts))


def _read_line(draft: _Draft, lines: list[str], index: int, source: Source) -> None:
    line, words = lines[index], lines[index].strip()
    draft.last = index
    if draft.section is not None and indent(line) > draft.section[1]:
        if found := _DATE.fullmatch(words):
            draft.dates[found[1]], draft.zone = _time(found, lines, index, source), found[3]
        else:
            draft.sections[draft.section[0]].append(words)
        return
    draft.section = None
    if found := _SECTION.fullmatch(words):
        draft.section = (found[1], indent(line))
        draft.sections[found[1]] = []
    elif found := _VALUE.fullmatch(words):
        draft.values[_NAMES.get(found[1], found[1])] = found[2].strip()
    elif unterminated(lines, index):
        raise not_understood(lines, index, source, "the last line may not be complete", cause="cut-off")
    elif not _MORE.fullmatch(words):
        draft.unread.append(words)


def _time(found: re.Match[str], lines: list[str], index: int, source: Source) -> datetime:
    try:
        naive = datetime.strptime(f"{' '.join(found[4].split())} {found[2]}", "%b %d %Y %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        raise not_understood(lines, index, source, "a time that is none") from None
    return naive.replace(tzinfo=UTC) if found[3] in {"UTC", "GMT"} else naive


def _record(draft: _Draft, lines: list[str], source: Source) -> Certificate:
    values = draft.values
    missing = [] if values.get("Status") else ["status"]
    if unterminated(lines, draft.last) and lines[draft.last].strip().startswith("Status:"):
        missing.append("everything below the status")
    if values.get("Status", "").startswith("Available"):
        missing += [name for name in ("start", "end") if name not in draft.dates]
        missing += [] if values.get("Associated Trustpoints") else ["trustpoints"]
    if missing:
        why = f"this certificate is incomplete, missing: {', '.join(missing)}"
        raise not_understood(lines, draft.first, source, why, cause="cut-off")
    return Certificate(
        kind=draft.kind,
        status=values["Status"],
        serial=values.get("Certificate Serial Number"),
        usage=values.get("Certificate Usage"),
        issuer=tuple(draft.sections.get("Issuer", ())),
        subject=tuple(draft.sections.get("Subject", ())),
        not_before=draft.dates.get("start"),
        not_after=draft.dates.get("end"),
        zone=draft.zone,
        trustpoints=tuple(values.get("Associated Trustpoints", "").split()),
        is_rollover=draft.rollover,
        unread=tuple(draft.unread),
        source=source.at(draft.first + 1, draft.last + 1),
    )
