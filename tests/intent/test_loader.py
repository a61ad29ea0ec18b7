from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_azinterop import shipped
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent import yaml
from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.schema import schema

SMALL = """\
networks:
  hub: [10.64.0.0/22]
circuits:
  er1: {networks: [hub], primary: {router: edge1}}
connections:
  gw: {networks: [hub]}
sites:
  ams: {asn: 65010, routers: [edge1, edge2]}
customers:
  finance:
    vrf: FIN-1
    sites:
      ams:
        prefixes: [10.20.40.0/24]
        expressroute:
          - {circuit: er1, path: primary, interface: Te0/0/1.400, vlans: [40, 400], subnet: 172.20.40.0/30}
        vpn:
          - {connection: gw, router: edge2, tunnel: Tu40, neighbor: 169.254.21.1, peer: 203.0.113.40}
waivers:
  - {rule: bgp.state, object: edge1/*, reason: known until spring, expires: 2027-04-01}
"""

SECOND_SITE = """\
sites: {lon: {asn: 65011, routers: [edge9]}}
networks: {spoke: [10.65.0.0/24]}
connections: {far: {networks: [spoke]}}
customers:
  finance:
    sites:
      lon:
        prefixes: [10.21.40.0/24]
        vpn: [{connection: far, router: edge9, tunnel: Tu40, neighbor: 169.254.21.1, peer: 203.0.113.40}]
"""


def written(folder: Path, text: str, **more: str) -> Path:
    (folder / "interop.yaml").write_text(text)
    for name, content in more.items():
        (folder / "interop.d").mkdir(exist_ok=True)
        (folder / "interop.d" / f"{name}.yaml").write_text(content)
    return folder


