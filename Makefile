# Walk Away. `make help` lists what there is. Needs Python 3.11 or newer and make; nothing else.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
PYTEST_ARGS ?=
# twice the cores of CI: many tests wait for a browser or for a process of their own
WORKERS ?= 4
BENCH ?=
.DEFAULT_GOAL := help
.PHONY: help install demo test check bench calibrate examples requirements screenshots check-pages

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Walk Away needs Python 3.11 or newer; this is %s. Try: make demo PYTHON=python3.12" % sys.version.split()[0])'
	@echo "Making the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Could not make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/embedded.done: requirements/embedded.txt | $(PY)
	@echo "Installing what the product needs (about a minute the first time) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --only-binary=:all: -r requirements/embedded.txt
	@touch $@

$(VENV)/development.done: requirements/development.txt | $(PY)
	@echo "Installing what the tests need (about two minutes the first time) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements/development.txt
	@touch $(VENV)/embedded.done $@

install: $(VENV)/embedded.done  ## the environment and an up-to-date database, nothing running
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py build_fonts
	@echo "Ready. Next: make demo, or $(PY) manage.py help"

demo: $(VENV)/embedded.done  ## everything on http://127.0.0.1:8000 with demo content (PORT= changes it)
	@WALKAWAY_BASE_URL=http://127.0.0.1:$(PORT) exec $(PY) manage.py run_demo --port $(PORT)

test: $(VENV)/development.done  ## every test that this machine can run
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: $(VENV)/development.done  ## lint, format, types, import rules, migrations, deployment checks
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/mypy
	@DJANGO_SETTINGS_MODULE=walkaway.settings.test $(PY) manage.py makemigrations --check --dry-run --verbosity 1
	@DJANGO_SETTINGS_MODULE=walkaway.settings.production DJANGO_SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))') \
	  WALKAWAY_REFERENCE_PEPPER=check WALKAWAY_FIELD_KEYS=$$($(PY) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
	  $(PY) manage.py check --deploy --fail-level WARNING

bench: $(VENV)/development.done  ## every benchmark, as ratios; writes var/benchmarks.json (BENCH=quick leaves out what takes minutes)
	@BENCH=$(BENCH) $(PY) -m benchmarks

calibrate: $(VENV)/embedded.done  ## how often the decision rule is wrong, over simulated panels (an hour on 2 cores; PANELS=)
	@nice $(PY) manage.py calibrate --panels $(or $(PANELS),400)

examples: $(VENV)/embedded.done  ## three synthetic studies whose truth is known, with reports, in var/examples/
	@for name in planted reactive small; do \
	  rm -rf var/examples/$$name && mkdir -p var/examples/$$name && echo "$$name:" && \
	  WALKAWAY_VAR_DIR=var/examples/$$name/state $(PY) manage.py migrate --verbosity 0 && \
	  WALKAWAY_VAR_DIR=var/examples/$$name/state $(PY) manage.py evaluation_example $$name --out var/examples/$$name/report || exit 1; \
	done

requirements: $(VENV)/development.done  ## compile the pinned requirements from pyproject.toml
	@for set in "development --extra development" "production --extra production" "embedded"; do \
	  name=$${set%% *}; extra=$${set#$$name}; \
	  $(VENV)/bin/uv pip compile -q --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 \
	    $$( [ $$name = development ] || echo "-c requirements/development.txt" ) $$extra pyproject.toml -o requirements/$$name.txt || exit 1; \
	done; wc -l requirements/*.txt

screenshots: $(VENV)/development.done  ## pictures of every page into docs/screenshots (needs the demo running and Chromium)
	@$(PY) manage.py make_screenshots --base-url http://127.0.0.1:$(PORT) --out docs/screenshots

check-pages: $(VENV)/development.done  ## Lighthouse and valid HTML of every page (needs the demo running, LIGHTHOUSE= and VNU=; docs/public-quality.md)
	@$(PY) manage.py check_public_pages --base-url http://127.0.0.1:$(PORT) --lighthouse "$(LIGHTHOUSE)" --vnu "$(VNU)"
