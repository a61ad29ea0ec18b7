"""What differs on a router as a whole: itself, its configuration, its interfaces."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, text
from pytest_azinterop.verify.change import Change, Compared, altered, is_newer, went_back
from pytest_azinterop.verify.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import ConfigLine, RunningConfig
    from pytest_azinterop.state.device import DeviceFacts, Interface

Path = tuple[str, ...]
# Lines that change by themselves.
_RESTLESS = re.compile(r"ntp clock-period \d+")
_NAME_WORDS = 3  # of a top-level line: what it configures, such as `ip prefix-list NAME`


def device(expected: ExpectedConfiguration, observed: Compared[DeviceFacts]) -> Iterator[Change]:
    """Reload, software, hardware."""
    before, after = observed.before, observed.after
    about, sources = Subject(expected.router, expected.router), (after.source, before.source)
    if is_newer(before.uptime, before.source.asked_at, after.uptime, after.source.asked_at):
        why = f" ({text.clean(after.last_reload_reason)})" if after.last_reload_reason else ""
        words = f"was reloaded since the baseline{why}: it is up for {after.uptime}, and was for {before.uptime}"
        yield Change(about.finding("baseline.device", words, cause="reloaded", evidence=sources))
    software = list(altered((("release", before.release, after.release), ("image", before.image, after.image))))
    if software:
        yield Change(about.finding("baseline.device", "; ".join(software), cause="other-software", evidence=sources))
    hardware = list(altered((("model", before.model, after.model), ("serial number", before.serial, after.serial))))
    if hardware:
        yield Change(about.finding("baseline.device", "; ".join(hardware), cause="other-hardware", evidence=sources))


def configuration(expected: ExpectedConfiguration, observed: Compared[RunningConfig]) -> Iterator[Change]:
    """One finding per section. Raises UndeterminedError where one of the two is not whole."""
    before = evidence.whole(observed.before, f"{expected.router}: the configuration of the baseline")
    after = evidence.whole(observed.after, f"{expected.router}: the configuration")
    for path, removed, added, moved in _sections(before.lines, after.lines):
        name = " / ".join(path)
        parts = [f"removed: {_lines(removed)}"] if removed else []
        parts += [f"added: {_lines(added)}"] if added else []
        parts += ["the same lines stand in another order"] if moved else []
        shown = [line.number for line in added]
        where = after.source.at(min(shown), max(shown)) if shown else after.source
        about = Subject(f"{expected.router}/{name}", f"{expected.router} configuration, {text.clean(name)}")
        words = "; ".join(parts)
        yield Change(
            about.finding("baseline.configuration", words, cause="changed", evidence=(where, before.source)),
        )


def _lines(lines: Sequence[ConfigLine]) -> str:
    return text.some(f"`{text.clean(line.text)}`{_below(line)}" for line in lines)


def _below(line: ConfigLine) -> str:
    count = sum(1 for _ in line.walk()) - 1
    return f" with {count} line{'' if count == 1 else 's'} below it" if count else ""


Section = tuple[Path, list["ConfigLine"], list["ConfigLine"], bool]


def _sections(before: Sequence[ConfigLine], after: Sequence[ConfigLine], path: Path = ()) -> Iterator[Section]:
    """Each section that differs: its path, what only the one and only the other has, and whether lines moved."""
    before, after = _restful(before), _restful(after)
    removed, added = _only(before, after), _only(after, before)
    if path:
        moved = not removed and not added and [line.text for line in before] != [line.text for line in after]
        if removed or added or moved:
            yield path, removed, added, moved
    else:
        names = dict.fromkeys(_name(line) for line in (*removed, *added))
        for name in names:
            gone = [line for line in removed if _name(line) == name]
            yield (name,), gone, [line for line in added if _name(line) == name], False
    later: dict[str, list[ConfigLine]] = {}
    for line in after:
        later.setdefault(line.text, []).append(line)
    for line in before:
        same = later.get(line.text)
        if same:
            yield from _sections(line.children, same.pop(0).children, (*path, line.text))


def _restful(lines: Sequence[ConfigLine]) -> list[ConfigLine]:
    return [line for line in lines if not _RESTLESS.fullmatch(line.text)]


def _name(line: ConfigLine) -> str:
    """What a top-level line configures: a section by its head, single lines of one kind and name together."""
    return line.text if line.children else " ".join(line.text.split()[:_NAME_WORDS])


def _only(lines: Sequence[ConfigLine], others: Sequence[ConfigLine]) -> list[ConfigLine]:
    """The lines whose text the others do not have, or not as often."""
    left = Counter(line.text for line in others)
    found = []
    for line in lines:
        if left[line.text] > 0:
            left[line.text] -= 1
        else:
            found.append(line)
    return found


def interfaces(expected: ExpectedConfiguration, observed: Compared[tuple[Interface, ...]]) -> Iterator[Change]:
    """State and settings of each interface, one finding for each of the two."""
    declared = {each.name: each for each in expected.interfaces}
    before = {each.name: each for each in observed.before}
    after = {each.name: each for each in observed.after}
    for name in dict.fromkeys((*before, *after)):
        about = Subject(f"{expected.router}/{name}", f"{expected.router} {name}")
        was, is_ = before.get(name), after.get(name)
        if is_ is None and was is not None:
            words = f"is gone, was {_state(was)}"
            yield Change(about.finding("baseline.interface", words, cause="gone", evidence=(was.source,)))
        elif was is None and is_ is not None:
            words = f"is new, and {_state(is_)}"
            found = about.finding("baseline.interface", words, cause="appeared", evidence=(is_.source,))
            yield Change(found, "the intent declares the interface" if name in declared else None)
        elif was is not None and is_ is not None:
            yield from _interface(about, declared.get(name), was, is_)


def _interface(about: Subject, declared: ExpectedInterface | None, was: Interface, is_: Interface) -> Iterator[Change]:
    sources = (is_.source, was.source)
    if _state(was) != _state(is_):
        words = f"is now {_state(is_)}, was {_state(was)}"
        repaired = "the intent wants it up" if declared is not None and is_.is_up else None
        found = about.finding("baseline.interface", words, cause="state", evidence=sources)
        yield Change(found, repaired)
    settings = list(
        altered(
            (
                ("address", was.address, is_.address),
                ("IPv6 addresses", frozenset(was.ipv6_addresses), frozenset(is_.ipv6_addresses)),
                ("MTU", was.mtu, is_.mtu),
                ("encapsulation", was.encapsulation, is_.encapsulation),
                ("outer tag", was.outer_vlan, is_.outer_vlan),
                ("inner tag", was.inner_vlan, is_.inner_vlan),
                *_tunnel(was, is_),
            )
        )
    )
    if settings:
        found = about.finding("baseline.interface", "; ".join(settings), cause="setting", evidence=sources)
        yield Change(found, _declared_so(declared, was, is_))


def _declared_so(declared: ExpectedInterface | None, was: Interface, is_: Interface) -> str | None:
    """Whether the intent declares an address or tags that the interface has only now."""
    if declared is None:
        return None
    tags, former = ((each.outer_vlan, each.inner_vlan) for each in (is_, was))
    vlans = None if declared.vlans is None else (*declared.vlans, None, None)[:2]
    addressed = declared.address is not None and was.address != is_.address == declared.address
    tagged = vlans is not None and former != tags == vlans
    others = was.mtu != is_.mtu or was.tunnel != is_.tunnel
    return "the intent declares it so" if (addressed or tagged) and not others else None


def _tunnel(was: Interface, is_: Interface) -> tuple[tuple[str, object, object], ...]:
    names = ("source_address", "destination", "protocol", "protection_profile", "path_vrf", "transport_mtu")
    return tuple(
        (f"tunnel {name.replace('_', ' ')}", getattr(was.tunnel, name, None), getattr(is_.tunnel, name, None))
        for name in names
    )


def _state(interface: Interface) -> str:
    return f"{interface.status}, line protocol {interface.line_protocol}"


def counters(expected: ExpectedConfiguration, observed: Compared[tuple[Interface, ...]]) -> Iterator[Change]:
    """Interfaces whose counters went back."""
    before = {each.name: each for each in observed.before}
    for after in observed.after:
        was = before.get(after.name)
        if was is None or was.counters is None or after.counters is None:
            continue
        back = [
            f"{word} packets are {now}, were {then}"
            for word, then, now in (
                ("input", was.counters.input_packets, after.counters.input_packets),
                ("output", was.counters.output_packets, after.counters.output_packets),
            )
            if went_back(then, now)
        ]
        if back:
            about = Subject(f"{expected.router}/{after.name}", f"{expected.router} {after.name}")
            sources = (after.source, was.source)
            yield Change(about.finding("baseline.counters", "; ".join(back), cause="reset", evidence=sources))
