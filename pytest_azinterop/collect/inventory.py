"""A Nornir inventory folder: its files checked, the inventory plugin loaded, what it says about collecting."""

from __future__ import annotations

import difflib
import logging
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pytest_azinterop.collect.credentials import PASSWORD, Credentials, find, find_key_login
from pytest_azinterop.collect.limits import HostSettings, settings
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nornir.core import Nornir
    from nornir.core.inventory import Host
    from nornir.core.plugins.runners import RunnerPlugin

HOSTS, GROUPS, DEFAULTS, NORNIR, KNOWN_HOSTS = (
    "hosts.yaml",
    "groups.yaml",
    "defaults.yaml",
    "nornir.yaml",
    "known_hosts",
)
_ELEMENT = ("hostname", "port", "username", "password", "platform", "groups", "data", "connection_options")
_SECRET_KEYS = frozenset({"password", "secret", "passphrase", "enable", "enable_password", "enable_secret"})
_CONNECTION = ("hostname", "port", "username", "password", "platform", "extras")
_LARGEST_PORT = 65_535
_SSH = 22


@dataclass(frozen=True, slots=True)
class RouterInventory:
    """The routers of a folder, with what is needed to log in to them. Nothing of it opens a connection."""

    folder: Path
    nornir: Nornir = field(repr=False)
    runner: RunnerPlugin | None = field(default=None, repr=False)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of all routers, in order."""
        return tuple(sorted(self.nornir.inventory.hosts))

    @property
    def known_hosts(self) -> Path:
        """The inventory's own file of SSH host keys; it need not exist."""
        return self.folder / KNOWN_HOSTS

    def settings(self, name: str, overrides: Mapping[str, float]) -> HostSettings:
        """What the inventory says about one router, and the command line over it. Raises InventoryError."""
        host = self.nornir.inventory.hosts[name]
        blocks = [
            source.get("azinterop") or {}
            for source in (
                host.defaults.data,
                *(group.data for group in reversed(host.extended_groups())),
                host.data,
            )
        ]
        return settings(blocks, overrides, f"{self.folder / HOSTS}: {name}")

    def credentials(self, name: str, given: Credentials | Mapping[str, Credentials] | None) -> Credentials:
        """The login for one router: what is given, what a transform function set, the environment, the keyring.

        Raises InventoryError where there is none.
        """
        if isinstance(given, Credentials):
            return given
        if given is not None:
            if name not in given:
                raise InventoryError(f"{name}: no credentials are given for this router")
            return given[name]
        host = self.nornir.inventory.hosts[name]
        if host.password:
            return Credentials(host.username or "", Secret(host.password), _enable_of(host), "inventory plugin")
        settings_ = self.settings(name, {})
        return find_key_login(host.username) if settings_.key_file or settings_.use_agent else find(host.username)


def _enable_of(host: Host) -> Secret | None:
    options = host.get_connection_parameters("napalm").extras or {}
    secret = (options.get("optional_args") or {}).get("secret")
    return Secret(secret) if secret else None


def load(folder: Path) -> RouterInventory:
    """Load the inventory of a folder. Raises InventoryError that names file and line."""
    config = _nornir_settings(folder / NORNIR)
    inventory = dict(config.get("inventory") or {})
    files = _files(inventory, folder)
    if files is not None:
        _check_simple(**files)
        options = {**(inventory.get("options") or {}), **{name: str(path) for name, path in files.items()}}
        inventory = {**inventory, "options": options}
    nornir, runner = _nornir({**config, "inventory": inventory}, folder)
    return RouterInventory(folder, nornir, runner)


def check(folder: Path) -> frozenset[str] | None:
    """The names of the routers, when the files of a plain inventory were checked; None: another plugin names them.

    Loads no plugin and connects to nothing. Raises InventoryError that names file and line.
    """
    files = _files(dict(_nornir_settings(folder / NORNIR).get("inventory") or {}), folder)
    return None if files is None else _check_simple(**files)


def addresses(folder: Path) -> dict[str, str]:
    """Address and port of each router of a plain inventory; nothing where another plugin names them."""
    if check(folder) is None:
        return {}
    hosts = load(folder).nornir.inventory.hosts
    return {name: f"{host.hostname or name}:{host.port or _SSH}" for name, host in hosts.items()}


def _files(inventory: dict[str, Any], folder: Path) -> dict[str, Path] | None:
    """The files of a plain inventory by Nornir's names for them; None: another plugin is named."""
    if inventory.get("plugin", "SimpleInventory") != "SimpleInventory":
        return None
    options = inventory.get("options") or {}
    names = (("host_file", HOSTS), ("group_file", GROUPS), ("defaults_file", DEFAULTS))
    return {name: folder / options.get(name, default) for name, default in names}


