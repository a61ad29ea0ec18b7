"""What a drill has shown. Pure functions over its record, each the judgement of one item; findings as everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill import record as recorded
from pytest_azinterop.drill import way_back
from pytest_azinterop.drill.guard import objection
from pytest_azinterop.drill.settling import back_at, moved_at, reaches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pytest_azinterop.drill.look import Path
    from pytest_azinterop.drill.record import Record
    from pytest_azinterop.intent.drill_expectations import Pair
    from pytest_azinterop.intent.reachability import ExpectedReach
    from pytest_azinterop.verify.finding import Finding

Moment = "tuple[datetime, Mapping[str, Look]]"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One question about a drill. `says` is what is true when it passes."""

    name: str
    says: str
    judge: Callable[[Record], list[Finding]]


def _seconds(value: timedelta) -> str:
    return f"{value.total_seconds():.1f} s"


def _object(reach: ExpectedReach, pair: Pair) -> str:
    return f"{reach.router}/{pair.network}"


# Before and at the trigger ------------------------------------------------------------------------------------------


def armed(record: Record) -> list[Finding]:
    """Every router that was changed had its own timer running before."""
    return [
        objection("armed", router, "not-armed", "its revert timer was not seen running, expected it before the change")
        for router in record.drill.changes
        if router not in record.armed
    ]


def trigger_seen(record: Record) -> list[Finding]:
    """The routers show that what was to be taken away is gone."""
    if record.triggered is None:
        words = record.failure or "nothing was taken away"
        return [objection("trigger", record.drill.id, "not-triggered", f"{words}; expected the trigger")]
    found = []
    for session in record.drill.taken:
        states = [
            looks[session.router].sessions.get(session.id) for _, looks in record.during() if session.router in looks
        ]
        known = list(dict.fromkeys(state for state in states if state is not None))
        if any(state != "Established" for state in known) or recorded.logged_down(record, session):
            continue
        cause = "still-up" if known else "not-watched"
        words = f"state is {', '.join(known) or 'unknown'} during the drill, expected anything but Established"
        found.append(objection("trigger", session.id, cause, words))
    return found


# While it lasts -----------------------------------------------------------------------------------------------------


def moved(record: Record) -> list[Finding]:
    """Traffic took the expected path, both ways; where no path was expected, nothing answered."""
    moments = record.during()
    if not moments:
        return [objection("moved", record.drill.id, "not-watched", "no look was taken meanwhile, expected several")]
    found: list[Finding] = []
    for pair, reach in reaches(record):
        path = looking.path_of(record.drill, moments[-1][1], reach)
        if path.word == "unknown":
            words = f"its path was not read after the trigger ({path.words}), expected {pair.during.name}"
            found.append(objection("moved", _object(reach, pair), "not-watched", words))
            continue
        if pair.moves and path.word == "expressroute-secondary" and record.drill.accepts.no_secondary_proof:
            continue  # known and accepted: the plan says that nothing is proven of the VPN then
        if not looking.is_on(pair, "during", path):
            found.append(_not_moved(pair, reach, path))
        elif pair.is_lost:
            if looking.answered(moments[-1][1].get, reach) is not False:
                words = f"{reach.target} still answers, expected no answer: it has another way"
                found.append(objection("moved", _object(reach, pair), "not-lost", words))
        elif not looking.answered(moments[-1][1].get, reach):
            words = (
                f"the router sends over {path}, but nothing comes back from {reach.target}; expected both directions"
            )
            found.append(objection("moved", _object(reach, pair), "one-way", words, likely=_why_one_way(record)))
    return found + _load(record)


def _not_moved(pair: Pair, reach: ExpectedReach, path: Path) -> Finding:
    object_, expected = _object(reach, pair), pair.during.name
    if path.word == "expressroute-secondary" and expected == "vpn":
        words = f"traffic took the secondary path, expected {expected}: nothing is proven of the VPN"
        return objection("moved", object_, "moved-to-secondary", words)
    if looking.is_on(pair, "before", path):
        return objection("moved", object_, "did-not-move", f"traffic stayed on {path}, expected {expected}")
    if path.word == "none":
        return objection("moved", object_, "no-path", f"there is no route any more, expected {expected}")
    return objection("moved", object_, "other-path", f"traffic took {path}, expected {expected}")


def _why_one_way(record: Record) -> str:
    still = [
        subject
        for each in record.azure[-1:]
        for subject, value in each.told.items()
        if " effective " in subject and "VirtualNetworkGateway" in value
    ]
    return "Azure still sends over the path that is gone" if still else "Azure has no way back, or another one"


