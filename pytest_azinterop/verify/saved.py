"""Judgement about the saved configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedDevice
    from pytest_azinterop.state.operations import ConfigDifference, ConfigDifferences
    from pytest_azinterop.verify.finding import Finding


_CHAIN: Final = "crypto pki certificate chain "
_CERTIFICATE: Final = re.compile(r"(certificate(?: [\w-]+)? [0-9A-F]+)( nvram:\S+)?")


@dataclass(frozen=True, slots=True)
class ObservedSaved:
    """What turns the saved configuration into the running one."""

    differences: ConfigDifferences


def configuration(expected: ExpectedDevice, observed: ObservedSaved) -> list[Finding]:
    """The running and the saved configuration are the same."""
    lines = _without_certificates(observed.differences.differences)
    if not lines:
        return []
    # Only the sections are named: a line of them may hold a secret.
    sections = dict.fromkeys(clean((each.above or (each.text,))[0].strip(), 60) for each in lines)
    plural = "line differs" if len(lines) == 1 else "lines differ"
    return [
        subject.of_device(expected).finding(
            "device.saved",
            f"{len(lines)} {plural} from the saved configuration (in {some(sections)}), expected none",
            cause="not-saved",
            evidence=[observed.differences.source],
            next_command="show logging | include CONFIG_I",
        )
    ]


def _without_certificates(differences: tuple[ConfigDifference, ...]) -> list[ConfigDifference]:
    """Without certificates that are saved in files of their own.

    Of these the saved configuration has the name of the file where the running one has the certificate itself, so the
    two always differ.
    """
    chains: dict[str, list[ConfigDifference]] = {}
    for each in differences:
        top = (each.above or (each.text,))[0]
        if top.startswith(_CHAIN):
            chains.setdefault(top, []).append(each)
    filed = {top for top, lines in chains.items() if _is_filed(top, lines)}
    return [each for each in differences if (each.above or (each.text,))[0] not in filed]


def _is_filed(chain: str, lines: list[ConfigDifference]) -> bool:
    """Whether the saved configuration names a file for each certificate of the chain that the running one holds."""
    saved: set[tuple[str, bool]] = set()
    running: set[tuple[str, bool]] = set()
    inside = False
    headings = [each.added for each in lines if not each.above]
    for each in lines:
        found = _CERTIFICATE.fullmatch(each.text) if each.above == (chain,) else None
        if found is not None:
            inside = each.added and found[2] is None
            (saved if found[2] else running).add((found[1], each.added))
        elif each.above and not (inside and each.added):
            return False
    named = {(name, False) for name, added in running if added}
    return bool(saved) and saved == named and len(named) == len(running) and sorted(headings) in ([], [False, True])
