# motlink: `make run` and `make test` are all one needs; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Without bytecode each start takes 4 s instead of 1.5.
unexport PYTHONDONTWRITEBYTECODE
export REFLEX_TELEMETRY_ENABLED := false
export REFLEX_CHECK_LATEST_VERSION := false

.PHONY: help run test check bench soak format lock frontend venv venv-dev clean

help:  ## List what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: frontend  ## Set up what is missing and serve motlink on http://localhost:3000
	@exec $(BIN)/motlink serve $(ARGS)

test: venv-dev  ## Run all tests, on SQLite, PostgreSQL and in Chromium; ARGS="-k roster" picks some
	@$(BIN)/python tools/frontend.py
	@chromium=$$($(BIN)/python tools/chromium.py) && MOTLINK_CHROMIUM=$$chromium $(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)

check: venv-dev  ## Format, lint, types, locks and architecture, in under a minute
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/python tools/lock.py --check
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_architecture.py

bench: venv-dev  ## Measure what the README says about speed
	@$(BIN)/python tools/frontend.py
	@chromium=$$($(BIN)/python tools/chromium.py) && MOTLINK_CHROMIUM=$$chromium $(BIN)/python -m benchmarks $(ARGS)

soak: venv-dev  ## The large sizes of the tests that have one
	@$(BIN)/python tools/frontend.py
	@chromium=$$($(BIN)/python tools/chromium.py) && MOTLINK_SOAK=1 MOTLINK_CHROMIUM=$$chromium \
		$(BIN)/python -m pytest -m soak -n 2 --dist loadgroup --timeout 3600 $(ARGS)

format: venv-dev  ## Put the code into its one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: venv-dev  ## Write the lock files from pyproject.toml; ARGS=--upgrade takes newer releases beneath
	@$(BIN)/python tools/lock.py $(ARGS)

frontend: venv
	@$(BIN)/python tools/frontend.py

venv:
	@$(PYTHON) tools/venv.py runtime

venv-dev:
	@$(PYTHON) tools/venv.py dev

clean:  ## Remove what was built; .venv and data/ stay
	rm -rf .web .states assets/external .frontend-building .mypy_cache .ruff_cache .pytest_cache .hypothesis
