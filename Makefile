# Two commands do everything, on a fresh machine with Python 3.11 or newer and make:
#   make demo   a first look: real attempts graded, the mistake named
#   make test   lint, types, tests, every kata proven
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: demo test bench clean

demo: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" tests/demo.sh

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check grader tests
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal
	$(BIN)/kata author check --all

bench: $(READY)
	$(BIN)/python benchmarks/bench.py

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $(READY)

clean:
	-$(BIN)/kata warm stop
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache
