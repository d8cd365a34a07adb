# `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(STAMP): requirements/dev.txt pyproject.toml tools/install.py
	$(PYTHON) tools/install.py

.PHONY: install
install: $(STAMP)  ## create .venv from the pinned requirements

.venv-inspect/.installed: requirements/inspect.txt requirements/dev.txt pyproject.toml tools/install.py
	$(PYTHON) tools/install.py inspect

.PHONY: install-inspect
install-inspect: .venv-inspect/.installed  ## .venv-inspect: the same, and the extra Inspect (175 MB more)

.PHONY: system
system:  ## install what the operating system must provide, or say how
	@$(PYTHON) tools/system.py demo

.PHONY: demo
demo: $(STAMP) system  ## two real reports of one real flaw become one signed advisory
	$(BIN)/firstlight demo

.PHONY: validators
validators: tests/validators/node_modules/.package-lock.json  ## other projects' validators for the tests
tests/validators/node_modules/.package-lock.json: tests/validators/package-lock.json
	npm ci --prefix tests/validators --ignore-scripts --no-audit --no-fund --silent

.PHONY: test
test: $(STAMP)  ## lint, types, import rules, and every test but the deep ones
	@$(PYTHON) tools/system.py test
	@$(MAKE) --no-print-directory validators
	$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --dist loadgroup -m "not deep"

.PHONY: test-deep
test-deep: $(STAMP)  ## the slow proofs, those of the extra Inspect among them
	@$(PYTHON) tools/system.py test
	$(MAKE) --no-print-directory test-inspect
	$(BIN)/pytest -n 2 --dist loadgroup -m deep

.PHONY: test-inspect
test-inspect: .venv-inspect/.installed  ## what needs the extra Inspect: its types, its tests
	.venv-inspect/bin/mypy --cache-dir .venv-inspect/mypy src/firstlight/adapters/bench/inspect src/firstlight/host tests/adapters/bench/inspect
	.venv-inspect/bin/pytest -n 2 --dist loadgroup -m inspect tests/adapters/bench/inspect

.PHONY: lint
lint: $(STAMP)  ## style, types, import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy

.PHONY: format
format: $(STAMP)  ## rewrite the code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: lock
lock:  ## pin every package again, by hash, without naming a host
	uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --python-version 3.11 --universal pyproject.toml -o requirements/runtime.txt
	uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --python-version 3.11 --universal pyproject.toml --group dev -o requirements/dev.txt
	grep -vE '^(python-dateutil|    --hash)' requirements/dev.txt | sed 's/ *\\$$//' > $(VENV)/constraints.txt
	uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --python-version 3.11 --universal pyproject.toml --extra inspect \
	  --constraint $(VENV)/constraints.txt -o requirements/inspect.txt

.PHONY: bench
bench: $(STAMP)  ## what is measured, against what; prints ratios
	$(BIN)/python benchmarks/sandbox/start.py
	$(BIN)/python benchmarks/dedupe/traces.py
	$(BIN)/python benchmarks/coverage/rates.py --runs 500
	$(BIN)/python benchmarks/measure/containment.py
	$(BIN)/python -m benchmarks.clearinghouse.intake 20000
	$(BIN)/python benchmarks/publication/osv.py
	$(BIN)/python benchmarks/publication/zone.py --advisories 2000

.PHONY: clean
clean:  ## remove what was installed and built, keep the data
	rm -rf $(VENV) .venv-inspect .mypy_cache .ruff_cache .pytest_cache .hypothesis
