"""`make bench`: what its figures mean, and that its document is what the schema says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest

BENCH = Path(__file__).parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import bench_figures  # noqa: E402
import bench_tables  # noqa: E402
import customers_network  # noqa: E402
import peers  # noqa: E402


@pytest.mark.parametrize(("power", "begin"), [(1, 0.0), (1, 50.0), (2, 50.0), (0.5, 3.0)])
def test_growth_is_of_what_is_added(power: float, begin: float) -> None:
    sizes = [100, 1000, 10_000, 100_000]
    found = bench_figures.exponent(sizes, [begin + size**power for size in sizes])
    assert found == pytest.approx(power, abs=0.12)


def test_growth_needs_three_sizes() -> None:
    with pytest.raises(ValueError, match="three"):
        bench_figures.exponent([1, 2], [1, 2])


def test_a_bar_is_held_on_its_own_side() -> None:
    assert not bench_figures.Bar("slow", 2.0, "s", 1.0).held
    assert not bench_figures.Bar("few", 2.0, "", 3.0, at_least=True).held
    assert bench_figures.Bar("told only", 2.0, "s").held


def test_runs_alternate_and_their_ratio_is_of_neighbors() -> None:
    order: list[str] = []

    def run(kind: str, cost: float) -> dict[str, float]:
        order.append(kind)
        return {"wall": cost * (1 if len(order) < 3 else 100)}

    found = bench_figures.alternated(3, {"a": lambda: run("a", 3.0), "b": lambda: run("b", 1.0)})
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert bench_figures.ratio(found["a"], found["b"]) == 3.0


def test_the_table_holds_two_paths_for_each_prefix() -> None:
    assert bench_tables.ours(bench_tables.table(300)) == 600


def test_the_document_of_a_run_fits_the_schema() -> None:
    part = bench_figures.Part("table", [bench_figures.Bar("x", 1 / 3, "s", 1.0)], [{"wall": 1 / 3}])
    machine = {"processors": 2, "processor": "x", "kernel": "x", "python": "3", "load": 0.1, "memory_mb": 1}
    document = {"size": "small", "machine": {**machine, "packages": {}}, "held": True, "parts": [part.to_json()]}
    schema = json.loads((BENCH / "bench.schema.json").read_text())
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "parts": []}, schema)


def test_the_document_of_the_peers_fits_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    run = {"wall": 4.0, "cpu": 2.0, "memory": 8, "sessions": 100, "commands": 200}
    other = {**run, "wall": 12.0, "commands": 2200}
    compared = peers.told("BGP", 100, "nuts", {"nuts": [other, other], "ours": [run, run]})
    assert compared["times_ours"] == {"wall": 3.0, "cpu": 1.0, "memory": 1.0, "commands": 11.0}
    assert "nuts took 3.0 times as long" in capsys.readouterr().out
    machine = {"processors": 2, "processor": "x", "kernel": "x", "python": "3", "load": 0.1, "memory_mb": 1}
    document = {"machine": {**machine, "packages": {}}, "packages": {}, "not_installed": {"pyats": "no wheel"}}
    schema = json.loads((BENCH / "peers.schema.json").read_text())
    jsonschema.validate({**document, "compared": [compared]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "compared": []}, schema)


def test_customers_do_not_share_an_address() -> None:
    everyone = [customers_network.Customer(number, 64) for number in range(1, 301)]
    for what in ("vnet", "links"):
        all_of_them = [str(each) for customer in everyone for each in getattr(customer, what)]
        assert len(set(all_of_them)) == len(all_of_them)
    assert len({customer.site for customer in everyone}) == len({customer.peer for customer in everyone}) == 300
