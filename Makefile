# One command to set up, one to run, one to test, one to check, one to fix. `make run` and `make test` set up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPEC ?= specs/walmart.yaml

.PHONY: setup run test check fix schema clean

setup: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "run-spec needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt --editable '.[dev]' \
		|| $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -c 'import lightgbm' \
		|| { echo 'lightgbm needs the OpenMP library of the system: apt-get install libgomp1' >&2; exit 1; }
	touch $@

run: setup
	$(BIN)/run-spec $(SPEC)

test: setup
	$(BIN)/pytest -m 'not slow' --numprocesses=auto --maxprocesses=4 $(PYTEST)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/lint-spec specs

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: setup
	$(BIN)/run-spec schema schemas
	$(BIN)/python docs/make_readme.py

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
