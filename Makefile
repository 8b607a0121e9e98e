# Every command works on a fresh clone with Python 3.11, make and a package index.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
MONTHS := 2026-01..2026-03

export DAGSTER_DISABLE_TELEMETRY := 1
bill ui: export DAGSTER_HOME := $(CURDIR)/$(DEMO)/dagster
ui: export BILLING_INPUTS := $(CURDIR)/$(DEMO)/inputs
ui: export BILLING_LAKE := $(CURDIR)/$(DEMO)/lake

.PHONY: bill test long ui bench docs format clean

bill: $(VENV)/installed $(DEMO)/dagster/dagster.yaml  ## bill the demo company for three months
	@$(BIN)/python examples/demo_company.py $(DEMO)/inputs --months $(MONTHS)
	@$(BIN)/billing run --inputs $(DEMO)/inputs --lake $(DEMO)/lake --from 2026-01 --to 2026-03

test: $(VENV)/installed  ## the whole test suite
	$(BIN)/python -m pytest -n 2

long: $(VENV)/installed  ## what takes minutes by itself: rules and scenarios on Spark, killed first runs, the example of the docs
	$(BIN)/python -m pytest -n 2 -m long

ui: $(VENV)/installed $(DEMO)/dagster/dagster.yaml  ## the Dagster UI on the demo company
	$(BIN)/dg dev

bench: $(VENV)/installed  ## speed and memory beside hand-written SQL, as JSON
	@$(BIN)/python benchmarks/bench.py

docs: $(VENV)/installed  ## make docs/tables.md again from the contracts
	$(BIN)/billing tables > docs/tables.md

format: $(VENV)/installed
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(DEMO)

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(DEMO)/dagster/dagster.yaml: deploy/dagster.yaml
	@mkdir -p $(dir $@) && cp $< $@
