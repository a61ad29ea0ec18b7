"""A connection whose ends have certificates: what the router holds is judged, and how the ends prove themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenarios.conftest import run

INTENT = Path(__file__).parents[2] / "inventory" / "lab"
SCENARIO = """\
name: certificates
routers:
  ce1-loc1:
    configure: |
      crypto pki trustpoint AZURE
       revocation-check none
    certificates:
      - {{trustpoint: AZURE, subject: cn=ce1, issuer: cn=CA, not_before: {begins}, not_after: {ends}}}
      - {{trustpoint: AZURE, kind: ca, subject: cn=CA, issuer: cn=CA, not_before: -300d, not_after: 300d}}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begins", "ends", "outcome", "findings"),
    [
        ("-300d", "300d", "passed", set()),
        ("-300d", "-1d", "failed", {"certificate.identity:expired"}),
        ("-300d", "10d", "failed", {"certificate.identity:expires-soon"}),
        ("1d", "300d", "failed", {"certificate.identity:not-yet-valid"}),
    ],
)
def test_the_validity_of_certificates_is_judged(
    tmp_path: Path, begins: str, ends: str, outcome: str, findings: set[str]
) -> None:
    inventory = tmp_path / "inventory" / "certificates"
    inventory.mkdir(parents=True)
    (inventory / "lab.yaml").write_text((INTENT / "lab.yaml").read_text())
    intent = (INTENT / "interop.yaml").read_text()
    assert "    authentication: psk\n" in intent
    declared = "    authentication: rsa-sig\n    trustpoint: AZURE\n"
    (inventory / "interop.yaml").write_text(intent.replace("    authentication: psk\n", declared))
    (tmp_path / "scenario.yaml").write_text(SCENARIO.format(begins=begins, ends=ends))
    done = run(
        tmp_path, "-q", "--lab-scenario", "scenario.yaml", "-k", "certificate_of or prove", inventory=str(inventory)
    )
    tunnel = "[ce1-loc1/vrf-30/Tunnel30]"
    own = done.items[f"test_certificate_of_the_router_is_valid{tunnel}"]
    assert (own.outcome, own.findings) == (outcome, findings)
    assert done.items[f"test_certificate_of_the_authority_is_valid{tunnel}"].outcome == "passed"
    # The published network's tunnel has a pre-shared key, which is not what this intent declares.
    method = done.items[f"test_ends_prove_themselves_as_declared{tunnel}"]
    assert method.findings == {"ike.authentication:signs-otherwise", "ike.authentication:verifies-otherwise"}
