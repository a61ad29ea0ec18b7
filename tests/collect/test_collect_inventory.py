from __future__ import annotations

import re
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop.collect.credentials import Credentials, find, find_key_login
from pytest_azinterop.collect.inventory import addresses, check, load
from pytest_azinterop.collect.limits import Limits
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = "r1:\n  hostname: 192.0.2.1\n  groups: [edge]\nr2:\n  hostname: 192.0.2.2\n"
GROUPS = "edge:\n  data:\n    azinterop: {driver: stock, command_deadline: 5, login_deadline: 9}\n"
DEFAULTS = "data:\n  azinterop: {command_deadline: 7, logins_at_once: 3}\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in {"hosts": HOSTS, "groups": GROUPS, "defaults": DEFAULTS, **files}.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def test_a_host_overrides_its_group_and_a_group_the_defaults(tmp_path: Path) -> None:
    inventory = load(write(tmp_path))
    assert inventory.hosts == ("r1", "r2")
    first, second = inventory.settings("r1", {}), inventory.settings("r2", {})
    assert (first.driver, first.limits) == ("stock", Limits(command_deadline=5, login_deadline=9, logins_at_once=3))
    assert (second.driver, second.limits) == ("iosxe", Limits(command_deadline=7, logins_at_once=3))
    assert inventory.settings("r1", {"command_deadline": 99}).limits.command_deadline == 99


