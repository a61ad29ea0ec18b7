"""Communities as they are written, and what follows from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.expectations import Expectations
from pytest_azinterop.intent.loader import load

INTENT = """\
networks:
  hub: {exactly: [10.10.30.0/24], communities: ["12076:50004"]}
  spoke: {at_least: [10.11.0.0/24], within: [10.11.0.0/16]}
circuits: {er: {networks: [hub, spoke], primary: {router: edge-a}}}
connections: {gw: {networks: [hub]}}
sites: {town: {asn: 64600, routers: [edge-a, edge-b]}}
customers:
  acme:
    vrf: acme
    sites:
      town:
        prefixes: [10.50.0.0/24]
        expressroute:
          - {circuit: er, path: primary, interface: Te0/0/0.9, subnet: 10.60.0.0/30, announce_communities: ["1:2"]}
        vpn:
          - {connection: gw, router: edge-a, tunnel: Tu1, neighbor: 10.10.30.254, peer: 203.0.113.1}
        internal:
          - {routers: [edge-a, edge-b], addresses: [10.50.1.1, 10.50.1.2]}
"""


def loaded(folder: Path, old: str = "", new: str = "") -> Expectations:
    assert old in INTENT
    (folder / "interop.yaml").write_text(INTENT.replace(old, new))
    return load(folder, rules={}).expectations


def test_only_expressroute_carries_them(tmp_path: Path) -> None:
    expressroute, vpn, *_ = loaded(tmp_path).sessions
    assert [(str(prefix), names) for prefix, names in expressroute.carried] == [("10.10.30.0/24", ("12076:50004",))]
    assert expressroute.announce_communities == ("1:2",)
    assert (vpn.carried, vpn.announce_communities, vpn.inbound_changes) == ((), (), ("local-preference",))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"12076:50004"', "12076", "is not a community"),
        ('"12076:50004"', '"12076:65536"', "is not a community"),
        ('"1:2"', '"no-exports"', "is not a community"),
        ("exactly: [10.10.30.0/24]", "within: [10.10.30.0/24]", "name prefixes by `at_least`"),
        ("er: {networks: [hub, spoke]", "er: {networks: [spoke]", "no circuit reaches network `hub`"),
        ("10.50.1.2]}", '10.50.1.2], announce_communities: ["1:2"]}', "name prefixes in `announce`"),
        ("prefixes: [10.50.0.0/24]", "prefixes: {within: [10.50.0.0/24]}", "name prefixes in `announce`"),
    ],
)
def test_what_could_not_be_judged_is_refused_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(InventoryError, match=r"interop\.yaml:\d+: ") as refused:
        loaded(tmp_path, old, new)
    assert words in str(refused.value)
