"""How much at once, and how long at most: the `azinterop:` block of a host's, a group's or the defaults' data."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, cast

from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Driver = Literal["iosxe", "stock"]
DRIVERS: tuple[Driver, ...] = ("iosxe", "stock")


@dataclass(frozen=True, slots=True)
class Limits:
    """Deadlines in seconds and numbers of things at once.

    `logins_at_once` and `commands_at_once` hold per AAA domain: the routers that ask the same AAA servers.
    `router_deadline` counts only what one router takes for its own login and answers, not what it waits for others.
    """

    routers_at_once: int = 20
    logins_at_once: int = 10
    commands_at_once: int = 20
    connect_deadline: float = 10.0
    login_deadline: float = 30.0
    command_deadline: float = 60.0
    router_deadline: float = 600.0


@dataclass(frozen=True, slots=True)
class HostSettings:
    """What the inventory says about collecting from one router.

    `key_file` None: no SSH key is used. `legacy_ssh`: SSH algorithms that are no longer thought safe are allowed too.
    `pipelining`: commands are typed before the ones before them are answered. `worker`: of a fleet's workers only those
    that declare this resource ask the router; None: any may. `all_vrfs`: from so many VRFs on, what is asked of each is
    asked of all at once, by one command where IOS-XE has one; None: never.
    """

    limits: Limits = Limits()
    driver: Driver = "iosxe"
    aaa_domain: str = "default"
    key_file: str | None = None
    use_agent: bool = False
    legacy_ssh: bool = False
    pipelining: bool = False
    worker: str | None = None
    all_vrfs: int | None = 8


_LIMITS = {field.name: (int if field.name.endswith("_at_once") else float) for field in fields(Limits)}
_OTHER = ("driver", "aaa_domain", "key_file", "use_agent", "legacy_ssh", "pipelining", "worker", "all_vrfs")


def settings(blocks: Iterable[Mapping[str, Any]], overrides: Mapping[str, float], where: str) -> HostSettings:
    """The settings that follow from the `azinterop:` blocks, the weakest first, and from the command line.

    Raises InventoryError for an unknown key or a value that does not fit; `where` names the router.
    """
    merged: dict[str, Any] = {}
    for block in blocks:
        if not hasattr(block, "items"):
            raise InventoryError(f"{where}: data.azinterop must be a mapping")
        merged.update(block)
    merged.update(overrides)
    numbers: dict[str, Any] = {}
    for key, value in merged.items():
        if key in _LIMITS:
            numbers[key] = _number(key, value, where)
        elif key not in _OTHER:
            near = difflib.get_close_matches(str(key), [*_LIMITS, *_OTHER], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InventoryError(f"{where}: data.azinterop has no key {key!r}{hint}")
    driver = merged.get("driver", "iosxe")
    if driver == "stock" and merged.get("pipelining") is True:
        raise InventoryError(f"{where}: data.azinterop.pipelining needs the driver iosxe; the stock one has none")
    if driver not in DRIVERS:
        raise InventoryError(f"{where}: data.azinterop.driver is {driver!r}; it can be {' or '.join(DRIVERS)}")
    return HostSettings(
        limits=Limits(**numbers),
        driver=cast("Driver", driver),
        aaa_domain=str(merged.get("aaa_domain", "default")),
        key_file=None if merged.get("key_file") is None else str(merged["key_file"]),
        use_agent=_switch("use_agent", merged, where),
        legacy_ssh=_switch("legacy_ssh", merged, where),
        pipelining=_switch("pipelining", merged, where),
        worker=None if merged.get("worker") is None else str(merged["worker"]),
        all_vrfs=_all_vrfs(merged.get("all_vrfs", HostSettings().all_vrfs), where),
    )


def _switch(key: str, merged: Mapping[str, Any], where: str) -> bool:
    value = merged.get(key, False)
    if not isinstance(value, bool):
        raise InventoryError(f"{where}: data.azinterop.{key} must be true or false, not {value!r}")
    return value


def _all_vrfs(value: object, where: str) -> int | None:
    if value is False:
        return None
    if value is True or not isinstance(value, int) or value < 2:
        raise InventoryError(
            f"{where}: data.azinterop.all_vrfs must be a whole number of at least 2, or false, not {value!r}"
        )
    return value


def _number(key: str, value: object, where: str) -> int | float:
    kind = _LIMITS[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0 or kind(value) != value:
        what = "a whole number of at least 1" if kind is int else "a number of seconds above 0"
        raise InventoryError(f"{where}: data.azinterop.{key} must be {what}, not {value!r}")
    return kind(value)