def test_loading_leaves_no_file_behind_and_imports_no_transport(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "inventory", tmp_path / "cwd"
    folder.mkdir()
    elsewhere.mkdir()
    write(folder, defaults="---\n{}\n")
    script = (
        "import sys, pathlib; from pytest_azinterop.collect.inventory import load; load(pathlib.Path(sys.argv[1]));"
        "print(*{'netmiko', 'napalm', 'paramiko'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], cwd=elsewhere, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
    assert list(elsewhere.iterdir()) == []


def test_pipelining_is_asked_for(tmp_path: Path) -> None:
    inventory = load(write(tmp_path, hosts=HOSTS + "  data: {azinterop: {pipelining: true}}\n"))
    assert [inventory.settings(name, {}).pipelining for name in ("r1", "r2")] == [False, True]


@pytest.mark.parametrize(("value", "words"), [("'yes'", "true or false"), ("true, driver: stock", "driver iosxe")])
def test_pipelining_that_cannot_be_is_refused(tmp_path: Path, value: str, words: str) -> None:
    hosts = HOSTS + f"  data: {{azinterop: {{pipelining: {value}}}}}\n"
    with pytest.raises(InventoryError, match=words):
        load(write(tmp_path, hosts=hosts)).settings("r2", {})


def test_all_vrfs_at_once_from_eight_on_or_as_the_inventory_says(tmp_path: Path) -> None:
    inventory = load(write(tmp_path, hosts=HOSTS + "  data: {azinterop: {all_vrfs: 2}}\n"))
    assert [inventory.settings(name, {}).all_vrfs for name in ("r1", "r2")] == [8, 2]
    never = load(write(tmp_path, defaults="data: {azinterop: {all_vrfs: false}}\n"))
    assert never.settings("r1", {}).all_vrfs is None


@pytest.mark.parametrize("value", ["true", "1", "0", "2.5", "'8'", "null"])
def test_all_vrfs_that_is_no_number_is_refused(tmp_path: Path, value: str) -> None:
    hosts = HOSTS + f"  data: {{azinterop: {{all_vrfs: {value}}}}}\n"
    with pytest.raises(InventoryError, match="all_vrfs must be a whole number of at least 2, or false"):
        load(write(tmp_path, hosts=hosts)).settings("r2", {})


def test_hosts_alone_are_enough(tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text("r1: {hostname: 192.0.2.1}\n")
    assert load(tmp_path).hosts == ("r1",)


@pytest.mark.parametrize(
    ("files", "where", "words"),
    [
        ({"hosts": "r1:\n  hostname: a\n  pasword: x\n"}, "hosts.yaml:3", "password"),
        ({"hosts": "r1:\n  hostname: a\n  prot: 38625\n"}, "hosts.yaml:3", "did you mean 'port'?"),
        ({"groups": "edge:\n  data: {}\n  usernme: x\n"}, "groups.yaml:3", "did you mean 'username'?"),
        ({"defaults": "platfrom: x\n"}, "defaults.yaml:1", "did you mean 'platform'?"),
        ({"hosts": "r1:\n  connection_options:\n    azinterop:\n      prot: 3\n"}, "hosts.yaml:4", "'port'"),
        ({"hosts": "r1:\n\thostname: a\n"}, "hosts.yaml:2", "a tab; indent with blanks"),
        ({"hosts": "r1:\n  hostname: a\n  password: planted-0451\n"}, "hosts.yaml:3", "AZINTEROP_PASSWORD"),
        ({"groups": "edge:\n  connection_options:\n    napalm:\n      extras:\n        optional_args:\n"
          "          secret: planted-0451\n"}, "groups.yaml:6", "credential"),
        ({"defaults": "data:\n  password: planted-0451\n"}, "defaults.yaml:2", "credential"),
        ({"nornir": "inventory:\n  options:\n    password: planted-0451\n"}, "nornir.yaml:3", "credential"),
        ({"hosts": "r1:\n  hostname: a\n  groups: [egde]\n"}, "hosts.yaml:3", "'edge'"),
        ({"hosts": "r1:\n  hostname: a\n  port: 70000\n"}, "hosts.yaml:3", "port"),
        ({"hosts": "r1:\n  hostname: a\n  groups: edge\n"}, "hosts.yaml:3", "list"),
        ({"hosts": "r1: 192.0.2.1\n"}, "hosts.yaml:1", "mapping"),
        ({"hosts": "- r1\n"}, "hosts.yaml:1", "mapping"),
        ({"hosts": "r1:\n  hostname: [a\n"}, "hosts.yaml:3", "YAML"),
        ({"hosts": "r1: {hostname: a}\nr1: {hostname: b}\n"}, "hosts.yaml:2", "YAML"),
        ({"hosts": ""}, "hosts.yaml", "no router"),
        ({"nornir": "inventory:\n  plugin: NoSuchPlugin\n"}, "", "NoSuchPlugin"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, files: dict[str, str], where: str, words: str) -> None:
    with pytest.raises(InventoryError) as caught:
        load(write(tmp_path, **files))
    if words not in ("no router", "NoSuchPlugin"):  # what a plugin says is heard when it is loaded
        with pytest.raises(InventoryError, match=re.escape(str(caught.value))):
            check(tmp_path)
    assert where in str(caught.value)
    assert words in str(caught.value)
    assert "planted-0451" not in str(caught.value)


def test_addresses_and_ports_follow_from_hosts_groups_and_defaults(tmp_path: Path) -> None:
    hosts = "r1: {hostname: 192.0.2.1, port: 2201}\nr2: {hostname: r2.example, groups: [edge]}\nr3: {}\n"
    write(tmp_path, hosts=hosts, groups="edge: {port: 2202}\n", defaults="{}\n")
    assert check(tmp_path) == {"r1", "r2", "r3"}
    assert addresses(tmp_path) == {"r1": "192.0.2.1:2201", "r2": "r2.example:2202", "r3": "r3:22"}


def test_another_inventory_plugin_is_not_loaded_to_check_files(tmp_path: Path) -> None:
    (tmp_path / "nornir.yaml").write_text("inventory:\n  plugin: NoSuchPlugin\n")
    assert check(tmp_path) is None
    assert addresses(tmp_path) == {}


def test_a_username_is_not_asked_for_in_a_file() -> None:
    with pytest.raises(InventoryError) as caught:
        find(None, {})
    assert "AZINTEROP_USERNAME" in str(caught.value)
    assert "yaml" not in str(caught.value)


def test_a_missing_hosts_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match=r"hosts\.yaml: the file does not exist"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("{comand_deadline: 5}", "command_deadline"),
        ("{command_deadline: 0}", "above 0"),
        ("{command_deadline: soon}", "seconds"),
        ("{logins_at_once: 1.5}", "whole number"),
        ("{driver: eos}", "iosxe or stock"),
        ("[driver]", "mapping"),
    ],
)
def test_a_wrong_setting_names_the_router(tmp_path: Path, block: str, words: str) -> None:
    inventory = load(write(tmp_path, hosts=f"r1:\n  hostname: a\n  data:\n    azinterop: {block}\n"))
    with pytest.raises(InventoryError) as caught:
        inventory.settings("r1", {})
    assert "r1" in str(caught.value)
    assert words in str(caught.value)


def test_nornir_yaml_says_where_the_files_are_and_which_runner_is_used(tmp_path: Path) -> None:
    write(tmp_path, nornir="inventory:\n  options: {host_file: routers.yaml}\nrunner: {plugin: serial}\n")
    (tmp_path / "routers.yaml").write_text("r7: {hostname: 192.0.2.7}\n")
    inventory = load(tmp_path)
    assert inventory.hosts == ("r7",)
    assert type(inventory.runner).__name__ == "SerialRunner"


def test_a_transform_function_may_set_the_login(tmp_path: Path) -> None:
    inventory = load(write(tmp_path))
    host = inventory.nornir.inventory.hosts["r1"]
    host.username, host.password = "netops", "planted-0451"
    login = inventory.credentials("r1", None)
    assert (login.username, login.password and login.password.reveal()) == ("netops", "planted-0451")
    assert "planted-0451" not in repr(login) + str(login)


def test_the_environment_before_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = {"netops": "from-keyring", "netops/enable": "enable-keyring"}
    errors = SimpleNamespace(KeyringError=RuntimeError)
    fake: Any = SimpleNamespace(get_password=lambda _, name: stored.get(name), errors=errors)
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    both = {"AZINTEROP_USERNAME": "netops", "AZINTEROP_PASSWORD": "from-environment"}
    first = find(None, both)
    assert (first.source, first.password and first.password.reveal()) == ("environment", "from-environment")
    second = find("netops", {})
    assert (second.source, second.password and second.password.reveal()) == ("keyring", "from-keyring")
    assert second.enable is not None
    assert second.enable.reveal() == "enable-keyring"
    with pytest.raises(InventoryError, match="AZINTEROP_PASSWORD"):
        find("nobody", {})


def test_without_a_keyring_the_message_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(InventoryError, match="AZINTEROP_PASSWORD"):
        find("netops", {})
    with pytest.raises(InventoryError, match="AZINTEROP_USERNAME"):
        find(None, {})


def test_a_key_needs_a_name_only() -> None:
    assert find_key_login("netops", {}) == Credentials("netops", None, None, "SSH key")


def test_a_secret_shows_nothing_and_sends_everything() -> None:
    secret = Secret(Secret("planted-0451"))
    assert [repr(secret), str(secret), f"{secret}", f"{secret!r}", f"{secret:>3}"] == [
        "'***'",
        "***",
        "***",
        "'***'",
        "***",
    ]
    assert "planted" not in repr([secret, {"a": secret}])
    assert secret.reveal() == "planted-0451"
    assert secret.encode() == b"planted-0451"
    assert type(secret.reveal()) is str
