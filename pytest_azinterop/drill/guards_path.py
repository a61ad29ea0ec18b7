"""Guards that look at paths: the right one is taken away, the backup carries both ways, all is as it should be."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill.guard import Guard, Scene, changed, everyone, objection, whole
from pytest_azinterop.intent.drill_expectations import SessionShutdown, SubinterfaceShutdown, TunnelShutdown
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Interface, IPv6Interface

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.drill_expectations import Pair, RouterTrigger
    from pytest_azinterop.intent.expectations import ExpectedInterface, ExpectedSession, ExpectedTunnel
    from pytest_azinterop.state.bgp import BgpNeighbor, BgpTable, NeighborRoutes
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.device import DeviceFacts, Interface
    from pytest_azinterop.verify.finding import Finding

_DAMPED = frozenset("dh")
_GRACEFUL = re.compile(r"Graceful[- ]Restart (?:Capability: .*received|is enabled).*", re.IGNORECASE)
_SERVER = re.compile(r"(?:tacacs-server|radius-server) host (\S+)|address ipv[46] (\S+)|server-private (\S+)")
_NAME_SERVER = re.compile(r"ip name-server (?:vrf (?P<vrf>\S+) )?(?P<addresses>\S.*)")
_GROUP_VRF = re.compile(r"(?:ip )?vrf forwarding (\S+)")


# The right thing is taken away --------------------------------------------------------------------------------------


def _taken_from(scene: Scene) -> tuple[tuple[RouterTrigger, ExpectedSession | None], ...]:
    found = []
    for trigger in scene.drill.changes.get(scene.router, ()):
        session = next(
            (each for each in scene.drill.taken if each.router == scene.router and _is_of(trigger, each)), None
        )
        found.append((trigger, session))
    return tuple(found)


def _is_of(trigger: RouterTrigger, session: ExpectedSession) -> bool:
    if isinstance(trigger, SessionShutdown):
        return (trigger.vrf, trigger.neighbor) == (session.vrf, session.neighbor)
    return trigger.interface == session.interface


def _binding_needs(scene: Scene) -> tuple[Need, ...]:
    router = scene.router
    versions = sorted({each.version for each in scene.drill.taken if each.router == router}) or [4]
    neighbors = [fact.bgp_neighbors(router, scene.drill.vrf, version) for version in versions]
    return (fact.version(router), fact.interfaces(router), fact.vrfs(router), *neighbors)


def bound(scene: Scene, facts: Facts) -> list[Finding]:
    """The router that answers, its session, sub-interface, VRF and tags are the ones that the intent names."""
    router = scene.router
    found: list[Finding] = []
    version: DeviceFacts = fact.the_one(facts, fact.version(router))
    device = next(each for each in scene.everything.devices if each.router == router)
    if version.hostname != device.hostname:
        words = f"it calls itself {version.hostname}, expected {device.hostname}"
        found.append(objection("binding", router, "wrong-router", words, version.source))
    if device.serial is not None and version.serial != device.serial:
        words = f"its serial number is {version.serial}, expected {device.serial}"
        found.append(objection("binding", router, "wrong-router", words, version.source))
    for trigger, session in _taken_from(scene):
        if session is not None:
            found += _session_bound(facts, session)
        name = session.interface if isinstance(trigger, SessionShutdown) and session else None
        name = name or (trigger.interface if isinstance(trigger, SubinterfaceShutdown | TunnelShutdown) else None)
        if name is not None:
            found += _interface_bound(scene, facts, name, session)
    return found


def _session_bound(facts: Facts, session: ExpectedSession) -> Iterator[Finding]:
    records = facts.records(fact.neighbors_of(session))
    neighbor: BgpNeighbor | None = next((each for each in records if each.address == session.neighbor), None)
    if neighbor is None:
        yield objection("binding", session.id, "no-neighbor", "the router has no such neighbor, expected one")
        return
    if neighbor.remote_as != session.remote_as:
        words = f"its AS is {neighbor.remote_as}, expected {session.remote_as}"
        yield objection("binding", session.id, "other-neighbor", words, neighbor.source)
    if session.local_address is not None and neighbor.local_address not in (None, session.local_address):
        words = f"its own address is {neighbor.local_address}, expected {session.local_address}"
        yield objection("binding", session.id, "other-neighbor", words, neighbor.source)
    if not neighbor.is_established:
        words = f"state is {neighbor.state}, expected Established: nothing would be taken away"
        yield objection("binding", session.id, "already-down", words, neighbor.source)


def _interface_bound(scene: Scene, facts: Facts, name: str, session: ExpectedSession | None) -> Iterator[Finding]:
    object_ = f"{scene.router}/{name}"
    port: Interface | None = fact.interface_named(facts.records(fact.interfaces(scene.router)), name)
    expected: ExpectedInterface | None = next(
        (each for each in scene.everything.interfaces if (each.router, each.name) == (scene.router, name)), None
    )
    if port is None:
        yield objection("binding", object_, "no-interface", "the router has no such interface, expected one")
        return
    if not port.is_up:
        words = f"it is {port.status}/{port.line_protocol}, expected up/up: nothing would be taken away"
        yield objection("binding", object_, "already-down", words, port.source)
    vrf = next((each.name for each in facts.records(fact.vrfs(scene.router)) if name in each.interfaces), None)
    if vrf != scene.drill.vrf:
        words = f"its VRF is {vrf or 'none'}, expected {scene.drill.vrf or 'none'}"
        yield objection("binding", object_, "other-vrf", words, port.source)
    tags = tuple(tag for tag in (port.outer_vlan, port.inner_vlan) if tag is not None)
    if expected is not None and expected.vlans is not None and tags != expected.vlans:
        words = f"its VLANs are {_listed(tags)}, expected {_listed(expected.vlans)}"
        yield objection("binding", object_, "other-tags", words, port.source)
    own: IPv4Interface | IPv6Interface | None = port.address
    direct = session is not None and session.version == 4 and session.role != "vpn"
    if direct and (own is None or session is None or session.neighbor not in own.network):
        there = "" if session is None else session.neighbor
        words = f"its network is {own.network if own is not None else 'none'}, expected one with {there}"
        yield objection("binding", object_, "other-network", words, port.source)


def _listed(values: tuple[int, ...]) -> str:
    return "/".join(map(str, values)) or "none"


# The backup ---------------------------------------------------------------------------------------------------------


def _backups(scene: Scene) -> tuple[tuple[Pair, ExpectedSession], ...]:
    """Every session that must carry a network while the drill lasts."""
    return tuple((pair, each) for pair in scene.drill.pairs if not pair.is_lost for each in pair.during.sessions)


def _backup_tunnels(scene: Scene) -> tuple[ExpectedTunnel, ...]:
    over = {(each.router, each.vrf, each.neighbor) for _, each in _backups(scene)}
    return tuple(each for each in scene.drill.tunnels if (each.router, each.inner_vrf, each.neighbor) in over)


def _backup_needs(scene: Scene) -> tuple[Need, ...]:
    found: list[Need] = []
    for _, session in _backups(scene):
        found += [fact.neighbors_of(session), fact.neighbor_routes(session, "accepted")]
        found.append(fact.neighbor_routes(session, "advertised"))
    for tunnel in _backup_tunnels(scene):
        found.append(fact.ike_sas(tunnel.router))
        found.append(Sampled(fact.ipsec_sas(tunnel), probe=fact.probe(tunnel), interval=tunnel.sampling.interval))
        found.append(fact.probe(tunnel))
    return tuple(dict.fromkeys(found))


def backed_up(scene: Scene, facts: Facts) -> list[Finding]:
    """What must take over is up, knows every prefix, is told the site's, and carries packets in both directions."""
    found: list[Finding] = []
    for pair, session in _backups(scene):
        found += _session_ready(facts, pair, session)
    for tunnel in _backup_tunnels(scene):
        found += _tunnel_ready(facts, tunnel)
    return list(dict.fromkeys(found))


