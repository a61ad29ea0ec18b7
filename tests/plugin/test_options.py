"""The command line: both forms of each option, other plugins that want the same names, and what costs nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop import options

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.plugin.conftest import Runs

    Load = Callable[[Runs], tuple[tuple[str, ...], dict[str, str]]]

ANSIBLE = """\
def pytest_addoption(parser):
    group = parser.getgroup("ansible")
    group.addoption("--inventory", "--ansible-inventory", dest="ansible_inventory", default="hosts")
    group.addoption("--plan", dest="other_plan", action="store_true")
def pytest_report_header(config):
    return f"other plugin's inventory: {config.option.ansible_inventory}"
"""
FOREIGN = "def test_it():\n    pass\n"


@pytest.mark.parametrize("name", [option.name for option in options.OPTIONS])
def test_each_option_has_a_long_form(runs: Runs, name: str) -> None:
    text = runs.pytest("--help", inventory=None).text
    assert f"--azinterop-{name}" in text


@pytest.mark.parametrize("name", [option.name for option in options.OPTIONS if option.short])
def test_the_short_form_is_there_where_it_is_free(runs: Runs, name: str) -> None:
    assert f" --{name}" in runs.pytest("--help", inventory=None).text


def early(runs: Runs) -> tuple[tuple[str, ...], dict[str, str]]:
    """The other plugin is loaded before ours."""
    runs.file("ansible_like.py", ANSIBLE)
    return ("-p", "ansible_like"), {"PYTHONPATH": str(runs.folder)}


def late(runs: Runs) -> tuple[tuple[str, ...], dict[str, str]]:
    """The other plugin is loaded after ours: pytest reads this variable behind the installed plugins."""
    runs.file("ansible_like.py", ANSIBLE)
    return (), {"PYTHONPATH": str(runs.folder), "PYTEST_PLUGINS": "ansible_like"}


def by_conftest(runs: Runs) -> tuple[tuple[str, ...], dict[str, str]]:
    """A conftest wants the name."""
    runs.file("conftest.py", ANSIBLE + (runs.folder / "conftest.py").read_text())
    return (), {}


@pytest.mark.parametrize("load", [early, late, by_conftest])
class TestAnotherPluginHasTheName:
    """Whoever registers `--inventory` keeps it, whatever the order in which plugins are loaded."""

    def test_the_short_form_is_left_to_it(self, runs: Runs, load: Load) -> None:
        arguments, env = load(runs)
        runs.file("test_foreign.py", FOREIGN)
        result = runs.pytest(*arguments, "--inventory", "theirs", "test_foreign.py", inventory=None, env=env)
        assert result.code == 0, result.text
        assert "other plugin's inventory: theirs" in result.text
        assert "azinterop: inventory" not in result.text

    def test_the_long_form_works_beside_it(self, runs: Runs, load: Load) -> None:
        arguments, env = load(runs)
        result = runs.pytest(*arguments, "--azinterop-inventory", "net", "-m", "devices", inventory=None, env=env)
        assert result.code == 0, result.text
        assert "azinterop: inventory net" in result.text
        assert "12 passed" in result.text

    def test_our_checks_say_which_form_to_use(self, runs: Runs, load: Load) -> None:
        arguments, env = load(runs)
        runs.file("checks/test_own.py", "import pytest\n@pytest.mark.bgp\ndef test_it(bgp_session):\n    pass\n")
        result = runs.pytest(*arguments, "checks", inventory=None, env=env)
        assert result.code == 4
        assert "pytest --azinterop-inventory lab" in result.text


def test_an_empty_run_says_that_another_plugin_has_the_name(runs: Runs) -> None:
    arguments, env = early(runs)
    runs.without_checks()
    result = runs.pytest(*arguments, "--inventory", "lab", inventory=None, env=env)
    assert result.code == 5
    assert "another plugin has taken --inventory; to verify a network: --azinterop-inventory NAME" in result.text
    assert "another plugin" not in runs.pytest(inventory=None).text


def test_checks_without_an_inventory_say_in_one_line_what_to_type(runs: Runs) -> None:
    result = runs.pytest(str(runs.CHECKS), inventory=None)
    assert result.code == 4
    said = [line for line in result.text.splitlines() if "--inventory" in line]
    assert len(said) == 1
    assert "pytest --inventory lab" in said[0]


def test_other_tests_are_left_alone_without_an_inventory(runs: Runs) -> None:
    runs.without_checks()
    runs.file(
        "test_foreign.py",
        "import pytest\n"
        "@pytest.fixture\ndef interface(): return 1\n"
        "def test_theirs(interface): assert interface == 1\n"
        "def test_lost(device): pass\n",
    )
    result = runs.pytest(inventory=None)
    assert result.code == 1
    assert "1 passed, 1 error" in result.text
    assert "fixture 'device' not found" in result.text


def test_a_test_keeps_its_own_fixture_of_the_same_name(runs: Runs) -> None:
    runs.file(
        "checks/test_own.py",
        "import pytest\n@pytest.fixture\ndef interface(): return 1\ndef test_own(interface): assert interface == 1\n",
    )
    result = runs.pytest()
    assert result.code == 0
    assert "1 passed" in result.text


def test_no_inventory_loads_nothing_of_the_networking_libraries(tmp_path: Path) -> None:
    (tmp_path / "test_foreign.py").write_text(
        "import sys\n"
        "def test_it():\n"
        "    heavy = {'nornir', 'napalm', 'netmiko', 'paramiko', 'pydantic', 'rich', 'textfsm', 'asyncssh'}\n"
        "    assert not heavy & sys.modules.keys()\n"
        "    ours = {name for name in sys.modules if name.startswith('pytest_azinterop')}\n"
        "    assert ours == {'pytest_azinterop', 'pytest_azinterop.plugin', 'pytest_azinterop.options',"
        " 'pytest_azinterop.hooks'}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path), "--rootdir", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_collect_only_connects_to_nothing_and_loads_no_driver(runs: Runs) -> None:
    (runs.folder / "conftest.py").unlink()
    result = runs.pytest("--collect-only", "-q")
    assert result.code == 0
    assert "::test_session_is_established[edge-a/vrf-ACME/10.60.0.2]" in result.text


def test_plan_prints_each_command_and_runs_nothing(runs: Runs) -> None:
    runs.file("conftest.py", "def pytest_azinterop_collect():\n    raise RuntimeError('asked')\n")
    result = runs.pytest("--plan", "-n2")
    assert result.code == 0
    assert "edge-a: one login" in result.text
    assert "show bgp vpnv4 unicast vrf ACME neighbors 10.60.0.2 routes" in result.text
    assert result.outcomes() == {}


def test_only_what_the_selected_checks_need_is_planned(runs: Runs) -> None:
    text = runs.pytest("--plan", "-m", "devices", "-k", "edge-a").text
    plan = [line.split(maxsplit=1)[1].strip() for line in text.splitlines() if line.startswith("   ")]
    assert plan[:2] == ["show version", "show clock"]
    assert all(line.startswith(("show ntp ", "show archive")) for line in plan[2:])
    assert "edge-b: one login" not in text


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        ("version: 1\ncustomer: {}\n", "did you mean `customers`?"),
        ("version: [\n", "interop.yaml"),
    ],
    ids=["unknown key", "not YAML"],
)
def test_a_bad_intent_stops_the_run_before_anything_is_collected(runs: Runs, intent: str, said: str) -> None:
    runs.intent(intent)
    for arguments in ((), ("-n2",)):
        result = runs.pytest(*arguments)
        assert result.code == 4
        assert said in result.text
        assert "Traceback" not in result.text


def test_an_unknown_inventory_names_where_it_was_sought(runs: Runs) -> None:
    result = runs.pytest(inventory="nowhere")
    assert result.code == 4
    assert "no inventory 'nowhere'" in result.text
    assert "azinterop init" in result.text


def test_lab_options_need_a_simulated_inventory(runs: Runs) -> None:
    result = runs.pytest("--lab-scenario", "as-published")
    assert result.code == 4
    assert "--lab-scenario needs a simulated inventory" in result.text


@pytest.mark.parametrize("where", ["local", "shipped", "path"])
def test_the_name_of_an_inventory(tmp_path: Path, where: str) -> None:
    local, shipped, path = tmp_path / "inventory" / "net", tmp_path / "package" / "net", tmp_path / "net"
    path.mkdir(parents=True)
    if where == "local":
        local.mkdir(parents=True)
    found = options.resolve("net", tmp_path, lambda _: None if where == "path" else shipped)
    assert found.folder == {"local": local, "shipped": shipped, "path": path}[where]
    assert found.shipped is (where == "shipped")


def test_a_local_folder_of_checks_takes_precedence_and_the_header_says_which(runs: Runs) -> None:
    runs.file("checks/test_own.py", "def test_it(device):\n    assert device.observed.facts.model\n")
    runs.file("checks/COPIED_FROM", "pytest-azinterop 0.0.9\n")
    result = runs.pytest()
    assert "copied from pytest-azinterop 0.0.9" in result.text
    assert list(result.outcomes()) == ["test_it[edge-a]", "test_it[edge-b]"]


def test_named_paths_are_used_as_they_are(runs: Runs) -> None:
    own = runs.file("own/test_own.py", "def test_it(device):\n    assert device.id\n")
    assert list(runs.pytest(str(own)).outcomes()) == ["test_it[edge-a]", "test_it[edge-b]"]


def test_testpaths_of_the_project_do_not_stand_in_the_way(runs: Runs) -> None:
    runs.file("pytest.ini", "[pytest]\ntestpaths = unit\n")
    runs.file("unit/test_unit.py", FOREIGN)
    runs.file("checks/test_own.py", "def test_it(device):\n    assert device.id\n")
    assert list(runs.pytest().outcomes()) == ["test_it[edge-a]", "test_it[edge-b]"]
    assert list(runs.pytest(inventory=None).outcomes()) == ["test_it"]


@pytest.mark.parametrize("text", ["0", "-1", "soon"])
def test_a_deadline_is_a_positive_number_of_seconds(runs: Runs, text: str) -> None:
    assert runs.pytest(f"--azinterop-command-deadline={text}").code == 4


HOSTS = "edge-a: {hostname: 192.0.2.11, port: 2201}\nedge-b: {hostname: 192.0.2.12}\n"


def test_the_plan_says_where_each_router_is_reached(runs: Runs) -> None:
    runs.file("inventory/net/hosts.yaml", HOSTS)
    text = runs.pytest("--plan").text
    assert "edge-a (192.0.2.11:2201): one login, " in text
    assert "edge-b (192.0.2.12:22): one login, " in text


@pytest.mark.parametrize("option", ["--plan", "--collect-only"])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("edge-a:\n  prot: 38625\nedge-b: {}\n", "hosts.yaml:2: unknown key 'prot'; did you mean 'port'?"),
        ("edge-a: {}\nedge-b:\n  password: planted-0451\n", "hosts.yaml:3: a credential does not belong"),
        ("edge-a: {}\nedge-b:\n  groups: [edges]\n", "hosts.yaml:3: edge-b: there is no group 'edges'"),
        ("edge-a: {}\n", "is not in the inventory; add `edge-b` to "),
    ],
)
def test_a_wrong_inventory_file_is_told_before_anything_is_connected(
    runs: Runs, option: str, wrong: str, words: str
) -> None:
    runs.file("inventory/net/hosts.yaml", wrong)
    result = runs.pytest(option)
    assert result.code == 4
    assert words in result.text
    assert "planted-0451" not in result.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-m", "ipsek"), "-m ipsek selects nothing; did you mean ipsec? markers: devices, interfaces, bgp"),
        (("-k", "edge-aa"), "-k edge-aa selects nothing; did you mean edge-a?"),
        (("-m", "devices", "-k", "Tunnel9"), "no check is selected by -m 'devices' -k 'Tunnel9'; markers: devices"),
    ],
)
def test_a_selection_of_nothing_says_what_there_is(runs: Runs, arguments: tuple[str, ...], words: str) -> None:
    result = runs.pytest(*arguments)
    assert result.code == 5
    assert f"azinterop: {words}" in result.text


def test_a_selection_of_something_gets_no_hint(runs: Runs) -> None:
    assert "selects nothing" not in runs.pytest("-m", "devices", "-k", "edge-a").text


def test_a_run_says_that_a_file_outside_takes_the_project_s_configuration_away(tmp_path: Path) -> None:
    """pytest looks for its configuration above each path that it is given."""
    project, scenario = tmp_path / "project", tmp_path / "elsewhere" / "scenario.yaml"
    for file, text in ((project / "pytest.ini", "[pytest]\naddopts = -v\n"), (project / "test_it.py", FOREIGN),
                       (scenario, "name: nothing\n")):  # fmt: skip
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--azinterop-plan",
        "--azinterop-inventory",
        "lab",
    ]

    def said(*form: str) -> str:
        done = subprocess.run([*command, *form], cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"rootdir: {project}" in done.stdout
        return done.stdout

    option = "--azinterop-lab-scenario"
    unread = f"azinterop: {project / 'pytest.ini'} is not read, since pytest takes {scenario} for something to collect;"
    assert f"{unread} write {option}={scenario}\n" in said(option, str(scenario))
    assert "is not read" not in said(f"{option}={scenario}")
    assert "is not read" not in said(option, str(scenario), "-c", "pytest.ini")


def test_a_nornir_file_that_a_simulated_inventory_would_ignore_is_refused(runs: Runs) -> None:
    runs.file("inventory/net/lab.yaml", "network: published\n")
    runs.file("inventory/net/nornir.yaml", "runner: {plugin: serial}\n")
    result = runs.pytest("--plan")
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "inventory/net/nornir.yaml: has no effect" in result.text
    assert "remove one of the two" in result.text
