"""From drills as they are written to what must be seen, and what does not fit in them.

Pure; refers only to names that `intent.references` has checked, beside those of the drills themselves.
"""

from __future__ import annotations

import math
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.intent.drill_expectations import (
    PHASES,
    AzureLink,
    AzureSite,
    Drill,
    ExpectedPath,
    Manual,
    Pair,
    SessionShutdown,
    SubinterfaceShutdown,
    TunnelShutdown,
)
from pytest_azinterop.intent.drills import LONGEST_REVERT, PathClass
from pytest_azinterop.intent.interface_names import interface_name
from pytest_azinterop.intent.problem import Path, Problem, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_azinterop.intent.drill_expectations import Trigger
    from pytest_azinterop.intent.drills import Drill as Written
    from pytest_azinterop.intent.drills import ExpectedPaths, TakesAway
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSession, ExpectedTunnel
    from pytest_azinterop.intent.models import Intent, Network
    from pytest_azinterop.intent.reachability import ExpectedReach

_HOW = {"bgp-disconnect": "BgpDisconnect", "as-path-prepend": "ASPathPrepend"}
_LINK = {"primary": "Primary", "secondary": "Secondary"}
_LEAST_MARGIN = timedelta(minutes=1)


def derive_drills(intent: Intent, expectations: Expectations) -> tuple[Drill, ...]:
    """Every drill that is consistent, in the order of the intent."""
    found = [_Reading(intent, expectations, name, written) for name, written in intent.drills.items()]
    return tuple(each.drill for each in found if each.drill is not None)


def problems_of_drills(intent: Intent, expectations: Expectations) -> Iterator[Problem]:
    """Everything that does not fit, in the order of the intent."""
    for name, written in intent.drills.items():
        yield from _Reading(intent, expectations, name, written).problems


