"""The inventory folder that the lab writes: ordinary files, as for any network."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTENT = ("interop.yaml", "discovered.yaml")
_INTENT_FOLDER = "interop.d"
KNOWN_HOSTS = "known_hosts"
_LOGINS = ("hosts.yaml", "groups.yaml", "defaults.yaml", KNOWN_HOSTS)
# Stands in each folder that a lab wrote, locked while that lab runs.
_MARK = ".azinterop-lab"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of a router."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RouterDoor:
    """How to log in to one router. ``host_key`` is algorithm and key as in known_hosts.

    ``reader`` may look and change nothing, ``drill`` is for failover drills; None where the network has no such user.
    """

    host: str
    port: int
    username: str
    password: str
    host_key: str
    reader: Account | None = None
    drill: Account | None = None

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RouterDoor:
        """From the ready file. Raises TypeError for what is no door."""
        accounts = {name: Account(**values[name]) for name in ("reader", "drill") if values.get(name) is not None}
        return cls(**{**values, **accounts})


@dataclass(frozen=True, slots=True)
class LinuxDoor:
    """How to log in to a Linux host; ``address`` is the one that it has in the simulated network."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    host_key: str
    address: str


@dataclass(frozen=True, slots=True)
class ArmDoor:
    """How to ask the ARM endpoint. ``ca`` is the file of the certificate authority that a client has to trust."""

    url: str
    ca: str
    token: str = field(repr=False)
    subscription: str
    resource_group: str


@dataclass(frozen=True, slots=True)
class Ready:
    """What a started lab tells: the content of the ready file. ``arm`` is None in a lab without an ARM endpoint."""

    inventory: Path
    log: Path
    routers: dict[str, RouterDoor]
    arm: ArmDoor | None = None
    hosts: dict[str, LinuxDoor] = field(default_factory=dict)

    def to_json(self) -> str:
        """The ready file's text."""
        routers = {name: asdict(door) for name, door in self.routers.items()}
        arm = None if self.arm is None else asdict(self.arm)
        hosts = {name: asdict(door) for name, door in self.hosts.items()}
        document = {
            "inventory": str(self.inventory), "log": str(self.log), "routers": routers, "arm": arm, "hosts": hosts,
        }  # fmt: skip
        return json.dumps(document, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Ready:
        """Raises ValueError, KeyError or TypeError when the text is no ready file."""
        document = json.loads(text)
        routers = {name: RouterDoor.from_dict(door) for name, door in document["routers"].items()}
        arm = None if document.get("arm") is None else ArmDoor(**document["arm"])
        hosts = {name: LinuxDoor(**door) for name, door in document.get("hosts", {}).items()}
        return cls(Path(document["inventory"]), Path(document["log"]), routers, arm, hosts)


@contextlib.contextmanager
def claimed(folder: Path, intent: Path | None) -> Iterator[None]:
    """The folder is this lab's while the context lasts; its files stay.

    Raises ValueError where they would replace an inventory that no lab wrote, or that of a lab that still runs.
    """
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / _MARK
    if not mark.exists():
        own_intent = intent is not None and intent.resolve() == folder.resolve()
        kept = _LOGINS if own_intent else (*_LOGINS, *_INTENT, _INTENT_FOLDER)
        there = [name for name in kept if (folder / name).exists()]
        if there:
            raise ValueError(
                f"{folder} holds {there[0]}, which no lab wrote: it is left as it is; name a new folder with "
                "--inventory-dir"
            )
    with mark.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(
                f"{folder} is the inventory of a lab that still runs: end that one, or name another folder with "
                "--inventory-dir"
            ) from None
        yield


def write_inventory(
    folder: Path, routers: dict[str, RouterDoor], intent: Path | None, linux: dict[str, LinuxDoor] | None = None
) -> None:
    """hosts.yaml, groups.yaml, defaults.yaml, known_hosts, and a copy of the intent where there is one.

    ``linux``: Linux hosts that stand in it too, in the group ``linux``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    added: list[RouterDoor | LinuxDoor] = [*(linux or {}).values()]
    entry = "{}:\n  hostname: {}\n  port: {}\n  groups: [{}]\n"
    hosts = [entry.format(_quoted(name), door.host, door.port, "lab") for name, door in routers.items()]
    hosts += [entry.format(_quoted(name), door.host, door.port, "linux") for name, door in (linux or {}).items()]
    _write(folder / "hosts.yaml", "---\n" + "".join(hosts))
    _write(folder / "groups.yaml", "---\nlab:\n  platform: ios\n" + ("linux:\n  platform: linux\n" if linux else ""))
    _write(folder / "defaults.yaml", "---\n{}\n")
    doors = [*routers.values(), *added]
    _write(folder / KNOWN_HOSTS, "".join(f"[{door.host}]:{door.port} {door.host_key}\n" for door in doors))
    if intent is not None:
        _copy_intent(intent, folder)


def write_arm(folder: Path, door: ArmDoor, authority: str) -> None:
    """``arm.yaml`` and the certificate authority (PEM) at ``door.ca``; the token is not for a file of the inventory."""
    Path(door.ca).write_text(authority, encoding="ascii")
    values = {
        "endpoint": door.url,
        "ca": Path(door.ca).name,
        "subscription": door.subscription,
        "resource_group": door.resource_group,
    }
    lines = [f"{name}: {_quoted(value)}\n" for name, value in values.items()]
    _write(folder / "arm.yaml", "---\n" + "".join(lines))


def _copy_intent(source: Path, folder: Path) -> None:
    if source.resolve() == folder.resolve():
        return
    for name in _INTENT:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    if (source / _INTENT_FOLDER).is_dir():
        shutil.copytree(source / _INTENT_FOLDER, folder / _INTENT_FOLDER, dirs_exist_ok=True)


def _quoted(name: str) -> str:
    """A YAML key: JSON's quotes are YAML's."""
    return json.dumps(name)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def write_ready(path: Path, ready: Ready) -> None:
    """Appears complete or not at all, readable by its owner only: it holds passwords."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(ready.to_json(), encoding="utf-8")
    draft.replace(path)
