"""What a finding is about, as an identifier and in the words of a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.intent.expectations import vrf_label
from pytest_azinterop.verify.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.intent.expectations import (
        ExpectedDevice,
        ExpectedInterface,
        ExpectedSession,
        ExpectedSite,
        ExpectedTunnel,
    )
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Subject:
    """`id` is the stable object of a finding, `words` the beginning of its message."""

    id: str
    words: str

    def finding(
        self,
        rule: str,
        disagreement: str,
        *,
        cause: str,
        evidence: Iterable[Source | None] = (),
        likely: str | None = None,
        next_command: str | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding about this subject; see `rules.finding`."""
        return finding(
            rule,
            self.id,
            self.words,
            disagreement,
            cause=cause,
            evidence=evidence,
            likely=likely,
            next_command=next_command,
            severity=severity,
        )


def vrf_words(vrf: str | None) -> str:
    """`vrf 30`, or `global table`."""
    return "global table" if vrf is None else f"vrf {vrf}"


def of_device(expected: ExpectedDevice) -> Subject:
    """A router."""
    return Subject(expected.id, expected.router)


def of_interface(expected: ExpectedInterface) -> Subject:
    """An interface of a router."""
    return Subject(expected.id, f"{expected.router} {expected.name}")


def of_neighbor(router: str, vrf: str | None, neighbor: IPv4Address | IPv6Address) -> Subject:
    """A BGP neighbor."""
    return Subject(f"{router}/{vrf_label(vrf)}/{neighbor}", f"{router} {vrf_words(vrf)} {neighbor}")


def of_session(expected: ExpectedSession) -> Subject:
    """A BGP session."""
    return of_neighbor(expected.router, expected.vrf, expected.neighbor)


def of_tunnel(expected: ExpectedTunnel) -> Subject:
    """A tunnel."""
    return Subject(expected.id, f"{expected.router} {vrf_words(expected.inner_vrf)} {expected.name}")


def of_site(expected: ExpectedSite) -> Subject:
    """A customer at a site."""
    return Subject(expected.id, _site_words(expected))


def _site_words(expected: ExpectedSite) -> str:
    return f"{expected.customer} at {expected.site}" + ("" if expected.version == 4 else ", IPv6")


def of_site_router(expected: ExpectedSite, router: str) -> Subject:
    """One router of a customer's site."""
    return Subject(f"{expected.id}/{router}", f"{_site_words(expected)}, {router} {vrf_words(expected.vrf)}")
