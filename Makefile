# Every command a person needs. `make help` lists them; the first two are all that a newcomer has to know.
PYTHON ?= python3
BIN := .venv/bin
# The environment first on PATH: the Pulumi language host takes `python` from there.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Many tests wait for processes they have started: two workers for each core.
PYTEST_WORKERS ?= $(shell echo $$(( 2 * $$(getconf _NPROCESSORS_ONLN) )))

.DEFAULT_GOAL := help
.PHONY: help setup demo down test check format bench coverage-table lock preview deploy smoke drift destroy verify-azure

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what this checkout needs (only what is missing)
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not on PATH." \
	  "Install it (https://www.python.org/downloads/) or name it: make PYTHON=python3.12 demo" >&2; exit 1; }
	@$(PYTHON) scripts/install.py

demo: setup ## local cloud, pulumi up, a lead, the mail: end to end on this machine
	@$(BIN)/python scripts/demo.py

down: ## stop the local cloud; its data stay (localazure reset deletes them)
	@if [ -x $(BIN)/localazure ]; then $(BIN)/localazure stop; else echo "nothing to stop: set-up has not run"; fi

test: setup check ## lint, types, import contract and the whole test-suite
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal

check: setup ## lint, types and import contract alone
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## mend what ruff can mend by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## measure what docs/benchmarks.md reports
	@$(BIN)/python -m benchmarks

coverage-table: setup ## write the coverage in docs/localazure.md anew
	@$(BIN)/python -m localazure.coverage docs/localazure.md

lock: setup ## renew requirements.lock after a change of pyproject.toml (needs uv)
	@uv pip compile -q pyproject.toml --extra pulumi --group project --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header -o requirements.lock

# The steps of the pipeline, one stack each: CI calls these same targets. `MARKETPLACE_LEADS_REHEARSAL=1 make …` runs them for
# any stack on the local cloud, with state and stack files of its own.
export STACK MARKDOWN
PIPELINE = $(BIN)/python scripts/pipeline.py

preview: setup ## what a deployment of STACK=… would change (MARKDOWN=file for a comment)
	@$(PIPELINE) preview --stack "$$STACK" $${MARKDOWN:+--markdown "$$MARKDOWN"}

deploy: setup ## preflight and `pulumi up` of STACK=…
	@$(PIPELINE) deploy --stack "$$STACK"

smoke: setup ## a lead through the deployed STACK=…, to its mail
	@$(PIPELINE) smoke --stack "$$STACK"

drift: setup ## what was changed outside of Pulumi in STACK=…; fails if anything was
	@$(PIPELINE) drift --stack "$$STACK" $${MARKDOWN:+--markdown "$$MARKDOWN"}

destroy: setup ## delete all of STACK=…; refused where it is protected
	@$(PIPELINE) destroy --stack "$$STACK"

verify-azure: setup ## settle docs/unverified.md on Azure with a throw-away STACK=…; VERIFY='--help' tells the options
	@$(BIN)/python scripts/verify_azure.py $${STACK:+--stack "$$STACK"} $(VERIFY)
