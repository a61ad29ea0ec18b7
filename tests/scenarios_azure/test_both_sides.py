"""Networks that are broken in one way each, on Azure's side or over both: exactly the checks that should fail do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from scenarios.conftest import Run, run

HERE = Path(__file__).parent
LAB = HERE.parents[1] / "inventory" / "lab"
NETWORKS = {file.stem: file for file in sorted((HERE / "networks").glob("*.yaml"))}
EXPECTED: dict[str, Any] = YAML(typ="safe").load((HERE / "expected.yaml").read_text(encoding="utf-8"))
# These name no item: all of Azure's are lost, and those of both sides.
REFUSED = {"answer-login-refused": "401", "token-for-other-cloud": "401, InvalidAuthenticationTokenAudience"}
# What rests on a BGP session, on a tunnel's IKE SA, on its IPsec SAs.
GROUPS = {
    "SESSION": """
        session_is_established session_runs_from_its_address timers_are_negotiated_as_declared session_is_stable
        session_does_not_flap prefix_limits_leave_head_room learned_paths_carry_their_local_preference
        policy_is_in_effect exactly_the_declared_prefixes_are_announced expected_prefixes_are_received
        neighbor_does_not_prepend received_paths_lead_to_their_neighbor what_the_router_announces_arrives_in_azure
        what_azure_announces_arrives_at_the_router
    """,
    "IKE": """
        ike_is_ready ike_uses_declared_algorithms ends_prove_themselves_as_declared nat_is_where_it_is_declared
        ike_sa_is_renewed_in_time tunnel_does_not_flap
    """,
    "IPSEC": """
        ipsec_protects_both_directions ipsec_uses_declared_transforms traffic_flows_in_both_directions
        errors_do_not_grow ipsec_sas_are_renewed_in_time
    """,
}
# By a finding of its own: the same session as both ends tell it. Where but one has it up, a later change says so.
AS_OLD = "session_is_as_old_at_both_ends"
NO_SESSION = ("failed", ("sides.session-age:no-session",))
OF_AZURE = {"circuit", "gateway", "connection", "local-gateway", "vnet", "subnet"}  # what an object's id begins with
Told = dict[str, tuple[str, tuple[str, ...]]]


@pytest.fixture(scope="session")
def healthy_both(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Both sides as they should be."""
    return run(tmp_path_factory.mktemp("healthy-both"), "-q", azure=True)


def test_each_network_has_its_expectation() -> None:
    assert NETWORKS.keys() == EXPECTED.keys() | REFUSED.keys()
    assert len(NETWORKS) >= 40


def test_both_sides_are_as_they_should_be(healthy_both: Run) -> None:
    assert healthy_both.code == 0, healthy_both.text
    assert {item.outcome for item in healthy_both.items.values()} <= {"passed", "xfailed", "skipped"}
    assert not [item for item in healthy_both.items.values() if item.outcome == "skipped" and not item.text]
    assert len(healthy_both.items) > 400


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_exactly_what_should_change_does(name: str, healthy_both: Run, tmp_path: Path) -> None:
    broken = run(
        tmp_path, "-q", "--lab-scenario", str(NETWORKS[name]), *EXPECTED[name].get("arguments", ()), azure=True
    )
    assert broken.items.keys() == healthy_both.items.keys()
    found, expected = told(broken), wanted(EXPECTED[name]["changes"], healthy_both)
    assert [f"{item}: {found[item]}, not {expected[item]}" for item in found if found[item] != expected[item]] == []
    failures = sum(item.outcome == "failed" for item in broken.items.values())
    assert broken.code == (1 if any({"failed", "error"} & change.keys() for change in EXPECTED[name]["changes"]) else 0)
    if "faults" in EXPECTED[name]:
        behind = re.search(r"^(\d+) faults? behind (\d+) failed checks", broken.text, re.MULTILINE)
        assert behind is not None, broken.text
        assert (int(behind[1]), int(behind[2])) == (EXPECTED[name]["faults"], failures), broken.text


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_a_token_that_azure_refuses_takes_all_of_azure_and_nothing_else(
    name: str, healthy_both: Run, tmp_path: Path
) -> None:
    broken = run(tmp_path, "-q", "--lab-scenario", str(NETWORKS[name]), azure=True)
    assert f"({REFUSED[name]}" in broken.text
    changed = {name for name, item in broken.items.items() if item.outcome != healthy_both.items[name].outcome}
    assert {broken.items[name].findings for name in changed} == {frozenset({"azure-login-refused"})}
    assert len(changed) > 100
    both_ends = {name for name in healthy_both.items if name.startswith(f"test_{AS_OLD}[")}
    assert both_ends
    assert both_ends <= changed
    of_routers = ("test_session_", "test_ike_is", "test_preferred_")
    assert not [name for name in changed - both_ends if name.startswith(of_routers)]
    for name, item in healthy_both.items.items():
        if name.partition("[")[2].split("/")[0] in OF_AZURE and item.outcome in ("passed", "xfailed"):
            assert name in changed


def told(broken: Run) -> Told:
    """Per item its outcome, and the findings or cause where it failed; lint's are told beside what fails an item."""
    return {
        name: (
            item.outcome,
            tuple(sorted(each for each in item.findings if not each.startswith("lint.")))
            if item.outcome in ("failed", "error")
            else (),
        )
        for name, item in broken.items.items()
    }


def wanted(changes: list[dict[str, Any]], healthy: Run) -> Told:
    """The same, as `expected.yaml` has it."""
    expected: Told = {name: (item.outcome, ()) for name, item in healthy.items.items()}
    for change in changes:
        (outcome,) = change.keys() - {"of", "checks"}
        findings = tuple(sorted((change[outcome] or "").split()))
        for check in " ".join(GROUPS.get(each, each) for each in change["checks"].split()).split():
            for about in change["of"].split():
                name = f"test_{check}[{about}]"
                assert name in expected, name
                expected[name] = (outcome, findings)
        if "SESSION" in change["checks"].split():
            for about in change["of"].split():
                name = f"test_{AS_OLD}[{about}]"
                assert name in expected, name
                expected[name] = NO_SESSION
    return expected


@pytest.mark.slow
def test_a_network_of_which_no_gateway_is_named_is_not_known_to_be_safe(tmp_path: Path) -> None:
    """As an intent may have it that was discovered: what a loss leaves, and the backup, are no pass and no failure."""
    yaml = YAML()
    folder = tmp_path / "unnamed"
    shutil.copytree(LAB, folder)
    intent = yaml.load(folder / "interop.yaml")
    intent["azure"]["subnets"].pop("spoke-workloads")
    intent["azure"]["vnets"]["spoke"]["peerings"]["spoke-to-hub"].pop("gateways")
    yaml.dump(intent, folder / "interop.yaml")
    done = run(tmp_path, "-q", "-k", "loss_of_one_path or backup_is_complete", inventory=str(folder), azure=True)
    for name in (
        "test_loss_of_one_path_leaves_the_other[customer-31/loc2]",
        "test_backup_is_complete_on_both_sides[customer-30/loc1]",
    ):
        assert (done.items[name].outcome, done.items[name].findings) == ("error", {"not-collected"})
        assert "spoke" in done.items[name].text