def _session_ready(facts: Facts, pair: Pair, session: ExpectedSession) -> Iterator[Finding]:
    neighbor = next(
        (each for each in facts.records(fact.neighbors_of(session)) if each.address == session.neighbor), None
    )
    if neighbor is None or not neighbor.is_established:
        state = "missing" if neighbor is None else neighbor.state
        words = f"state is {state}, expected Established: it must take over {pair.network}"
        sources = () if neighbor is None else (neighbor.source,)
        yield objection("backup", session.id, "session-down", words, *sources)
        return
    accepted: NeighborRoutes = fact.the_one(facts, fact.neighbor_routes(session, "accepted"))
    missing = [prefix for prefix in pair.prefixes if prefix not in accepted.prefixes]
    if missing:
        words = f"it does not bring {', '.join(map(str, missing))}, expected all of {pair.network}"
        yield objection("backup", session.id, "prefix-missing", words, accepted.source)
    sent: NeighborRoutes = fact.the_one(facts, fact.neighbor_routes(session, "advertised"))
    untold = [] if session.announce is None else sorted(session.announce.required - sent.prefixes, key=str)
    if untold:
        words = f"it is not told {', '.join(map(str, untold))}, expected all prefixes of the site"
        yield objection("backup", session.id, "not-announced", words, sent.source)