def test_expectations_follow_from_a_small_intent(tmp_path: Path) -> None:
    expectations = load(written(tmp_path, SMALL)).expectations
    expressroute, vpn = expectations.sessions
    assert (
        expressroute.id,
        str(expressroute.local_address),
        expressroute.local_preference,
        expressroute.remote_as,
    ) == (
        "edge1/vrf-FIN-1/172.20.40.2",
        "172.20.40.1",
        200,
        12076,
    )
    assert (vpn.id, vpn.local_preference, vpn.remote_as, vpn.interface) == (
        "edge2/vrf-FIN-1/169.254.21.1",
        100,
        65515,
        "Tunnel40",
    )
    assert [str(p) for p in vpn.announce.required] == ["10.20.40.0/24"]  # type: ignore[union-attr]
    (site,) = expectations.sites
    assert site.prefer == ("expressroute", "vpn")
    assert [str(p) for p in site.backed_up] == ["10.64.0.0/22"]
    assert site.routers == ("edge1", "edge2")


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("circuit: er1", "circut: er1"), 16, "did you mean `circuit`?"),
        (("circuit: er1", "circuit: er2"), 16, "circuit `er2` is not declared; did you mean `er1`?"),
        (("path: primary", "path: primry"), 16, "'primary' or 'secondary'"),
        (("path: primary", "path: secondary"), 16, "names no router for its secondary path"),
        (("[10.20.40.0/24]", "[10.20.40.1/24]"), 14, "did you mean 10.20.40.0/24?"),
        (("[10.20.40.0/24]", "[10.64.1.0/24]"), 14, "overlaps 10.64.0.0/22 of network `hub`"),
        (("[10.20.40.0/24]", "[]"), 14, "no prefix is named"),
        (("router: edge2", "router: edge3"), 18, "is not one of site `ams`: edge1, edge2"),
        (("networks: [hub], primary", "networks: [hubb], primary"), 4, "network `hubb` is not declared"),
        (("asn: 65010", "asn: 0"), 8, "0 is too small: at least 1"),
        (("asn: 65010", "asn: sixty"), 8, "'sixty' is not a whole number"),
        (("    sites:\n", "    site:\n"), 12, "unknown key `site`"),
        (("subnet: 172.20.40.0/30", "subnet: 172.20.40.0/29"), 16, "/30"),
        (("Te0/0/1.400", "Te"), 16, "is not an interface name"),
        (("    vrf: FIN-1\n", "    vrf: FIN-1\n    vrf: X\n"), 12, "stands here twice"),
        (("    vrf: FIN-1\n", "    vrf: 030\n"), 11, "030 begins with a zero, which some read as octal"),
        (("    vrf: FIN-1\n", "    vrf: 030\n"), 11, 'write "030" in quotes if it is a name, else 30'),
        (("[40, 400]", "[040, 400]"), 16, 'write "040" in quotes if it is a name, else 40'),
        (("    vrf: FIN-1\n", ""), 10, "lacks the key `vrf`"),
        (("      ams:\n        prefixes", "      amst:\n        prefixes"), 13, "site `amst` is not declared"),
        (("networks:\n  hub", "networks:\n hub: [\n  hub"), 4, "not valid YAML"),
        (("[10.20.40.0/24]", "[10.20.40.0]"), 14, "has no length; write 10.20.40.0/24, or /32 for one address"),
        (("[10.20.40.0/24]", "[10.20.40.7]"), 14, "write 10.20.40.7/32 if this one address is meant"),
        (("subnet: 172.20.40.0/30", "subnet: 172.20.40.1/30"), 16, "did you mean 172.20.40.0/30?"),
        (("subnet: 172.20.40.0/30", "subnet: 172.20.40.0"), 16, "has no length"),
        (("Te0/0/1.400", "Tenn0/0/1.400"), 16, "no interface type 'Tenn'; did you mean TenGigabitEthernet0/0/1.400?"),
        (
            ("Te0/0/1.400", "Foo0/0"),
            16,
            "no interface type 'Foo'; such as GigabitEthernet, TenGigabitEthernet or Tunnel",
        ),
        (("Tu40", "Vln40"), 18, "no interface type 'Vln'; did you mean Vlan40?"),
        (("[40, 400]", "[40, 400, 7]"), 16, "3 entries are too many; write at most 2"),
        (("[edge1, edge2]", "[]"), 8, "no entries are too few; write at least 1"),
        (("[edge1, edge2]", "[edge1, edge2, edge1]"), 8, "router `edge1` is named twice; remove one of the two"),
        (
            ("customers:\n  finance", "  lon: {asn: 65011, routers: [edge2]}\ncustomers:\n  finance"),
            9,
            "router `edge2` belongs to site `ams` already; remove one of the two",
        ),
        (("[40, 400]", "40"), 16, "40 is not a list"),
        (("neighbor: 169.254.21.1", "neighbor: here"), 18, "'here' is not an IPv4 address"),
        (("asn: 65010", "asn: 12076"), 8, "12076 is the ASN of circuit `er1`"),
        (("asn: 65010", "asn: 65515"), 8, "65515 is the ASN of connection `gw`"),
        (("expires: 2027-04-01", "expires: 1.4.2027"), 20, "write YYYY-MM-DD"),
        (("expires: 2027-04-01", "expires: 20270401"), 20, "write YYYY-MM-DD"),
        (("expires: 2027-04-01", "expires: 2027-04-31"), 20, "not a day of the calendar; write YYYY-MM-DD"),
        (("        prefixes:", "\tprefixes:"), 14, "a tab; indent with blanks"),
        (("        prefixes:", "        prefxes:"), 14, "did you mean `prefixes`?"),
        (("rule: bgp.state", "rule: bgp.stat"), 20, "rule `bgp.stat` is not declared; did you mean `bgp.state`?"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_remedy(
    tmp_path: Path, change: tuple[str, str], line: int, words: str
) -> None:
    assert change[0] in SMALL
    with pytest.raises(InventoryError) as caught:
        load(written(tmp_path, SMALL.replace(*change)), rules=["bgp.state"])
    assert words in str(caught.value)
    assert f"interop.yaml:{line}: " in str(caught.value)
    assert "pydantic" not in str(caught.value)


SECOND = """
      lon:
        prefixes: [10.20.40.0/24]
        vpn:
          - {connection: gw, router: edge9, tunnel: Tu41, neighbor: 169.254.21.9, peer: 203.0.113.41}
"""
SITES = "  ams: {asn: 65010, routers: [edge1, edge2]}\n"


def two_sites(second: str, shared: str = "") -> str:
    text = SMALL.replace(SITES, SITES + "  lon: {asn: 65011, routers: [edge9]}\n")
    text = text.replace("    vrf: FIN-1\n", f"    vrf: FIN-1\n{shared}")
    return text.replace("\nwaivers:", SECOND.replace("10.20.40.0/24", second).rstrip() + "\nwaivers:")


@pytest.mark.parametrize("second", ["10.20.40.0/24", "10.20.40.128/25", "10.20.0.0/16"])
def test_sites_of_a_customer_overlap_only_where_that_is_said(tmp_path: Path, second: str) -> None:
    with pytest.raises(
        InventoryError, match=rf"interop.yaml:21: {second} overlaps 10.20.40.0/24 of site `ams`"
    ) as said:
        load(written(tmp_path, two_sites(second)))
    (proposed,) = re.findall(r"`(shared: \S+)`", str(said.value))
    load(written(tmp_path, two_sites(second, f"    {proposed}\n")))


@pytest.mark.parametrize("second", ["10.20.41.0/24", "{within: [10.20.0.0/16]}"])
def test_sites_that_do_not_overlap_need_no_word(tmp_path: Path, second: str) -> None:
    load(written(tmp_path, two_sites(second).replace("[{", "{").replace("]}]", "]}")))


def test_what_no_two_sites_own_is_not_shared(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match=r"only site `ams` owns 10.20.40.0/24; remove it here"):
        load(written(tmp_path, two_sites("10.20.41.0/24", "    shared: [10.20.40.0/24]\n")))


def test_other_customers_may_have_the_same_prefixes(tmp_path: Path) -> None:
    other = "  legal:\n    vrf: L\n    sites:\n      lon:" + SECOND.partition("lon:")[2].rstrip()
    text = SMALL.replace(SITES, SITES + "  lon: {asn: 65011, routers: [edge9]}\n")
    load(written(tmp_path, text.replace("\nwaivers:", "\n" + other + "\nwaivers:")))


def test_the_asn_of_every_gateway_is_no_site_s(tmp_path: Path) -> None:
    text = SMALL.replace("gw: {networks: [hub]}", "gw: {networks: [hub], gateway_asn: 65020}")
    with pytest.raises(InventoryError, match=r"interop.yaml:8: 65515 is the ASN of the gateways in Azure"):
        load(written(tmp_path, text.replace("asn: 65010", "asn: 65515")))


def test_a_router_that_was_taken_from_its_site_is_told_once_and_there(tmp_path: Path) -> None:
    text = SMALL.replace("[edge1, edge2]", "[edge2]")
    said = (
        r"interop.yaml:8: router `edge1` is named by circuits.er1.primary, customers.finance.sites.ams, .*; add it here"
    )
    with pytest.raises(InventoryError, match=said) as caught:
        load(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_router_that_is_misspelt_at_a_circuit_is_told_there(tmp_path: Path) -> None:
    text = SMALL.replace("primary: {router: edge1}", "primary: {router: egde1}")
    with pytest.raises(InventoryError) as caught:
        load(written(tmp_path, text))
    assert str(caught.value).endswith("interop.yaml:4: router `egde1` is not declared; did you mean `edge1`?")


def test_networks_that_one_site_reaches_have_no_prefix_in_common(tmp_path: Path) -> None:
    both = SMALL.replace("hub: [10.64.0.0/22]", "hub: [10.64.0.0/22]\n  spoke: [10.64.0.0/22]")
    said = r"interop.yaml:3: 10.64.0.0/22 is one of network `hub` as well; each prefix has one owner"
    with pytest.raises(InventoryError, match=said):
        load(written(tmp_path, both.replace("gw: {networks: [hub]}", "gw: {networks: [hub, spoke]}")))
    part = both.replace("spoke: [10.64.0.0/22]", "spoke: [10.64.1.0/24]")
    assert load(written(tmp_path, part.replace("gw: {networks: [hub]}", "gw: {networks: [hub, spoke]}")))


def test_a_host_that_nornir_does_not_know_is_named(tmp_path: Path) -> None:
    said = r"interop.yaml:8: router `edge2` is not in the inventory; add `edge2` to .*/hosts.yaml"
    with pytest.raises(InventoryError, match=said):
        load(written(tmp_path, SMALL), hosts=["edge1"])


def test_a_misspelt_key_is_told_and_not_that_the_right_one_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        load(written(tmp_path, SMALL.replace("        prefixes:", "        prefxes:")))
    assert "lacks the key" not in str(caught.value)
    with pytest.raises(InventoryError, match="lacks the key `prefixes`"):
        load(written(tmp_path, SMALL.replace("        prefixes: [10.20.40.0/24]\n", "        zone: 1\n")))


def test_files_are_merged_and_a_value_said_twice_names_both_places(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, SMALL, london=SECOND_SITE))
    assert set(loaded.intent.sites) == {"ams", "lon"}
    assert [file.name for file in loaded.files] == ["interop.yaml", "london.yaml"]
    with pytest.raises(InventoryError, match=r"london.yaml:1: `sites.ams.asn` is already said at .*interop.yaml:8"):
        load(written(tmp_path, SMALL, london="sites: {ams: {asn: 65010}}\n"))


def test_waivers_of_several_files_are_joined_and_keep_their_lines(tmp_path: Path) -> None:
    more = "waivers:\n  - {rule: bgp.age, object: x, reason: known to all, expires: 2027-01-01}\n  - {rule: bad}\n"
    with pytest.raises(InventoryError, match=r"more.yaml:3: `waivers.2` lacks the key `object`"):
        load(written(tmp_path, SMALL, more=more))


def test_the_digest_follows_the_meaning_and_not_the_spelling(tmp_path: Path) -> None:
    first = load(written(tmp_path, SMALL)).digest
    assert load(written(tmp_path, "# a comment\n" + SMALL)).digest == first
    assert load(written(tmp_path, SMALL.replace("Te0/0/1.400", "TenGigabitEthernet0/0/1.400"))).digest == first
    assert load(written(tmp_path, SMALL.replace("65010", "65011"))).digest != first


def test_an_intent_without_customers_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match="nothing to check"):
        load(written(tmp_path, "networks: {hub: [10.0.0.0/24]}\n"))
    with pytest.raises(InventoryError, match="azinterop init"):
        load(tmp_path / "empty")


