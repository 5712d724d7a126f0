# Keshen. `make` lists the targets; `make demo` opens a house, `make test` tests it. Both do all the set-up themselves.

PYTHON ?= python3
VENV := .venv/bin
BOOTSTRAP := $(PYTHON) tools/bootstrap.py
TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: screenshots help setup setup-dev demo run test soak lint bench doctor messages format lock clean distclean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:
	@$(BOOTSTRAP) demo

setup-dev:
	@$(BOOTSTRAP) test

demo: setup ## Open the demo house: channels, wire and site on this machine (KESHEN_HOME, KESHEN_PORT, KESHEN_DEMO_PASSWORD)
	@$(VENV)/keshen demo --attached

run: setup ## Open the house without the demo's contents
	@$(VENV)/keshen run --attached

test: setup-dev ## Run the tests (TESTS=tests/air for some of them)
	@$(VENV)/python tools/programs.py
	@$(VENV)/python tools/tests.py $(TESTS)

soak: setup-dev ## Run the long forms of the tests
	@$(VENV)/python tools/programs.py
	@$(VENV)/python tools/tests.py --soak $(TESTS)

lint: setup-dev ## Check style, types, imports between rooms, templates, translations, migrations, locks, docs
	@$(VENV)/python tools/lint.py

bench: setup-dev ## Measure, and compare with nginx, icecast2 and plain ffmpeg
	@$(VENV)/python tools/programs.py --bench
	@$(VENV)/python tools/bench.py

doctor: setup ## Check this installation and say what to do
	@$(VENV)/keshen doctor

messages: setup-dev ## Gather the texts of the interface into the translation files
	@$(VENV)/python tools/messages.py extract
	@$(VENV)/python tools/messages.py compile

screenshots: setup-dev ## Take the pictures of docs/images anew, from the open demo house (KESHEN_URL, KESHEN_DEMO_PASSWORD)
	@$(VENV)/python tools/screenshots.py

format: setup-dev ## Format the Python code
	@$(VENV)/ruff format src tests tools bench
	@$(VENV)/ruff check --fix src tests tools bench

lock: ## Pin the newest allowed versions of everything into the lock files
	@$(BOOTSTRAP) lock

clean: ## Remove what builds and tools leave behind (the house itself stays)
	@rm -rf dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/results \
	  src/keshen/house/static/build frontend/node_modules .tools/stamps.json
	@find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the tools and the environment too
	@rm -rf .venv .tools
