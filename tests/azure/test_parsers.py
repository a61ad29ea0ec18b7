"""Every operation's parser: what it reads, and that it reads nothing short without an error."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import azure_answers as answers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.azure.redact import redact
from pytest_azinterop.errors import ParseError
from pytest_azinterop.state.azure_circuit import CircuitSession
from pytest_azinterop.state.azure_source import AzureSource

SOURCE = AzureSource(host="expressRouteCircuits/er1", command="x", asked_at=datetime(2026, 3, 1, 12, tzinfo=UTC))


def read(operation: str, document: object, **parameters: str) -> tuple[Any, ...]:
    return OPERATIONS[operation].read(redact(document), SOURCE, parameters).records


def one(operation: str, document: object, **parameters: str) -> Any:
    (record,) = read(operation, document, **parameters)
    return record


def test_every_operation_has_an_answer_here() -> None:
    assert {name for name, _, _ in answers.ANSWERS} == OPERATIONS.keys()


@pytest.mark.parametrize(("operation", "parameters", "document"), answers.ANSWERS)
def test_everything_is_read(operation: str, parameters: dict[str, str], document: object) -> None:
    reading = OPERATIONS[operation].read(redact(document), SOURCE, parameters)
    assert reading.unread == ()
    assert reading.records
    for record in reading.records:
        assert type(record) is OPERATIONS[operation].record_type()
        assert getattr(record, "unread", ()) == ()
        assert record.source.asked_at == SOURCE.asked_at


@pytest.mark.parametrize(("operation", "parameters", "document"), answers.ANSWERS)
def test_no_secret_is_left(operation: str, parameters: dict[str, str], document: object) -> None:
    shown = repr(read(operation, document, **parameters))
    for secret in ("secret", "correct-horse", "11111111-aaaa"):
        assert secret not in shown


class TestCircuit:
    def test_circuit(self) -> None:
        circuit = one("circuit", answers.CIRCUIT)
        assert circuit.is_provisioned
        assert (circuit.tier, circuit.family, circuit.bandwidth_mbps) == ("Standard", "MeteredData", 200)
        assert (circuit.provider, circuit.peering_location) == ("Provider", "London")
        (peering,) = circuit.peerings
        assert peering == one("circuit-peering", answers.PRIVATE_PEERING)
        assert peering.source.json_path == "properties.peerings[0]"

    def test_private_peering(self) -> None:
        peering = one("circuit-peering", answers.PRIVATE_PEERING)
        assert (peering.azure_asn, peering.peer_asn, peering.vlan) == (12076, 65021, 30)
        assert peering.primary_prefix == ip_network("192.168.30.16/30")
        assert peering.secondary_prefix == ip_network("192.168.30.20/30")
        assert peering.is_enabled
        assert peering.has_shared_key is True
        assert peering.global_reach == ()

    def test_microsoft_peering(self) -> None:
        peering = one("circuit-peering", answers.MICROSOFT_PEERING)
        assert peering.microsoft.announced_prefixes == (ip_network("198.51.100.0/24"),)
        assert (peering.microsoft.validation, peering.microsoft.customer_asn) == ("ValidationNeeded", 64501)
        assert peering.ipv6.primary_prefix == ip_network("2001:db8::/126")
        assert peering.has_shared_key is None

    @pytest.mark.parametrize("key", [None, ""])
    def test_a_key_that_is_not_set(self, key: str | None) -> None:
        document = copy.deepcopy(answers.PRIVATE_PEERING)
        document["properties"]["sharedKey"] = key  # type: ignore[index]
        assert one("circuit-peering", document).has_shared_key is False

    def test_global_reach_is_seen(self) -> None:
        document = copy.deepcopy(answers.PRIVATE_PEERING)
        document["properties"]["connections"] = [{"id": "c1", "properties": {"authorizationKey": "secret"}}]  # type: ignore[index]
        assert one("circuit-peering", document).global_reach == ("c1",)

    def test_arp(self) -> None:
        router, azure = read("circuit-arp", answers.ARP, path="primary")
        assert (router.address, router.mac, router.side) == (ip_address("192.168.30.17"), "0600.0000.ceb0", "On-Prem")
        assert (azure.mac, azure.path) == ("0600.0000.ceb1", "primary")
        assert read("circuit-arp", answers.ARP_INCOMPLETE)[0].mac is None

    def test_routes_in_both_formats(self) -> None:
        cisco, juniper, marked, other, local = read("circuit-routes", answers.CIRCUIT_ROUTES, path="secondary")
        assert (cisco.as_path.sequence, cisco.local_preference, cisco.origin) == ((65021, 64807), None, None)
        assert (juniper.as_path.sequence, juniper.local_preference, juniper.origin) == ((65021,), 100, "i")
        assert (marked.next_hop, marked.marked) == (ip_address("10.10.30.140"), True)
        assert (other.next_hop, other.marked) == (ip_address("10.10.30.141"), False)
        assert (local.as_path.sequence, local.weight, local.path) == ((), 32768, "secondary")

    def test_sessions(self) -> None:
        up, idle, shut = read("circuit-sessions", answers.CIRCUIT_SESSIONS, path="primary")
        assert (up.state, up.received_prefixes, up.asn) == ("Established", 18, 65021)
        assert (up.up_for, idle.up_for, shut.up_for) == (timedelta(days=9), None, timedelta(seconds=9))
        assert (idle.state, idle.received_prefixes, idle.up_down) == ("Idle", None, "never")
        assert shut.state == "Idle (Admin)"

    @pytest.mark.parametrize(
        ("printed", "elapsed"),
        [
            ("00:04:10", timedelta(minutes=4, seconds=10)),
            ("2d03h", timedelta(days=2, hours=3)),
            ("1w2d", timedelta(days=9)),
            ("1y2w", timedelta(days=379)),
            ("1w2d 03:04:05", timedelta(days=9, hours=3, minutes=4, seconds=5)),
            ("3d 1:02:03", timedelta(days=3, hours=1, minutes=2, seconds=3)),
            ("never", None),
            ("some time", None),
            ("1w2d and more", None),
            ("09", None),
        ],
    )
    def test_age_of_a_session(self, printed: str, elapsed: timedelta | None) -> None:
        row = {**answers.CIRCUIT_SESSIONS["value"][0], "upDown": printed}
        (session,) = read("circuit-sessions", {"value": [row]}, path="primary")
        assert (session.up_down, session.up_for) == (printed, elapsed)

    def test_sessions_as_the_command_line_client_prints_them(self) -> None:
        row = {"asProperty": 9583, "neighbor": "100.64.171.1", "statePfxRcd": "Idle", "upDown": "never", "v": 4}
        assert isinstance(one("circuit-sessions", {"value": [row]}), CircuitSession)

    @pytest.mark.parametrize("text", ["", "10", "10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "x"])
    def test_a_network_that_is_none(self, text: str) -> None:
        row = {"network": text, "nextHop": "10.0.0.1", "locPrf": "", "weight": 0, "path": ""}
        with pytest.raises(ParseError, match=r"value\[0\]\.network"):
            read("circuit-routes", {"value": [row]})

    def test_counters(self) -> None:
        traffic = one("circuit-traffic", answers.TRAFFIC)
        assert (traffic.primary_in, traffic.secondary_out) == (1000, 2500)
        with pytest.raises(ParseError, match="no byte counter"):
            one("circuit-traffic", {"other": 1})


class TestGateway:
    def test_instances_are_kept_apart(self) -> None:
        gateway = one("gateway", answers.GATEWAY)
        assert gateway.active_active
        assert gateway.bgp.addresses == (ip_address("10.10.30.254"), ip_address("10.10.30.253"))
        first, second = gateway.bgp.instances
        assert (first.bgp, first.custom_bgp, first.tunnel) == (
            (ip_address("10.10.30.254"),),
            (ip_address("169.254.21.10"),),
            (ip_address("203.0.113.10"),),
        )
        assert (second.custom_bgp, second.tunnel) == ((), (ip_address("203.0.113.11"),))

    def test_bgp_peers(self) -> None:
        up, down = read("bgp-peers", answers.BGP_PEERS)
        assert up.connected_for == timedelta(days=3, hours=3, minutes=14, seconds=13, microseconds=179696)
        assert (up.instance, up.is_connected, up.routes_received) == (ip_address("10.10.30.254"), True, 1)
        assert (down.instance, down.is_connected, down.connected_for) == (ip_address("10.10.30.253"), False, None)

    def test_learned_routes(self) -> None:
        own, first, second = read("learned-routes", answers.LEARNED_ROUTES)
        assert (own.next_hop, own.as_path.sequence, own.over_expressroute) == (None, (), False)
        assert (first.as_path.sequence, first.over_expressroute, first.weight) == ((12076, 65021), True, 32769)
        assert first != second
        assert (first.instance, second.instance) == (ip_address("10.10.30.254"), ip_address("10.10.30.253"))

    def test_advertised_routes(self) -> None:
        route = one("advertised-routes", answers.ADVERTISED_ROUTES, peer="10.2.30.125")
        assert (route.to_peer, route.source_peer, route.weight) == (ip_address("10.2.30.125"), None, 0)

    def test_local_gateway(self) -> None:
        local = one("local-gateway", answers.LOCAL_GATEWAY)
        assert (local.address, local.bgp.asn) == (ip_address("198.51.100.1"), 65021)
        assert local.prefixes == (ip_network("10.2.30.125/32"),)


class TestConnection:
    def test_ipsec(self) -> None:
        connection = one("connection", answers.CONNECTION)
        assert (connection.kind, connection.status, connection.bgp_enabled) == ("IPsec", "Connected", True)
        (policy,) = connection.ipsec_policies
        assert (policy.dh_group, policy.pfs_group, policy.lifetime_seconds) == ("DHGroup14", "PFS2048", 3600)
        (tunnel,) = connection.tunnels
        assert tunnel.established_at == datetime(2026, 11, 26, 14, tzinfo=UTC)

    def test_expressroute_without_properties(self) -> None:
        connection = one("connection", answers.EXPRESSROUTE_CONNECTION)
        assert connection.is_expressroute
        assert (connection.status, connection.circuit) == (None, f"{answers.NETWORK}/expressRouteCircuits/er1")
        assert (connection.ipsec_policies, connection.traffic_selectors) == ((), None)

    @pytest.mark.parametrize("policies", [None, "missing"])
    def test_policies_that_are_not_told_are_not_the_default(self, policies: str | None) -> None:
        document = copy.deepcopy(answers.EXPRESSROUTE_CONNECTION)
        document["ipsecPolicies"] = policies
        if policies == "missing":
            del document["ipsecPolicies"]
        assert one("connection", document).ipsec_policies is None


class TestNetwork:
    def test_vnet(self) -> None:
        vnet = one("vnet", answers.VNET)
        assert vnet.gateway_subnet.prefixes == (ip_network("10.10.30.128/25"),)
        assert vnet.gateway_subnet.route_table == f"{answers.NETWORK}/routeTables/gateway"
        assert vnet.peerings == read("vnet-peerings", {"value": [answers.VNET_PEERING]})

    def test_peering(self) -> None:
        peering = one("vnet-peering", answers.VNET_PEERING)
        assert (peering.allow_gateway_transit, peering.use_remote_gateways) == (True, False)
        assert (peering.state, peering.sync_level) == ("Connected", "FullyInSync")

    def test_flags_that_are_not_told(self) -> None:
        document = copy.deepcopy(answers.VNET_PEERING)
        del document["properties"]["allowGatewayTransit"]  # type: ignore[attr-defined]
        assert one("vnet-peering", document).allow_gateway_transit is None

    def test_route_table(self) -> None:
        to_firewall, tag = one("route-table", answers.ROUTE_TABLE).routes
        assert (to_firewall.destination, to_firewall.next_hop) == (
            ip_network("10.11.30.0/26"),
            ip_address("10.10.30.4"),
        )
        assert (tag.destination, tag.next_hop) == ("AzureCloud", None)

    def test_network_interface(self) -> None:
        nic = one("network-interface", answers.NETWORK_INTERFACE)
        assert (nic.addresses, nic.forwarding) == ((ip_address("10.10.30.4"),), True)
        assert nic.machine.endswith("/virtualMachines/fw")
        assert nic.unread == ()

    def test_effective_routes(self) -> None:
        own, learned, user = read("effective-routes", answers.EFFECTIVE_ROUTES)
        assert (own.next_hops, own.is_active) == ((), True)
        assert (learned.prefixes, learned.next_hops) == ((ip_network("10.2.30.0/25"),), (ip_address("10.10.30.132"),))
        assert (user.service_tags, user.prefixes, user.is_active) == (("AzureCloud",), (), False)
        assert user.next_hop_type == "VNetGlobalPeering"

    def test_next_hop_and_connectivity(self) -> None:
        hop = one("next-hop", answers.NEXT_HOP)
        assert (hop.kind, hop.address) == ("VnetLocal", ip_address("10.0.0.1"))
        check = one("connectivity", answers.CONNECTIVITY)
        assert (check.is_connected, len(check.hops), check.hops[1].issues[0].kind) == (True, 2, "UserDefinedRoute")


class TestResiliency:
    def test_index_and_route_sets(self) -> None:
        index = one("resiliency", answers.RESILIENCY)
        assert (index.score, index.components[0].recommendations[0].title) == ("55", "Add a site")
        sets = one("route-sets", answers.ROUTE_SETS)
        ((prefix, origins),) = sets.sets[0].origins
        assert (prefix, origins[0].primary, sets.circuits[0].name) == (ip_network("10.2.30.0/25"), "present", "er1")

    @pytest.mark.parametrize("wrap", [False, True])
    def test_tests_in_both_shapes(self, wrap: bool) -> None:
        rows: object = {"value": answers.SITE_TESTS} if wrap else answers.SITE_TESTS
        test = one("site-failover-tests", rows)
        assert (test.is_under_way, test.connections[0].status) == (True, "Disconnected")
        assert read("site-failover-tests", {"value": []} if wrap else []) == ()

    def test_link_tests(self) -> None:
        assert one("link-failover-tests", answers.LINK_TESTS).redundant_before is None
        test = one("link-failover-test", answers.LINK_TEST)
        assert (test.is_under_way, test.redundant_before[0].primary_as_path) == (True, "65021")
        assert test.redundant_during == ()


class TestStrict:
    @pytest.mark.parametrize(
        ("value", "says"),
        [
            ("missing", "properties.state is missing"),
            (None, "properties.state is null"),
            ("", "properties.state is empty"),
            (7, "properties.state is not a text: 7"),
        ],
    )
    def test_four_ways_to_be_no_value(self, value: object, says: str) -> None:
        document = copy.deepcopy(answers.PRIVATE_PEERING)
        document["properties"]["state"] = value  # type: ignore[index]
        if value == "missing":
            del document["properties"]["state"]  # type: ignore[attr-defined]
        with pytest.raises(ParseError) as caught:
            one("circuit-peering", document)
        assert str(caught.value) == says
        assert (caught.value.cause, caught.value.host) == ("azure-not-understood", SOURCE.host)

    def test_unknown_fields_are_kept(self) -> None:
        document = copy.deepcopy(answers.PRIVATE_PEERING)
        document["properties"]["newThing"] = {"a": [1, 2]}  # type: ignore[index]
        peering = one("circuit-peering", document)
        assert peering.unread == ('properties.newThing: {"a": [1, 2]}',)
        assert peering == one("circuit-peering", answers.PRIVATE_PEERING)

    def test_a_list_that_goes_on_is_cut_off(self) -> None:
        with pytest.raises(ParseError) as caught:
            read("vnets", {"value": [answers.VNET], "nextLink": "https://management.azure.com/more"})
        assert caught.value.cause == "azure-cut-off"

    def test_text_of_the_service_is_bounded_and_escaped(self) -> None:
        document = copy.deepcopy(answers.PRIVATE_PEERING)
        document["properties"]["vlanId"] = "\x1b[2J" + "x" * 10_000  # type: ignore[index]
        with pytest.raises(ParseError) as caught:
            one("circuit-peering", document)
        assert len(str(caught.value)) < 300
        assert "\x1b" not in str(caught.value)

    @pytest.mark.parametrize("operation", sorted({name for name, _, _ in answers.ANSWERS}))
    @pytest.mark.parametrize("document", [None, {}, "", 0, True, {"value": None}, {"value": {}}, [None], {"error": {}}])
    def test_no_answer_is_no_record(self, operation: str, document: object) -> None:
        with pytest.raises(ParseError):
            OPERATIONS[operation].read(document, SOURCE)


def flattened(document: Any) -> Any:
    """As `az` prints it: no `properties`, the resource group beside each id."""
    if isinstance(document, list):
        return [flattened(item) for item in document]
    if not isinstance(document, dict):
        return document
    inner = document.get("properties")
    found = {name: flattened(value) for name, value in document.items() if name != "properties"}
    return {**(flattened(inner) if isinstance(inner, dict) else {}), **found}


@pytest.mark.parametrize(("operation", "parameters", "document"), answers.ANSWERS)
def test_the_command_line_clients_shape_reads_the_same(
    operation: str, parameters: dict[str, str], document: object
) -> None:
    bare = flattened(document)
    assert read(operation, bare, **parameters) == read(operation, document, **parameters)
    if isinstance(bare, dict) and isinstance(bare.get("value"), list):
        assert read(operation, bare["value"], **parameters) == read(operation, document, **parameters)


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def length(record: Any) -> int:
    """How much a record says: values that are told, all the way down."""
    if is_dataclass(record):
        return sum(
            length(getattr(record, item.name)) for item in fields(record) if item.name not in {"source", "unread"}
        )
    if isinstance(record, tuple):
        return 1 + sum(length(item) for item in record)
    return 0 if record is None else 1


def not_told(before: Any, after: Any) -> bool:
    """Whether a field that was told is not told any more."""
    if before is None or after is None:
        return before is not None
    if is_dataclass(before):
        names = [item.name for item in fields(before) if item.name not in {"source", "unread"}]
        return any(not_told(getattr(before, name), getattr(after, name)) for name in names)
    if isinstance(before, tuple):
        return len(before) == len(after) and any(map(not_told, before, after))
    return False


@given(data=st.data(), how=st.sampled_from(["remove", "null"]))
def test_what_is_taken_away_is_an_error_or_not_told(data: st.DataObject, how: str) -> None:
    """Removing or nulling any field of any answer raises, or changes nothing that is read, or is told as None."""
    operation, parameters, original = data.draw(st.sampled_from(answers.ANSWERS))
    candidates = [path for path in places(original) if isinstance(path[-1], str)]
    path = data.draw(st.sampled_from(candidates))
    document = copy.deepcopy(original)
    parent: Any = document
    for key in path[:-1]:
        parent = parent[key]
    if how == "remove":
        del parent[path[-1]]
    else:
        parent[path[-1]] = None
    before = read(operation, original, **parameters)
    try:
        after = read(operation, document, **parameters)
    except ParseError as error:
        assert error.cause in {"azure-not-understood", "azure-cut-off"}  # noqa: PT017
        return
    assert len(after) == len(before)
    if length(after) < length(before):
        assert not_told(tuple(before), tuple(after)) or "sharedKey" in path


@given(data=st.data())
def test_a_text_that_was_cut_is_never_an_answer(data: st.DataObject) -> None:
    from pytest_azinterop.azure.answer import NotJsonError, load

    _, _, document = data.draw(st.sampled_from(answers.ANSWERS))
    text = json.dumps(document).encode()
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(NotJsonError):
        load(text[:cut])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from(sorted(OPERATIONS)),
)
def test_any_json_is_read_or_refused(document: object, operation: str) -> None:
    try:
        records = OPERATIONS[operation].read(document, SOURCE).records
    except ParseError:
        return
    assert records == ()
    assert document == [] or (isinstance(document, dict) and document.get("value") == [])