def test_yaml_reads_words_as_words() -> None:
    read = yaml.parse('a: 65021:30\nb: no\nc: 30\nd: "30"\ne: 0x10\nf: ~\ng: true\n', "f").value
    assert read == {"a": "65021:30", "b": "no", "c": 30, "d": "30", "e": "0x10", "f": None, "g": True}


@pytest.mark.parametrize("text", ["a: !!python/object:os.system x", "a: &x [*x]", "<<: {a: 1}", "? [a]\n: b", "- a"])
def test_yaml_that_does_more_than_hold_values_is_refused(text: str) -> None:
    with pytest.raises(InventoryError):
        yaml.parse(text, "f")


def test_aliases_cannot_blow_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(InventoryError, match="too many values"):
        yaml.parse("\n".join(lines), "f")


@pytest.mark.parametrize("name", ["lab", "prod"])
def test_shipped_inventories_load_and_agree_with_the_schema(name: str) -> None:
    folder = shipped.inventory(name)
    assert folder is not None
    load(folder)
    document = yaml.read(folder / "interop.yaml", "interop.yaml").value
    jsonschema.Draft202012Validator(schema()).validate(document)


KEYS = sorted(set(re.findall(r"(\w+):", SMALL)) - {"hub", "er1", "gw", "ams", "finance", "bgp"})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(KEYS), suffix=st.text("abcxyz_", min_size=1, max_size=4))
def test_any_misspelt_key_is_refused_by_loader_and_schema(tmp_path: Path, key: str, suffix: str) -> None:
    text = re.sub(rf"\b{key}:", f"{key}{suffix}:", SMALL, count=1)
    with pytest.raises(InventoryError) as caught:
        load(written(tmp_path, text))
    assert re.search(r"interop\.yaml:\d+: ", str(caught.value))
    value = yaml.parse(text, "f").value
    assert not jsonschema.Draft202012Validator(schema()).is_valid(value)


