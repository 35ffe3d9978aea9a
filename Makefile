# The two commands for a stranger: make demo, make test. Both make .venv first where it is missing or old.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint quality bench adapter interaction notebook screenshots install format clean

demo: $(READY)
	$(BIN)/veille index $$($(BIN)/python -c "from corpus import sample; print(sample.path())") --index demo-index
	$(BIN)/veille search "qui menace Microsoft" --index demo-index -k 3

# In two processes, a file of tests at a time: half of what a test takes is waiting, or work for one core.
test: $(READY)
	@command -v chromium >/dev/null || echo "the tests of the page will be skipped: they need a browser (apt-get install chromium)" >&2
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The full run behind docs/quality.md; the gate, which is quicker, runs in make test.
quality: $(READY)
	$(BIN)/python -m benchmarks.quality build/quality

# All benchmarks of speed, and docs/benchmarks.md: hours, and peers that need the network to be installed.
bench: $(READY)
	$(BIN)/python -m benchmarks.report

# Trains an adapter of the bundled encoder into build/adapter, an hour and a quarter; one that was stopped goes on.
# Without the settings of malloc, a third of the time goes into giving memory back and asking for it again.
adapter: $(READY)
	MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456 $(BIN)/python -m training build/adapter

# Teaches the tokens of questions how to look, into build/adapter/interaction.npz: twenty minutes.
interaction: $(READY)
	$(BIN)/python -m training.interaction

# Runs notebooks/similarity.ipynb; keeps what it shows, and its pictures for docs/notebook.md.
notebook: $(READY)
	$(BIN)/python -m notebooks.execute

# The pictures of the page, from the sample corpus; needs chromium.
screenshots: $(READY)
	$(BIN)/python -m docs.screenshots docs/images

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Veille needs Python 3.11 or newer; try make PYTHON=python3.11')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,notebook,evaluate,milvus,parquet,ray,training]"
	touch $(READY)

clean:
	rm -rf $(VENV) demo-index
