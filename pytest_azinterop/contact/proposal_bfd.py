"""BFD beside sessions to Azure and between routers, as far as it runs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pytest_azinterop.intent.models import BfdDefaults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.contact.proposal import Proposal
    from pytest_azinterop.contact.sightings import SeenSession
    from pytest_azinterop.contact.typed import Typed

Block = bool | dict[str, Any]


def of_circuit(sessions: Sequence[SeenSession], typed: Typed, proposal: Proposal) -> tuple[Block | None, bool]:
    """What is to be said of the circuit, None: nothing; and whether that holds for all of its sessions."""
    up = [session for session in sessions if session.neighbor.is_established]
    said = [of_session(session, typed, proposal) for session in up]
    if not said or any(each != said[0] for each in said):
        return None, False
    return said[0], True


def of_session(session: SeenSession, typed: Typed, proposal: Proposal) -> Block | None:
    """What the intent must say so that it expects what runs; None: nothing.

    A session that should run and does not is asked about, and stays out.
    """
    seen, neighbor = session.bfd, session.neighbor
    words = f"{session.router}: neighbor {neighbor.address}"
    if not neighbor.is_established or not (neighbor.bfd_configured or seen is not None):
        return None
    if seen is None or not seen.is_up or not any(client.upper() == "BGP" for client in seen.clients):
        state = "there is no BFD session that BGP uses" if seen is None or seen.is_up else f"BFD is {seen.state}"
        proposal.ask(f"{words} has `fall-over bfd`, and {state}: is BFD meant? `bfd` says so")
        return None
    base = _defaults(typed) if session.role != "internal" else _defaults(typed).model_copy(update={"required": False})
    timers = _timers(session)
    if timers is None:
        proposal.ask(f"{words}: which interval and multiplier of BFD are meant? Its ends say different ones")
        return None if base.required else True
    block = {
        key: value
        for key, value, usual in (
            ("interval", timers[0], base.interval),
            ("multiplier", timers[1], base.multiplier),
        )
        if value != usual
    }
    if base.required:
        return block or None
    return {"required": True, **block} if block else True


def _defaults(typed: Typed) -> BfdDefaults:
    """What the typed intent says of BFD on every circuit, the model's own defaults otherwise."""
    defaults = typed.tree.get("defaults")
    said = defaults.get("bfd") if isinstance(defaults, dict) else None
    try:
        return BfdDefaults() if said is None else BfdDefaults.model_validate(said)
    except ValidationError:
        return BfdDefaults()


def _timers(session: SeenSession) -> tuple[int, int] | None:
    """The negotiated interval in milliseconds and the multiplier, where both directions have the same."""
    seen = session.bfd
    if seen is None:
        return None
    own = (seen.minimum_transmit, seen.received_minimum_receive)
    theirs = (seen.minimum_receive, seen.received_minimum_transmit)
    directions = {None if None in each else max(value or 0 for value in each) for each in (own, theirs)}
    if seen.echo_interval is not None:
        directions = {seen.echo_interval}
    interval = directions.pop()
    alike = not directions and interval is not None and interval % 1000 == 0
    if not alike or interval is None or seen.multiplier is None or seen.multiplier != seen.received_multiplier:
        return None
    return interval // 1000, seen.multiplier