def _leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, item in enumerate(value) for leaf in _leaves(item, (*path, index))]
    return [path]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_of_a_wrong_shape_is_refused_with_a_line(tmp_path: Path, data: st.DataObject) -> None:
    value = yaml.parse(SMALL, "f").value
    path = data.draw(st.sampled_from(_leaves(value)))
    wrong = data.draw(st.sampled_from([[[1]], {"x": 1}, -5, 1.5]))
    holder: object = value
    for step in path[:-1]:
        holder = holder[step]  # type: ignore[index]
    holder[path[-1]] = wrong  # type: ignore[index]
    with pytest.raises(InventoryError) as caught:
        load(written(tmp_path, json.dumps(value)))
    assert re.search(r"interop\.yaml:\d+: ", str(caught.value))
    # No library's words are told.
    assert not re.search(r"input should|after validation|unable to parse|valid dictionary", str(caught.value))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(["networks", "circuits", "connections", "sites", "customers", "waivers"]))
def test_the_order_of_blocks_does_not_matter(tmp_path: Path, order: list[str]) -> None:
    value = yaml.parse(SMALL, "f").value
    shuffled = {key: value[key] for key in order}
    loaded = load(written(tmp_path, json.dumps(shuffled)))
    assert loaded.digest == load(written(tmp_path, SMALL)).digest


