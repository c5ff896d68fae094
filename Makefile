# The commands of a contributor. `make` alone lists them.

# The newest tested Python that can make a virtual environment. `make PYTHON=... test` overrides it.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
    $$name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

export VENV ?= .venv
BIN := $(abspath $(VENV))/bin
READY := $(VENV)/ready
export PATH := $(BIN):$(PATH)
export NO_MKDOCS_2_WARNING := 1

# Our workflows, and those that `iterata init` writes.
WORKFLOWS := .github/workflows/*.yml $(shell grep --files-with-matches '^jobs:' core/iterata/actions/knowledge_base/github/*.yml core/iterata/actions/knowledge_base/github/monorepo/*.yml)
ACTIONS := .github/actions/*/action.yml
DEPENDABOT := .github/dependabot.yml core/iterata/actions/knowledge_base/github/dependabot.yml \
    core/iterata/actions/knowledge_base/github/monorepo/dependabot.yml
# The files with simulations: to collect all others takes longer than many a simulation.
SIMULATIONS = $(shell grep --recursive --files-with-matches 'mark\.statistical' tests --include='*.py')

.DEFAULT_GOAL := help
.PHONY: help setup test test-statistical test-kills demo verify serve docs reference lint format types check-wheel bench ci constraints clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Install the toolkit and the development tools into .venv

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "iterata needs Python 3.11, 3.12 or 3.13 with its venv module" \
	    "(Debian and Ubuntu: apt install python3-venv); name another with make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "iterata needs Python 3.11 or newer")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --build-constraint constraints.txt \
	    --editable '.[parquet,duckdb,postgres,dask,mlflow,remote,rollout,mcp,demo]' --group dev
	$(BIN)/python -m pip install --quiet --no-deps --constraint constraints.txt obp==0.4.1  # the data of an example; never imported
	@touch $(READY)

test: $(READY)  ## Run the tests; one file with ARGS=tests/core/documents/test_edit.py
	$(BIN)/pytest --numprocesses auto --dist worksteal $(ARGS)

test-statistical: $(READY)  ## Run the simulations: coverage of intervals, false positives of verdicts
	$(BIN)/pytest --numprocesses auto --dist worksteal -m statistical $(or $(ARGS),$(SIMULATIONS))

test-kills: $(READY)  ## Kill every writing command at up to 200 moments; takes an hour or more
	$(BIN)/pytest -m exhaustive --override-ini faulthandler_timeout=14400 $(ARGS)

demo: $(READY)  ## Run the example project's next iteration and build its site into build/demo
	demo/run

verify: $(READY)  ## Compute experiments of every example again from their commits
	@for iteration in caravan-policies/01-setup caravan-policies/02-which-facts \
	    food-reviews/01-words voter-persuasion/02-survey-answers fashion-items/01-thompson-sampling; \
	    do $(BIN)/iterata verify $$iteration --make || exit 1; done

serve: $(READY)  ## Show this repository's site, and follow edits
	$(BIN)/mkdocs serve --livereload

docs: $(READY)  ## Build this repository's site into site/, with both hosts
	$(BIN)/python docs/generate.py --check
	$(BIN)/mkdocs build --strict --quiet
	$(BIN)/properdocs build --strict --quiet --config-file mkdocs.yml --site-dir build/properdocs

reference: $(READY)  ## Generate the reference pages
	$(BIN)/python docs/generate.py

lint: $(READY)  ## Check the style of code, scripts and workflows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/shellcheck .ci/* demo/run
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions $(ACTIONS)
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot $(DEPENDABOT)
	$(BIN)/actionlint $(WORKFLOWS)
	$(BIN)/zizmor --offline --persona pedantic --quiet --no-progress $(WORKFLOWS) $(ACTIONS)

format: $(READY)  ## Fix the style where that is possible automatically
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(READY)  ## Check the types
	$(BIN)/mypy
	$(BIN)/mypy benchmarks

check-wheel: $(READY)  ## Build the wheel and use it in a new environment
	.ci/check-wheel

bench: $(READY)  ## Measure speed, as ratios to other tools; ARGS names subjects
	$(BIN)/python -m benchmarks $(ARGS)

ci:  ## Run everything the code host runs
	.ci/run

constraints:  ## Move all pinned versions to the newest that install together
	.ci/constraints $(PYTHON)

clean:  ## Remove everything that these targets made
	rm -rf $(VENV) build dist site .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
