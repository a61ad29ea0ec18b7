"""The text of failures, errors and the lines around a run, for an engineer at two in the morning. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_azinterop.state.azure_source import AzureSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pytest_azinterop.errors import UndeterminedError
    from pytest_azinterop.intent.models import Waiver
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding

MAXIMUM = 600  # characters of one text that a device may have had its part in
MAXIMUM_EVIDENCE = 4
MAXIMUM_FIRST = 160  # characters of a fault in the line that tells the whole run
_NAMES = 20  # routers that one line names
# What differs between routers that fail alike: address and port, fingerprint of a host key.
_ADDRESS = re.compile(r"\[[^\]\s]+\]:\d+|\b\d+\.\d+\.\d+\.\d+\b|\bSHA256:\S+|\b\d+ bytes\b")
SEVERITIES = ("critical", "high", "medium", "low", "info")
# What the names of rules begin with, from what causes to what follows from it.
_LAYERS = (
    ("device.", "interface."),
    ("azure.",),
    ("msee.", "lan."),
    ("tunnel.", "ike.", "ipsec.", "certificate."),
    ("vpn.", "bfd."),
    ("bgp.",),
    ("policy.",),
    ("routes.",),
    ("site.",),
    ("sides.",),
    ("reach.",),
)
_OF_TUNNELS = (
    ("tunnel.source", "tunnel.destination", "tunnel.mode", "tunnel.protection"),
    ("ike.", "certificate."),
    ("ipsec.",),
    ("tunnel.",),
)
_TUNNEL_LAYER = next(place for place, names in enumerate(_LAYERS) if "tunnel." in names)
_PLAIN = frozenset({"shutdown", "null-route", "no-ipv6-routing", "no-multihop"})
_TUNNEL_INTERFACE = re.compile(r"/tunnel\d+$", re.IGNORECASE)
Identity = tuple[str, str, str, str]


def clean(text: str, limit: int = MAXIMUM) -> str:
    """Text from a device, made safe for a terminal: control and formatting characters escaped, length bounded."""
    bounded = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in bounded)


def rank(finding: Finding) -> int:
    """The place of a finding's severity: 0 is the gravest."""
    return SEVERITIES.index(finding.severity)


def layer(rule: str) -> int:
    """The place of what a rule is about, from what causes to what follows: router and its ports, tunnel, BGP session,
    routes, site, and last what differs from a recording or may hurt later.
    """
    return next((place for place, names in enumerate(_LAYERS) if rule.startswith(names)), len(_LAYERS))


def consequence(finding: Finding) -> int:
    """The place of a finding about a tunnel among those: how it is made, its IKE SA, its IPsec SAs, its state.

    That the other router does not want a session comes after that router's own finding. What a router's own facts say
    of a session comes before what was felt of it.
    That an interface is down without being shut is a consequence where the interface is a tunnel.
    """
    if finding.rule == "interface.state" and finding.cause != "shut" and _TUNNEL_INTERFACE.search(finding.object):
        return len(_OF_TUNNELS)
    if finding.rule == "bgp.state":
        return 0 if finding.cause in _PLAIN else 1 + int(finding.cause.startswith("far-end-"))
    if finding.rule == "tunnel.state" and finding.cause in ("shut", "missing"):
        return 0
    return next((place for place, names in enumerate(_OF_TUNNELS) if finding.rule.startswith(names)), 0)


def gravity(finding: Finding) -> tuple[int, int, int]:
    """Sorts the gravest finding first, and of equal ones causes before what follows from them."""
    after = consequence(finding)
    return rank(finding), _TUNNEL_LAYER if after == len(_OF_TUNNELS) else layer(finding.rule), after


