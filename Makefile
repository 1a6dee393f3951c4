# make demo        see golive at work: needs Python 3.11 or newer and the package index, nothing else
# make test        everything that CI runs; installs the real servers where it may, else says which are missing
# make test-all    what a release wants: every fault alone on both stacks, every Python, the lowest versions; hours
# make lab         the reference stack, until Ctrl-C:  make lab FAULT=tls.expired
# make bench       how fast golive is, as ratios to its peers
# make golden      write the reports' golden files again
# make lock        write requirements/ for pyproject.toml as it is now;  make lock UPGRADE=--upgrade takes the newest of all
# make lowest      the tests of checks and systems, with the lowest versions that pyproject.toml allows
# make docs        see that the documentation is in step, and build it as a site: build/site
# make pictures    draw its pictures again
# make docs-write  write the shown outputs of the documentation and docs/checks.md again
# PYTHON=python3.12 in front of any of them runs it with that Python

PYTHON ?= python3
VENV ?= .venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
BIN = $(VENV)/bin
JOBS ?= 4
# Two for each of two cores: tests wait for servers a good part of the time. A module stays with one worker, which starts
# its servers once; tests/conftest.py puts the longest modules first.
PYTEST = $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder
FAULT ?=

# Tests start golive hundreds of times: compiling every module each time would take longer than the tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: lock lowest mutants demo test test-all everything pythons lint types walls docs docs-write pictures pytest wheel servers lab bench golden clean environment dev

demo: environment
	@$(BIN)/golive demo

test: dev servers
	@$(MAKE) --no-print-directory -j2 lint types walls docs wheel
	@$(MAKE) --no-print-directory pytest

test-all: dev servers
	@$(MAKE) --no-print-directory -j2 lint types walls docs
	@$(MAKE) --no-print-directory everything
	$(BIN)/python tools/wheel.py --every
	$(BIN)/python tools/pythons.py
	$(BIN)/python tools/lowest.py
	$(BIN)/python tools/mutants.py

everything: dev
	@GOLIVE_ALL=1 $(BIN)/python tools/servers.py
	GOLIVE_ALL=1 $(PYTEST) $(ARGS)

lint: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: dev
	$(BIN)/mypy

walls: dev
	$(BIN)/lint-imports

docs: dev
	$(BIN)/python tools/docs.py --check
	$(BIN)/python tools/website.py

docs-write: dev
	$(BIN)/python tools/docs.py

pictures: dev servers
	$(BIN)/python tools/pictures.py

pytest: dev servers
	$(PYTEST) $(ARGS)

wheel: dev
	$(BIN)/python tools/wheel.py

pythons: dev servers
	$(BIN)/python tools/pythons.py $(ARGS)

servers: dev
	@$(BIN)/python tools/servers.py

lab: environment
	@$(BIN)/golive lab up $(if $(FAULT),--fault $(FAULT))

bench: dev servers
	$(BIN)/python bench/run.py

golden: dev
	GOLDEN=write $(BIN)/pytest tests/report/test_golden.py

LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-annotate \
	--custom-compile-command "make lock" $(UPGRADE) --extra lab --group build

lock: dev
	$(LOCK) --group dev --output-file requirements/dev.txt
	$(LOCK) --constraints requirements/dev.txt --output-file requirements/lab.txt
	$(BIN)/python tools/platforms.py

# Of single judges with ARGS="security/csp domains/caa", of all sections with ARGS=every.
mutants: dev
	$(BIN)/python tools/mutants.py $(ARGS)

lowest: dev servers
	$(BIN)/python tools/lowest.py $(ARGS)

clean:
	rm -rf .venv .venv-* dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

environment:
	@$(PYTHON) tools/environment.py $(VENV)

dev:
	@$(PYTHON) tools/environment.py $(VENV) --dev
