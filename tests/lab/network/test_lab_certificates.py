"""IKEv2 with certificates: valid by each side's clock, issued by a trusted CA, of a trustpoint that is configured."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lab.show.show_samples import show
from ruamel.yaml import YAML

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.certificates import Certificate
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.scenario_file import ScenarioError, parse
from pytest_azinterop.lab.topology import TopologyError

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
CA, OURS, THEIRS = "cn=Lab CA,o=Example", "cn=ce1.lab.example", "cn=gateway.azure.example"
PROFILE = ("crypto ikev2 profile Cust30-azure-profile", "authentication local rsa-sig", "authentication remote rsa-sig")
TRUST = ("crypto pki trustpoint AZURE", "enrollment terminal", "revocation-check none")


def certificate(subject: str, trustpoint: str | None = None, **more: object) -> dict[str, object]:
    found: dict[str, object] = {"subject": subject, "issuer": CA, "not_before": "-100d", "not_after": "30d", **more}
    return found if trustpoint is None else {**found, "trustpoint": trustpoint}


def network(
    tmp_path: Path, *, theirs: dict[str, object] | None = None, ours: dict[str, object] | None = None
) -> Router:
    """The published network whose gateway and first router use certificates."""
    folder = tmp_path / "network"
    shutil.copytree(PUBLISHED, folder)
    yaml = YAML()
    data = yaml.load(folder / "topology.yaml")
    data["routers"]["ce1-loc1"]["certificates"] = [
        certificate(OURS, "AZURE", serial="1A0B", **(ours or {})),
        certificate(CA, "AZURE", kind="ca", serial="01"),
    ]
    gateway = data["far_ends"]["hub-vpn"]
    gateway["certificates"] = [certificate(THEIRS, serial="2C", **(theirs or {})), certificate(CA, kind="ca")]
    gateway["tunnels"][0]["auth"] = "rsa-sig"
    yaml.dump(data, folder / "topology.yaml")
    config = folder / "ce1-loc1.cfg"
    text = (
        config.read_text()
        .replace("pre-share\n", "rsa-sig\n")
        .replace(" keyring local Cust30", " !keyring local Cust30")
    )
    text = text.replace("crypto ikev2 proposal", "\n".join(TRUST) + "\n!\ncrypto ikev2 proposal", 1)
    config.write_text(text.replace("dpd 10 2 on-demand", "dpd 10 2 on-demand\n pki trustpoint AZURE"))
    return Simulation(folder, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0)).router("ce1-loc1")


def configure(router: Router, *lines: str) -> None:
    editor = router.configure("someone")
    for line in lines:
        reply = editor.apply(line)
        assert reply.ok, (line, reply)
    editor.apply("end")


def again(router: Router, seconds: float = 5) -> bool:
    """Whether the tunnel comes up when it is negotiated anew."""
    router.clear_ike(None)
    router._simulation.clock.advance(seconds)
    return any(each.status == "READY" for each in router.ike_sas())


def change(router: Router, text: str) -> None:
    applier = Applier(router._simulation, catalogue())
    scenario = parse(text, "scenario")
    applier.check(scenario)
    applier.apply(scenario)


def test_certificates_carry_the_tunnel_and_stand_in_its_sa(tmp_path: Path) -> None:
    edge = network(tmp_path)
    (sa,) = edge.ike_sas()
    assert (sa.status, sa.auth_sign, sa.auth_verify) == ("READY", "RSA", "RSA")
    assert "Auth sign: RSA, Auth verify: RSA" in show(edge, "show crypto ikev2 sa detailed")
    assert again(edge)
    profile = show(edge, "show crypto ikev2 profile")
    assert " Local authentication method: rsa-sig" in profile
    assert " Trustpoint(s): \n  AZURE" in profile


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        ({"not_after": "-1d"}, {}, "CERTIFICATE_INVALID_EXPIRED"),
        ({}, {"not_after": "-1d"}, "(SN: 2C) has expired.    Validity period ended on 00:00:00 UTC Mar 1 2026"),
        ({"not_before": "1d"}, {}, "CERTIFICATE_INVALID_NOT_YET_VALID"),
        ({}, {"issuer": "cn=Somebody"}, None),
    ],
    ids=["ours expired", "theirs expired", "not yet", "other issuer"],
)
def test_what_is_not_valid_is_not_accepted(
    tmp_path: Path, ours: dict[str, object], theirs: dict[str, object], message: str | None
) -> None:
    edge = network(tmp_path, ours=ours, theirs=theirs)
    assert not again(edge)
    log = [each.text for each in edge.log()]
    assert any("Auth exchange failed" in text for text in log)
    assert message is None or any(message in text for text in log)


@pytest.mark.parametrize(
    "lines",
    [
        ("no crypto pki trustpoint AZURE",),
        (PROFILE[0], "no pki trustpoint AZURE", "pki trustpoint OTHER"),
        (PROFILE[0], "authentication local pre-share"),
        (PROFILE[0], "authentication remote pre-share"),
    ],
)
def test_without_its_trustpoint_or_method_there_is_no_tunnel(tmp_path: Path, lines: tuple[str, ...]) -> None:
    edge = network(tmp_path)
    configure(edge, *lines)
    assert not again(edge)


def test_an_established_tunnel_outlives_its_certificate_until_it_is_negotiated(tmp_path: Path) -> None:
    edge = network(tmp_path)
    edge._simulation.clock.advance(31 * 86400)
    assert edge.ike_sas()[0].status == "READY"
    assert not again(edge)


def test_a_new_certificate_brings_the_tunnel_back(tmp_path: Path) -> None:
    edge = network(tmp_path, ours={"not_after": "-1d"})
    assert not again(edge)
    change(edge, f"routers: {{ce1-loc1: {{certificates: [{{trustpoint: AZURE, subject: {OURS!r}, issuer: {CA!r}}}]}}}}")
    edge._simulation.clock.advance(5)
    assert edge.ike_sas()[0].status == "READY"
    change(edge, f"far_ends: {{hub-vpn: {{certificates: [{{subject: {THEIRS!r}, issuer: {CA!r}, not_after: -1h}}]}}}}")
    assert not again(edge)


def test_validity_that_begins_while_the_network_waits_is_noticed(tmp_path: Path) -> None:
    edge = network(tmp_path, ours={"not_before": "1h"})
    assert not again(edge)
    edge._simulation.clock.advance(3600)
    assert edge.ike_sas()[0].status == "READY"


def test_the_clock_of_the_router_decides(tmp_path: Path) -> None:
    edge = network(tmp_path)
    change(edge, f"routers: {{ce1-loc1: {{clock: {{offset: {40 * 86400}}}}}}}")
    assert not again(edge)


def test_certificates_as_they_are_shown(tmp_path: Path) -> None:
    edge = network(tmp_path)
    lines = show(edge, "show crypto pki certificates AZURE").splitlines()
    assert lines[:4] == [
        "Certificate",
        "  Status: Available",
        "  Certificate Serial Number (hex): 1A0B",
        "  Certificate Usage: General Purpose",
    ]
    assert "    end   date: 00:00:00 UTC Apr 1 2026" in lines
    assert "  Associated Trustpoints: AZURE " in lines
    assert lines[lines.index("CA Certificate") + 2] == "  Certificate Serial Number (hex): 01"
    assert "    o=Example" in lines
    assert "  Version: 3" in show(edge, "show crypto pki certificates verbose")
    assert "Certificate configured." in show(edge, "show crypto pki trustpoints")
    assert show(edge, "show crypto pki certificates NONE") == "% Trustpoint NONE does not exist."
    configure(edge, "no crypto pki trustpoint AZURE")
    assert show(edge, "show crypto pki certificates") == ""


@pytest.mark.parametrize(
    "spec",
    [
        {"subject": "cn=a"},
        {"subject": "cn=a", "issuer": "cn=b", "kind": "root"},
        {"subject": "cn=a", "issuer": "cn=b", "serial": "xyz"},
        {"subject": "cn=a", "issuer": "cn=b", "until": "2026-01-01"},
        {"subject": "cn=a", "issuer": "cn=b", "not_before": "2026-01-02", "not_after": "2026-01-01"},
        {"subject": "cn=a", "issuer": "cn=b", "not_after": "soon"},
    ],
)
def test_bad_certificates_are_refused(tmp_path: Path, spec: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Certificate.read(spec)
    shutil.copytree(PUBLISHED, tmp_path / "n")
    yaml = YAML()
    data = yaml.load(tmp_path / "n" / "topology.yaml")
    data["routers"]["ce1-loc1"]["certificates"] = [spec]
    yaml.dump(data, tmp_path / "n" / "topology.yaml")
    with pytest.raises(TopologyError, match=r"routers\.ce1-loc1\.certificates: "):
        Simulation(tmp_path / "n", Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


def test_a_scenario_with_a_bad_certificate_says_where() -> None:
    with pytest.raises(ScenarioError, match=r"s:2: routers\.r\.certificates\.0"):
        parse("routers:\n  r: {certificates: [{subject: cn=a, issuer: cn=b, not_after: soon}]}", "s")