def _load(record: Record) -> list[Finding]:
    """The tunnels that took over have sent and received since."""
    moments = record.during()
    if len(moments) < 2:
        return []
    found: list[Finding] = []
    for tunnel in record.drill.tunnels:
        carries = any(
            (each.router, each.vrf, each.neighbor) == (tunnel.router, tunnel.inner_vrf, tunnel.neighbor)
            for pair in record.drill.pairs
            if pair.moves
            for each in pair.during.sessions
        )
        seen = [looks[tunnel.router].tunnels.get(tunnel.id) for _, looks in moments if tunnel.router in looks]
        known = [each for each in seen if each is not None]
        if not carries:
            continue
        if len(known) < 2:
            words = "its counters were not read, expected them in both directions"
            found.append(objection("moved", tunnel.id, "not-counted", words))
            continue
        for name, where in (("encaps", "to Azure"), ("decaps", "from Azure")):
            grown = getattr(known[-1], name) - getattr(known[0], name)
            if grown <= 0:
                words = f"{name} grew by {grown} during the drill, expected more: nothing passed {where}"
                found.append(objection("moved", tunnel.id, "one-way", words))
    return found


def _unsteady(record: Record, settled: datetime) -> Iterator[Finding]:
    """A network that left its path again while the drill lasted."""
    told: set[str] = set()
    for at, looks in record.during():
        for pair, reach in reaches(record):
            path = looking.path_of(record.drill, looks, reach)
            left = at > settled and path.word != "unknown" and not looking.is_on(pair, "during", path)
            if left and reach.id not in told:
                told.add(reach.id)
                words = (
                    f"its path was {path} at {at:%H:%M:%SZ}, expected {pair.during.name} from {settled:%H:%M:%SZ} on"
                )
                yield objection("budgets", _object(reach, pair), "unsteady", words)


def budgets(record: Record) -> list[Finding]:
    """It moved in time, and no more was lost than is allowed."""
    drill, found = record.drill, []
    if record.triggered is None:
        return trigger_seen(record)
    settled = moved_at(record)
    if settled is None:
        words = f"not every network was on its path at the end, expected all within {_seconds(drill.failover)}"
        found.append(objection("budgets", drill.id, "never", words))
    elif settled - record.triggered > drill.failover:
        words = f"the failover took {_seconds(settled - record.triggered)}, expected {_seconds(drill.failover)} at most"
        found.append(objection("budgets", drill.id, "failover", words))
    if settled is not None:
        found += _unsteady(record, settled)
    kept = {pair.network for pair in drill.pairs if not pair.is_lost}
    for loss in recorded.losses(record, record.triggered, record.undone):
        if loss.pair in kept and loss.longest > drill.lost:
            words = f"{loss.target} was silent for {_seconds(loss.longest)}, expected {_seconds(drill.lost)} at most"
            found.append(objection("budgets", f"{loss.prober}/{loss.pair}", "silence", words))
    for loss in recorded.losses(record, record.triggered + drill.failover, record.undone):
        if loss.pair in kept and loss.sent and 100 * loss.lost / loss.sent > drill.loss_percent:
            most = f"{drill.loss_percent:g} % at most"
            words = f"{loss.lost} of {loss.sent} probes were lost after the failover, expected {most}"
            found.append(objection("budgets", f"{loss.prober}/{loss.pair}", "loss", words))
    return found


def nothing_else(record: Record) -> list[Finding]:
    """What was not taken away stayed as it was, from before the trigger until the end."""
    drill = record.drill
    found = [*_other_sessions(record), *_other_targets(record)]
    if record.abort is not None:
        words = f"the drill was ended early: {record.abort.words}; expected it to last {_seconds(drill.hold)}"
        found.append(objection("nothing-else", drill.id, record.abort.cause, words))
    return found


def _other_sessions(record: Record) -> list[Finding]:
    drill = record.drill
    taken = {each.id for each in looking.taken(drill)}
    sessions = [each for site in drill.sites for each in (*site.sessions, *site.internal)]
    found: dict[str, Finding] = {}
    up: set[str] = set()
    read: set[str] = set()
    for _, looks in record.moments():
        for each in sessions:
            look = looks.get(each.router)
            state = None if look is None else look.sessions.get(each.id)
            if state is None:
                continue
            read.add(each.id)
            if state == "Established":
                up.add(each.id)
            elif each.id in up and each.id not in taken:
                words = f"state was {state} meanwhile, expected Established throughout"
                found.setdefault(each.id, objection("nothing-else", each.id, "session-lost", words))
    for each in sessions:
        if each.id not in read:
            words = "its state was never read, expected it at every look"
            found.setdefault(each.id, objection("nothing-else", each.id, "not-watched", words))
    return list(found.values())


def _other_targets(record: Record) -> list[Finding]:
    drill = record.drill
    found: dict[str, Finding] = {}
    for _, looks in record.moments():
        for reach in drill.forbidden:
            if looking.answered(looks.get, reach):
                object_ = f"{reach.router}/{reach.to}"
                words = f"{reach.target} answered meanwhile, expected no answer at any time"
                found.setdefault(object_, objection("nothing-else", object_, "forbidden-reached", words))
        for pair, reach in reaches(record):
            path = looking.path_of(drill, looks, reach)
            changed = path.word != "unknown" and not looking.is_on(pair, "during", path)
            if changed and pair.before == pair.during:
                words = f"its path was {path} meanwhile, expected {pair.before.name} throughout"
                object_ = _object(reach, pair)
                found.setdefault(object_, objection("nothing-else", object_, "path-changed", words))
    return list(found.values())


