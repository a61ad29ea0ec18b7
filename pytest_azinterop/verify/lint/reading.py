"""How lint reads a configuration: effective settings, sections, and what the absence of a line means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, neighbor_config
from pytest_azinterop.verify.subject import Subject, vrf_words
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.intent.expectations import ExpectedSession, ExpectedTunnel
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration
    from pytest_azinterop.state.config import ConfigLine, InterfaceConfig, NeighborConfig, RunningConfig
    from pytest_azinterop.state.crypto_config import Ikev2Profile
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding

# A neighbor and its interfaces are read alike where a session is judged.
clause = neighbor_config.clause
neighbor = neighbor_config.neighbor
networks = neighbor_config.networks

_OSPF = re.compile(r"router ospf (\d+)(?: vrf (\S+))?")


@dataclass(frozen=True, slots=True)
class OspfProcess:
    """`router ospf N [vrf X]`."""

    number: int
    vrf: str | None
    line: ConfigLine


def absent(config: RunningConfig, what: str) -> None:
    """Nothing, where the whole configuration was read: then `what` is really not there. Else UndeterminedError."""
    if not evidence.is_proof(config):
        evidence.whole(config, f"{what} is not in the supplied text")


def judged(config: RunningConfig, found: Iterable[Finding], question: str) -> list[Finding]:
    """What was found. Raises UndeterminedError where nothing was found in a text that is not the whole one."""
    findings = list(dict.fromkeys(found))
    if not findings:
        evidence.whole(config, question)
    return findings


def at(config: RunningConfig, *lines: ConfigLine | None) -> tuple[Source, ...]:
    """Where these lines stand; the whole answer where there are none."""
    found = tuple(config.source.at(line.number) for line in lines if line is not None)
    return found or (config.source,)


def router(expected: ExpectedConfiguration) -> Subject:
    """The router as the object of a finding."""
    return Subject(expected.router, expected.router)


def named(router_name: str, kind: str, name: str) -> Subject:
    """Something that the configuration defines or should: `ce1/route-map LAN`."""
    return Subject(f"{router_name}/{kind} {clean(name)}", f"{router_name} {kind} {clean(name)}")


def interface(config: RunningConfig, name: str) -> InterfaceConfig | None:
    """The interface's section; None: not in the configuration."""
    wanted = name.replace(" ", "").casefold()
    return next((each for each in config.interfaces if each.name.replace(" ", "").casefold() == wanted), None)


def lender(config: RunningConfig, name: str) -> str | None:
    """The interface whose address an interface borrows (`ip unnumbered`); None: it has its own, or none."""
    port = interface(config, name)
    line = None if port is None else has(port.line, "ip unnumbered")
    return None if line is None or len(line.text.split()) < 3 else line.text.split()[2]


def tunnel_profiles(
    tunnels: Iterable[ExpectedTunnel], config: RunningConfig
) -> Iterator[tuple[ExpectedTunnel, InterfaceConfig, Ikev2Profile]]:
    """Each tunnel with its interface and its IKEv2 profile. Raises UndeterminedError where one may not have been shown;
    one that a whole configuration lacks is left out.
    """
    for tunnel in tunnels:
        port = interface(config, tunnel.name)
        protection = config.crypto.ipsec_profile(port.protection_profile or "") if port else None
        profile = config.crypto.ikev2_profile(protection.ikev2_profile or "") if protection else None
        if port is None or profile is None:
            absent(config, f"the IKEv2 profile of {tunnel.name}")
            continue
        yield tunnel, port, profile


def has(section: ConfigLine, *words: str) -> ConfigLine | None:
    """The first line directly below that begins with one of these."""
    for line in section.children:
        if any(line.text == each or line.text.startswith(each + " ") for each in words):
            return line
    return None


def configured(
    sessions: Iterable[ExpectedSession], config: RunningConfig
) -> Iterator[tuple[ExpectedSession, NeighborConfig]]:
    """The sessions that the configuration has. One that it lacks is the finding of `bgp.neighbor` and of nothing else.

    Raises UndeterminedError where the text is not whole and lacks it.
    """
    for session in sessions:
        found = neighbor(config, session.vrf, session.neighbor)
        if found is None:
            absent(config, f"neighbor {session.neighbor} in the {vrf_words(session.vrf)}")
        else:
            yield session, found


def filters(settings: NeighborConfig, direction: str) -> list[ConfigLine]:
    """Everything bound to a neighbor that decides which routes pass in this direction."""
    found: dict[str, ConfigLine | None] = {}
    for line in settings.lines:
        matched = re.fullmatch(
            rf"(no )?(?:neighbor \S+ )?(route-map|prefix-list|filter-list|distribute-list) \S+ {direction}", line.text
        )
        if matched:
            found[matched[2]] = None if matched[1] else line
    return [line for line in found.values() if line is not None]


def ospf_processes(config: RunningConfig) -> tuple[OspfProcess, ...]:
    """Every OSPFv2 process."""
    found = ((line, _OSPF.fullmatch(line.text)) for line in config.starting_with("router ospf"))
    return tuple(OspfProcess(int(match[1]), match[2], line) for line, match in found if match)


def bgp_family(config: RunningConfig, vrf: str | None, version: int = 4) -> tuple[ConfigLine, ...]:
    """The lines of a VRF in `router bgp`; of the global table those in its own block, and of IPv4 at router level."""
    if config.bgp is None:
        return ()
    found: list[ConfigLine] = []
    if vrf is None and version == 4:
        found += [line for line in config.bgp.line.children if not line.text.startswith("address-family ")]
    of_vrf = "" if vrf is None else f" vrf {vrf}"
    titles = {f"address-family ipv{version}{unicast}{of_vrf}" for unicast in ("", " unicast")}
    for line in config.bgp.line.children:
        if line.text in titles:
            found += line.children
    return tuple(found)
