"""Ways in which one answer of a recorded network can be less than it should be, or another's."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop.collect.answer import Answer, Failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from never_green_network import Place

AGE: Final = timedelta(hours=6)
# What IOS-XE says instead of an answer.
REFUSALS: Final = (
    "% Invalid input detected at '^' marker.",
    "                 ^\n% Invalid input detected at '^' marker.\n",
    "% Incomplete command.\n",
    '% Ambiguous command:  "show"\n',
    "% Authorization failed.\n",
    "Command authorization failed.\n",
    "% VRF does not exist or does not have a RD.\n",
    "% BGP not active\n",
    "%Error opening nvram:/startup-config (Permission denied)\n",
)
BLANKS: Final = ("", "\n", "\r\n\r\n", "   ")
# What a REST endpoint says with status 200 and nothing in it, or of an error in its body.
JSON_BLANKS: Final = ("", "null", "{}", "[]", '{"value": null}', '{"value": []}')
JSON_ERRORS: Final = (
    '{"error": {"code": "AuthorizationFailed", "message": "no"}}',
    '{"code": "InternalServerError", "message": "no"}',
    '{"status": "InProgress"}',
    "<html><body>502 Bad Gateway</body></html>",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One way. `way` is one of the words of `WAYS`, `detail` tells it apart; `answer` None: there is none."""

    way: str
    detail: str
    answer: Answer | None


WAYS: Final = ("removed", "failed", "refused", "blank", "cut", "shortened", "exchanged", "aged")


def changes(place: Place, answers: Mapping[Place, Answer], alike: Mapping[Place, str], cuts: int) -> Iterator[Change]:
    """Every way for one answer. `alike` names what each answer is about: only answers of one name are exchanged.

    `cuts`: at most so many positions at which its text is cut, evenly spread; 0: at every line's end and middle.
    """
    answer = answers[place]
    yield Change("removed", "", None)
    yield Change("failed", "", replace(answer, text=None, failure=Failure("timeout", "no answer came")))
    if answer.text is None:
        return
    is_json = place[0].startswith("/")
    for number, text in enumerate(JSON_BLANKS if is_json else BLANKS):
        yield Change("blank", str(number), replace(answer, text=text))
    for number, text in enumerate(JSON_ERRORS if is_json else REFUSALS):
        yield Change("refused", str(number), replace(answer, text=text))
    for where, text in _cut(answer.text, cuts):
        yield Change("cut", where, replace(answer, text=text))
    if is_json:
        for where, text in _shortened(answer.text):
            yield Change("shortened", where, replace(answer, text=text))
    for other, given in answers.items():
        if other != place and alike.get(other) == alike[place] and given.text not in (None, answer.text):
            yield Change("exchanged", f"{other[0]}: {other[1]}", replace(answer, text=given.text))
    yield Change("aged", "", replace(answer, asked_at=answer.asked_at - AGE))


def _cut(text: str, most: int) -> Iterator[tuple[str, str]]:
    """The text up to each line's end, and up to each line's middle."""
    positions: list[tuple[str, int]] = []
    at = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        content = line.rstrip("\r\n")
        if content.strip():
            positions.append((f"in line {number}", at + max(1, len(content) // 2)))
            positions.append((f"after line {number}", at + len(content)))
        at += len(line)
    whole = text.rstrip()
    positions = [each for each in positions if text[: each[1]].rstrip() != whole]
    if most and len(positions) > most:
        step = len(positions) / most
        positions = [positions[int(number * step)] for number in range(most)]
    for where, end in positions:
        yield where, text[:end]


def _shortened(text: str) -> Iterator[tuple[str, str]]:
    """The JSON with a list that ends earlier, or an object with a key less: a page that was lost."""
    document = json.loads(text)
    for where, shorter in _less(document, ""):
        yield where, json.dumps(shorter)


def _less(value: object, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{where}.{key} missing", {name: kept for name, kept in value.items() if name != key}
            for told, shorter in _less(inner, f"{where}.{key}"):
                yield told, {**value, key: shorter}
    elif isinstance(value, list) and value:
        yield f"{where} one fewer", value[:-1]
        if len(value) > 1:
            yield f"{where} without the first", value[1:]
        for number, inner in enumerate(value):
            for told, shorter in _less(inner, f"{where}[{number}]"):
                yield told, [*value[:number], shorter, *value[number + 1 :]]
