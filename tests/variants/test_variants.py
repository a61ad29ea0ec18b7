"""Healthy networks of many shapes pass every check; one fault in each fails exactly one rule and no other.

Each folder holds an inventory, the network that is simulated for it, and `mutation.yaml`, the fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from scenarios.conftest import Run, is_explained, run

from pytest_azinterop.intent.loader import load

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Variant:
    """`passes`: items that must pass at least. `rule`, `cause`: of each item that the fault fails; `objects`: those."""

    passes: int
    rule: str
    cause: tuple[str, ...]
    objects: tuple[str, ...]


VARIANTS = {
    "two-routers": Variant(270, "device.identity", ("wrong-hostname",), ("par-edge-02",)),
    "one-router": Variant(
        115,
        "bgp.timers",
        ("hold-time", "keepalive"),
        ("solo/vrf-7/192.168.255.2", "solo/vrf-7/192.168.255.6"),
    ),
    "active-active": Variant(125, "lint.mss", ("missing",), ("n-asr-1",)),
    "ten-customers": Variant(580, "routes.received", ("undeclared",), ("pe1/vrf-CUST-07/192.168.7.2",)),
    "expressroute-only": Variant(
        120,
        "routes.announced",
        ("missing",),
        ("south1/vrf-energy.core/172.30.0.130", "south2/vrf-energy.core/172.30.0.134"),
    ),
    "dual-stack": Variant(
        245,
        "bgp.soft-reconfiguration",
        ("missing",),
        ("ce1-dual/vrf-40/2001:db8:40:ff::2",),
    ),
    "guarded": Variant(120, "bfd.state", ("down",), ("north1/vrf-vault/172.29.0.130",)),
    "paired-gateway": Variant(150, "interface.address", ("other-address",), ("clinic-gw/Tunnel92",)),
    "two-circuits": Variant(240, "azure.connection-weight", ("other-weight",), ("connection/to-fra",)),
    "vpn-over-circuit": Variant(160, "azure.gateway-sku", ("other-sku",), ("gateway/vgw",)),
    "private-peering": Variant(190, "azure.connection-weight", ("other-weight",), ("connection/vault-er",)),
    "vpn-only": Variant(100, "interface.address", ("other-address",), ("shop/GigabitEthernet0/0/1",)),
    "behind-nat": Variant(90, "policy.bound", ("other-name",), ("nat-ce/vrf-branch-office/10.19.255.2",)),
    "front-door-vrf": Variant(150, "tunnel.protection", ("other-profile",), ("fd-asr/vrf-BLUE/Tunnel21",)),
    "microsoft-peering": Variant(160, "bgp.soft-reconfiguration", ("missing",), ("edge/vrf-faculty/198.51.100.134",)),
    "declared-preference": Variant(
        150, "policy.local-preference", ("wrong-value",), ("pref-ce/vrf-office/169.254.21.1",)
    ),
}


def test_each_variant_has_its_expectation() -> None:
    assert {file.parent.name for file in HERE.glob("*/interop.yaml")} == VARIANTS.keys()


def test_no_variant_waives_anything() -> None:
    assert [name for name in VARIANTS if load(HERE / name).intent.waivers] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_healthy_variant_has_no_failure(name: str, tmp_path: Path) -> None:
    healthy = run(tmp_path, "-q", inventory=str(HERE / name), azure=has_azure(name))
    assert healthy.code == 0, healthy.text
    outcomes = [item.outcome for item in healthy.items.values()]
    assert set(outcomes) <= {"passed", "skipped"}
    assert outcomes.count("passed") >= VARIANTS[name].passes
    skipped = [item for item in healthy.items.values() if item.outcome == "skipped"]
    assert [item.text for item in skipped if not is_explained(item)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_fault_fails_exactly_its_rule(name: str, tmp_path: Path) -> None:
    variant = VARIANTS[name]
    scenario = str(HERE / name / "mutation.yaml")
    broken = run(tmp_path, "-q", "--lab-scenario", scenario, inventory=str(HERE / name), azure=has_azure(name))
    assert broken.code == 1, broken.text
    found = failing(broken)
    assert tuple(found) == variant.objects
    expected = {f"{variant.rule}:{cause}" for cause in variant.cause}
    assert [causes for causes in found.values() if causes != expected] == []


def has_azure(name: str) -> bool:
    """Whether Azure's side belongs to the network."""
    return (HERE / name / "network" / "azure.yaml").is_file()


def failing(broken: Run) -> dict[str, set[str]]:
    """By object the findings of each item that did not pass; findings too slight to fail are left out."""
    failing: dict[str, set[str]] = {}
    for name, item in sorted(broken.items.items()):
        if item.outcome not in ("passed", "skipped"):
            assert item.outcome == "failed", f"{name}: {item.outcome}: {item.text}"
            failing.setdefault(name.partition("[")[2].removesuffix("]"), set()).update(item.findings)
    return failing
