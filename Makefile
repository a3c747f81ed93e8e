# make run: from a bare checkout to the comparison.    make test: everything that must hold.
# Options go in ARGS: make run ARGS="--quick --out /tmp/straits"

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help environment run lint test soak clean

PYTHON ?= python3
ENV := .venv
STAMP := $(ENV)/.installed
UV := $(shell command -v uv 2>/dev/null)
ARGS ?=
TESTS ?= tests

help:
	@echo "make run    install and compare the policies of August 2016 (ARGS=--quick: one minute)"
	@echo "make test   install, then ruff, mypy, import floors and every test"
	@echo "make soak   ten thousand random networks: engines, slices and ledgers agree (half an hour)"
	@echo "make lint   ruff, mypy and import floors alone"
	@echo "make clean  remove the environment, caches and built files; runs/ stays"

environment: $(STAMP)

# The lock names every version; the package itself goes in last, editable, without looking for more.
$(STAMP): pyproject.toml requirements-dev.lock
ifneq ($(UV),)
	test -x $(ENV)/bin/python || $(UV) venv --quiet $(ENV)
	UV_COMPILE_BYTECODE=1 $(UV) pip install --quiet --python $(ENV)/bin/python \
		--requirement requirements-dev.lock
	$(UV) pip install --quiet --python $(ENV)/bin/python --no-deps --no-build-isolation --editable .
else
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Straits needs Python 3.11 or newer; say which: make PYTHON=python3.12"; exit 2; }
	test -x $(ENV)/bin/python || $(PYTHON) -m venv $(ENV)
	$(ENV)/bin/python -m pip --version >/dev/null 2>&1 || $(ENV)/bin/python -m ensurepip
	$(ENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement requirements-dev.lock
	$(ENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
endif
	@touch $(STAMP)

run: environment
	$(ENV)/bin/straits compare calais-2016 $(ARGS)

lint: environment
	$(ENV)/bin/ruff check .
	$(ENV)/bin/mypy
	$(ENV)/bin/lint-imports --no-logo

test: lint
	$(ENV)/bin/pytest $(TESTS) $(ARGS)

soak: environment
	STRAITS_SOAK=$${STRAITS_SOAK:-10000} $(ENV)/bin/pytest tests/parity/test_random_networks.py $(ARGS)

clean:
	rm -rf $(ENV) build dist .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
