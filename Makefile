# Every line a person or CI types. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
PORT ?= 5000
BIN := .venv/bin
export INSTANCE DATABASE_URL SECRET_KEY PORT

.PHONY: help demo serve test testpostgresql lint bench captures vendor clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

demo: .venv/installed ## the application with demonstration data, on http://127.0.0.1:5000
	@$(BIN)/flask db upgrade
	@$(BIN)/flask demo --si-vide
	@exec $(BIN)/python -m fiches.serveur

serve: .venv/installed ## the application on its own data
	@$(BIN)/flask db upgrade
	@exec $(BIN)/python -m fiches.serveur

test: .venv/installed-dev ## every test, in a real browser too
	@$(BIN)/python -m tests.navigateur
	@$(BIN)/pytest -n 2 --dist worksteal

testpostgresql: .venv/installed-dev ## the same tests on a PostgreSQL of their own (the system's; longer)
	@$(BIN)/python -m tests.postgresql

lint: .venv/installed-dev ## style, types, walls between rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/installed-dev ## how good and how fast the matching is, as tables and JSON
	@$(BIN)/python -m benchmarks

captures: .venv/installed-dev ## the screenshots of README and guides, made anew
	@$(BIN)/python -m tests.navigateur
	@$(BIN)/python -m tests.captures

vendor: .venv/installed ## fetch htmx and the style sheet again and check them against their sums
	@$(BIN)/python -m fiches.web.vendor --recuperer

clean: ## remove what was built (never the data in instance/)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