def _nornir(config: dict[str, Any], folder: Path) -> tuple[Nornir, RunnerPlugin | None]:
    """Nornir, and the runner that its configuration names; None: ours to choose."""
    from nornir.core import Nornir
    from nornir.core.configuration import Config
    from nornir.core.exceptions import ConflictingConfigurationWarning
    from nornir.core.plugins.connections import ConnectionPluginRegister
    from nornir.core.plugins.runners import RunnersPluginRegister
    from nornir.init_nornir import load_inventory, load_runner

    from pytest_azinterop.collect.fleet.runner import RUNNER_NAME, DaskRunner
    from pytest_azinterop.iosxe.connection import CONNECTION_NAME, IosXeConnection

    try:
        # Nornir's own default would leave a log file in the working directory; without any handler at all, Python would
        # print its warnings to stderr.
        if not config.get("logging"):
            logging.getLogger("nornir").addHandler(logging.NullHandler())
        loaded = Config.from_dict(**{**config, "logging": config.get("logging") or {"enabled": False}})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConflictingConfigurationWarning)
            loaded.logging.configure()
        inventory = load_inventory(loaded)
        if loaded.runner.plugin == RUNNER_NAME and RUNNER_NAME not in RunnersPluginRegister.available:
            RunnersPluginRegister.register(RUNNER_NAME, DaskRunner)
        runner = load_runner(loaded) if config.get("runner") else None
    except InventoryError:
        raise
    except Exception as error:  # noqa: BLE001 (an inventory plugin can raise anything)
        raise InventoryError(
            f"the inventory cannot be loaded: {type(error).__name__}: {str(error)[:300]}", file=str(folder)
        ) from None
    if not inventory.hosts:
        raise InventoryError("the inventory names no router", file=str(folder / HOSTS))
    if CONNECTION_NAME not in ConnectionPluginRegister.available:
        ConnectionPluginRegister.register(CONNECTION_NAME, IosXeConnection)
    return Nornir(inventory=inventory, runner=runner, config=loaded), runner


def _nornir_settings(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    content = _read(path)
    _refuse_secrets(content, path)
    return {str(key): _plain(value) for key, value in content.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 (YAML)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _read(path: Path) -> dict[Any, Any]:
    """The mapping in a YAML file, with line numbers. An empty file is an empty mapping."""
    try:
        text = path.read_text(encoding="utf-8")
        content = YAML(typ="rt").load(text)
    except FileNotFoundError:
        raise InventoryError("the file does not exist", file=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InventoryError(f"the file cannot be read: {type(error).__name__}", file=str(path)) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        if mark is not None and any(
            "\t" in _indentation(each) for each in text.splitlines()[mark.line : mark.line + 1]
        ):
            raise InventoryError("a tab; indent with blanks", file=str(path), line=line) from None
        raise InventoryError(f"not valid YAML: {error.problem}", file=str(path), line=line) from None
    except YAMLError as error:
        raise InventoryError(f"not valid YAML: {type(error).__name__}", file=str(path)) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InventoryError("must be a mapping", file=str(path), line=1)
    return content


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _line(mapping: Any, key: object) -> int | None:  # noqa: ANN401 (a ruamel mapping)
    position = getattr(mapping, "lc", None)
    return None if position is None else int(position.key(key)[0]) + 1


def _check_simple(host_file: Path, group_file: Path, defaults_file: Path) -> frozenset[str]:
    hosts = _read(host_file)
    groups = _read(group_file) if group_file.is_file() else {}
    defaults = _read(defaults_file) if defaults_file.is_file() else {}
    for path, content in ((host_file, hosts), (group_file, groups), (defaults_file, defaults)):
        _refuse_secrets(content, path)
    _check_element(defaults, defaults_file)
    for path, elements in ((host_file, hosts), (group_file, groups)):
        for name, element in elements.items():
            line = _line(elements, name)
            if not isinstance(element, dict):
                raise InventoryError(
                    f"{name}: must be a mapping, such as `hostname: 192.0.2.1`", file=str(path), line=line
                )
            _check_element(element, path)
            for group in element.get("groups") or ():
                if group not in groups:
                    near = difflib.get_close_matches(str(group), map(str, groups), n=1)
                    hint = f"; did you mean {near[0]!r}?" if near else f"; {group_file.name} defines the groups"
                    raise InventoryError(
                        f"{name}: there is no group {group!r}{hint}", file=str(path), line=_line(element, "groups")
                    )
    return frozenset(map(str, hosts))


def _check_element(element: dict[Any, Any], path: Path) -> None:
    for key, value in element.items():
        line = _line(element, key)
        _check_key(key, _ELEMENT, path, line)
        port_fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_PORT
        if key == "port" and not port_fits:
            raise InventoryError(
                f"port must be a number from 1 to {_LARGEST_PORT}, not {value!r}", file=str(path), line=line
            )
        if key in {"data", "connection_options"} and value is not None and not isinstance(value, dict):
            raise InventoryError(f"{key} must be a mapping", file=str(path), line=line)
        if key == "groups" and value is not None and not isinstance(value, list):
            raise InventoryError("groups must be a list", file=str(path), line=line)
        if key == "connection_options":
            for options in (value or {}).values():
                for option in options if isinstance(options, dict) else ():
                    _check_key(option, _CONNECTION, path, _line(options, option))


def _check_key(key: object, known: tuple[str, ...], path: Path, line: int | None) -> None:
    if key not in known:
        near = difflib.get_close_matches(str(key), known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known keys: {', '.join(known)}"
        raise InventoryError(f"unknown key {key!r}{hint}", file=str(path), line=line)


def _refuse_secrets(content: dict[Any, Any], path: Path) -> None:
    for mapping, key in _mappings(content):
        if str(key).lower() in _SECRET_KEYS and isinstance(mapping[key], str | int):
            raise InventoryError(
                f"a credential does not belong into a file ({key}); set {PASSWORD} or use the keyring",
                file=str(path),
                line=_line(mapping, key),
            )


def _mappings(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 (YAML)
    if isinstance(value, dict):
        for key, item in value.items():
            yield value, key
            yield from _mappings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _mappings(item)
