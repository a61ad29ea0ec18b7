"""BFD, communities and IPv6 end to end: each fault of the far end, the router or a route fails exactly its rule."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from scenarios.conftest import Run, run

INVENTORY = str(Path(__file__).parent / "guarded")
PRIMARY = "north1/vrf-vault/172.29.0.130"
# Scenario, the findings of each item that fails, and the objects of those items.
FAULTS = {
    "BFD is missing on the interface": (
        """
        routers:
          north1:
            configure: |
              interface TenGigabitEthernet0/0/0.3000
               no bfd interval 300 min_rx 300 multiplier 3
        advance: 1h
        """,
        {"bfd.state:not-on-interface", "lint.bfd:no-interval"},
        {PRIMARY, "north1"},
    ),
    "the far end detects more slowly": (
        """
        far_ends:
          msee-p: {bfd: {interval: 750, min_rx: 750, multiplier: 3}}
        advance: 1h
        """,
        {"bfd.timers:neighbors-timers"},
        {PRIMARY},
    ),
    "the region's community is missing": (
        """
        far_ends:
          msee-p:
            communities: {10.130.0.0/16: ["12076:51004"]}
        advance: 1h
        """,
        {"routes.communities:other-region"},
        {PRIMARY},
    ),
    "inbound policy removes communities": (
        """
        routers:
          north1:
            configure: |
              route-map er-in permit 10
               set community none
            exec: ["clear ip bgp vrf vault 172.29.0.130 soft in"]
        advance: 1h
        """,
        {"policy.inbound:communities", "routes.communities:removed-inbound"},
        {PRIMARY},
    ),
    "communities are not sent": (
        """
        routers:
          north1:
            configure: |
              router bgp 65444
               address-family ipv4 vrf vault
                no neighbor 172.29.0.130 send-community
        advance: 1h
        """,
        {"routes.announced-communities:not-sent"},
        {PRIMARY},
    ),
}

DUAL_STACK = str(Path(__file__).parent / "dual-stack")
SIX = "ce1-dual/vrf-40/2001:db8:40:ff::2"
FAULTS_OF_IPV6 = {
    "the IPv6 session is shut": (
        """
        routers:
          ce1-dual:
            configure: |
              router bgp 65040
               address-family ipv6 vrf 40
                neighbor 2001:DB8:40:FF::2 shutdown
        advance: 1h
        """,
        {"bgp.state:shutdown", "bfd.state:bgp-down", "azure.path-session:down"},
        {SIX, "circuit/expressroute-4/primary"},
    ),
    "the IPv6 local preference is missing": (
        """
        routers:
          ce1-dual:
            configure: |
              router bgp 65040
               address-family ipv6 vrf 40
                no neighbor 2001:DB8:40:FF::2 route-map Cust40_from_Private_6 in
            exec: ["clear bgp vpnv6 unicast vrf 40 2001:DB8:40:FF::2 soft in"]
        advance: 1h
        """,
        {
            "policy.bound:no-inbound-policy",
            "policy.local-preference:route-map-missing",
            "lint.path-preference:local-preference",
            "lint.path-policy:inbound",
            "lint.path-policy:outbound",
        },
        {SIX, "customer-40/loc4"},
    ),
}


def failing(done: Run) -> dict[str, set[str]]:
    """By object the findings of each item that did not pass, but for the one that the change was not saved."""
    found: dict[str, set[str]] = {}
    for name, item in done.items.items():
        if item.findings != {"device.saved:not-saved"} and item.outcome not in ("passed", "skipped"):
            assert item.outcome == "failed", f"{name}: {item.outcome}: {item.text}"
            found.setdefault(name.partition("[")[2].removesuffix("]"), set()).update(item.findings)
    return found


def faulty(folder: Path, name: str, scenario: str, *arguments: str, inventory: str) -> Run:
    """A run of the network with this fault."""
    file = folder / "scenario.yaml"
    file.write_text(f"name: {name}\n{inspect.cleandoc(scenario)}\n")
    azure = (Path(inventory) / "network" / "azure.yaml").is_file()
    broken = run(folder, "-q", *arguments, "--lab-scenario", str(file), inventory=inventory, azure=azure)
    assert broken.code == 1, broken.text
    return broken


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS_OF_IPV6)
def test_a_fault_of_ipv6_leaves_ipv4_alone(name: str, tmp_path: Path) -> None:
    scenario, findings, objects = FAULTS_OF_IPV6[name]
    found = failing(faulty(tmp_path, name, scenario, inventory=DUAL_STACK))
    assert found.keys() == objects
    assert set().union(*found.values()) == findings


@pytest.mark.slow
def test_the_costly_checks_pass_as_well(tmp_path: Path) -> None:
    healthy = run(tmp_path, "-q", "--deep", inventory=INVENTORY)
    assert healthy.code == 0, healthy.text
    judged = {name.partition("[")[0] for name, item in healthy.items.items() if item.outcome == "passed"}
    assert judged >= {
        "test_bfd_is_up_on_both_sides",
        "test_bgp_uses_bfd",
        "test_bfd_timers_are_negotiated_as_declared",
        "test_bfd_is_stable",
        "test_inbound_policy_changes_only_what_it_may",
        "test_prefixes_carry_their_communities",
        "test_announced_prefixes_carry_their_communities",
        "test_every_declared_path_is_there_and_no_other",
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_fails_exactly_its_rule(name: str, tmp_path: Path) -> None:
    scenario, findings, objects = FAULTS[name]
    broken = faulty(tmp_path, name, scenario, "--deep", inventory=INVENTORY)
    found = failing(broken)
    assert found.keys() == objects
    assert set().union(*found.values()) == findings
