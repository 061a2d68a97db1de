# The two commands a newcomer needs are `make demo` and `make test`; both make the environment first.
PYTHON ?= python3
BIN := .venv/bin
PHOTOGRAPH ?= examples/photographs/hay_bales.jpg

.PHONY: env demo test check format lock bench differential clean

env: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or later is needed; try make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[^ ;]*' requirements.lock)"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch .venv/.ready

demo: env
	$(BIN)/stepsmith run image_recognition --upload $(PHOTOGRAPH) --out demo

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/stepsmith compile --check

test: check
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report --format=total

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv; }
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra aws --extra local --extra image --extra parquet --extra viz --extra notebook --group dev --generate-hashes \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

bench: env
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/jsonata.py

differential: env
	$(BIN)/python -m tests.stepsmith.expressions.differential 100000

clean:
	rm -rf .venv .stepsmith demo .coverage htmlcov