# Afterwards -----------------------------------------------------------------------------------------------------------


def restored(record: Record) -> list[Finding]:
    """What was taken away is there again, by the router's own word."""
    found = []
    moments = record.afterwards()
    for session in looking.taken(record.drill):
        state = (
            moments[-1][1][session.router].sessions.get(session.id)
            if moments and session.router in moments[-1][1]
            else None
        )
        if state != "Established":
            words = f"state is {state or 'unknown'} after the undo, expected Established"
            found.append(objection("restored", session.id, "not-back", words))
    return found


def back(record: Record) -> list[Finding]:
    """Every network is on its path again, answers, and was so in time."""
    moments = record.afterwards()
    if not moments:
        return [objection("back", record.drill.id, "not-watched", "no look was taken after the undo, expected several")]
    settled, budget = back_at(record), record.drill.fail_back
    if settled is not None and record.undone is not None:
        if settled - record.undone <= budget:
            return []
        words = f"the fail-back took {_seconds(settled - record.undone)}, expected {_seconds(budget)} at most"
        return [objection("back", record.drill.id, "fail-back", words)]
    found: list[Finding] = []
    for pair, reach in reaches(record):
        path = looking.path_of(record.drill, moments[-1][1], reach)
        if not looking.is_on(pair, "after", path):
            words = f"its path is {path} after the undo, expected {pair.after.name}"
            found.append(objection("back", _object(reach, pair), "not-back", words, likely=_why_not_back(path)))
        elif not looking.answered(moments[-1][1].get, reach):
            words = f"{reach.target} does not answer after the undo, expected answers"
            found.append(objection("back", _object(reach, pair), "no-answer", words))
    return found or [objection("back", record.drill.id, "never", "never all at the same time, expected all at once")]


def _why_not_back(path: Path) -> str:
    if path.word == "none":
        return "the prefix is missing since: the far end has not announced it again"
    return "the session is back, its routes are not used: dampening, a policy that needs a soft clear, or not announced"


def unchanged(record: Record) -> list[Finding]:
    """The configuration of every changed router equals that of the start, by the router's comparison and ours."""
    found = []
    ends = {each.router: each for each in record.ends}
    for router in record.drill.changes:
        end = ends.get(router)
        if end is None:
            words = "nothing is known of how it was left, expected the configuration of the start"
            found.append(objection("configuration", router, "unknown", words))
        elif end.difference:
            words = f"it differs in {len(end.difference)} lines, such as {end.difference[0]}; expected none"
            found.append(objection("configuration", router, "differs", words))
        elif end.how not in ("undone-and-confirmed", "nothing-to-undo"):
            words = f"it was left {end.how.replace('-', ' ')} ({end.words}), expected undone and confirmed"
            found.append(objection("configuration", router, end.how, words))
    return found


def second_look(record: Record) -> list[Finding]:
    """After the declared time everything is still on its path, and no session has gone since."""
    if not record.second:
        words = "it was not taken, expected one"
        return [objection("second-look", record.drill.id, "not-taken", words)]
    found: list[Finding] = []
    looks = {each.router: each for each in record.second}
    for pair, reach in reaches(record):
        path = looking.path_of(record.drill, looks, reach)
        if not looking.is_on(pair, "after", path) or not looking.answered(looks.get, reach):
            answer = "answers" if looking.answered(looks.get, reach) else "no answer"
            words = f"its path is {path}, {answer}; expected {pair.after.name} and answers"
            found.append(objection("second-look", _object(reach, pair), "not-back", words))
    settled = back_at(record)
    since = settled or record.undone
    for message in sorted({each for look in record.second for each in look.messages}, key=lambda each: each.text):
        late = since is not None and message.at is not None and message.at > since + timedelta(seconds=1)
        if late and message.name == "BGP-5-ADJCHANGE" and "Down" in message.text:
            words = f"a session went down at {message.at:%H:%M:%SZ} ({message.text}); expected none since"
            found.append(objection("second-look", message.router, "flap", words))
    return found + way_back.over_tunnels(record)


VERDICTS: Final = (
    Verdict("armed", "every changed router's own timer was running before", armed),
    Verdict("trigger-seen", "the router shows that it is gone", trigger_seen),
    Verdict("moved", "traffic took the expected path in both directions", moved),
    Verdict("budgets", "failover and loss are within their budgets", budgets),
    Verdict("nothing-else", "nothing else changed", nothing_else),
    Verdict("restored", "the router shows that it is back", restored),
    Verdict("back", "every network is back on its path, in time", back),
)
# After these the state is compared with the baseline and the timer is looked for; then:
LAST_VERDICTS: Final = (
    Verdict("configuration", "the configuration equals that of the start", unchanged),
    Verdict("second-look", "it stayed so", second_look),
)
