"""A prefix of Azure that the circuit does not have is lost at the gateway or after it: its announcements tell which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from plugin.agreeing_network import MemoryFacts
from verify.test_azure_rules import intent, without

from pytest_azinterop.state.azure_gateway import GatewayRoute
from pytest_azinterop.subjects import SUBJECTS
from pytest_azinterop.verify import sides
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.rules import RULES


def judged(change: Callable[[MemoryFacts], MemoryFacts]) -> list[Finding]:
    """Nothing of Azure is in the circuit's table."""
    everything = intent()
    kind = SUBJECTS["learned_passage"]
    (passage, *_) = (each for each in kind.select(everything) if each.session.role == "expressroute")
    facts = change(
        MemoryFacts(everything).change("circuit-routes", without(lambda row: row.as_path.sequence[0] == 65515))
    )
    return sides.learned(passage, kind.observe(passage, facts, everything))


def found(change: Callable[[MemoryFacts], MemoryFacts]) -> set[str]:
    return {each.cause for each in judged(change)} & {"not-in-circuit", "not-advertised"}


def of_msee(record: Any) -> bool:
    return isinstance(record, GatewayRoute)


def test_what_the_gateway_announces_is_lost_at_the_circuit() -> None:
    assert found(lambda facts: facts) == {"not-in-circuit"}


def test_what_the_gateway_does_not_announce_is_lost_there() -> None:
    assert "not-advertised" in found(lambda facts: facts.change("advertised-routes", without(of_msee)))


@pytest.mark.parametrize("kind", ["advertised-routes", "bgp-peers"])
def test_announcements_that_are_not_known_change_no_verdict(kind: str) -> None:
    assert found(lambda facts: facts.lose(kind)) == {"not-in-circuit"}


def test_only_a_gateway_that_was_asked_is_said_to_announce() -> None:
    (asked,) = (each for each in judged(lambda facts: facts) if each.cause == "not-in-circuit")
    assert " announce" in str(asked.likely)
    assert "between the gateway and the MSEE" in str(asked.likely)
    assert "advertised-routes" in {each.command.partition(" ")[0] for each in asked.evidence}
    (not_asked,) = (each for each in judged(lambda facts: facts.lose("bgp-peers")) if each.cause == "not-in-circuit")
    assert not_asked.likely == RULES["sides.learned"].causes["not-in-circuit"]
    assert asked.message == not_asked.message
