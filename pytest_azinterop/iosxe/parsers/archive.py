"""`show archive` and `show archive config differences`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import indent, lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.operations import ConfigArchive, ConfigDifference, ConfigDifferences

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_OFF = re.compile(r"%?\s*Archive feature not enabled\.?")
_MAXIMUM = re.compile(r"The maximum archive configurations allowed is (\d+)\.")
_SAVED = re.compile(r"There (?:are|is) currently (\d+) archive configurations? saved\.")
_MOST = 14  # files that an archive can hold
_NEXT = re.compile(r"The next archive file will be named (\S+)")
_HEADER = re.compile(r"Archive #\s+Name")
_ROW = re.compile(r"(\d+)(?:\s+(\S+)(\s+<- Most Recent)?)?")
_DIFF_TITLE = re.compile(r"!(?:Contextual|Incremental) Config Diffs:")
_DIFF_NONE = re.compile(r"!No changes were found")
_SIGNED = re.compile(r"( *)([-+])([ \t]*\S.*)")  # the sign stands before or behind the indentation
_REORDERED = re.compile(r"!The following order-dependent line\(s\) were re-ordered")
_REORDERED_END = re.compile(r"!End of reordered section")


def parse(text: str, source: Source) -> Parsed[ConfigArchive]:
    """One record. The table has a row per allowed file, so one that stops early is cut off.

    Old releases print no maximum and number the rows from 0 to 14, the most that they keep.
    """
    lines = lines_of(text, source)
    content = [(index, line.strip()) for index, line in enumerate(lines) if line]
    if len(content) == 1 and _OFF.fullmatch(content[0][1]):
        return Parsed((ConfigArchive(False, None, None, (), None, source=source),))
    said: dict[str, str] = {}
    rows: list[re.Match[str]] = []
    header, first = False, 1
    for index, words in content:
        if header and (row := _ROW.fullmatch(words)) and int(row[1]) == (int(rows[-1][1]) + 1 if rows else first):
            rows.append(row)
        elif _HEADER.fullmatch(words):
            header, first = True, 1 if "maximum" in said else 0
        elif found := _MAXIMUM.fullmatch(words):
            said["maximum"] = found[1]
        elif found := _SAVED.fullmatch(words):
            said["saved"] = found[1]
        elif found := _NEXT.fullmatch(words):
            said["next"] = found[1]
        else:
            raise not_understood(lines, index, source, "not a line of the configuration archive")
    files = tuple(row[2] for row in rows if row[2])
    last = int(said.get("maximum", _MOST))
    if not header or not rows or int(rows[-1][1]) < last:
        raise not_understood(lines, content[-1][0], source, "the table of files stops early", cause="cut-off")
    if "saved" in said and int(said["saved"]) != len(files):
        raise not_understood(lines, None, source, f"the router counts {said['saved']} files, {len(files)} are named")
    record = ConfigArchive(
        enabled=True,
        maximum=last,
        next_file=said.get("next"),
        files=files,
        most_recent=next((row[2] for row in rows if row[3]), None),
        source=source.at(content[0][0] + 1, content[-1][0] + 1),
    )
    return Parsed((record,))


def parse_differences(text: str, source: Source) -> Parsed[ConfigDifferences]:
    """One record; no difference only where the router says so. A line that only stands elsewhere counts as added.

    Raises ParseError for text before the title.
    """
    lines = lines_of(text, source)
    content = [(index, line) for index, line in enumerate(lines) if line]
    if not _DIFF_TITLE.fullmatch(content[0][1].strip()):
        raise not_understood(lines, content[0][0], source, "not a comparison of configurations")
    found: list[ConfigDifference] = []
    above: list[tuple[int, str]] = []
    said_none = moved = False
    for index, line in content[1:]:
        if _REORDERED.fullmatch(line) or (moved and _REORDERED_END.fullmatch(line)):
            if moved and above:
                found.append(ConfigDifference(True, above[-1][1], tuple(text for _, text in above[:-1])))
            moved = not moved
            continue
        if line == "!":
            continue
        if moved and line[0] == "!":
            line = line[1:]  # noqa: PLW2901 (a line of the section, commented out)
        signed = _SIGNED.fullmatch(line)
        body = signed[1] + signed[3] if signed else line
        above = [(depth, text) for depth, text in above if depth < indent(body)]
        if _DIFF_NONE.fullmatch(line.strip()):
            said_none = True
        elif signed:
            found.append(ConfigDifference(signed[2] == "+", body.strip(), tuple(text for _, text in above)))
        elif line[0] == "!":
            raise not_understood(lines, index, source, "not a line of a comparison")
        above.append((indent(body), body.strip()))
    if moved:
        raise not_understood(lines, content[-1][0], source, "lines in another order do not end", cause="cut-off")
    if bool(found) == said_none:
        raise not_understood(lines, None, source, "no difference, and no word that there is none", cause="cut-off")
    return Parsed((ConfigDifferences(tuple(found), source=source.at(content[0][0] + 1, content[-1][0] + 1)),))
