# Everything a contributor types. `make` alone lists it.

# The newest tested Python that can make a virtual environment; `make PYTHON=... test` overrules it.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
    $$name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

export VENV ?= .venv
BIN := $(abspath $(VENV))/bin
READY := $(VENV)/ready
export PATH := $(BIN):$(PATH)
export NO_MKDOCS_2_WARNING := 1

# Ours, and those that `iterata init` writes.
WORKFLOWS := .github/workflows/*.yml $(shell grep --files-with-matches '^jobs:' core/iterata/actions/knowledge_base/*.yml)
ACTIONS := .github/actions/*/action.yml

.DEFAULT_GOAL := help
.PHONY: help setup test test-statistical demo verify serve docs reference lint format types check-wheel bench ci constraints clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Install the toolkit and its developers' tools into .venv

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "iterata needs Python 3.11, 3.12 or 3.13 with its venv module" \
	    "(Debian and Ubuntu: apt install python3-venv); name another with make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "iterata needs Python 3.11 or newer")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --build-constraint constraints.txt \
	    --editable '.[parquet,duckdb,postgres,dask,mlflow,remote,demo]' --group dev
	@touch $(READY)

test: $(READY)  ## Run the tests; one of them with ARGS=tests/core/test_edit.py
	$(BIN)/pytest --numprocesses auto $(ARGS)

test-statistical: $(READY)  ## Run the simulations: coverage of intervals, false positives of verdicts
	$(BIN)/pytest --numprocesses auto -m statistical $(ARGS)

demo: $(READY)  ## Run the example project's next iteration and build its site into build/demo
	demo/run

verify: $(READY)  ## Repeat the example's experiments from their commits
	@for iteration in 01-setup 02-which-facts; do $(BIN)/iterata verify caravan-policies/$$iteration --make || exit 1; done

serve: $(READY)  ## Show this repository's own site, and follow edits
	$(BIN)/mkdocs serve --livereload

docs: $(READY)  ## Build this repository's own site into site/, under both hosts
	$(BIN)/python docs/generate.py --check
	$(BIN)/mkdocs build --strict --quiet
	$(BIN)/properdocs build --strict --quiet --config-file mkdocs.yml --site-dir build/properdocs

reference: $(READY)  ## Write the reference pages from the tables they describe
	$(BIN)/python docs/generate.py

lint: $(READY)  ## Find faults of style, and of what CI runs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/shellcheck .ci/* demo/run
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions $(ACTIONS)
	$(BIN)/actionlint $(WORKFLOWS)
	$(BIN)/zizmor --offline --persona pedantic --quiet --no-progress $(WORKFLOWS) $(ACTIONS)

format: $(READY)  ## Mend what can be mended of them
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(READY)  ## Check the types
	$(BIN)/mypy
	$(BIN)/mypy benchmarks

check-wheel: $(READY)  ## Build the wheel and use it in an environment of its own
	.ci/check-wheel

bench: $(READY)  ## Measure speed, as ratios to peers
	$(BIN)/python -m benchmarks

ci:  ## Run everything the code host runs
	.ci/run

constraints:  ## Move every pinned version to the newest that installs
	.ci/constraints $(PYTHON)

clean:  ## Remove what these targets made
	rm -rf $(VENV) build dist site .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
