# Everything runs inside .venv and needs no root; `make help` lists the targets.
PYTHON ?= python3
export PYTHON
# Two processes run tests; each takes the next from what the other would have done last.
PARALLEL = --numprocesses 2 --dist worksteal --durations 10

.DEFAULT_GOAL := help
.PHONY: help run test test-all lint benchmark load fuzz venv venv-dev node

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*##/\1:/p' $(MAKEFILE_LIST) | \
		awk -F: '{ printf "  make %-10s%s\n", $$1, $$2 }'
	@echo "Another Python for a new .venv: make run PYTHON=python3.12"

run: venv  ## install what is missing and open the app
	@echo "Starting the app (Ctrl-C stops it)."
	@.venv/bin/python app.py

test: venv-dev  ## install what is missing and run the tests: is a change right?
	@# Without npm the tests that need axe-core are skipped.
	@if command -v npm >/dev/null; then sh scripts/prepare_node.sh; fi
	@echo "Running the tests."
	@.venv/bin/python -m pytest $(PARALLEL) -m "not soak"

test-all: test  ## that, then what takes long: kill sweeps, load, fuzz, the README's programs
	@echo "Running the tests that take long."
	@.venv/bin/python -m pytest $(PARALLEL) -m soak

lint: venv-dev node  ## check style, format, types and JavaScript
	@echo "Checking style, format, types and JavaScript."
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@# Gradio writes stubs beside its subclasses, which mypy would read in their place.
	@find moss -name '*.pyi' -delete
	@.venv/bin/mypy
	@npx --no-install eslint .

benchmark: venv-dev  ## measure the blend against the published recipe
	@echo "Running the benchmark."
	@.venv/bin/python -m benchmarks.blend

load: venv-dev  ## let twenty visitors at a time use the app, and judge what they get
	@echo "Running the load script."
	@.venv/bin/python -m benchmarks.load

fuzz: venv-dev  ## give 2,000 damaged files to the app
	@echo "Running the fuzz."
	@.venv/bin/python -m tests.fuzz --cases 2000

venv:
	@sh scripts/prepare_venv.sh requirements.txt

venv-dev:
	@sh scripts/prepare_venv.sh requirements-dev.txt

node:
	@sh scripts/prepare_node.sh
