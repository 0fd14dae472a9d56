# Every verb a person needs; `make` lists them.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Which Python makes .venv; without it the first of 3.11 or newer on the path.
PYTHON ?=
# For `make test`: processes that run tests at the same time, and words for pytest.
WORKERS ?= 2
ARGS ?=
# For `make migrate`, `make revision` and `make parked`.
SERVICE ?=
MESSAGE ?=
SERVICES := identity organizations licensing devices

export PYTHON

BIN := .venv/bin
UV_LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url pyproject.toml

.PHONY: help
help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## make .venv from the lock, once (PYTHON=python3.12 chooses the Python)
	@.ci/setup requirements-dev.lock

.PHONY: demo
demo: ## run the whole suite here with simulated cameras and one errand through it
	@.ci/setup requirements.lock
	@exec $(BIN)/python -m demo $(ARGS)

.PHONY: test
test: static ## check everything and run all tests on private PostgreSQL and RabbitMQ (ARGS for pytest)
	@$(BIN)/python -m tests.servers run -- $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: check
check: static ## format, lint, types, import rules, unit and contract tests: what needs no server
	@$(BIN)/pytest -q tests/unit tests/contract $(ARGS)

.PHONY: static
static: setup
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts this right."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: bench
bench: setup ## measure calls, events, rights and licensing; writes docs/benchmarks.md (ARGS=rights only those)
	@$(BIN)/python -m tests.servers install
	@$(BIN)/python -m bench $(ARGS)

.PHONY: format
format: setup ## format the code and repair what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: lock
lock: ## write the locks anew from pyproject.toml (needs uv; ARGS=--upgrade takes new versions)
	$(UV_LOCK) $(ARGS) -o requirements.lock
	$(UV_LOCK) $(ARGS) --extra dev -c requirements.lock -o requirements-dev.lock

.PHONY: openapi
openapi: setup ## write docs/openapi.json
	@$(BIN)/python -m gateway.openapi > docs/openapi.json

.PHONY: settings
settings: setup ## write deploy/nameko.yml and docs/settings.md
	@$(BIN)/python -m chassis.settings

.PHONY: migrate
migrate: setup ## bring the databases' schemas up to date (SERVICE=licensing for one of them)
	@set -e; for service in $(or $(SERVICE),$(SERVICES)); do $(BIN)/alembic -n $$service upgrade head; done

.PHONY: revision
revision: setup ## draft a migration: make revision SERVICE=licensing MESSAGE="add the calendar"
	@test -n "$(SERVICE)" && test -n "$(MESSAGE)" || { echo "Say SERVICE=... and MESSAGE=..."; exit 1; }
	@$(BIN)/alembic -n $(SERVICE) revision --autogenerate -m "$(MESSAGE)"

.PHONY: parked
parked: setup ## list events that failed too often (SERVICE=licensing for one service's)
	@set -e; for service in $(or $(SERVICE),$(SERVICES)); do \
		$(BIN)/python -m chassis.operate parked services.$$service; done

.PHONY: clean
clean: ## remove .run, caches and what was built; .venv stays
	@rm -rf .run .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
