# Outcry: every command a newcomer or a developer needs. `make help` lists them.
#
# What is installed is remembered by stamps (.venv/.runtime, .venv/.test, .stamps/web), so that a second
# run installs nothing. HOST, PORT and OUTCRY_DATA are read by `outcry up` from the environment:
#     make run PORT=9000

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

BIN := .venv/bin
SETUP := scripts/setup.sh
RUNTIME := .venv/.runtime
TOOLS := .venv/.test

.PHONY: help run test check bench lint types format layers api-drift web-check start-time drift openapi screenshots faults chaos \
	constraints size web engines clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: $(RUNTIME) web ## set up what is missing and serve on http://127.0.0.1:8000 (PORT, HOST, OUTCRY_DATA)
	@exec $(BIN)/outcry up

test: $(TOOLS) engines web ## set up what is missing and run every test (ARGS="-k word" narrows the Python ones)
	@$(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)
	@$(SETUP) npm test

check: lint types layers drift web api-drift web-check start-time test ## everything that must hold before a change lands

bench: $(TOOLS) web ## measure every published figure beside its peer (ARGS="--short" for a quick look)
	@missed=; for script in $$(grep -l __main__ benchmarks/*.py); do name=$$(basename $$script .py); \
		$(BIN)/python -m benchmarks.$$name $(ARGS) || missed="$$missed $$name"; done; \
	test -z "$$missed" || { echo "limits missed:$$missed"; exit 1; }

lint: $(TOOLS) ## formatting and lint rules of the Python code
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts this right"; exit 1; }
	@$(BIN)/ruff check --quiet .

types: $(TOOLS) ## mypy in strict mode
	@$(BIN)/mypy

layers: $(TOOLS) ## which package may import which
	@$(BIN)/lint-imports

drift: $(TOOLS) ## sizes, pinned versions, and addresses or paths that must not be committed
	@$(BIN)/python scripts/size_ratchet.py
	@$(BIN)/python scripts/check_constraints.py
	@$(BIN)/python scripts/check_tracked.py

api-drift: $(TOOLS) ## the committed OpenAPI document and typed client are those of this code
	@$(BIN)/python scripts/check_api.py

start-time: $(TOOLS) web ## it starts in under 3 seconds
	@$(BIN)/python -m benchmarks.start --short

web-check: $(TOOLS) ## types and formatting of the web application
	@$(SETUP) npm run check
	@$(SETUP) npm run lint

format: $(TOOLS) ## put the formatting of the Python and web code right
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@$(SETUP) npm run format

openapi: $(TOOLS) ## write the OpenAPI document and the typed web client anew
	@$(BIN)/python scripts/check_api.py --write

screenshots: $(TOOLS) engines web ## make the pictures in docs/images from the running program
	@$(BIN)/python scripts/screenshots.py

faults: $(TOOLS) engines web ## all that is long: kill and cut the program while it writes, count what is lost, and fuzz the API for long
	@OUTCRY_LONG_RUNS=1 OUTCRY_KILL_ROUNDS=$${OUTCRY_KILL_ROUNDS:-20} OUTCRY_HOSTILE_SECONDS=$${OUTCRY_HOSTILE_SECONDS:-300} \
		$(BIN)/python -m pytest -m "fault or long" $(ARGS)
	@OUTCRY_FUZZ_EXAMPLES=$${OUTCRY_FUZZ_EXAMPLES:-100} $(BIN)/python -m pytest -n 2 --dist loadgroup tests/fuzz $(ARGS)

chaos: $(TOOLS) engines ## fifty clients through kills and cuts for five minutes on each database (OUTCRY_CHAOS_SECONDS, OUTCRY_CHAOS_SEED)
	@OUTCRY_LONG_RUNS=1 OUTCRY_CHAOS_SECONDS=$${OUTCRY_CHAOS_SECONDS:-300} \
		$(BIN)/python -m pytest -s tests/faults/test_chaos.py -k long $(ARGS)

constraints: $(TOOLS) ## pin the newest versions that fit pyproject.toml
	@$(BIN)/pip-compile --quiet --upgrade --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header \
		--strip-extras --all-extras --output-file=constraints.txt pyproject.toml scripts/constraints.in
	@$(BIN)/python scripts/check_constraints.py

size: $(TOOLS) ## write the size ratchet down after files became smaller
	@$(BIN)/python scripts/size_ratchet.py --write

web: $(RUNTIME)
	@$(SETUP) web

engines:
	@$(SETUP) engines

clean: ## remove what was installed and built; the data stays
	rm -rf .venv .stamps web/node_modules web/build web/.svelte-kit .mypy_cache .ruff_cache .pytest_cache

$(RUNTIME): pyproject.toml constraints.txt
	@$(SETUP) runtime

$(TOOLS): pyproject.toml constraints.txt scripts/constraints.in
	@$(SETUP) tools
