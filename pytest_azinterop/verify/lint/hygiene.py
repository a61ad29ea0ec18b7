"""The router itself: what a later investigation needs, who can log in and how, and what changes the network unasked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import ConfigLine, RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.lint.observed import ObservedConfiguration

# Rule, what must be in the configuration, how it is asked for, and what is expected of it in words.
_WANTED: Final = (
    ("lint.ntp", re.compile(r"ntp (?:server|peer) .+"), "an NTP server", "show running-config | include ntp"),
    (
        "lint.syslog",
        re.compile(r"logging (?:host )?(?:vrf \S+ )?[\d:].*|logging host .+"),
        "a syslog server",
        "show running-config | include logging",
    ),
    (
        "lint.timestamps",
        re.compile(r"service timestamps log datetime\b.*\bmsec\b.*"),
        "log timestamps with milliseconds",
        "show running-config | include timestamps",
    ),
)
_ACTIONS: Final = re.compile(r".*\b(?:shutdown|shut|clear|reload|no )\b.*")


def evidence_kept(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Time, logs and earlier configurations are there when something has gone wrong."""
    config = observed.config
    about = reading.router(expected)
    found = []
    for rule, pattern, words, command in _WANTED:
        if not any(pattern.fullmatch(line.text) for line in config.lines):
            reading.absent(config, words)
            found.append(
                about.finding(
                    rule,
                    f"{words} is not configured, expected",
                    cause="missing",
                    evidence=[config.source],
                    next_command=command,
                )
            )
    archive = next(iter(config.starting_with("archive")), None)
    if archive is None or reading.has(archive, "path") is None:
        reading.absent(config, "archive")
        found.append(
            about.finding(
                "lint.archive",
                "archive with a path is not configured, expected",
                cause="missing" if archive is None else "no-path",
                evidence=reading.at(config, archive),
                next_command="show archive",
            )
        )
    return reading.judged(config, found, "what the router keeps")


def access(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Nobody comes in unencrypted, and no session stays open for ever."""
    config = observed.config
    about = reading.router(expected)
    found = []
    for rule, cause, line, words in _open_doors(config):
        found.append(
            about.finding(
                rule,
                f"{words}, expected not",
                cause=cause,
                evidence=reading.at(config, line),
                next_command="show running-config | section line",
            )
        )
    return reading.judged(config, found, "how the router is reached")


def _open_doors(config: RunningConfig) -> list[tuple[str, str, ConfigLine, str]]:
    found: list[tuple[str, str, ConfigLine, str]] = []
    for section in config.starting_with("line"):
        where = clean(section.text)
        for line in section.children:
            if re.fullmatch(r"exec-timeout 0(?: 0)?", line.text):
                found.append(("lint.exec-timeout", "never", line, f"exec-timeout of {where} is 0 (never)"))
            if line.text.startswith("transport input ") and {"telnet", "all"}.intersection(line.text.split()):
                found.append(("lint.telnet", "allowed", line, f"Telnet is allowed on {where}"))
    found += [
        ("lint.http-server", "on", line, "the HTTP server is on")
        for line in config.lines
        if line.text == "ip http server"
    ]
    return found


def automation(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """Nothing on the router shuts interfaces or sessions by itself, at a time that nobody remembers."""
    config = observed.config
    found = []
    for section in (*config.starting_with("event manager applet"), *config.starting_with("kron policy-list")):
        line = next(
            (
                each
                for each in section.walk()
                if re.match(r"action .*\bcommand\b|cli ", each.text) and _ACTIONS.fullmatch(each.text.replace('"', " "))
            ),
            None,
        )
        if line is not None:
            name = section.text.split()[3 if section.text.startswith("event") else 2]
            found.append(
                reading.named(expected.router, "applet", name).finding(
                    "lint.automation",
                    f"`{clean(line.text)}` is done by the router itself, expected no such action",
                    cause="changes-the-network",
                    evidence=reading.at(config, line),
                    next_command="show event manager policy registered",
                )
            )
    return reading.judged(config, found, "what the router does by itself")


def syntax(expected: ExpectedConfiguration, observed: ObservedConfiguration) -> list[Finding]:
    """The customers' VRFs are written as current releases do."""
    config = observed.config
    found = [
        reading.named(expected.router, "vrf", each.name).finding(
            "lint.vrf-syntax",
            "definition is `ip vrf`, expected `vrf definition`",
            cause="legacy",
            evidence=reading.at(config, each.line),
            next_command="show running-config | section vrf",
        )
        for each in config.vrfs
        if each.legacy and each.name in expected.vrfs
    ]
    return reading.judged(config, found, "how VRFs are written")
