# One command to set up, one to run, one to test, one to check, one to fix. `make run` and `make test` set up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPEC ?= specs/walmart.yaml

.PHONY: setup run test check fix schema plugin clean

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

# A plug-in package in an environment of its own: its tests, then its spec run, run again, forecast and reported.
PLUGIN := examples/plugin
PLUGIN_BIN := build/plugin/bin
plugin: setup
	$(BIN)/uv venv --quiet --clear build/plugin --python $(BIN)/python
	$(BIN)/uv pip install --quiet --python $(PLUGIN_BIN)/python --constraint constraints.txt '.[testing]' ./$(PLUGIN)
	cd $(PLUGIN) && ../../$(PLUGIN_BIN)/python -m pytest -q --import-mode=importlib -p no:cacheprovider tests
	rm -rf build/plugin-project && mkdir -p build/plugin-project && touch build/plugin-project/pyproject.toml
	cp $(PLUGIN)/holt.yaml build/plugin-project/
	cd build/plugin-project && ../plugin/bin/run-spec lint holt.yaml && ../plugin/bin/run-spec holt.yaml \
		&& ../plugin/bin/run-spec holt.yaml | grep 'Nothing to do' && ../plugin/bin/run-spec forecast holt.yaml --model holt \
		&& ../plugin/bin/run-spec report plugin_holt && ../plugin/bin/run-spec schema | grep -q HoltModel

schema: setup
	$(BIN)/run-spec schema schemas
	$(BIN)/python docs/make_readme.py

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
