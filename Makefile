# make demo   sets up .venv and locates a photo (PHOTO=my.jpg for one's own)
# make test   sets up .venv with the test tools and runs all tests
# make bench  what a first photo, a trip and an index cost, beside last time (build/bench.csv)
# make check  format, lint, types
# make docs   documentation: builds docs/ as a site in site/; warnings are errors
# make hooks  checks every commit before it is made (pre-commit)
# make wheel-check  builds what a release ships and tries it in an empty environment
# make sbom   lists what the base brings and its licences, in reports/: a CycloneDX SBOM and a table
# make requirements  writes requirements.txt with the hashes of uv.lock, for pip (EXTRAS="serve mcp"; needs uv)
# make lock   writes uv.lock after pyproject.toml, and constraints.txt after uv.lock (needs uv and the network)
# make kernels-matrix compiles every kernel for six GPUs with three versions of Triton (no GPU needed)
# make serving runs the graph against a real vLLM with a tiny random model (Linux on x86-64, no GPU)
# make system installs the optional Debian packages: readers and fonts for more scripts, Chromium for PDF, ExifTool, nginx

# the first Python here that runs and is new enough
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PHOTO ?= demo/street.png
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
UV ?= uv
JOBS ?= 2
SCRIPTS := arab armn beng cyrl deva geor grek hang hebr taml thai

.PHONY: demo test test-base bench check docs hooks wheel-check sbom requirements lock messages kernels-matrix serving system clean

demo: .venv/base
	@mkdir -p demo
	@if [ "$(PHOTO)" = demo/street.png ]; then $(BIN)/python tools/draw_street.py --out demo/street.png; fi
	$(BIN)/geoagent locate "$(PHOTO)" --html demo/report.html --json > demo/answer.json; code=$$?; \
	  [ $$code -eq 0 ] || [ $$code -eq 3 ]
	@echo "answer: demo/answer.json   report: demo/report.html"

# The kernels' tests run in Triton's interpreter, which must be chosen before Triton is imported:
# each package has a process of its own. JOBS=1 runs one test after another.
test: .venv/dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile tests/graph tests/project tests/evaluation
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile tests/kernels
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile tests/training

# What the base installation can test: no torch, no extra, and on Linux on ARM no eldc.
test-base: .venv/base
	$(PIP) pytest pytest-asyncio hypothesis
	$(BIN)/python -m pytest tests/graph/geo tests/graph/images tests/graph/perception tests/graph/test_graph.py \
	  tests/graph/test_public_api.py

bench: .venv/dev
	PYTHONPATH=. OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.history

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python tools/count_names.py --max-participles 3 --max-private 5
	$(BIN)/mypy
	$(BIN)/mypy tests tools benchmarks examples training/bench

docs: .venv/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	$(BIN)/python tools/check_site.py site

hooks: .venv/dev
	$(BIN)/pre-commit install

wheel-check: .venv/dev
	bash .ci/wheel-check $(BIN)/python

# What is installed is looked at from outside: the tools are no part of the list.
sbom: .venv/base .venv-supply
	@mkdir -p reports
	.venv-supply/bin/cyclonedx-py environment .venv/bin/python --pyproject pyproject.toml --output-reproducible \
	  --output-file reports/sbom.cdx.json
	$(BIN)/python tools/check_licences.py $(EXTRAS:%=--extra %) > reports/licences.tsv
	@echo "what is installed: reports/sbom.cdx.json   licences: reports/licences.tsv"

requirements:
	@command -v $(UV) >/dev/null || { echo "make requirements needs uv: pip install uv, or make requirements UV=/path/to/uv" >&2; exit 1; }
	$(UV) export --no-config --quiet --locked $(EXTRAS:%=--extra %) --no-emit-project --output-file requirements.txt

# Versions that are locked stay as long as pyproject.toml allows them; UPGRADE=NAME moves one.
# The lock names the public index alone, whatever this machine is told to install from.
lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	$(UV) lock --no-config --default-index https://pypi.org/simple $(UPGRADE:%=--upgrade-package %)
	echo '# The versions of uv.lock, for pip. Written by `make lock`.' > constraints.txt
	$(UV) export --no-config --quiet --frozen --all-extras --no-extra vllm --no-emit-project --no-hashes --no-annotate --no-header \
	  >> constraints.txt

messages: .venv/dev
	$(BIN)/python tools/messages.py

kernels-matrix: .venv/dev
	$(BIN)/python kernels/aot/matrix.py

serving: .venv/dev
	bash tests/serving/run.sh $(BIN)/python

system:
	apt-get update -qq
	apt-get install -y -qq fontconfig fonts-dejavu-core fonts-noto-core fonts-noto-cjk libfribidi0 chromium firefox-esr libimage-exiftool-perl nginx-light openssl $(SCRIPTS:%=tesseract-ocr-script-%)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/base: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable .
	@touch $@

.venv/dev: .venv/base
	$(PIP) --editable ".[dev]"
	@touch $@

.venv-supply: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-supply
	.venv-supply/bin/python -m pip --disable-pip-version-check install --quiet -c constraints.txt cyclonedx-bom
	@touch $@

.venv/docs: .venv/base
	$(PIP) --editable ".[docs]"
	@touch $@

clean:
	rm -rf .venv .venv-supply demo reports site
