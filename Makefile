# make demo | make test: the two commands. Everything else is for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-fast test-snakemake lint types check format bench-selection bench-calibration bench-radiomics bench-agreement bench-deep bench-tables bench-scale fuzz docs site clean

demo: $(VENV)/installed
	$(BIN)/radcompare demo --out demo-run

test: $(VENV)/installed
	$(BIN)/python -m pytest -n 2

test-fast: $(VENV)/installed
	$(BIN)/python -m pytest -n 2 -m "not slow"

# The Snakefile of the README. Snakemake wants older libraries than ours, and has an environment of its own.
test-snakemake: $(VENV)/installed
	test -x $(VENV)/snakemake/bin/python || $(PYTHON) -m venv $(VENV)/snakemake
	$(VENV)/snakemake/bin/python -m pip install --quiet --disable-pip-version-check 'snakemake>=9'
	$(BIN)/python -m pytest tests/test_pipelines.py -k snakefile

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed
	$(BIN)/mypy

check: lint types test

format: $(VENV)/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The comparators are installed on first use; tests and the program do without them.
bench-selection: $(VENV)/installed
	$(PIP) skfeature-chappers skrebate
	$(BIN)/python benchmarks/selection.py

# Forty minutes; renews the rates that the program and docs/statistics.md tell.
bench-calibration: $(VENV)/installed
	$(BIN)/python benchmarks/calibration.py --jobs 2 --write

# Against pyradiomics' own command line; COHORT=cohort.csv adds real regions to the one that is made.
bench-radiomics: $(VENV)/installed
	$(BIN)/python benchmarks/radiomics.py $(if $(COHORT),--cohort $(COHORT)) $(ARGS)

# How near to pyradiomics, value by value; COHORTS="a.csv b.csv", and any option in ARGS.
bench-agreement: $(VENV)/installed
	$(BIN)/python benchmarks/agreement.py $(COHORTS) $(ARGS)

# The rate of deep features beside the bare network's; ARGS="--cohort cohort.csv" takes real images.
bench-deep: $(VENV)/installed
	$(BIN)/python benchmarks/deep.py $(ARGS)

# Time and peak memory of merge and check beside pandas.merge; ARGS="--rows 1000 --columns 2000".
bench-tables: $(VENV)/installed
	$(BIN)/python benchmarks/tables.py $(ARGS)

# Cases per second with one and two workers, and memory against their number; ARGS="--cohort cohort.csv".
bench-scale: $(VENV)/installed
	$(BIN)/python benchmarks/scale.py $(ARGS)

# Thousands of damaged files for everything that reads one; ARGS="--target csv nifti --inputs 500".
fuzz: $(VENV)/installed
	$(BIN)/python benchmarks/fuzz.py $(ARGS)

# What is written from the source.
docs: $(VENV)/installed
	$(BIN)/python docs/features.py
	$(BIN)/python docs/cli_reference.py
	$(BIN)/python docs/configuration_reference.py

# The documentation as a site, in site/; index.html opens without a server, searching needs one.
site: docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --site-dir site

# The marker file is newer than what it was installed from, so a second call installs nothing.
# pyradiomics has a build that needs numpy beforehand, hence the two steps before it.
$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "radcompare needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) numpy setuptools wheel cython versioneer hatchling editables
	$(PIP) torch torchvision
	$(PIP) --no-build-isolation pyradiomics==3.0.1
	$(PIP) --no-build-isolation -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) demo-run site .pytest_cache .mypy_cache .ruff_cache
