"""pytest's hooks. They wire and decide nothing about networks; a run that names no inventory loads nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop import options

if TYPE_CHECKING:
    from collections.abc import Generator

MARKERS = (
    "devices: the right router answers, with the right time",
    "interfaces: interfaces, VRFs, tags and addresses",
    "bgp: BGP sessions",
    "policy: routing policy, bound and in effect",
    "routes: announced and received prefixes, and the choice between paths",
    "ipsec: IKE and IPsec tunnels, and the path below them",
    "reachability: who is reached over the data plane, and who is not",
    "azure: Azure's side: circuits, gateways, connections, virtual networks",
    "sides: what both sides must agree on: announced and learned, one preferred path, backup, IKE and IPsec",
    "deep: rare or costly; not asked for unless --deep or -m deep is given",
    "baseline: what differs from a recording (only with --baseline)",
    "lint: what the configuration says that will hurt later",
    "drill: what a failover drill asks, does and shows (only with --drill)",
)
FIXTURES = frozenset(
    (
        *(
            "device",
            "interface",
            "bgp_session",
            "bfd_session",
            "learned_routes",
            "routing_policy",
            "announcement",
            "reception",
        ),
        *("site_routes", "site_backup", "site_configuration"),
        *("vpn_underlay", "tunnel", "tunnel_transport", "tunnel_counters"),
        *("tunnel_traffic", "ike_sa", "ipsec_sa", "tunnel_age", "configuration", "configurations", "judge"),
        *("msee", "msee_ipv6"),
        *("reachable_target", "forbidden_target", "forbidden_probe", "traced_target", "sized_target"),
        "counted_target",
        *("crypto_session", "lan", "saved_configuration", "time_source", "archive"),
        *("received_prefixes", "carried_communities", "announced_communities", "site_paths"),
        *(
            "lan_redistribution",
            "lan_default_route",
            "interface_ipv6",
            "lan_routes",
            "lan_next_hops",
            "interface_filters",
            "microsoft_routes",
            "lan_external",
            "lan_exit",
            "shared_lan",
            "path_traffic",
            "vpn_certificates",
            "authenticated_tunnel",
        ),
        *("tunnel_sizes", "timed_target", "software", "uptime"),
        *("circuit", "circuit_arp", "circuit_path", "circuit_service", "gateway", "gateway_subnet"),
        *("gateway_peers", "gateway_routes"),
        *("connection", "local_gateway", "vnet", "vnet_peering", "subnet", "subnet_routes", "subnet_appliance"),
        *("subnet_return",),
        *("announced_passage", "learned_passage", "session_ends", "both_sides", "standby", "separation"),
        *("binding_of_path", "tunnel_ends"),
    )
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long forms exist always."""
    options.add_long_forms(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """The hooks that we offer."""
    from pytest_azinterop import hooks

    pluginmanager.add_hookspecs(hooks)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> Generator[None, Any, Any]:
    """The short forms, after every plugin and initial conftest had its chance to take them."""
    valued = options.with_values().intersection(map(str, early_config.invocation_params.args))
    if valued:
        from pytest_azinterop import rootdir

        early_config.stash[options.UNREAD] = rootdir.correct(early_config, valued)
    result = yield
    early_config.stash[options.SHORT_FORMS] = options.add_free_short_forms(parser)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """A plan needs one process."""
    if options.value(config, "inventory") and options.value(config, "plan"):
        config.option.numprocesses, config.option.dist = None, "no"


def pytest_configure(config: pytest.Config) -> None:
    """Load and check the intent where an inventory is named."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    options.check_together(config)
    if options.value(config, "drill") is not None:
        from pytest_azinterop import drill_refusals

        drill_refusals.check(config)
    if options.value(config, "inventory") is not None:
        from pytest_azinterop import running

        running.begin(config, _start_lab)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say what to type where checks are run without an inventory."""
    if items and options.value(config, "inventory") is None:
        for item in items:
            if _lacks_inventory(item):
                where = item.path.name
                raise pytest.UsageError(
                    f"{where} needs a network to verify: pytest {options.form(config, 'inventory')} lab"
                    " (simulated), or the name of yours below inventory/"
                )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Say which form to use where another plugin has taken the short one and nothing was found to run."""
    given = [str(argument).partition("=")[0] for argument in config.invocation_params.args]
    taken = options.form(config, "inventory") != "--inventory" and "--inventory" in given
    if taken and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and options.value(config, "inventory") is None:
        terminalreporter.write_line(
            f"another plugin has taken --inventory; to verify a network: {options.LONG}inventory NAME"
        )


def _lacks_inventory(item: pytest.Item) -> bool:
    """One of our checks, by its marker, that asks for a fixture of ours which nobody else defines."""
    info = getattr(item, "_fixtureinfo", None)
    if info is None:
        return False
    missing = FIXTURES.intersection(info.argnames) - info.name2fixturedefs.keys()
    return bool(missing) and any(item.get_closest_marker(line.partition(":")[0]) for line in MARKERS)


def _start_lab(**arguments: Any) -> Any:  # noqa: ANN401 (as lab.launch.start)
    """The one line that starts the simulated network."""
    from pytest_azinterop.lab.launch import start

    return start(**arguments)