class _Reading:
    """One drill, resolved. `drill` is None where `problems` is not empty."""

    def __init__(self, intent: Intent, expectations: Expectations, name: str, written: Written) -> None:
        self.intent = intent
        self.all = expectations
        self.written = written
        self.here: Path = ("drills", name)
        self.problems: list[Problem] = []
        self.drill: Drill | None = None
        self.sites = tuple(
            each for each in expectations.sites if (each.customer, each.site) == (written.customer, written.site)
        )
        if written.customer not in intent.customers:
            self._problem(unknown("customer", written.customer, intent.customers), "customer")
        elif not self.sites:
            known = intent.customers[written.customer].sites
            self._problem(unknown(f"site of `{written.customer}`", written.site, known), "site")
        else:
            drill = self._read(name)
            self.drill = None if self.problems else drill

    def _problem(self, message: str, *steps: str | int) -> None:
        self.problems.append(Problem((*self.here, *steps), message))

    @property
    def sessions(self) -> tuple[ExpectedSession, ...]:
        return tuple(each for site in self.sites for each in site.sessions)

    @property
    def tunnels(self) -> tuple[ExpectedTunnel, ...]:
        return tuple(each for site in self.sites for each in site.tunnels)

    def _read(self, name: str) -> Drill:
        written, defaults, budgets = self.written, self.intent.defaults.drill, self.written.budgets
        triggers = tuple(
            trigger for index, each in enumerate(written.takes_away) for trigger in self._triggers(each, index)
        )
        for index, trigger in enumerate(triggers):
            if trigger in triggers[:index]:
                self._problem(f"{trigger.id} is taken away twice; say it once", "takes_away")
        taken = tuple(each for each in self.sessions if any(_takes(trigger, each) for trigger in triggers))
        failover = budgets.failover if budgets.failover is not None else defaults.failover
        hold = written.hold if written.hold is not None else defaults.hold
        window = written.window or defaults.window
        if window is None:
            self._problem("no window is said; write `window` here or under `defaults.drill`, or `always`")
        reaches = [each for each in self.all.reaches if (each.customer, each.site) == (written.customer, written.site)]
        return Drill(
            name=name,
            customer=written.customer,
            vrf=self.intent.customers[written.customer].vrf,
            site=written.site,
            triggers=triggers,
            pairs=tuple(self._pairs(taken, reaches)),
            sites=self.sites,
            forbidden=tuple(each for each in reaches if not each.reachable),
            taken=taken,
            failover=failover,
            fail_back=budgets.fail_back if budgets.fail_back is not None else defaults.fail_back,
            lost=budgets.lost if budgets.lost is not None else defaults.lost,
            loss_percent=budgets.loss_percent if budgets.loss_percent is not None else defaults.loss_percent,
            hold=hold,
            revert_minutes=self._revert(failover + hold),
            window=None if window == "always" else window,
            second_look=written.second_look if written.second_look is not None else defaults.second_look,
            cool_down=written.cool_down if written.cool_down is not None else defaults.cool_down,
            qualified_within=defaults.qualified_within,
            poll=defaults.poll,
            poll_azure=defaults.poll_azure,
            accepts=written.accepts,
            asked=tuple(written.asked.items()),
        )

    def _revert(self, busy: timedelta) -> int:
        """Minutes of the routers' timer: it must outlast what is planned, and IOS-XE takes 120 at most."""
        said = self.written.revert
        if said is not None:
            if timedelta(minutes=said) < busy + _LEAST_MARGIN:
                self._problem(
                    f"{said} minutes end before failover and hold do; at least "
                    f"{math.ceil((busy + _LEAST_MARGIN) / timedelta(minutes=1))} are needed",
                    "revert",
                )
            return said
        minutes = max(1, math.ceil((busy + self.intent.defaults.drill.margin) / timedelta(minutes=1)))
        if timedelta(minutes=minutes) > LONGEST_REVERT:
            self._problem(
                f"failover, hold and margin take {minutes} minutes; a router's revert timer has 120 at most", "hold"
            )
        return minutes

    def _triggers(self, said: TakesAway, index: int) -> Iterator[Trigger]:
        where = ("takes_away", index)
        if said.session is not None:
            sessions = self._sessions(said.session, (*where, "session"))
            yield from (SessionShutdown(each.router, each.local_as, each.vrf, each.neighbor) for each in sessions)
        elif said.subinterface is not None:
            yield from self._subinterface(said.subinterface, (*where, "subinterface"))
        elif said.vpn is not None:
            yield from self._vpn(said.vpn, (*where, "vpn"))
        elif said.manual is not None:
            yield Manual(said.manual)
        else:
            yield from self._azure(said, where)

    def _sessions(self, said: str, where: tuple[str | int, ...]) -> list[ExpectedSession]:
        """The sessions that an address or a path of a circuit names."""
        found = [each for each in self.sessions if said in (str(each.neighbor), each.path.replace(" ", "/"))]
        if not found:
            known = dict.fromkeys(
                name
                for each in self.sessions
                for name in (str(each.neighbor), each.path.replace(" ", "/"))
                if each.role != "vpn" or name != each.path
            )
            self._problem(unknown("session", said, known), *where)
        elif len({each.neighbor for each in found}) < len(found):
            self._problem(f"{said} is the neighbor of several sessions; name its path, as CIRCUIT/primary", *where)
        return found

    def _subinterface(self, said: str, where: tuple[str | int, ...]) -> Iterator[Trigger]:
        ways = {
            (each.router, each.vrf, each.interface)
            for each in self.sessions
            if each.role != "vpn" and each.path.replace(" ", "/") == said and each.interface is not None
        }
        if not ways:
            known = dict.fromkeys(each.path.replace(" ", "/") for each in self.sessions if each.role != "vpn")
            self._problem(unknown("path", said, known), *where)
        for router, vrf, interface in sorted(ways):
            try:
                yield SubinterfaceShutdown(router, vrf, interface)
            except ValueError as refused:
                self._problem(str(refused), *where)

    def _vpn(self, said: str, where: tuple[str | int, ...]) -> Iterator[Trigger]:
        known = dict.fromkeys(name for each in self.tunnels for name in (each.name, str(each.neighbor)))
        try:
            ip_address(said)
        except ValueError:
            try:
                said = interface_name(said)
            except ValueError as refused:
                self._problem(str(refused), *where)
                return
            found = [each for each in self.tunnels if each.name == said]
            if len(found) > 1:
                self._problem(f"{said} is a tunnel on several routers; name the neighbor behind it", *where)
            yield from (TunnelShutdown(each.router, each.inner_vrf, each.name) for each in found)
            if not found:
                self._problem(unknown("tunnel", said, known), *where)
            return
        if said not in known:
            self._problem(unknown("neighbor behind a tunnel", said, known), *where)
            return
        sessions = self._sessions(said, where)
        yield from (SessionShutdown(each.router, each.local_as, each.vrf, each.neighbor) for each in sessions)

    def _azure(self, said: TakesAway, where: tuple[str | int, ...]) -> Iterator[Trigger]:
        azure = self.all.azure
        if azure is None:
            self._problem("the intent does not describe Azure's side; add `azure`", *where)
        elif said.azure_link is not None:
            link = said.azure_link
            circuit = next((each for each in azure.circuits if each.name == link.circuit), None)
            if circuit is None:
                known = [each.name for each in azure.circuits]
                self._problem(unknown("circuit of `azure`", link.circuit, known), *where, "azure_link")
            elif not any(each.path == f"{link.circuit} {link.link}" for each in self.sessions):
                self._problem(f"this site has no session on {link.circuit}/{link.link}", *where, "azure_link")
            else:
                yield AzureLink(link.circuit, circuit.resource, _LINK[link.link], _HOW[link.how])  # type: ignore[arg-type]
        elif said.azure_site is not None:
            site = said.azure_site
            gateways = {each.name: each for each in azure.gateways if each.kind == "expressroute"}
            if site.gateway not in gateways:
                self._problem(unknown("ExpressRoute gateway", site.gateway, gateways), *where, "azure_site")
                return
            locations = {
                each.peering_location
                for each in azure.circuits
                if each.peering_location and any(path.circuit == each.name for path in each.paths)
            }
            if locations and site.location not in locations:
                self._problem(unknown("peering location", site.location, locations), *where, "azure_site")
            yield AzureSite(site.gateway, gateways[site.gateway].resource, site.location)

    def _pairs(self, taken: Iterable[ExpectedSession], reaches: Iterable[ExpectedReach]) -> Iterator[Pair]:
        taken, reaches = tuple(taken), tuple(reaches)
        expect = self.written.expect
        reached = dict.fromkeys(name for each in self.sessions for name in self._networks(each))
        for name in reached:
            if name not in expect:
                self._problem(f"network `{name}` is reached from this site; say its path", "expect")
        lost = [name for name, paths in expect.items() if paths.during == "none"]
        for name in (*lost, *self.written.loses):
            if (name in lost) != (name in self.written.loses):
                self._problem(f"`{name}` must stand in `loses` just when its path is `none` during the drill", "loses")
        for name, paths in expect.items():
            if name not in reached:
                self._problem(unknown("network of this site", name, reached), "expect", name)
                continue
            tried = tuple(each for each in reaches if each.to == name and each.reachable)
            if not tried:
                self._problem(
                    f"no target of `reachability` lies in `{name}`, so nothing could prove it; add one", "expect", name
                )
            found = {phase: self._path(name, paths, phase, taken) for phase in PHASES}
            network = self._network(name)
            yield Pair(
                network=name,
                prefixes=(*network.exactly, *network.at_least),
                reaches=tried,
                before=found["before"],
                during=found["during"],
                after=found["after"],
            )

    def _path(self, network: str, paths: ExpectedPaths, phase: str, taken: tuple[ExpectedSession, ...]) -> ExpectedPath:
        word: PathClass = getattr(paths, phase)
        gone = taken if phase == "during" else ()
        sessions = tuple(
            each
            for each in self.sessions
            if network in self._networks(each) and each not in gone and word in _classes(each)
        )
        if not sessions and word != "none":
            why = "once that is taken away" if gone else "of this site"
            self._problem(f"no path {why} reaches `{network}` over {word}", "expect", network)
        return ExpectedPath(word, sessions)

    def _networks(self, session: ExpectedSession) -> tuple[str, ...]:
        if session.role == "vpn":
            return self.intent.connections[session.path].networks
        return self.intent.circuits[session.path.rpartition(" ")[0]].networks if session.role == "expressroute" else ()

    def _network(self, name: str) -> Network:
        own = self.intent.customers[self.written.customer].networks.get(name)
        return own if own is not None else self.intent.networks[name]


def _classes(session: ExpectedSession) -> tuple[str, ...]:
    """The words that this session's path answers to."""
    if session.role == "vpn":
        return ("vpn",)
    return ("expressroute", f"expressroute-{session.path.rpartition(' ')[2]}")


def _takes(trigger: Trigger, session: ExpectedSession) -> bool:
    """Whether this session cannot be up while the trigger holds."""
    if isinstance(trigger, SessionShutdown):
        here = (session.router, session.vrf, session.neighbor)
        return here == (trigger.router, trigger.vrf, trigger.neighbor)
    if isinstance(trigger, SubinterfaceShutdown | TunnelShutdown):
        return (session.router, session.interface) == (trigger.router, trigger.interface)
    if isinstance(trigger, AzureLink):
        return trigger.how == "BgpDisconnect" and session.path == f"{trigger.circuit} {trigger.link.lower()}"
    return False