def identity(finding: Finding) -> Identity:
    """What makes two findings the same one for a reader, wherever they were read."""
    return finding.rule, finding.object, finding.cause, finding.message


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, with the evidence of all that are the same."""
    found: dict[Identity, Finding] = {}
    for each in findings:
        first = found.get(identity(each))
        if first is None:
            found[identity(each)] = each
        else:
            found[identity(each)] = replace(first, evidence=tuple(dict.fromkeys((*first.evidence, *each.evidence))))
    return list(found.values())


def findings_text(findings: Iterable[Finding], notes: Mapping[Finding, str]) -> str:
    """One block per finding, the gravest first, causes before what follows from them."""
    return "\n".join(finding_text(finding, notes.get(finding)) for finding in sorted(findings, key=gravity))


def finding_text(finding: Finding, note: str | None = None) -> str:
    """What is and what was expected; then the likely cause, where it was read, and what to type next."""
    lines = [clean(finding.message)]
    if finding.likely:
        lines.append(f"  likely:   {clean(finding.likely)}")
    lines += evidence_lines(finding.evidence)
    if (command := typed(finding)) is not None:
        lines.append(f"  next:     {clean(command)}")
    lines.append(
        f"  rule:     {finding.rule} ({finding.severity}), cause {finding.cause}, object {clean(finding.object)}"
    )
    if note:
        lines.append(f"  note:     {clean(note)}")
    return "\n".join(lines)


def typed(finding: Finding) -> str | None:
    """The command to type next, with where: on which router, or in Azure's client. None: there is none.

    It is the router that the finding is about, else the first that its evidence is from. A command that says where it
    is typed is left as it is.
    """
    command = finding.next_command
    if command is None or command.startswith("on "):
        return command
    if command.startswith("az "):
        return f"Azure CLI: {command}"
    parts = finding.object.split("/")
    hosts = [each.host for each in finding.evidence if not isinstance(each, AzureSource)]
    router = next((each for each in (parts[0], parts[-1], *hosts) if each in hosts), None)
    return command if router is None else f"on {router}: {command}"


def with_others(text: str, others: int) -> str:
    """A finding's block, with the number of other checks that fail with the same finding."""
    return f"{text}\n  also fails {others} other check{'' if others == 1 else 's'}" if others else text


def evidence_lines(sources: Sequence[Source]) -> list[str]:
    """Where it was read: one line per answer, with the lines of it that say so."""
    answers: dict[tuple[str, str, datetime], list[tuple[int, int]]] = {}
    for source in sources:
        ranges = answers.setdefault((source.host, source.command, source.asked_at), [])
        if source.lines is not None:
            ranges.append(source.lines)
    days = {asked_at.date() for _, _, asked_at in answers}
    time = "%H:%M:%SZ" if len(days) < 2 else "%Y-%m-%d %H:%M:%SZ"
    shown = [_answer_words(*answer, ranges, time) for answer, ranges in answers.items()]
    lines = [f"  evidence: {clean(words)}" for words in shown[:MAXIMUM_EVIDENCE]]
    if len(shown) > MAXIMUM_EVIDENCE:
        lines.append(f"            … and {len(shown) - MAXIMUM_EVIDENCE} more")
    return lines


def _answer_words(host: str, command: str, asked_at: datetime, ranges: Sequence[tuple[int, int]], time: str) -> str:
    narrow = joined(ranges)
    where = ""
    if narrow:
        spans = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in narrow)
        where = f", line{'' if spans.isdigit() else 's'} {spans}"
    return f"{host}: {command}{where}, {asked_at.strftime(time)}"


def joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The narrowest of these ranges of lines, neighboring ones as one: a range around a narrower one says less."""
    given = sorted(set(ranges))
    narrow = [
        each
        for each in given
        if not any(other != each and each[0] <= other[0] and other[1] <= each[1] for other in given)
    ]
    found: list[tuple[int, int]] = []
    for first, last in narrow:
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def undetermined_text(error: UndeterminedError) -> str:
    """Why a fact could not be determined, with the line that was not understood where there is one."""
    lines = [f"{_with_host(error)} [{error.cause}]"]
    line = getattr(error, "line", None)
    if line is not None and not error.message.endswith(f": {line.strip()}"):
        number = getattr(error, "line_number", None)
        lines.append(f"  line{'' if number is None else f' {number}'}: {clean(line, 200)}")
    if error.command and error.command not in error.message:
        lines.append(f"  command: {clean(error.command)}")
    return "\n".join(lines)


def _with_host(error: UndeterminedError) -> str:
    message = clean(error.message)
    return message if not error.host or message.startswith(error.host) else f"{clean(error.host)}: {message}"


def waived_text(covered: Iterable[tuple[Finding, Waiver]]) -> str:
    """The gravest waived finding (rule, cause, object), how many further ones there are, and its waiver: one line."""
    found = sorted(covered, key=lambda each: gravity(each[0]))
    finding, waiver = found[0]
    more = f" and {plural(len(found) - 1, 'further finding')}" if len(found) > 1 else ""
    return (
        f"{finding.rule} ({finding.cause}) of {clean(finding.object, 80)}{more}, "
        f"waived until {waiver.expires}: {clean(waiver.reason, 100)}"
    )


def waiver_lines(counts: Mapping[tuple[str, str, str, str], int]) -> list[str]:
    """Each waiver (rule, object, last day, reason) once, with the number of checks that it covers findings of."""
    return [
        f"{plural(count, 'check')}: {clean(rule, 60)} of {clean(about, 100)}, until {expires}: {clean(reason, 200)}"
        for (rule, about, expires, reason), count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    ]


def stale_text(waiver: Waiver, *, beside_failures: bool) -> str:
    """A waiver that covers nothing any more. Beside failures that may be why: what it excuses comes back with them
    mended, and whoever has deleted the waiver meanwhile has lost it.
    """
    if beside_failures:
        likely = "a failure above hides what it excuses, or that has been put right"
        advice = "mend the failures above and run again; delete it only if it covers nothing then"
    else:
        likely = "what it excused has been put right, or is told of another object now"
        advice = "delete it from the intent"
    return (
        f"waiver of {clean(waiver.rule)} for {clean(waiver.object)}: covers nothing any more\n"
        f"  likely:   {likely}\n"
        f"  next:     {advice} (reason “{clean(waiver.reason)}”, until {waiver.expires})"
    )


def causes_lines(counts: Mapping[str, int]) -> list[str]:
    """Each cause once, with the number of checks that it took; the most expensive first.

    What is the same of several routers but for their names and addresses is one cause.
    """
    alike: dict[str, list[str]] = {}
    for text in sorted(counts, key=lambda text: (-counts[text], text)):
        alike.setdefault(_ADDRESS.sub("…", text.partition(": ")[2]) or text, []).append(text)
    totals = {kind: sum(counts[text] for text in texts) for kind, texts in alike.items()}
    lines: list[str] = []
    for kind, (first, *others) in sorted(alike.items(), key=lambda entry: (-totals[entry[0]], entry[1])):
        lines += f"{plural(totals[kind], 'check')}: {first}".split("\n")
        if others:
            names = [text.partition(": ")[0] for text in others]
            more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            lines.append(f"  likewise: {', '.join(names[:_NAMES])}{more}")
    return lines


def verdict(faults: int, failed: int, errors: int, passed: int, waived: int, first: str | None) -> str | None:
    """A run in one line, with the numbers of its faults and of its checks by outcome; None: no check has an outcome.

    `first` is what to look at first.
    """
    if not failed + errors + passed + waived:
        return None
    told = []
    if failed:
        behind = f"{plural(faults, 'fault')} behind " if faults else ""
        told.append(f"{behind}{plural(failed, 'failed check')}")
    if errors:
        told.append(f"{plural(errors, 'check')} not determined")
    hold = f"{plural(passed, 'check')} {'holds' if passed == 1 else 'hold'}"
    words = f"{', '.join(told) or 'no fault found'}; {hold}" + (f", {waived} waived" if waived else "")
    return words + (f". First: {clean(first, MAXIMUM_FIRST)}" if first else "")


def plural(count: int, word: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