def _tunnel_ready(facts: Facts, tunnel: ExpectedTunnel) -> Iterator[Finding]:
    peers = [each for each in facts.records(fact.ike_sas(tunnel.router)) if each.remote_address == tunnel.peer]
    if not any(each.is_ready for each in peers):
        states = ", ".join(each.status for each in peers) or "none"
        words = f"IKE security associations with {tunnel.peer}: {states}, expected one that is READY"
        yield objection("backup", tunnel.id, "ike-down", words, *(each.source for each in peers[:1]))
    first, last = facts.samples(fact.ipsec_sas(tunnel))
    active = [each for each in last if each.inbound and each.outbound]
    if not active:
        words = "it has no pair of IPsec security associations, expected one"
        yield objection("backup", tunnel.id, "ipsec-down", words, *(each.source for each in last[:1]))
        return
    for name, direction in (("encaps", "to Azure"), ("decaps", "from Azure")):
        before = sum(getattr(each.counters, name) for each in first)
        after = sum(getattr(each.counters, name) for each in last)
        if after <= before:
            words = f"{name} {before} then {after} around a probe, expected more: nothing passes {direction}"
            yield objection("backup", tunnel.id, "one-way", words, active[0].source)
    ping = fact.the_one(facts, fact.probe(tunnel))
    if not ping.received:
        words = f"{tunnel.neighbor} answered none of {ping.sent} probes through it, expected some"
        yield objection("backup", tunnel.id, "no-answer", words, ping.source)


# All is as it should be ---------------------------------------------------------------------------------------------


def _steady_needs(scene: Scene) -> tuple[Need, ...]:
    return tuple(each for router in scene.drill.routers for each in looking.wanted(scene.drill, router))


def steady(scene: Scene, facts: Facts) -> list[Finding]:
    """Every network is on its path and answers; what must not be reached is not."""
    drill = scene.drill
    looks = {}
    for router in drill.routers:
        clock = fact.the_one(facts, fact.clock(router))
        seen = looking.read(drill, router, facts, timedelta(0), clock.source.asked_at)
        for trouble in seen.trouble:
            return [objection("steady", router, "undetermined", f"{trouble}; expected an answer that is understood")]
        looks[router] = seen
    found: list[Finding] = []
    for pair in drill.pairs:
        for reach in pair.reaches:
            path = looking.path_of(drill, looks, reach)
            if not looking.is_on(pair, "before", path):
                words = f"its path is {path}, expected {pair.before.name}"
                found.append(objection("steady", f"{reach.router}/{pair.network}", "other-path", words))
            if not looking.answered(looks.get, reach):
                words = f"{reach.target} does not answer probes from {reach.source}, expected answers"
                found.append(objection("steady", f"{reach.router}/{pair.network}", "no-answer", words))
    for reach in drill.forbidden:
        if looking.answered(looks.get, reach):
            words = f"{reach.target} answers, expected no answer: it must not be reached"
            found.append(objection("steady", f"{reach.router}/{reach.to}", "forbidden", words))
    return found


def _damping_needs(scene: Scene) -> tuple[Need, ...]:
    return (fact.bgp_table(scene.router, scene.drill.vrf),)


def undamped(scene: Scene, facts: Facts) -> list[Finding]:
    """No path is held back by dampening: it would be after the drill as well."""
    table: BgpTable = fact.the_one(facts, fact.bgp_table(scene.router, scene.drill.vrf))
    held = [path for path in table.paths if _DAMPED & set(path.flags)]
    return [
        objection(
            "dampening",
            scene.router,
            "dampened",
            f"{path.prefix} from {path.next_hop} is {'dampened' if 'd' in path.flags else 'remembered as flapping'},"
            " expected none: each loss adds to its penalty",
            path.source,
            next_command=f"show bgp vpnv4 unicast vrf {scene.drill.vrf} dampening dampened-paths",
        )
        for path in held
    ]


def _detection_needs(scene: Scene) -> tuple[Need, ...]:
    quiet = [each for each, _ in _taken_from(scene) if not isinstance(each, SessionShutdown)]
    bfd = (Fact.of(scene.router, "bfd_neighbors", vrf=scene.drill.vrf),) if quiet else ()
    versions = sorted({each.version for each in scene.drill.sessions if each.router == scene.router})
    return (*bfd, *(fact.bgp_neighbors(scene.router, scene.drill.vrf, version) for version in versions))


