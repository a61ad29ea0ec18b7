# Doors for people and machines. Each target sets up what it needs and exits 0 only if everything held.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
LOCK := requirements-dev.lock
JOBS ?= 2
CORPUS ?= ../shared/corpus/iosxe
LABS ?= ../shared/corpus/labs
BENCH ?= full
PARTS ?=

# What was compiled stays for the next process, whatever the environment says: tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: lab test check static corpus networks faults never-green mutants naive nuts peers fleet drill bench lock wheel clean
.DEFAULT_GOAL := help

help:
	@echo "make lab    verify the simulated network (no device, no root, no Azure account)"
	@echo "make test   this project's own tests"
	@echo "make check  ruff, mypy, import-linter, documented commands"
	@echo "make static what of make check starts nothing: ruff, mypy, import-linter"
	@echo "make corpus read a corpus of real router output (CORPUS=DIR), write build/corpus.json"
	@echo "make networks  compare the lab with real networks (LABS=DIR), write build/networks.json"
	@echo "make faults run the fault matrix (ARGS=ids for some of it), write build/faults.json"
	@echo "make never-green  take, cut or exchange each answer and judge every check, write build/never-green.json"
	@echo "make mutants  a seeded sample of defects in judgements and parsers, and which tests notice, write build/mutants.json"
	@echo "make naive  what a NUTS bundle finds of the same faults of the routers' side, write build/naive.json"
	@echo "make nuts   read the simulated network with NUTS, in an environment of its own"
	@echo "make peers  measure NUTS and pyATS in environments of their own, ours beside them, write build/peers.json"
	@echo "make fleet  200 routers over two and four Dask workers, one killed in the middle, write build/dask.json"
	@echo "make drill  the published failover in the simulated network, from plan to evidence, in build/drill"
	@echo "make bench  measure, compare and judge the speed (BENCH=small|full, PARTS=...), write build/bench.json"
	@echo "make wheel  build the wheel and run it in an empty directory"

$(STAMP): $(LOCK) pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

lab: $(STAMP)
	$(BIN)/pytest --inventory lab $(ARGS)

test: $(STAMP)
	$(BIN)/pytest -n $(JOBS) --dist worksteal tests $(ARGS)

check: static
	$(BIN)/pytest -q -n $(JOBS) --dist worksteal tests/docs

static: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

corpus: $(STAMP)
	$(BIN)/python bench/corpus.py --corpus $(CORPUS) --output build/corpus.json

networks: $(STAMP)
	$(BIN)/python bench/real_networks.py --labs $(LABS) --output build/networks.json

faults: $(STAMP)
	$(BIN)/python bench/faults.py --jobs $(JOBS) --output build/faults.json $(ARGS)

never-green: $(STAMP)
	$(BIN)/python bench/never_green.py --output build/never-green.json $(ARGS)

mutants: $(STAMP)
	$(BIN)/python bench/mutants.py --output build/mutants.json $(ARGS)

naive: $(STAMP)
	$(BIN)/python bench/naive.py build/nuts $(ARGS)

nuts: $(STAMP)
	$(BIN)/python bench/try_nuts.py build/nuts

peers: $(STAMP)
	$(BIN)/python bench/peers.py build/nuts

fleet: $(STAMP)
	$(BIN)/python bench/bench_dask.py

drill: $(STAMP)
	$(BIN)/python bench/run_drill.py --output build/drill

bench: $(STAMP)
	$(BIN)/python bench/bench.py --size $(BENCH) $(PARTS)

wheel: $(STAMP)
	rm -rf dist
	$(BIN)/python -m build --quiet --wheel --no-isolation
	$(BIN)/python tests/packaging/try_wheel.py dist/*.whl

lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --group dev --extra azure --extra lab --extra keyring --extra dask --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o $(LOCK)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
