# Everything from a clean clone, with Python 3.11 or newer (with venv) and make, nothing else:
#   make demo     run the main job on this machine
#   make test     the tests
#   make check    formatting, lint, types, layers, SQL
#   make screenshots  the pictures of docs/screenshots, by a Chromium at /usr/bin/chromium or CHROMIUM
#   make setup    only the environment the others need, in .venv
# uv lives in .tools, a virtual environment of its own: `uv sync` makes .venv exactly what uv.lock says and would remove
# itself from it.

PYTHON ?= python3
KILLS ?= 20
BIN := .venv/bin
UV := .tools/bin/uv
UV_VERSION := 0.13.9
TOOLS := .tools/.uv-$(UV_VERSION)
CORES := $(shell $(PYTHON) -c 'import os; print(os.cpu_count() or 1)')
# Tests mostly wait, for brokers and for sessions that run out: more of them at once than there are cores.
AT_ONCE := $(shell expr $(CORES) + 2)

export UV_PYTHON_DOWNLOADS := never
# Wherever `make` runs, the environment is this folder's own, and Python keeps what it has compiled: starting a process costs
# half the time then.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench chaos screenshots clean wheel

help:
	@sed -n 's/^#   //p' Makefile

setup: .venv/.made

$(TOOLS):
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "make: $(PYTHON) must be Python 3.11 or newer with venv; name another: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.made: $(TOOLS) pyproject.toml uv.lock
	$(UV) sync --frozen --extra local --python $(PYTHON)
	$(BIN)/python -m pipeline.ledger.warm # compiles what the worker runs, once
	@touch $@

demo: setup
	$(BIN)/scanledger demo

test: setup
	$(BIN)/python -m pytest -n $(AT_ONCE) --dist loadfile --no-loadscope-reorder

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes $(CORES) analytics
	$(BIN)/python -m pytest -q tests/unit/test_compose.py

bench: setup
	$(BIN)/python -m bench

chaos: setup
	KILLS=$(KILLS) $(BIN)/python -m pytest -m slow

screenshots: setup
	mkdir -p docs/screenshots
	REQUIRE_BROWSER=1 SCREENSHOTS=docs/screenshots $(BIN)/python -m pytest -q tests/console/test_screenshots.py

wheel: setup
	$(UV) build --wheel

clean:
	rm -rf dist bench/out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +
