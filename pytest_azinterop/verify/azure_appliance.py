"""Judgement about a firewall or NVA that is a machine: its network interface takes what is for others.

Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview (virtual appliance: without IP
forwarding on its network interface Azure drops each packet that is neither for it nor from it)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.azure_words import not_succeeded, of_subnet
from pytest_azinterop.verify.text import some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.azure_expectations import ExpectedSubnet
    from pytest_azinterop.state.azure_network import NetworkInterface
    from pytest_azinterop.verify.finding import Finding


@dataclass(frozen=True, slots=True)
class ObservedAppliance:
    """The network interface that is declared for the firewall."""

    interface: NetworkInterface


def forwards(expected: ExpectedSubnet, observed: ObservedAppliance) -> list[Finding]:
    """The network interface has the firewall's address, belongs to a machine, and forwards.

    Raises UndeterminedError where Azure does not tell whether it forwards.
    """
    about, read = of_subnet(expected), observed.interface.source
    found = [
        about.finding("azure.appliance", words, cause=cause, evidence=[read])
        for cause, words in _complaints(expected, observed.interface)
    ]
    if observed.interface.forwarding is None:
        words = "whether the firewall's network interface forwards is not told"
        return evidence.open_beside(found, words, "not-understood", read)
    return found


def _complaints(expected: ExpectedSubnet, interface: NetworkInterface) -> Iterator[tuple[str, str]]:
    if expected.via not in interface.addresses:
        has = some(map(str, interface.addresses)) or "none"
        yield "other-address", f"address of the firewall's network interface is {has}, expected {expected.via}"
    if interface.machine is None:
        yield "no-machine", "machine of the firewall's network interface is none, expected one"
    if interface.forwarding is False:
        yield "not-forwarding", "IP forwarding of the firewall's network interface is off, expected on"
    if (unready := not_succeeded(interface.provisioning_state, "firewall's network interface")) is not None:
        yield "not-succeeded", unready
