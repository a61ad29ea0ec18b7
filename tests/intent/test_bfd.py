"""BFD as it is written, and what follows from it."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent import yaml
from pytest_azinterop.intent.expectations import ExpectedBfd
from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.schema import schema

INTENT = """\
defaults: {{{defaults}}}
networks: {{hub: [10.10.30.0/24]}}
circuits: {{er: {{networks: [hub], primary: {{router: edge-a}}{circuit}}}}}
connections: {{gw: {{networks: [hub]}}}}
sites: {{town: {{asn: 64600, routers: [edge-a, edge-b]}}}}
customers:
  acme:
    vrf: acme
    sites:
      town:
        prefixes: [10.50.0.0/24]
        expressroute:
          - {{circuit: er, path: primary, interface: Te0/0/0.9, subnet: 10.60.0.0/30{path}}}
        vpn:
          - {{connection: gw, router: edge-a, tunnel: Tu1, neighbor: 10.10.30.254, peer: 203.0.113.1{vpn}}}
        internal:
          - {{routers: [edge-a, edge-b], addresses: [10.50.1.1, 10.50.1.2]{internal}}}
"""


def required(folder: Path, **said: str) -> dict[str, ExpectedBfd | None]:
    """What each role's sessions must show."""
    parts = {"defaults": "", "circuit": "", "path": "", "vpn": "", "internal": ""}
    said = {key: value if key == "defaults" else f", {value}" for key, value in said.items()}
    (folder / "interop.yaml").write_text(INTENT.format(**parts | said))
    return {each.role: each.bfd for each in load(folder, rules={}).expectations.sessions}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, None),
        ({"defaults": "bfd: true"}, ExpectedBfd(300, 3)),
        ({"defaults": "bfd: {required: true, interval: 750}"}, ExpectedBfd(750, 3)),
        ({"defaults": "bfd: true", "circuit": "bfd: false"}, None),
        ({"defaults": "bfd: {multiplier: 4}", "circuit": "bfd: true"}, ExpectedBfd(300, 4)),
        ({"circuit": "bfd: true", "path": "bfd: {interval: 500}"}, ExpectedBfd(500, 3)),
        ({"circuit": "bfd: true", "path": "bfd: false"}, None),
        ({"path": "bfd: {required: true, multiplier: 5}"}, ExpectedBfd(300, 5)),
        ({"defaults": "bfd: {interval: 500}"}, None),
    ],
)
def test_the_closest_word_counts(tmp_path: Path, said: dict[str, str], expected: ExpectedBfd | None) -> None:
    assert required(tmp_path, **said)["expressroute"] == expected


def test_only_expressroute_has_it_by_default(tmp_path: Path) -> None:
    found = required(tmp_path, defaults="bfd: {required: true, interval: 500}", internal="bfd: false")
    assert (found["vpn"], found["internal"]) == (None, None)
    found = required(tmp_path, defaults="bfd: {interval: 500}", internal="bfd: {required: true, multiplier: 4}")
    assert (found["expressroute"], found["internal"]) == (None, ExpectedBfd(500, 4))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"vpn": "bfd: true"}, "an Azure VPN gateway has no BFD"),
        ({"path": "bfd: {}"}, "nothing is said of BFD"),
        ({"path": "bfd: {interval: 500}"}, "its values are never judged; say `required: true`"),
        ({"internal": "bfd: {multiplier: 4}"}, "its values are never judged; say `required: true`"),
        ({"path": "bfd: {interval: 5}"}, "5 is too small: at least 50"),
        ({"circuit": "bfd: {required: false, interval: 500}"}, "its values are never judged"),
        ({"path": "bfd: {intervall: 300}"}, "did you mean `interval`?"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, said: dict[str, str], words: str) -> None:
    with pytest.raises(InventoryError, match=r"interop\.yaml:(3|1[2-7]): ") as refused:
        required(tmp_path, **said)
    assert words in str(refused.value)


def test_the_schema_knows_the_short_form(tmp_path: Path) -> None:
    text = INTENT.format(
        defaults="bfd: true", circuit=", bfd: false", path=", bfd: {interval: 500}", vpn="", internal=""
    )
    file = tmp_path / "interop.yaml"
    file.write_text(text)
    jsonschema.validate(yaml.read(file, "interop.yaml").value, schema())
    file.write_text(text.replace("bfd: false", "bfd: maybe"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.read(file, "interop.yaml").value, schema())
