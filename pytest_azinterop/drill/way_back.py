"""Whether answers come back another way than the router sends: Azure that sticks to the backup after a fail-back.

A router does not see which way Azure chose. It counts what its tunnels receive: where networks are reached over
ExpressRoute again and the tunnels still receive their answers, more comes in through them than before the drill, and
more than goes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.drill.guard import objection
from pytest_azinterop.drill.settling import back_at, reaches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.drill.look import Look
    from pytest_azinterop.drill.record import Record
    from pytest_azinterop.verify.finding import Finding

_FEWEST: Final = 2  # answers that must have come, before their way is judged
_MORE: Final = 1.5  # how much more a tunnel receives than before: traffic that was always there is no sign


@dataclass(frozen=True, slots=True)
class _Grown:
    """What a tunnel has sent and received between the first and the last of some looks, and how many lay between."""

    encaps: int
    decaps: int
    looks: int

    @property
    def surplus(self) -> int:
        return self.decaps - self.encaps


def over_tunnels(record: Record) -> list[Finding]:
    """A finding per tunnel that still carries the answers, in the second half of the time until the second look."""
    since = back_at(record) or record.undone
    if since is None or record.triggered is None or not record.second:
        return []
    middle = since + (max(each.over for each in record.second) - since) / 2
    looks = [*record.looks, *(each for each in record.second if each not in record.looks)]
    found = []
    for tunnel in record.drill.tunnels:
        own = [each for each in looks if each.router == tunnel.router and tunnel.id in each.tunnels]
        late = [each for each in own if each.at >= middle]
        late = late if len(late) > 1 else own[-2:]
        after = _grown([each for each in late if each.at >= since], tunnel.id)
        answers = _answers(record, [each for each in looks if late and each.at >= late[0].at])
        if answers < _FEWEST:
            continue  # nothing came back over another path, which is told of each network by itself
        before = _grown([each for each in own if each.over < record.triggered], tunnel.id)
        if after is None:
            words = "its counters were not read twice before the second look, expected them in both directions"
            found.append(objection("second-look", tunnel.id, "not-counted", words))
            continue
        share = 0.0 if before is None else after.looks / before.looks
        usual = before or _Grown(0, 0, 1)
        extra = after.surplus - usual.surplus * share
        if extra * 2 >= answers and after.decaps > usual.decaps * share * _MORE:
            words = (
                f"it received {after.decaps} packets and sent {after.encaps}, while {answers} probes over other paths "
                "were answered; expected that answers come back the way they were asked"
            )
            likely = "Azure still sends over the VPN: look at its effective routes and the circuit's route table"
            found.append(objection("second-look", tunnel.id, "one-way", words, likely=likely))
    return found


def _answers(record: Record, looks: Sequence[Look]) -> int:
    """How many probes of networks that are not reached over the VPN were answered."""
    ids = {reach.id for pair, reach in reaches(record) if pair.after.name != "vpn"}
    return sum(received for look in looks for name, (_, received) in look.answers.items() if name in ids)


def _grown(looks: Sequence[Look], tunnel: str) -> _Grown | None:
    if len(looks) < 2:
        return None
    first, last = (min(looks, key=lambda each: each.at), max(looks, key=lambda each: each.at))
    one, other = first.tunnels[tunnel], last.tunnels[tunnel]
    return _Grown(other.encaps - one.encaps, other.decaps - one.decaps, len(looks) - 1)