def detected(scene: Scene, facts: Facts) -> list[Finding]:
    """How the other side will notice is known: BFD is up, or its absence is accepted; graceful restart is accepted."""
    drill, accepts = scene.drill, scene.drill.accepts
    found: list[Finding] = []
    for trigger, session in _taken_from(scene):
        if isinstance(trigger, SessionShutdown) or session is None or accepts.no_bfd:
            continue
        sessions = facts.records(Fact.of(scene.router, "bfd_neighbors", vrf=drill.vrf))
        if not any(each.neighbor == session.neighbor and each.state == "Up" for each in sessions):
            words = (
                "no BFD session is up, expected one or `accepts: {no_bfd: true}`: the other side would notice only when"
                " its hold time has run out"
            )
            found.append(objection("detection", session.id, "no-bfd", words))
    if not accepts.graceful_restart:
        for each in drill.sessions:
            if each.router != scene.router:
                continue
            neighbor = next(
                (one for one in facts.records(fact.neighbors_of(each)) if one.address == each.neighbor), None
            )
            if neighbor is not None and any(_GRACEFUL.match(line.strip()) for line in neighbor.unread):
                words = (
                    "graceful restart was negotiated, expected none or `accepts: {graceful_restart: true}`: routes of a"
                    " lost session may be kept"
                )
                found.append(objection("detection", each.id, "graceful-restart", words, neighbor.source))
    return found


# Our own way --------------------------------------------------------------------------------------------------------


def _way_needs(scene: Scene) -> tuple[Need, ...]:
    router = scene.router
    return fact.interfaces(router), fact.vrfs(router), fact.privilege(router), fact.running_config(router)


def independent(scene: Scene, facts: Facts) -> list[Finding]:
    """Neither the login nor AAA nor DNS lies in the VRF of what is taken away, as far as the router shows it."""
    router, vrf = scene.router, scene.drill.vrf
    found: list[Finding] = []
    where = scene.addresses.get(router, "").rpartition(":")[0]
    if not where:
        words = "the inventory does not say where it is logged in to, expected an address outside what is taken away"
        found.append(objection("own-way", router, "not-known", words))
    reached = scene.resolve(where) if where else ()
    if where and not reached:
        words = f"the name {clean(where)} that it is logged in to is not resolved, expected its address"
        found.append(objection("own-way", router, "not-known", words))
    inside = {name for each in facts.records(fact.vrfs(router)) if each.name == vrf for name in each.interfaces}
    for port in facts.records(fact.interfaces(router)):
        if port.address is not None and str(port.address.ip) in reached and (port.name in inside or vrf is None):
            at = where if where == str(port.address.ip) else f"{clean(where)} ({port.address.ip})"
            words = (
                f"the login goes to {at} on {port.name}, in the same VRF as what is taken away; expected another way"
            )
            found.append(objection("own-way", router, "login", words, port.source))
    config = fact.configuration(router, facts)
    found += [
        objection(
            "own-way", router, "aaa-or-dns", f"`{line}` depends on VRF {vrf}; expected another way", config.source
        )
        for line in dependent(config, vrf)
    ]
    return found


def dependent(config: RunningConfig, vrf: str | None) -> list[str]:
    """The lines that name a server of AAA or DNS in this VRF (None: the global table)."""
    found: list[str] = []
    for line in config.lines:
        if line.text.startswith(("aaa group server", "tacacs server", "radius server")):
            words = [each.text for each in line.children]
            inside = next((match[1] for each in words if (match := _GROUP_VRF.fullmatch(each))), None)
            if inside == vrf and any(_SERVER.match(each) for each in words):
                found.append(line.text)
        elif (server := _NAME_SERVER.fullmatch(line.text)) and server["vrf"] == vrf:
            found.append(line.text)
    return found


GUARDS: Final = (
    Guard("binding", "the right router, session, interface, VRF and tags", changed, _binding_needs, bound),
    Guard("own-way", "login, AAA and DNS are not in the VRF that is drilled", changed, _way_needs, independent),
    Guard("dampening", "no path is held back by dampening", everyone, _damping_needs, undamped),
    Guard("detection", "how the other side notices is known", changed, _detection_needs, detected),
    Guard("backup", "the backup is up, complete, and carries both directions", whole, _backup_needs, backed_up),
    Guard("steady", "every network is on its path and answers", whole, _steady_needs, steady),
)
