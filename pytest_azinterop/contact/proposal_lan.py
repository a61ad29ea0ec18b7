"""A place's interfaces towards the site, and what OSPF tells the site over them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop.contact import places, proposal_path
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.lint.ospf import covers
from pytest_azinterop.verify.policy_config import configured_maps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.contact.places import Place
    from pytest_azinterop.contact.proposal import Path_, Proposal
    from pytest_azinterop.contact.sightings import SeenRouter
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.device import Interface

_NARROW: Final = {4: 30, 6: 126}  # a subnet of at least this length has two ends


def propose(place: Place, at: Path_, proposal: Proposal) -> None:
    """Interfaces of the VRF that lead neither to Azure nor to another router of the site."""
    if place.vrf is None:
        proposal.ask(f"{place.customer} at {place.site}: which interface leads to the site? `lan` says so")
        return
    for router in place.routers:
        for each in _candidates(place, router):
            if not each.is_up:
                proposal.ask(
                    f"{router.name}: {each.name} of VRF {place.vrf} is {each.status}; does it lead to the site?"
                )
                continue
            entry: dict[str, Any] = {"router": router.name, "interface": each.name}
            if each.address is not None:
                entry["address"] = str(each.address)
            entry |= proposal_path.vlans(each)
            comment = "guess: it leads neither to Azure nor to a router of the site"
            ospf = _ospf(place, router, each, proposal)
            if ospf is not None:
                entry["ospf"] = ospf
                comment += "; and what OSPF tells the site is meant"
            proposal.append((*at, "lan"), entry, comment)


def _candidates(place: Place, router: SeenRouter) -> Iterator[Interface]:
    taken = {session.interface.name for session in router.sessions if session.interface and places.is_azure(session)}
    taken |= {tunnel.interface.name for tunnel in router.tunnels}
    taken |= {tunnel.interface.tunnel.source_interface or "" for tunnel in router.tunnels if tunnel.interface.tunnel}
    inside = [session.neighbor.address for session in place.sessions if session.role == "internal"]
    for each in router.known.interfaces:
        own = router.known.addresses(each)
        if not own or each.name in taken or router.known.vrf_of(each.name) != place.vrf:
            continue
        narrow = [address.network for address in own if address.network.prefixlen >= _NARROW[address.version]]
        between = any(far in network for network in narrow for far in inside)
        if not each.name.startswith(("Loopback", "Tunnel")) and not between:
            yield each


def _ospf(place: Place, router: SeenRouter, interface: Interface, proposal: Proposal) -> bool | dict[str, Any] | None:
    """What the intent can say of OSPF here; None: no neighbor is FULL, or nothing is known."""
    neighbors = router.known.records("ospf_neighbors") or ()
    here = [each for each in neighbors if each.interface == interface.name]
    words = f"{router.name} {interface.name}"
    if not any(each.is_full for each in here):
        if here:
            proposal.ask(f"{words}: the OSPF neighbor is {here[0].state}; is it meant to be FULL? `ospf: true` says so")
        return None
    config = router.known.config
    if config is None or not router.known.sees_all:
        return True
    process = _process(place, interface, config)
    if process is None:
        return True
    block: dict[str, Any] = {}
    line = next((each for each in process.line.children if re.match(r"redistribute bgp \d", each.text)), None)
    block["redistributes"] = line is not None
    named = re.search(r"\broute-map (\S+)", line.text) if line is not None else None
    if named is not None and named[1] not in {each.name for each in configured_maps(config)}:
        proposal.ask(
            f"{router.name}: ospf {process.number} redistributes BGP through route-map {named[1]}, which is undefined: "
            "what is the site meant to be told? `ospf` of the interface says so"
        )
        del block["redistributes"]
    elif named is not None:
        block["route_map"] = named[1]
    default = reading.has(process.line, "default-information originate")
    kind = "none" if default is None else "always" if "always" in default.text.split() else "conditional"
    block["default_route"] = kind
    if kind == "always":
        proposal.ask(
            f"{router.name}: ospf {process.number} tells the site a default route always, also while Azure is not "
            "reached: is that meant?"
        )
    return block


def _process(place: Place, interface: Interface, config: RunningConfig) -> reading.OspfProcess | None:
    """The process that speaks on the interface: by the interface's own line, else by a `network` line."""
    candidates = [each for each in reading.ospf_processes(config) if each.vrf == place.vrf]
    port = reading.interface(config, interface.name)
    for line in port.line.children if port is not None else ():
        if own := re.match(r"ip ospf (\d+) area ", line.text):
            return next((each for each in candidates if each.number == int(own[1])), None)
    for process in candidates:
        if interface.address and any(covers(line, interface.address.ip) for line in process.line.children):
            return process
    return None
