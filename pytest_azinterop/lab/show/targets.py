"""What a command names: a VRF, a prefix or an address, an interface."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import RouterView


def vrf_known(view: RouterView, name: str) -> bool:
    """Whether the VRF is configured. Names are case-sensitive, as on the router."""
    return any(vrf.name == name for vrf in view.vrfs())


def prefix_target(text: str) -> IpAddress | IpNetwork:
    """A network when a mask or length was typed, else an address (whose longest match is meant)."""
    return ip_network(text) if "/" in text else ip_address(text)


def invalid_input(view: RouterView, args: Args, word: str) -> str:
    """IOS's refusal with the marker below ``word`` (as typed), which is where the names of a known type end."""
    prompt = len(view.hostname) + 1
    column = max(args.line.lower().rfind(word.lower()), 0)
    return f"{' ' * (prompt + column)}^\n% Invalid input detected at '^' marker.\n"
