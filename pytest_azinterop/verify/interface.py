"""Judgements about an interface that a customer depends on. A missing one is `interface.exists`, whatever was asked."""

from __future__ import annotations

from ipaddress import IPv4Interface
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, next_command, subject
from pytest_azinterop.verify.subject import vrf_words
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedInterface

PORT_ROLES: Final = frozenset({"expressroute", "lan", "internal"})
"""What an interface with frames of its own is for; a tunnel and its source have none."""
# Plugging a fibre breaks a few frames; a clean link less than one in a thousand million.
_FEW: Final = 10
_ONE_IN: Final = 1_000_000


def exists(expected: ExpectedInterface, observed: ObservedInterface) -> list[Finding]:
    """The interface is on the router."""
    if observed.interface is not None:
        return []
    return [
        subject.of_interface(expected).finding(
            "interface.exists",
            "interface is missing, expected on the router",
            cause="missing",
            next_command=f"show running-config interface {expected.name}",
        )
    ]


def state(expected: ExpectedInterface, observed: ObservedInterface) -> list[Finding]:
    """Up, and its line protocol up; shut by configuration and down for another reason are told apart."""
    interface = observed.interface
    if interface is None:
        return exists(expected, observed)
    if interface.is_up:
        return []
    cause = "shut" if interface.is_shut else "protocol-down" if interface.status == "up" else "down"
    return [
        subject.of_interface(expected).finding(
            "interface.state",
            f"state is {clean(interface.status)}, line protocol {clean(interface.line_protocol)}, expected up, up",
            cause=cause,
            evidence=[interface.source],
            next_command=_following(expected, cause),
        )
    ]


def errors(expected: ExpectedInterface, observed: ObservedInterface) -> list[Finding]:
    """Of the frames that the port has counted no more than one in a million was broken; not judged where there is none.

    A sub-interface counts no errors: they are those of its port.
    """
    if observed.interface is None:
        return exists(expected, observed)
    if expected.role not in PORT_ROLES:
        return []
    port = observed.port
    if port is None or port.counters is None:
        evidence.undetermined(
            f"the router counts no frames on the port of {expected.name}", "no-counters", observed.interface.source
        )
    counted = port.counters
    found = []
    for cause, wrong, frames in (
        ("input", counted.input_errors, counted.input_packets),
        ("output", counted.output_errors, counted.output_packets),
    ):
        if wrong is None:
            evidence.undetermined(f"{clean(port.name)} counts no {cause} errors", "no-counters", port.source)
        if wrong >= _FEW and wrong * _ONE_IN > frames:
            found.append(
                subject.of_interface(expected).finding(
                    "interface.errors",
                    f"{cause} errors of {clean(port.name)} are {wrong} beside {frames} packets, expected fewer than "
                    "one in a million",
                    cause=cause,
                    evidence=[port.source],
                    next_command=f"show interfaces {port.name} | include error|clearing",
                )
            )
    return found


def _following(expected: ExpectedInterface, cause: str) -> str:
    if cause == "shut":
        return next_command.configured_interface(expected.name)
    if expected.name.casefold().startswith("tunnel"):
        return "show crypto ikev2 sa detailed"
    return next_command.logged(expected.name.partition(".")[0])


def vrf(expected: ExpectedInterface, observed: ObservedInterface) -> list[Finding]:
    """In the declared VRF, or in none where none is declared."""
    if observed.interface is None:
        return exists(expected, observed)
    actual = observed.vrf.name if observed.vrf is not None else None
    if actual == expected.vrf:
        return []
    cause = "no-vrf" if actual is None else "unexpected-vrf" if expected.vrf is None else "other-vrf"
    return [
        subject.of_interface(expected).finding(
            "interface.vrf",
            f"interface is in {clean(vrf_words(actual))}, expected in {vrf_words(expected.vrf)}",
            cause=cause,
            evidence=[observed.vrf.source if observed.vrf else None, observed.interface.source],
            next_command=next_command.configured_interface(expected.name),
        )
    ]


