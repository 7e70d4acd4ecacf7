# Everything here needs make and Python 3.11 or newer, and nothing else installed by hand.
#
#   make demo    run the shipped scenario: a summary here, tables and plots in a folder
#   make test    run the tests and every notebook
#   make help    the other targets

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
BENCH_ARGS ?=
# Events of ISR and PSE for one table of `make pages`, and a folder of ICEWS for priors; without them these stay as they are.
EVENTS ?=
ICEWS ?=
# Both cores of a small machine; set to 0 for one process.
WORKERS ?= auto

BIN := $(VENV)/bin
# Twice quiet: problems are shown, progress is not.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
PYTEST := $(BIN)/python -m pytest
DEMO := trump2-petro-2025
# What `make test` leaves of the notebooks, outputs and all; `make docs` shows it.
NOTEBOOKS := docs/notebooks
MAKERS := architecture base events fitting eras outlooks forecast_2025 gallery readme tables futures live

# Where compiled modules are not kept, each of the many processes that tests start compiles them anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install runtime demo test test-all notebooks lint format types contracts docs pages bench constraints coverage clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.dev-installed ## set up .venv with everything: the package, its extras, the tools of development

runtime: $(VENV)/.runtime-installed ## set up .venv with what running scenarios needs

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	  echo "tensionsim needs Python 3.11 or newer, and '$(PYTHON)' was not found." >&2; \
	  echo "Install Python from your system's packages, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "tensionsim needs Python 3.11 or newer; '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1)." >&2; \
	  echo "Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments: its modules venv or ensurepip are missing." >&2; \
	  echo "On Debian or Ubuntu: apt install python3-venv. Or name another Python: make $(MAKECMDGOALS) PYTHON=..." >&2; exit 1; }
	@echo "Setting up $(VENV) with $$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv "$(VENV)" || { rm -rf "$(VENV)"; exit 1; }

$(VENV)/.runtime-installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing tensionsim into $(VENV) (once; about a minute)"
	@$(PIP) install --constraint constraints.txt --editable '.[all]'
	@touch $@

$(VENV)/.dev-installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing tensionsim and its development tools into $(VENV) (once; about two minutes)"
	@$(PIP) install --constraint constraints.txt --editable '.[all,dev]'
	@touch $(VENV)/.runtime-installed $@

demo: runtime ## run scenarios/trump2-petro-2025.yaml; tables and plots go to results/
	@$(BIN)/tensionsim run scenarios/$(DEMO).yaml -o results/$(DEMO) --replace

test: install ## what a change must show: every test, but of the longest a part, and every notebook
	@mkdir -p $(NOTEBOOKS) && cp notebooks/*.ipynb $(NOTEBOOKS)
	@status=0; \
	$(PYTEST) --numprocesses $(WORKERS) --no-loadscope-reorder -m 'not timing' \
	  --nbmake --nbmake-timeout 300 --overwrite $(NOTEBOOKS) tests $(PYTEST_ARGS) || status=$$?; \
	echo "Now those that measure time, one by one"; \
	$(PYTEST) -m timing $$(grep -rl --include='*.py' 'mark\.timing' tests) $(PYTEST_ARGS) || [ $$? -eq 5 ] || status=1; \
	exit $$status

test-all: ## the same with the full numbers: 50 histories, 5,000 damaged scenarios, all pages made anew
	@$(MAKE) --no-print-directory test PYTEST_ARGS='--full $(PYTEST_ARGS)'

notebooks: install ## run the notebooks alone, for `make docs`
	@mkdir -p $(NOTEBOOKS) && cp notebooks/*.ipynb $(NOTEBOOKS)
	$(PYTEST) --numprocesses $(WORKERS) --nbmake --nbmake-timeout 300 --overwrite $(NOTEBOOKS)

lint: install ## style: ruff's checks and layout
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: install ## mend what ruff can mend by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: install ## mypy, strict, over src
	$(BIN)/mypy

contracts: install ## who may import whom: import-linter
	$(BIN)/lint-imports --no-cache

docs: install ## build the documentation into docs/_build/html, notebooks as `make test` left them; a warning is an error
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

pages: install ## write anew the tables, passages and figures of the docs that are made from the package; some minutes
	$(BIN)/python docs/_extensions/generated.py
	@echo "docs/make_priors.py"; $(BIN)/python docs/make_priors.py $(if $(ICEWS),$(ICEWS) $(EVENTS))
	@for name in $(MAKERS); do echo "docs/make_$$name.py"; $(BIN)/python "docs/make_$$name.py" || exit 1; done
	@echo "docs/make_replication.py"; $(BIN)/python docs/make_replication.py $(EVENTS)
	@echo "tests/claims/table.py"; $(BIN)/python tests/claims/table.py

bench: install ## time against peers side by side, and peak memory; BENCH_ARGS=--write puts both into the docs
	@$(PIP) install --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python benchmarks/event_files.py
	@for name in ensembles targets memory; do $(BIN)/python "benchmarks/$$name.py" $(BENCH_ARGS) || exit 1; done

coverage: install ## which lines the tests reach
	$(BIN)/coverage run -m pytest -m 'not timing' tests $(PYTEST_ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

constraints: install ## refresh constraints.txt: newest versions that suit Python 3.11 to 3.13
	$(PIP) install uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --no-annotate --all-extras --upgrade \
	  --quiet --output-file constraints.txt pyproject.toml

clean: ## remove what the other targets made, .venv too
	rm -rf $(VENV) results dist build docs/_build docs/notebooks
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