SECOND_PATH = "          - {circuit: er1, path: secondary, router: edge2, interface: Te0/0/1.400, subnet: SUBNET}\n"


@pytest.mark.parametrize(
    ("subnet", "said"),
    [
        ("172.20.40.0/30", "172.20.40.0/30 of the secondary path is that of the primary path of circuit `er1` as well"),
        (
            "172.20.40.2/31",
            "172.20.40.2/31 of the secondary path is 172.20.40.0/30, which overlaps it, that of the primary",
        ),
    ],
)
def test_both_paths_of_a_circuit_have_no_subnet_in_common(tmp_path: Path, subnet: str, said: str) -> None:
    def with_second(its: str) -> str:
        return SMALL.replace("        vpn:\n", SECOND_PATH.replace("SUBNET", its) + "        vpn:\n")

    with pytest.raises(InventoryError) as refused:
        load(written(tmp_path, with_second(subnet)))
    assert said in str(refused.value)
    assert "each path has a subnet of its own, correct one" in str(refused.value)
    assert "interop.yaml:17" in str(refused.value)
    assert load(written(tmp_path, with_second("172.20.40.4/30"))).expectations.sessions


def test_other_circuits_may_have_the_same_subnet(tmp_path: Path) -> None:
    """In another VRF, or at another site: what one circuit's peering has says nothing of another's."""
    text = SMALL.replace("  er1:", "  er2: {networks: [hub], primary: {router: edge2}}\n  er1:")
    same = SECOND_PATH.replace("er1, path: secondary", "er2, path: primary").replace("SUBNET", "172.20.40.0/30")
    assert load(written(tmp_path, text.replace("        vpn:\n", same + "        vpn:\n"))).expectations.sessions


@pytest.mark.parametrize("written_as", ['"030"', "'030'"])
def test_a_name_with_a_zero_in_front_stands_in_quotes(tmp_path: Path, written_as: str) -> None:
    (session, _) = load(written(tmp_path, SMALL.replace("vrf: FIN-1", f"vrf: {written_as}"))).expectations.sessions
    assert session.vrf == "030"
