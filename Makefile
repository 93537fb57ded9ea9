# Everything happens in the project's own environment, .venv, with the exact versions of
# the lock files in .ci. Another Python: make run PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
# the equations, the draws and the twin are also tested without compilation
INTERPRETED := tests/model/test_mathematics.py tests/model/test_equations.py tests/model/test_detection.py \
  tests/model/test_draws.py tests/model/test_twin.py
CASES ?= 5000
KILLS ?= 52
SCENARIOS ?= 2000
FILE ?= scenarios/first_critical_try.toml
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test lint docs notebooks wheel bench soak lock clean python

help:
	@echo "make run        install, then run $(FILE) (another: FILE=...)"
	@echo "make test       install, then style, types, imports, the site and tests"
	@echo "make lint       style, types and imports only"
	@echo "make docs       the site of the documentation, into build/site"
	@echo "make notebooks  run the notebooks in place, and keep what they show"
	@echo "make wheel      a wheel that holds the compiled model, into dist/"
	@echo "make bench      measure speed and memory (some parts: PARTS=\"c threads\")"
	@echo "make soak       stress tests, half an hour; CASES=, KILLS=, SCENARIOS="
	@echo "make lock       write the lock files again"
	@echo "make clean      remove the environment and the caches; outputs stay"

run: .venv/ready-to-run
	$(BIN)/regimesim run $(FILE)

# threads of linear algebra would wait in busy loops, where workers already use every processor
test: export OPENBLAS_NUM_THREADS = 1
test: lint docs
	$(BIN)/python -m pytest -n auto --dist worksteal --nbmake --nbmake-timeout=300 notebooks tests
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -n auto -q $(INTERPRETED)

lint: .venv/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/structure

docs: .venv/ready-to-test
	$(BIN)/python -m sphinx -c docs -d build/doctrees -q -W --keep-going . build/site

notebooks: .venv/ready-to-test
	$(BIN)/python .ci/notebooks

wheel: .venv/ready-to-run
	$(BIN)/python .ci/wheel

bench: .venv/ready-to-run
	$(BIN)/python benchmarks/speed.py $(PARTS)

soak: .venv/ready-to-test
	$(BIN)/python tests/soak --cases $(CASES) --kills $(KILLS) --scenarios $(SCENARIOS)

lock:
	$(PYTHON) .ci/lock

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	rm -rf .import_linter_cache .grimp_cache .mypy_cache docs/claims
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One sentence, in place of a long error of pip.
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "regimesim needs Python 3.11 or later, and '$(PYTHON)' is not one; name yours with PYTHON=..." >&2; \
	  exit 2; }

.venv/ready-to-run: .ci/requirements.lock | python
	@echo "installing regimesim into .venv (the first time this takes some minutes)"
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) -r .ci/requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/ready-to-test: .ci/requirements-test.lock .venv/ready-to-run
	@echo "installing the tools for testing into .venv"
	@$(PIP) -r .ci/requirements-test.lock
	@touch $@
