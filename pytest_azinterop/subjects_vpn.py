"""What a check can ask about a tunnel. Each subject needs what its own checks judge and nothing else.

So a router that may not show its IKE SAs costs the checks of IKE alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.collect.facts import Sampled
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.subjects_azure import connection
from pytest_azinterop.verify.observed import ObservedTunnel, ObservedUnderlay
from pytest_azinterop.verify.tunnel_flaps import ObservedTunnelAge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.collect.facts import Fact, Facts, Need
    from pytest_azinterop.intent.expectations import Expectations, ExpectedTunnel
    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.state.probe import PingResult
    from pytest_azinterop.state.routing import ForwardingDecision


def _underlay_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (
        fact.forwarding(tunnel),
        fact.bgp_neighbors(tunnel.router, tunnel.inner_vrf),
        fact.interfaces(tunnel.router),
    )


def _underlay(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedUnderlay:
    neighbors = facts.records(fact.bgp_neighbors(tunnel.router, tunnel.inner_vrf))
    return ObservedUnderlay(
        neighbor=next((found for found in neighbors if found.address == tunnel.neighbor), None),
        forwarding=fact.the_one(facts, fact.forwarding(tunnel)),
        config=fact.known_configuration(tunnel.router, facts),
        tunnel=_interface(tunnel, facts),
    )


def _interface(tunnel: ExpectedTunnel, facts: Facts) -> Interface | None:
    return fact.interface_named(facts.records(fact.interfaces(tunnel.router)), tunnel.name)


def _known_interface(tunnel: ExpectedTunnel, facts: Facts) -> Interface | None:
    return fact.interface_named(fact.known(facts, fact.interfaces(tunnel.router)) or (), tunnel.name)


def _tunnel_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (fact.interfaces(tunnel.router),)


def _tunnel(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedTunnel:
    return ObservedTunnel(
        interface=_interface(tunnel, facts),
        ike=fact.known(facts, fact.ike_sas(tunnel.router)),
        after=fact.known(facts, fact.ipsec_sas(tunnel)),
    )


def _transport_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (
        fact.interfaces(tunnel.router),
        fact.privilege(tunnel.router),
        fact.running_config(tunnel.router),
    )


def _transport(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedTunnel:
    return ObservedTunnel(interface=_interface(tunnel, facts), config=fact.configuration(tunnel.router, facts))


def _ike_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    # Where the intent does not say which address the SA runs from, the tunnel's source does.
    own = (fact.interfaces(tunnel.router),) if tunnel.local is None else ()
    return (fact.ike_sas(tunnel.router), *own)


def _ike(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedTunnel:
    return ObservedTunnel(
        interface=_interface(tunnel, facts) if tunnel.local is None else _known_interface(tunnel, facts),
        ike=tuple(facts.records(fact.ike_sas(tunnel.router))),
        ike_answer=facts.origin(fact.ike_sas(tunnel.router)),
        outer=_known_way(tunnel, facts),
        config=fact.known_configuration(tunnel.router, facts),
    )


def _known_way(tunnel: ExpectedTunnel, facts: Facts) -> ForwardingDecision | None:
    return next(iter(fact.known(facts, fact.outer_forwarding(tunnel)) or ()), None)


def _ipsec_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (fact.ipsec_sas(tunnel),)


def _ipsec(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedTunnel:
    wanted = fact.ipsec_sas(tunnel)
    interface = _known_interface(tunnel, facts)
    if _is_missing(tunnel, facts):
        return ObservedTunnel(interface=None, after=fact.known(facts, wanted) or ())
    return ObservedTunnel(interface=interface, after=tuple(facts.records(wanted)), ipsec_answer=facts.origin(wanted))


def _is_missing(tunnel: ExpectedTunnel, facts: Facts) -> bool:
    """Whether the router is known not to have the tunnel interface: it then refuses every question about it."""
    interfaces = fact.known(facts, fact.interfaces(tunnel.router))
    return interfaces is not None and fact.interface_named(interfaces, tunnel.name) is None


def _counters_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (Sampled(fact.ipsec_sas(tunnel), probe=None, interval=tunnel.sampling.interval),)


def _counters(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedTunnel:
    if _is_missing(tunnel, facts):
        return ObservedTunnel(interface=None, before=(), after=())
    before, after = facts.samples(fact.ipsec_sas(tunnel))
    return ObservedTunnel(
        interface=_known_interface(tunnel, facts),
        before=tuple(before),
        after=tuple(after),
        ipsec_answer=facts.origin(fact.ipsec_sas(tunnel)),
    )


def _traffic_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    probe = fact.probe(tunnel) if tunnel.sampling.probe else None
    return (
        fact.interfaces(tunnel.router),
        Sampled(fact.ipsec_sas(tunnel), probe=probe, interval=tunnel.sampling.interval),
    )


def _traffic(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedTunnel:
    interface = _interface(tunnel, facts)
    if interface is None:
        return ObservedTunnel(interface=None, before=(), after=())
    before, after = facts.samples(fact.ipsec_sas(tunnel))
    probe = probed(facts, fact.probe(tunnel), interface) if tunnel.sampling.probe else None
    return ObservedTunnel(
        interface=interface,
        before=tuple(before),
        after=tuple(after),
        probe=probe,
        ipsec_answer=facts.origin(fact.ipsec_sas(tunnel)),
    )


def probed(facts: Facts, probe: Fact, interface: Interface) -> PingResult | None:
    """The probe's result.

    None where the router refused to send from a tunnel that is down: that it is down is what there is to say.
    """
    try:
        found: PingResult = fact.the_one(facts, probe)
    except UndeterminedError as error:
        if error.cause in ("rejected", "no-such-interface") and not interface.is_up:
            return None
        raise
    return found


def _age_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (
        *_ike_needs(tunnel),
        *_ipsec_needs(tunnel),
        *_underlay_needs(tunnel),
        fact.privilege(tunnel.router),
        fact.running_config(tunnel.router),
    )


def _age(tunnel: ExpectedTunnel, facts: Facts, everything: Expectations) -> ObservedTunnelAge:
    resource = next((each.resource for each in everything.both.tunnels if each.tunnel.id == tunnel.id), None)
    asked = fact.known(facts, connection(resource)) if resource is not None else None
    sas = _ipsec(tunnel, facts, everything)
    return ObservedTunnelAge(
        tunnel=replace(
            _ike(tunnel, facts, everything),
            after=sas.after,
            ipsec_answer=sas.ipsec_answer,
            config=fact.configuration(tunnel.router, facts),
        ),
        underlay=_underlay(tunnel, facts, everything),
        connection=next(iter(asked or ()), None),
    )


def _nothing_helps(_: ExpectedTunnel) -> tuple[Need, ...]:
    return ()


def _configuration_helps(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (fact.running_config(tunnel.router),)


def _security_helps(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return fact.ike_sas(tunnel.router), fact.ipsec_sas(tunnel)


def _ike_helps(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return *_interface_helps(tunnel), *_configuration_helps(tunnel), fact.outer_forwarding(tunnel)


def _interface_helps(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (fact.interfaces(tunnel.router),)


def _tunnels(everything: Expectations) -> Sequence[ExpectedTunnel]:
    return everything.tunnels


def _authenticated(everything: Expectations) -> Sequence[ExpectedTunnel]:
    return tuple(each for each in everything.tunnels if each.authentication is not None)


_OF_EVERY_TUNNEL = tuple(
    SubjectKind(name, "VPN tunnels", _tunnels, needs, observe, helps)
    for name, needs, observe, helps in (
        ("vpn_underlay", _underlay_needs, _underlay, _configuration_helps),
        ("tunnel", _tunnel_needs, _tunnel, _security_helps),
        ("tunnel_transport", _transport_needs, _transport, _nothing_helps),
        ("ike_sa", _ike_needs, _ike, _ike_helps),
        ("ipsec_sa", _ipsec_needs, _ipsec, _interface_helps),
        ("tunnel_age", _age_needs, _age, _interface_helps),
        ("tunnel_counters", _counters_needs, _counters, _interface_helps),
        ("tunnel_traffic", _traffic_needs, _traffic, _nothing_helps),
    )
)
KINDS = (
    *_OF_EVERY_TUNNEL,
    SubjectKind(
        "authenticated_tunnel",
        "VPN tunnels with a declared authentication",
        _authenticated,
        _ike_needs,
        _ike,
        _ike_helps,
    ),
)