def route_distinguisher(expected: ExpectedInterface, observed: ObservedInterface) -> list[Finding]:
    """The declared route distinguisher of its VRF; not judged where none is declared."""
    if expected.route_distinguisher is None:
        return []
    if observed.vrf is None or observed.vrf.name != expected.vrf:
        return vrf(expected, observed)
    actual = observed.vrf.route_distinguisher
    if actual == expected.route_distinguisher:
        return []
    return [
        subject.of_interface(expected).finding(
            "interface.route-distinguisher",
            f"route distinguisher is {clean(actual) if actual else 'none'}, expected {expected.route_distinguisher}",
            cause="other-route-distinguisher" if actual else "no-route-distinguisher",
            evidence=[observed.vrf.source],
            next_command=f"show running-config | section vrf definition {expected.vrf}",
        )
    ]


def tags(expected: ExpectedInterface, observed: ObservedInterface) -> list[Finding]:
    """The declared 802.1Q tags, outer first; not judged where none are declared."""
    interface = observed.interface
    if interface is None:
        return exists(expected, observed)
    if expected.vlans is None:
        return []
    actual = tuple(tag for tag in (interface.outer_vlan, interface.inner_vlan) if tag is not None)
    if actual == expected.vlans:
        return []
    return [
        subject.of_interface(expected).finding(
            "interface.tags",
            f"802.1Q tags are {_tag_words(actual)}, expected {_tag_words(expected.vlans)}",
            cause=_tag_cause(actual, expected.vlans),
            evidence=[interface.source],
            next_command=f"show running-config interface {expected.name}",
        )
    ]


def _tag_words(tags: tuple[int, ...]) -> str:
    if len(tags) == 2:
        return f"{tags[0]} (outer) and {tags[1]} (inner)"
    return f"{tags[0]} alone" if tags else "none"


def _tag_cause(actual: tuple[int, ...], expected: tuple[int, ...]) -> str:
    if not actual:
        return "untagged"
    if len(actual) < len(expected):
        return "missing-inner-tag"
    if len(actual) > len(expected):
        return "unexpected-inner-tag"
    if actual == expected[::-1]:
        return "swapped"
    wrong = [place for place, (is_, should) in enumerate(zip(actual, expected, strict=True)) if is_ != should]
    return "both-tags" if len(wrong) == 2 else ("outer-tag", "inner-tag")[wrong[0]]


def address(expected: ExpectedInterface, observed: ObservedInterface) -> list[Finding]:
    """The declared address and mask; not judged where none is declared.

    An unnumbered interface has an address, but no network of its own: what it borrows is that of a /32.
    """
    interface = observed.interface
    if interface is None:
        return exists(expected, observed)
    if expected.address is None:
        return []
    if isinstance(expected.address, IPv4Interface):
        if interface.address == expected.address:
            return []
        own = interface.address is None and interface.borrowed == expected.address.ip
        if own and expected.address.network.prefixlen == expected.address.max_prefixlen:
            return []
        actual = _address_words(interface)
        cause = _address_cause(interface, expected.address)
    else:
        if expected.address in interface.ipv6_addresses:
            return []
        actual = ", ".join(map(str, interface.ipv6_addresses)) or "none"
        cause = "other-address" if interface.ipv6_addresses else "no-address"
    return [
        subject.of_interface(expected).finding(
            "interface.address",
            f"address is {actual}, expected {expected.address}",
            cause=cause,
            evidence=[interface.source],
            next_command=f"show running-config interface {expected.name}",
        )
    ]


def _address_words(interface: Interface) -> str:
    if interface.address is None and interface.borrowed is not None:
        return f"{interface.borrowed} of {clean(interface.lender or '', 40)}"
    return str(interface.address) if interface.address else "none"


def _address_cause(interface: Interface, expected: IPv4Interface) -> str:
    actual = interface.address
    if actual is None and interface.borrowed is not None:
        return "unnumbered" if interface.borrowed == expected.ip else "other-address"
    if actual is None:
        return "no-address"
    if actual.ip == expected.ip:
        return "mask"
    # Only in a point-to-point subnet is the other usable address the far end's.
    far_end = expected.network.prefixlen in (30, 31) and actual.ip in expected.network.hosts()
    return "neighbors-address" if far_end else "other-address"
