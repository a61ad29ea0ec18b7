"""The side of the network that no router's operator can reach: links and far ends, for scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from ipaddress import IPv4Address

    from pytest_azinterop.lab.certificates import Certificate
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.automation import Runner
    from pytest_azinterop.lab.network.bgp_records import AsPath
    from pytest_azinterop.lab.network.far_end_view import FarEndView, VnetProbe
    from pytest_azinterop.lab.network.forwarding import Entering, Steering, Weighing
    from pytest_azinterop.lab.network.host_probe import HostProbe
    from pytest_azinterop.lab.network.view import RouterView
    from pytest_azinterop.lab.topology import FarEndSpec, Topology, VnetSpec


class NetworkControl(Protocol):
    """A simulated network as the lab's service sees it. Names are the topology's; an unknown one raises KeyError."""

    @property
    def routers(self) -> Collection[str]: ...

    @property
    def far_ends(self) -> Collection[str]: ...

    @property
    def links(self) -> Collection[str]: ...

    def router(self, name: str) -> RouterView: ...

    def set_link(
        self,
        name: str,
        *,
        state: str | None = None,
        direction: str | None = None,
        above_bytes: int | None = None,
        delay_ms: float | None = None,
        loss_percent: float | None = None,
        crc_percent: float | None = None,
        damaged_percent: float | None = None,
        duplicate_percent: float | None = None,
        late_percent: float | None = None,
        late_by: int | None = None,
        blocks: Sequence[tuple[str, int | None]] | None = None,
        macs: Mapping[IpAddress, str] | None = None,
    ) -> None:
        """``state``: ``up``, ``down`` (carrier lost on both sides) or ``silent`` (packets vanish, nobody sees it).

        ``direction`` ``from_azure``, ``to_azure`` or ``from_<node>`` is the only one that the other arguments concern,
        ``above_bytes`` the size above which packets are concerned. ``blocks``: protocol and port that something on the
        way filters. ``late_by``: how many packets overtake a late one. ``macs``: what ARP shows for an address. None
        leaves a property as it is.
        """
        ...

    def set_far_end(
        self,
        name: str,
        *,
        withdraw: tuple[IpNetwork, ...] = (),
        restore: tuple[IpNetwork, ...] = (),
        announce: tuple[tuple[IpNetwork, AsPath], ...] = (),
        prepend: int | None = None,
        silent: bool | None = None,
        bfd: object = None,
        communities: Mapping[IpNetwork, tuple[str, ...]] | None = None,
        refuse: tuple[IpNetwork, ...] = (),
        graceful_restart: bool | None = None,
        nat: tuple[tuple[IPv4Address, IPv4Address], ...] | None = None,
    ) -> None:
        """``announce``: prefix and AS path as the router sees it; an empty path is the far end's usual one.

        ``bfd``: true (with the usual values), false, or a mapping of them. ``communities``: by prefix, in place of the
        usual ones. ``refuse``: what it does not take from its neighbors any more. None leaves a property as it is.
        """
        ...

    def set_clock(self, name: str, *, offset: float | None = None, drift: float | None = None) -> None:
        """Set the clock of a router or a far end: seconds ahead of true time, seconds gained in a second."""
        ...

    def log_in(
        self, name: str, user: str, location: str, *, kind: str, idle: float, configuring: bool = False,
        lock: bool = False,
    ) -> None:  # fmt: skip
        """Somebody is logged in to a router, idle for so many seconds, on the console (``con``), a virtual terminal
        (``vty``) or over NETCONF (``netconf``); in configuration mode, or with the configuration locked.
        """
        ...

    def set_platform(self, name: str, **given: object) -> None:
        """Change what ``PlatformState`` says of a router; ``abort_in`` counts seconds from now."""
        ...

    def set_convergence(self, *, lost: float | None, returned: float | None, shown: float | None) -> None:
        """How many seconds Azure takes until its virtual networks know what an MSEE has lost or learned, and how much
        later its management plane shows it; None leaves it.
        """
        ...

    def reload(self, name: str, *, reason: str, outage: float, version: str | None = None) -> None:
        """Restart a router with its startup-config; it is gone for ``outage`` seconds."""
        ...

    def absent(self, name: str) -> float:
        """Seconds until a router is back from a reload; 0 for one that runs."""
        ...

    def set_rollback(self, name: str, *, fails: tuple[str, ...], tells: bool) -> None:
        """Regular expressions of lines that a rollback of a router cannot type, and whether it writes to the terminal
        that armed it.
        """
        ...

    @property
    def on_line(self) -> list[Callable[[str, str, str], None]]:
        """Are told of each line that somebody types: router, line, the line with every keyword in full."""
        ...

    @property
    def on_request(self) -> list[Callable[[str], None]]:
        """Are told of each request to Azure that is carried out: method and path."""
        ...

    def asked(self, request: str) -> None:
        """Somebody asks Azure: method and path."""
        ...

    @property
    def on_session(self) -> list[Callable[[str, bool], None]]:
        """Are told when a BGP session of a node comes up or goes down."""
        ...

    def schedule(self, after: float, action: Callable[[], None]) -> None:
        """Run an action when this many seconds of simulated time have passed from now."""
        ...

    def automate(self, runner: Runner) -> None:
        """Somebody carries out from now on what routers do by themselves."""
        ...

    def follow(self, after: float, action: Callable[[], None]) -> None:
        """Run an action this many seconds after what is happening now, which may lie before the present."""
        ...

    def observe(self, after: float, look: Callable[[], None]) -> None:
        """Look at the network when this many seconds have passed: at that very moment, and without changing it."""
        ...

    def host(self, name: str) -> HostProbe: ...

    def report(self, event: str, **details: object) -> None:
        """Tell the lab's log of something that nobody typed at a terminal."""
        ...

    def steer(self, steering: Steering, weighing: Weighing, entering: Entering) -> None:
        """Let route tables and the weights of connections decide about what hosts of virtual networks send and get."""
        ...

    def set_link_tags(self, name: str, tags: tuple[int, ...]) -> None:
        """The VLAN tags that a link delivers, outer first."""
        ...

    def settle(self) -> None:
        """Bring the state to the present simulated time."""
        ...

    @property
    def now(self) -> float:
        """The simulated time up to which everything is computed, UTC epoch seconds."""
        ...

    @property
    def revision(self) -> int:
        """Counts how often the state was computed anew."""
        ...

    @property
    def began(self) -> float:
        """When the network came up."""
        ...

    @property
    def topology(self) -> Topology: ...

    def probe_from_vnet(self, network: str, source: IPv4Address, target: IPv4Address) -> VnetProbe:
        """A packet from a host of a virtual network by its gateways, and the answer."""
        ...

    def far_end(self, name: str) -> FarEndView:
        """What a far end knows at the present simulated time."""
        ...

    def declare_far_end(self, spec: FarEndSpec) -> None:
        """Its resources in Azure have changed: from now on the far end is this one."""
        ...

    def declare_vnet(self, spec: VnetSpec) -> None:
        """A virtual network has other prefixes or hosts."""
        ...

    def set_certificates(self, name: str, certificates: tuple[Certificate, ...]) -> None:
        """Give a router or a far end other certificates, by trustpoint and kind."""
        ...
