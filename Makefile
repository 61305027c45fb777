# make demo   sets up .venv and locates a photo (PHOTO=my.jpg for one's own)
# make test   sets up .venv with the test tools and runs all tests
# make check  format, lint, types
# make serving runs the graph against a real vLLM with a tiny random model (Linux on x86-64, no GPU)
# make system installs the optional Debian packages: readers and fonts for more scripts, Chromium for PDF

# the first Python here that runs and is new enough
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PHOTO ?= demo/street.png
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
SCRIPTS := arab armn beng cyrl deva geor grek hang hebr taml thai

.PHONY: demo test check serving system clean

demo: .venv/base
	@mkdir -p demo
	@if [ "$(PHOTO)" = demo/street.png ]; then $(BIN)/python tools/draw_street.py --out demo/street.png; fi
	$(BIN)/geoagent locate "$(PHOTO)" --html demo/report.html --json > demo/answer.json; code=$$?; \
	  [ $$code -eq 0 ] || [ $$code -eq 3 ]
	@echo "answer: demo/answer.json   report: demo/report.html"

# The kernels' tests run in Triton's interpreter, which must be chosen before Triton is imported:
# each package has a process of its own.
test: .venv/dev
	$(BIN)/python -m pytest tests/graph
	$(BIN)/python -m pytest tests/kernels
	$(BIN)/python -m pytest tests/training

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

serving: .venv/dev
	bash tests/serving/run.sh $(BIN)/python

system:
	apt-get update -qq
	apt-get install -y -qq fontconfig fonts-dejavu-core fonts-noto-core fonts-noto-cjk libfribidi0 chromium $(SCRIPTS:%=tesseract-ocr-script-%)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/base: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable .
	@touch $@

.venv/dev: .venv/base
	$(PIP) --editable ".[dev]"
	@touch $@

clean:
	rm -rf .venv demo
