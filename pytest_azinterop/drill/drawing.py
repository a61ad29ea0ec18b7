"""The timeline as a drawing (SVG): sessions, paths, loss and tunnel load over the routers' time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill import record as recorded
from pytest_azinterop.drill import settling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from pytest_azinterop.drill.look import Look
    from pytest_azinterop.drill.record import Record
    from pytest_azinterop.intent.reachability import ExpectedReach

WIDTH: Final = 1200
_LEFT, _RIGHT, _TOP = 300, 30, 70
_ROW, _BAR, _LOAD = 26, 16, 90
_COLORS: Final[Mapping[str, str]] = {
    "Established": "#2b8a3e",
    "expressroute-primary": "#1864ab",
    "expressroute-secondary": "#4dabf7",
    "vpn": "#e67700",
    "none": "#c92a2a",
    "silent": "#c92a2a",
    "answers": "#8ce99a",
    "unknown": "#ced4da",
}
_OTHER = "#495057"
_LIGHT: Final = frozenset({"#8ce99a", "#ced4da", "#4dabf7", "#e67700"})  # on these dark letters are read


@dataclass(frozen=True, slots=True)
class Span:
    """A state that lasted, in seconds after the trigger."""

    begins: float
    ends: float
    word: str


def draw(record: Record) -> str:
    """The drawing. Seconds count from the trigger; a record without looks gives a drawing that says so."""
    moments = list(record.moments())
    zero = record.zero
    if zero is None or not moments:
        return _frame(WIDTH, 80, [_text(20, 40, "nothing was watched", size=14)])
    sheet = _Sheet(record, moments, zero)
    return sheet.svg()


class _Sheet:
    def __init__(self, record: Record, moments: list[tuple[datetime, Mapping[str, Look]]], zero: datetime) -> None:
        self.record, self.zero = record, zero
        self.begins = self._at(record.began or moments[0][0])
        # The second look comes long after: it is told in words, and would make everything else too small to see.
        until = record.looks[-1].at if record.looks else moments[-1][0]
        back = settling.back_at(record)
        if back is not None and record.triggered is not None:
            until = min(until, back + (back - record.triggered) / 5)
        self.ends = max(self._at(until), self.begins + 1)
        self.moments = [each for each in moments if self._at(each[0]) <= self.ends]
        self.parts: list[str] = []
        self.y = _TOP

    def _at(self, when: datetime) -> float:
        return (when - self.zero).total_seconds()

    def _x(self, seconds: float) -> float:
        share = (seconds - self.begins) / (self.ends - self.begins)
        return _LEFT + max(0.0, min(1.0, share)) * (WIDTH - _LEFT - _RIGHT)

    def svg(self) -> str:
        drill = self.record.drill
        self.parts.append(_text(20, 28, f"{drill.name}: {', '.join(each.id for each in drill.triggers)}", size=18))
        words = f"seconds after the trigger ({self.zero:%Y-%m-%d %H:%M:%S} UTC by the router's clock)"
        self.parts.append(_text(20, 48, words, size=12, color="#495057"))
        self._section("BGP sessions")
        for site in drill.sites:
            for session in (*site.sessions, *site.internal):
                self._row(session.id, self._spans(_state(session.router, session.id)))
        self._section("paths")
        for pair in drill.pairs:
            for reach in pair.reaches:
                self._row(f"{pair.network} from {reach.router}", self._spans(_path(self.record, pair.network)))
        self._section("answers")
        since = self.record.triggered
        counted = {
            (each.pair, each.prober, each.target): each for each in recorded.losses(self.record, since, None)
        }  # as in the table of losses
        for loss in recorded.losses(self.record, self.record.began, None):
            if loss.sent:
                told = counted[loss.pair, loss.prober, loss.target]
                self._row(f"{loss.pair} from {loss.prober} ({told.lost} of {told.sent} lost)", self._answers(loss))
        for tunnel in drill.tunnels:
            self._load(tunnel.router, tunnel.id)
        self._axis()
        self._steps()
        return _frame(WIDTH, int(self.y + 50), self.parts)

    def _section(self, words: str) -> None:
        self.y += 8
        self.parts.append(_text(20, self.y + 14, words, size=13, bold=True))
        self.y += 22

    def _row(self, name: str, spans: list[Span]) -> None:
        self.parts.append(_text(30, self.y + 12, name[:44], size=11))
        for each in spans:
            left, right = self._x(each.begins), self._x(each.ends)
            color = _COLORS.get(each.word, _OTHER)
            told = f"{each.word}: {each.begins:.1f} s to {each.ends:.1f} s"
            self.parts.append(
                f'<rect x="{left:.1f}" y="{self.y}" width="{max(0.8, right - left):.1f}" height="{_BAR}"'
                f' fill="{color}">'
                f"<title>{escape(told)}</title></rect>"
            )
            if right - left > 7 * len(each.word):
                ink = "#212529" if color in _LIGHT else "#ffffff"
                self.parts.append(_text(left + 4, self.y + 12, each.word, size=10, color=ink))
        self.y += _ROW

    def _spans(self, value: Callable[[Mapping[str, Look]], str]) -> list[Span]:
        found: list[Span] = []
        for (at, looks), (later, _) in pairwise([*self.moments, (self.moments[-1][0], {})]):
            word = value(looks)
            begins, ends = self._at(at), self._at(later)
            if found and found[-1].word == word:
                found[-1] = Span(found[-1].begins, ends, word)
            else:
                found.append(Span(begins, ends, word))
        return found

    def _answers(self, loss: recorded.Loss) -> list[Span]:
        silent = (Span(self._at(each.begins), self._at(each.ends or each.last), "silent") for each in loss.silences)
        return [Span(self.begins, self.ends, "answers"), *silent]

    def _load(self, router: str, tunnel: str) -> None:
        """Packets per second in both directions, between looks."""
        seen = [
            (self._at(each.at), each.tunnels[tunnel])
            for each in self.record.looks
            if each.router == router and tunnel in each.tunnels
        ]
        self._section(f"packets per second through {tunnel}")
        rates = [
            (late, (last.encaps - first.encaps) / (late - early), (last.decaps - first.decaps) / (late - early))
            for (early, first), (late, last) in pairwise(seen)
            if late > early
        ]
        top = max((max(out, into) for _, out, into in rates), default=0.0) or 1.0
        base = self.y + _LOAD
        for place, name, color in ((1, "to Azure", "#e67700"), (2, "from Azure", "#5f3dc4")):
            points = " ".join(
                f"{self._x(each[0]):.1f},{base - _LOAD * max(0.0, each[place]) / top:.1f}" for each in rates
            )
            self.parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>')
            self.parts.append(_text(30, self.y + 16 * place, name, size=11, color=color))
        self.parts.append(_text(30, base, f"0 to {top:.0f}", size=10, color="#495057"))
        self.y = base + 14

    def _axis(self) -> None:
        span = self.ends - self.begins
        step = next(each for each in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10**9) if span / each <= 14)
        first = int(self.begins // step) * step
        for number in range(20):
            at = first + number * step
            if not self.begins <= at <= self.ends:
                continue
            x = self._x(at)
            self.parts.append(f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{self.y}" stroke="#dee2e6"/>')
            self.parts.append(_text(x - 10, self.y + 16, f"{at:+d} s" if at else "0", size=11))

    def _steps(self) -> None:
        """Trigger and undo, and what ends the times after them; every other step stands in the text."""
        for when, word, color in (
            (self.record.triggered, "trigger", "#c92a2a"),
            (settling.moved_at(self.record), "moved", "#862e9c"),
            (self.record.undone, "undone", "#2b8a3e"),
            (settling.back_at(self.record), "back", "#862e9c"),
        ):
            if when is not None:
                x = self._x(self._at(when))
                self.parts.append(
                    f'<line x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{self.y}" stroke="{color}" stroke-width="2"/>'
                )
                # Two marks may be close together: each has its own height.
                self.parts.append(_text(x + 4, _TOP - 11 * (word in ("moved", "back")), word, size=11, color=color))


def _state(router: str, session: str) -> Callable[[Mapping[str, Look]], str]:
    def value(looks: Mapping[str, Look]) -> str:
        look = looks.get(router)
        return "unknown" if look is None else look.sessions.get(session, "unknown")

    return value


def _path(record: Record, network: str) -> Callable[[Mapping[str, Look]], str]:
    reach = next(_reaches(record, network))

    def value(looks: Mapping[str, Look]) -> str:
        return looking.path_of(record.drill, looks, reach).word

    return value


def _reaches(record: Record, network: str) -> Iterator[ExpectedReach]:
    for pair in record.drill.pairs:
        if pair.network == network:
            yield from pair.reaches


def _text(x: float, y: float, words: str, *, size: int, color: str = "#212529", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}"{weight}>{escape(words)}</text>'


def _frame(width: int, height: int, parts: list[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family="sans-serif">\n<rect width="{width}" height="{height}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )
